/**
 * Base64 in its one canonical form (RFC 4648 §4): no white space, padding present, unused bits zero (F13).
 * @module
 */
import { derError } from './cmsError.js';
import type { Base64 } from './ports.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const INVALID = 0xff;
const VALUES: Uint8Array = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
const encoder = new TextEncoder();
const CODES: Uint8Array = encoder.encode(ALPHABET);
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
  // One native copy into octets: reading characters of a long text that is a piece of a longer one costs far more.
  const codes = encoder.encode(text);
  if (length % 4 !== 0 || codes.length !== length) throw derError('base64 is not canonical');
  const padding = length === 0 || codes[length - 1] !== PAD ? 0 : codes[length - 2] === PAD ? 2 : 1;
  const octets = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? length : length - 4;
  // Every digit goes into `seen`: one look at the end tells whether any was bad.
  let seen = 0;
  let to = 0;
  for (let i = 0; i < whole; i += 4) {
    const d0 = VALUES[codes[i] as number] as number;
    const d1 = VALUES[codes[i + 1] as number] as number;
    const d2 = VALUES[codes[i + 2] as number] as number;
    const d3 = VALUES[codes[i + 3] as number] as number;
    seen |= d0 | d1 | d2 | d3;
    octets[to++] = (d0 << 2) | (d1 >>> 4);
    octets[to++] = (d1 << 4) | (d2 >>> 2);
    octets[to++] = (d2 << 6) | d3;
  }
  if (padding > 0) {
    const [d0, d1] = [VALUES[codes[whole] as number] as number, VALUES[codes[whole + 1] as number] as number];
    const d2 = padding === 1 ? (VALUES[codes[whole + 2] as number] as number) : 0;
    const stray = padding === 2 ? d1 & 15 : d2 & 3;
    if (stray !== 0) throw derError('base64 is not canonical');
    seen |= d0 | d1 | d2;
    octets[to++] = (d0 << 2) | (d1 >>> 4);
    if (padding === 1) octets[to] = (d1 << 4) | (d2 >>> 2);
  }
  if (seen > 63) throw derError('base64 is not canonical');
  return octets;
}

/** Base64 in this file's own code: for runtimes whose provider brings none. */
export const BASE64: Base64 = Object.freeze({ encode: toBase64, decode: fromBase64 });

const PAD = 0x3d;
