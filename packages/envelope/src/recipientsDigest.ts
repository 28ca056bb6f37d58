/**
 * The digest of the set of recipient keys: SHA-256 over the rKeyIds, sorted as octets and joined.
 * @module
 */
import { type CryptoProvider, concat, equal, inOrder, type MaybePromise } from '@stanzaseal/cms';

/** Recipients digest of key identifiers in any order (D7). @throws RangeError when one stands twice (D3, D6) */
export function recipientsDigest(rKeyIds: readonly Uint8Array[], crypto: CryptoProvider): MaybePromise<Uint8Array> {
  if (rKeyIds.length === 1) return crypto.sha256(rKeyIds[0] as Uint8Array);
  const sorted = inOrder(rKeyIds);
  for (let i = 1; i < sorted.length; i++) {
    if (equal(sorted[i - 1] as Uint8Array, sorted[i] as Uint8Array))
      throw new RangeError('recipients name a key twice');
  }
  return crypto.sha256(concat(...sorted));
}
