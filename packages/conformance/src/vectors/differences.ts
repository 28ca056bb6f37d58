/**
 * Where we refuse on purpose what a publisher calls valid or acceptable. docs/conformance.md is written from these rows. A case that
 * is refused and that no row names fails; so does a row whose cases are taken, or are not as many as it says, or are refused otherwise.
 * @module
 */
import { MESSAGE_DIFFERENCES } from './messageDifferences.js';
import type { VectorCase } from './verdict.js';
import { WYCHEPROOF_DIFFERENCES } from './wycheproofDifferences.js';

/** One deliberate difference. */
export interface Difference {
  /** What it is about, in a few words. */
  readonly name: string;
  /** The cases: those of these Wycheproof files, or those whose expectation bears the name. */
  readonly files?: readonly string[];
  /** Of those files, the cases with one of these traits; all of them where it is left out. */
  readonly traits?: readonly string[];
  /** How many cases. */
  readonly cases: number;
  /** With which codes they are refused. */
  readonly codes: readonly string[];
  /** What demands it or allows it. */
  readonly clause: string;
  /** Why. */
  readonly reason: string;
}

/** All differences; of two rows that fit a case, the first counts. */
export const DIFFERENCES: readonly Difference[] = [...WYCHEPROOF_DIFFERENCES, ...MESSAGE_DIFFERENCES];

/** The difference that a case is documented by. What is invalid anyway cannot differ. */
export function differenceOf(each: VectorCase): Difference | undefined {
  if (each.expected === 'invalid') return undefined;
  const isWycheproof = each.source === 'wycheproof';
  return DIFFERENCES.find(({ name, files, traits }) =>
    files === undefined
      ? !isWycheproof && each.traits.includes(name)
      : isWycheproof &&
        files.includes(each.file) &&
        (traits === undefined || traits.some((trait) => each.traits.includes(trait))),
  );
}
