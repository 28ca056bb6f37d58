/**
 * Padding to buckets: the length of what is encrypted takes one of few values, the least of ceil(256 * 2^(k/2)) octets that
 * fits, for chat states, receipts and long messages alike (J1).
 * @module
 */

/**
 * The buckets in octets, k = 0, 1, 2, ... up to 2^24. A square root is rounded correctly (ECMA-262 leaves that open, every engine has IEEE 754's),
 * and for odd k it is further from a whole number than that could matter.
 */
export const PADDING_BUCKETS: readonly number[] = Array.from({ length: 33 }, (_, k) =>
  Math.ceil(Math.sqrt(2 ** (16 + k))),
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

/** The padding character, an octet: inside an encryption nobody sees which it is (decision 0035). It needs no escape in XML. */
export const PADDING: number = 0x78;
