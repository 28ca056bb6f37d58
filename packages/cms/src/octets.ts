/**
 * Octet strings: joining, comparing, and their text forms (hex, canonical base64, UTF-8).
 * @module
 */
import { CmsError } from './cmsError.js';

/** Joins octet strings into a new one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * A copy of octets as a plain `Uint8Array`. Never `octets.slice()`: of a Node `Buffer` that is a view of the same memory, and
 * what the caller changes afterwards would change under us (J6).
 */
export function copyOctets(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets);
}

/** Whether two octet strings are equal; leaves at the first difference, so for public values only. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  const length = a.length;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two octet strings are equal, in time that depends on their length alone: for commitments, tags and secrets (E9). */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Order of two octet strings as X.690 §11.6 sorts a SET OF: octet by octet, the shorter first where it is a prefix. Negative, zero or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Octet strings in their order: those given where they are in it already, as recipients on the wire are, else a copy. */
export function inOrder(values: readonly Uint8Array[]): readonly Uint8Array[] {
  for (let i = 1; i < values.length; i++) {
    if (compare(values[i - 1] as Uint8Array, values[i] as Uint8Array) > 0) return [...values].sort(compare);
  }
  return values;
}

/** Whether every octet, or each of the first, is zero, in constant time (RFC 8418 §2: an all-zero shared secret). */
export function isAllZero(octets: Uint8Array, length: number = octets.length): boolean {
  let any = 0;
  for (let i = 0; i < length; i++) any |= octets[i] as number;
  return any === 0;
}

/** Lower-case hexadecimal digits, two an octet. */
export function toHex(octets: Uint8Array): string {
  const { length } = octets;
  let text = '';
  // A text made of its codes is of one piece, and is found in a map in two thirds of the time of one that grew digit by digit.
  for (let from = 0; from < length; from += 64) {
    const to = Math.min(from + 64, length);
    const codes = new Array<number>(2 * (to - from));
    for (let i = from, at = 0; i < to; i++) {
      const octet = octets[i] as number;
      codes[at++] = digit(octet >> 4);
      codes[at++] = digit(octet & 15);
    }
    text += String.fromCharCode(...codes);
  }
  return text;
}

function digit(value: number): number {
  return value + (value < 10 ? 0x30 : 0x57);
}

/** Octets of an even number of hexadecimal digits. @throws RangeError for anything else */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new RangeError('text is not hexadecimal');
  const octets = new Uint8Array(text.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return octets;
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 octets of a text. */
export function toUtf8(text: string): Uint8Array {
  const { length } = text;
  // Addresses and types are short and ASCII: a native call costs more than the loop.
  if (length > SHORT) return utf8Encoder.encode(text);
  const octets = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return utf8Encoder.encode(text);
    octets[i] = unit;
  }
  return octets;
}

const SHORT = 48;

/** Text of UTF-8 octets. @throws CmsError `ERR_DER` for overlong forms, surrogates and any other ill-formed octet (H8) */
export function fromUtf8(octets: Uint8Array): string {
  const { length } = octets;
  if (length <= SHORT) {
    const units = new Array<number>(length);
    let i = 0;
    for (; i < length && (octets[i] as number) < 128; i++) units[i] = octets[i] as number;
    if (i === length) return String.fromCharCode(...units);
  }
  try {
    return utf8Decoder.decode(octets);
  } catch (cause) {
    throw new CmsError('ERR_DER', 'octets are not UTF-8', { cause });
  }
}
