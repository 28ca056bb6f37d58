/**
 * A case of a Wycheproof file (C2SP/wycheproof) and how its octets are read.
 * @module
 */
import { fromHex } from '@stanzaseal/cms';
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import type { WycheproofGroup } from '@stanzaseal/testkit';
import type { Answer } from '../verdict.js';

/** One test with the group it stands in. */
export interface WycheproofCase {
  /** File name without `_test.json`. */
  readonly file: string;
  /** The group. */
  readonly group: WycheproofGroup;
  /** The test. */
  readonly test: WycheproofGroup['tests'][number];
}

/** Puts one case to our functions. */
export type WycheproofRunner = (each: WycheproofCase, crypto: GeneralCrypto) => Promise<Answer>;

/** Octets of a hexadecimal member of the test; none where it is missing or empty. */
export function octetsOf({ test }: WycheproofCase, member: string): Uint8Array {
  return fromHex(test[member] ?? '');
}

/** A member of the group as text. */
export function groupText({ group }: WycheproofCase, member: string): string {
  return String(group[member] ?? '');
}

/** A member of the group as a number. */
export function groupNumber({ group }: WycheproofCase, member: string): number {
  return Number(group[member]);
}

/** What a documented difference can name a case by: its flags, its comment, and the parameters of its group. */
export function traitsOf({ group, test }: WycheproofCase): string[] {
  const parameters = ['keySize', 'ivSize', 'tagSize', 'sha', 'mgfSha', 'sLen', 'curve'];
  return [
    ...(test.flags ?? []),
    `tcId=${test.tcId}`,
    `comment=${test.comment ?? ''}`,
    ...(test.ctx ? ['context'] : []),
    ...(group.mgfSha !== undefined && group.mgfSha !== group.sha ? ['two hashes'] : []),
    ...parameters.filter((name) => group[name] !== undefined).map((name) => `${name}=${group[name]}`),
  ];
}
