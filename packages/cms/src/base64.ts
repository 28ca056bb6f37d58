/**
 * Base64 in its one canonical form (RFC 4648 §4): no white space, padding present, unused bits zero (F13).
 * @module
 */
import { derError } from './cmsError.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const INVALID = 0xff;
const VALUES: Uint8Array = new Uint8Array(128).fill(INVALID);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
const CODES: Uint8Array = new TextEncoder().encode(ALPHABET);
const latin1 = new TextDecoder('latin1');

/** Base64 text of octets, padded. */
export function toBase64(octets: Uint8Array): string {
  const whole = octets.length - (octets.length % 3);
  const text = new Uint8Array(Math.ceil(octets.length / 3) * 4);
  let to = 0;
  for (let i = 0; i < whole; i += 3) {
    const group = ((octets[i] as number) << 16) | ((octets[i + 1] as number) << 8) | (octets[i + 2] as number);
    text[to++] = CODES[group >>> 18] as number;
    text[to++] = CODES[(group >>> 12) & 63] as number;
    text[to++] = CODES[(group >>> 6) & 63] as number;
    text[to++] = CODES[group & 63] as number;
  }
  if (whole < octets.length) {
    const one = octets[whole] as number;
    const two = whole + 1 < octets.length ? (octets[whole + 1] as number) : 0;
    text[to++] = CODES[one >>> 2] as number;
    text[to++] = CODES[((one & 3) << 4) | (two >>> 4)] as number;
    text[to++] = whole + 1 < octets.length ? (CODES[(two & 15) << 2] as number) : 61;
    text[to] = 61;
  }
  return latin1.decode(text);
}

/** Octets of canonical base64. @throws CmsError `ERR_DER` for white space, the URL alphabet, missing padding or stray bits (F13) */
export function fromBase64(text: string): Uint8Array {
  const length = text.length;
  if (length % 4 !== 0) throw derError('base64 is not canonical');
  const padding = length === 0 ? 0 : text.charCodeAt(length - 2) === 61 ? 2 : text.charCodeAt(length - 1) === 61 ? 1 : 0;
  const octets = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? length : length - 4;
  let to = 0;
  for (let i = 0; i < whole; i += 4) {
    const group = (value(text, i) << 18) | (value(text, i + 1) << 12) | (value(text, i + 2) << 6) | value(text, i + 3);
    octets[to++] = group >>> 16;
    octets[to++] = (group >>> 8) & 0xff;
    octets[to++] = group & 0xff;
  }
  if (padding === 2) {
    const second = value(text, whole + 1);
    if (text.charCodeAt(length - 1) !== 61 || (second & 15) !== 0) throw derError('base64 is not canonical');
    octets[to] = (value(text, whole) << 2) | (second >>> 4);
  } else if (padding === 1) {
    const third = value(text, whole + 2);
    if ((third & 3) !== 0) throw derError('base64 is not canonical');
    const group = (value(text, whole) << 10) | (value(text, whole + 1) << 4) | (third >>> 2);
    octets[to++] = group >>> 8;
    octets[to] = group & 0xff;
  }
  return octets;
}

function value(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const digit = code < 128 ? (VALUES[code] as number) : INVALID;
  if (digit === INVALID) throw derError('base64 is not canonical');
  return digit;
}
