/**
 * The digest of the set of recipient keys: SHA-256 over the rKeyIds, sorted as octets and joined.
 * @module
 */
import { type CryptoProvider, chain, concat, copyOctets, equal, inOrder, type MaybePromise } from '@stanzaseal/cms';

/** Recipients digest of key identifiers in any order (D7). @throws RangeError when one stands twice (D3, D6) */
export function recipientsDigest(rKeyIds: readonly Uint8Array[], crypto: CryptoProvider): MaybePromise<Uint8Array> {
  const sorted = inOrder(rKeyIds);
  for (let i = 1; i < sorted.length; i++) {
    if (equal(sorted[i - 1] as Uint8Array, sorted[i] as Uint8Array))
      throw new RangeError('recipients name a key twice');
  }
  const joined = concat(...sorted);
  const last = lastDigests.get(crypto);
  if (last && equal(last.joined, joined)) return copyOctets(last.digest);
  return chain(crypto.sha256(joined), (digest) => {
    lastDigests.set(crypto, { joined, digest });
    return copyOctets(digest);
  });
}

/** What each provider digested last: one message follows another to the same keys until somebody answers with a new one. */
const lastDigests = new WeakMap<CryptoProvider, { readonly joined: Uint8Array; readonly digest: Uint8Array }>();
