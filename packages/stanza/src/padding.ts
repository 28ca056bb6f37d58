/**
 * Padding to buckets: the length of what is encrypted takes one of few values, the least of ceil(256 * 2^(k/2)) octets that
 * fits, for chat states, receipts and long messages alike (J1).
 * @module
 */
import { toUtf8 } from '@stanzaseal/cms';

/** The buckets in octets, k = 0, 1, 2, ... up to 2^24: computed in whole numbers, since 2^(k/2) is not one for odd k. */
export const PADDING_BUCKETS: readonly number[] = Array.from({ length: 33 }, (_, k) =>
  ceilSquareRoot(65536n << BigInt(k)),
);

/** The bucket that a length falls into. @throws RangeError beyond the last bucket */
export function paddedLength(octets: number): number {
  const bucket = PADDING_BUCKETS.find((length) => length >= octets);
  if (bucket === undefined) throw new RangeError('octets is beyond the last bucket');
  return bucket;
}

/**
 * How many padding octets make a structure fill a bucket, given its length for a number of them. A DER length field may grow
 * at the wrong moment, so that no number fits one bucket: then the next bucket is taken.
 */
export function paddingFor(lengthWith: (padding: number) => number): number {
  const bare = lengthWith(0);
  for (const bucket of PADDING_BUCKETS) {
    if (bucket < bare) continue;
    let padding = bucket - bare;
    // Each length field that padding makes longer costs an octet of it.
    while (padding > 0 && lengthWith(padding) > bucket) padding--;
    if (lengthWith(padding) === bucket) return padding;
  }
  throw new RangeError('structure is beyond the last bucket');
}

const ALPHABET = toUtf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/** Writes padding characters (ASCII octets) of random octets, one each, of an alphabet of 64. */
export function writePadding(octets: Uint8Array, into: Uint8Array, at: number): void {
  for (let i = 0; i < octets.length; i++) into[at + i] = ALPHABET[(octets[i] as number) & 63] as number;
}

function ceilSquareRoot(square: bigint): number {
  let root = BigInt(Math.floor(Math.sqrt(Number(square))));
  while (root * root < square) root++;
  while ((root - 1n) * (root - 1n) >= square) root--;
  return Number(root);
}
