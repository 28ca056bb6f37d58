/**
 * How people see and say a short string: six characters, or four pictures with a word for each. Both are forms of the same bits.
 * @module
 */
import { equalConstantTime, toUtf8 } from '@stanzaseal/cms';
import { PICTURES, type Picture, SPELLING } from './pictures.js';

/** Digits and capital letters without I, L, O and U, which are read wrongly. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 6;

/** A short string. */
export interface ShortString {
  /** Six characters: 30 bits. */
  readonly characters: string;
  /** A word for each character, for the telephone. */
  readonly spelled: readonly string[];
  /** Four pictures: the first 24 bits. */
  readonly emoji: readonly Picture[];
}

/** The forms of a number of 30 bits. */
export function shortString(number: number): ShortString {
  const symbols = Array.from({ length: LENGTH }, (_, i) => (number >>> (5 * (LENGTH - 1 - i))) & 31);
  return {
    characters: symbols.map((symbol) => SYMBOLS[symbol]).join(''),
    spelled: symbols.map((symbol) => SPELLING[symbol] as string),
    emoji: Array.from({ length: 4 }, (_, i) => PICTURES[(number >>> (6 * (4 - i))) & 63] as Picture),
  };
}

/**
 * Whether what somebody typed is this string; case, spaces, hyphens and letters that look like digits do not matter.
 * @throws RangeError for what is no short string at all, so that a slip of the finger is not the one guess
 */
export function isSameString({ characters }: ShortString, typed: string): boolean {
  const normal = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (normal.length !== LENGTH || [...normal].some((symbol) => !SYMBOLS.includes(symbol)))
    throw new RangeError(`typed is not ${LENGTH} letters and digits`);
  return equalConstantTime(toUtf8(characters), toUtf8(normal));
}
