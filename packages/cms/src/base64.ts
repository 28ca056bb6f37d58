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
  const padding = length === 0 || text.charCodeAt(length - 1) !== PAD ? 0 : text.charCodeAt(length - 2) === PAD ? 2 : 1;
  const octets = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? length : length - 4;
  // Every digit goes into `seen` and every character code into `codes`: one look at the end tells whether any was bad.
  let seen = 0;
  let codes = 0;
  let to = 0;
  for (let i = 0; i < whole; i += 4) {
    const c0 = text.charCodeAt(i);
    const c1 = text.charCodeAt(i + 1);
    const c2 = text.charCodeAt(i + 2);
    const c3 = text.charCodeAt(i + 3);
    codes |= c0 | c1 | c2 | c3;
    const d0 = VALUES[c0 & 127] as number;
    const d1 = VALUES[c1 & 127] as number;
    const d2 = VALUES[c2 & 127] as number;
    const d3 = VALUES[c3 & 127] as number;
    seen |= d0 | d1 | d2 | d3;
    octets[to++] = (d0 << 2) | (d1 >>> 4);
    octets[to++] = (d1 << 4) | (d2 >>> 2);
    octets[to++] = (d2 << 6) | d3;
  }
  if (padding > 0) {
    const [d0, d1] = [digit(text, whole), digit(text, whole + 1)];
    const d2 = padding === 1 ? digit(text, whole + 2) : 0;
    const stray = padding === 2 ? d1 & 15 : d2 & 3;
    if (stray !== 0) throw derError('base64 is not canonical');
    seen |= d0 | d1 | d2;
    octets[to++] = (d0 << 2) | (d1 >>> 4);
    if (padding === 1) octets[to] = (d1 << 4) | (d2 >>> 2);
  }
  if (codes > 127 || seen > 63) throw derError('base64 is not canonical');
  return octets;
}

const PAD = 0x3d;

function digit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (VALUES[code] as number) : INVALID;
}
