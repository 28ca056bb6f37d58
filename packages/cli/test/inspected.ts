/** For tests of `cms inspect`: octets looked at without a process, with all that would be written. */
import * as assert from 'uvu/assert';
import { asJson } from '../src/inspect/asJson.js';
import { asText, plain } from '../src/inspect/asText.js';
import { examine, readAsFarAsItGoes } from '../src/inspect/examine.js';
import type { WarningCode } from '../src/inspect/warnings.js';

/** What is said about octets. */
export interface Inspected {
  /** The tree for people. */
  readonly text: string;
  /** That and the one for tools. */
  readonly shown: string;
  /** Where it breaks, and why. */
  readonly broken: { readonly offset: number; readonly reason: string } | undefined;
  /** Codes of the warnings, in their order. */
  readonly codes: readonly WarningCode[];
  /** The tree for tools. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Looks at octets; `undefined` where nothing of them looks like BER. */
export function inspected(octets: Uint8Array): Inspected | undefined {
  const read = readAsFarAsItGoes(octets);
  if (read === undefined) return undefined;
  const object = examine(octets, undefined, read);
  const json = asJson(object) as Record<string, unknown>;
  const text = asText(object, plain);
  return {
    text,
    shown: `${text}${JSON.stringify(json)}`,
    broken: object.broken,
    codes: object.warnings.map(({ code }) => code),
    json,
  };
}

/** The codes of what is whole. */
export function codesOf(octets: Uint8Array): readonly WarningCode[] {
  const found = inspected(octets);
  assert.ok(found);
  assert.is(found.broken, undefined);
  return found.codes;
}
