/**
 * What a wrap is compared with: the object's digest and its commitment to its key, read from an object with its RecipientInfos or without.
 * @module
 */
import {
  CmsError,
  type CryptoProvider,
  chain,
  DerReader,
  equal,
  ID_AA_CEK_COMMITMENT,
  ID_CT_AUTH_ENVELOPED_DATA,
  type MaybePromise,
} from '@stanzaseal/cms';

/** Facts of an object. */
export interface ObjectFacts {
  /** SHA-256 over everything but the recipients (`objectDigest` of the envelope). */
  readonly digest: Uint8Array;
  /** Commitment to the content-encryption key: 32 octets, under the tag (D1). */
  readonly commitment: Uint8Array;
}

/** Facts of the DER of an object. @throws CmsError `ERR_DER` for what is no object of the sealed profile */
export function factsOf(object: Uint8Array, crypto: CryptoProvider): MaybePromise<ObjectFacts> {
  const outer = new DerReader(object, { octets: Number.MAX_SAFE_INTEGER, depth: 16 });
  const contentInfo = outer.sequence();
  if (!equal(contentInfo.objectIdentifier(), ID_CT_AUTH_ENVELOPED_DATA))
    throw new CmsError('ERR_DER', 'no AuthEnvelopedData');
  const data = contentInfo.constructed(0xa0).sequence();
  data.integer();
  data.encodedAs(0x31);
  const rest = data.rest();
  data.encodedAs(0x30);
  const attributes = data.constructed(0xa1);
  while (!attributes.atEnd) {
    const attribute = attributes.sequence();
    if (!equal(attribute.objectIdentifier(), ID_AA_CEK_COMMITMENT)) continue;
    const commitment = attribute.constructed(0x31).octetStringOf(32);
    return chain(crypto.sha256(rest), (digest) => ({ digest, commitment }));
  }
  throw new CmsError('ERR_DER', 'object without a commitment to its key');
}
