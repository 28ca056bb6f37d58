/**
 * Showing whether an admission request was swapped on its way. The primary device draws a challenge *after* it has the request; the user
 * types it into the new device, which answers with a code over challenge and request; the primary device computes the same. Who would put
 * in a request of their own must settle on it before the challenge is there, and so has one guess at 30 bits.
 * @module
 */
import { type CryptoProvider, concat, drawOctets, equalConstantTime, type RandomSource, toUtf8 } from '@stanzaseal/cms';

/** Digits and capital letters without I, L, O and U, which are read wrongly. */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 6;

/** A challenge: 6 characters, 30 bits. One for each request. */
export function drawChallenge(random: RandomSource): string {
  return symbols(drawOctets(random, 4));
}

/**
 * The code of a request under a challenge: 6 characters, 30 bits, of SHA-256("stanzaseal/0 device comparison" || challenge || request).
 * The request names the account, its identity key and the device key.
 * @throws RangeError for a challenge that is none
 */
export async function comparisonCode(request: Uint8Array, challenge: string, crypto: CryptoProvider): Promise<string> {
  const text = normal(challenge);
  if (text.length !== LENGTH || [...text].some((symbol) => !SYMBOLS.includes(symbol)))
    throw new RangeError(`challenge is not ${LENGTH} letters and digits`);
  return symbols(await crypto.sha256(concat(toUtf8(`stanzaseal/0 device comparison${text}`), request)));
}

/** Whether a code that was typed is the one expected; case, spaces, hyphens and letters that look like digits do not matter. */
export function isSameCode(code: string, typed: string): boolean {
  return equalConstantTime(toUtf8(normal(code)), toUtf8(normal(typed)));
}

function normal(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
}

/** The first 30 bits, five to a character. */
function symbols(octets: Uint8Array): string {
  const number = new DataView(octets.buffer, octets.byteOffset).getUint32(0) >>> 2;
  return Array.from({ length: LENGTH }, (_, i) => SYMBOLS[(number >>> (5 * (LENGTH - 1 - i))) & 31]).join('');
}
