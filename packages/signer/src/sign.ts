/**
 * Signing octets as SignedData (RFC 5652 §5.4, RFC 8419).
 * @module
 */
import {
  type Attribute,
  attributesLength,
  type CryptoProvider,
  chain,
  contentTypeAttribute,
  encodeAttributes,
  encodeSignedData,
  looksLikeSignedAttributes,
  type MaybePromise,
  messageDigestAttribute,
  type SignedDataForm,
  type SignedDataLengths,
  type SignerInfoToWrite,
  type SigningKey,
  signedDataLengths,
  signingTimeAttribute,
  type UnwrittenAttribute,
} from '@stanzaseal/cms';
import { signatureAlgorithmOf } from './signatureAlgorithm.js';

/** What `sign` needs. */
export interface SignParameters {
  /** One key, or several that sign the same content and attributes. */
  readonly signers: readonly [SigningKey, ...SigningKey[]];
  /** Content octets of eContentType. */
  readonly contentType: Uint8Array;
  /** signing-time in ms since 1970, cut to seconds. */
  readonly signingTime: number;
  /** Attributes beside content-type, message-digest and signing-time. */
  readonly signedAttrs?: readonly UnwrittenAttribute[];
  /** Leave the content out of the object. */
  readonly detached?: boolean;
  /** What stands outermost: a ContentInfo where it is left out, or the SignedData itself, for content of another object. */
  readonly form?: SignedDataForm;
  /**
   * Octets to write the object into, of exactly its length, in which the content stands in its place already: see `signedLengths`.
   * Memory of its own for each step of a short message costs more than what is done there.
   */
  readonly room?: Uint8Array;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** What `sign` gives. */
export interface Signed {
  /** DER of the ContentInfo, or of the SignedData where that form was asked for. */
  readonly der: Uint8Array;
  /** DER of the first signer's signed attributes under the SET tag 0x31. */
  readonly signedAttrsDer: Uint8Array;
}

/**
 * Signs content.
 * @throws TypeError for a key that does not sign; RangeError for content that parses as signed attributes, which nobody
 * should ever sign (B3), or for `room` that does not fit
 * @example
 * const { der } = await sign(content, { signers: [key], contentType: ID_CT_SEALED_STANZA, signingTime: now(), crypto });
 */
export async function sign(content: Uint8Array, parameters: SignParameters): Promise<Signed> {
  if (looksLikeSignedAttributes(content)) throw new RangeError('content parses as signed attributes');
  const signerInfos: SignerInfoToWrite[] = [];
  for (const signer of parameters.signers) {
    const made = signerInfo(content, signer, parameters);
    signerInfos.push(made instanceof Promise ? await made : made);
  }
  const eContent = parameters.detached === true ? undefined : content;
  return {
    der: encodeSignedData(
      { eContentType: parameters.contentType, eContent, signerInfos },
      parameters.form,
      parameters.room,
    ),
    signedAttrsDer: (signerInfos[0] as SignerInfoToWrite).signedAttrsDer,
  };
}

/**
 * Lengths in octets of the SignedData that `sign` gives for one Ed25519 signer, without signing.
 * @param signingTime as given to `sign`: from 2050 on it takes two octets more (RFC 5652 §11.3)
 * @param signedAttrs as given to `sign`
 */
export function signedLengths(
  contentType: Uint8Array,
  signingTime: number,
  signedAttrs: readonly UnwrittenAttribute[],
): SignedDataLengths {
  const { digestAlgorithm, signatureAlgorithm } = signatureAlgorithmOf('Ed25519');
  const signedAttrsLength = attributesLength([
    contentTypeAttribute(contentType),
    ANY_DIGEST,
    signingTimeAttribute(signingTime),
    ...signedAttrs,
  ]);
  return signedDataLengths(contentType, {
    digestAlgorithm,
    signatureAlgorithm,
    signedAttrsLength,
    signatureLength: 64,
  });
}

/** Digests differ and their lengths do not. */
const ANY_DIGEST: Attribute = /* @__PURE__ */ messageDigestAttribute(/* @__PURE__ */ new Uint8Array(64));

function signerInfo(
  content: Uint8Array,
  signer: SigningKey,
  { crypto, contentType, signingTime, signedAttrs: further = [] }: SignParameters,
): MaybePromise<SignerInfoToWrite> {
  const { digest, digestAlgorithm, signatureAlgorithm } = signatureAlgorithmOf(signer.publicKey.algorithm);
  const sid = signer.publicKey.keyIdentifier;
  return chain(digest(crypto, content), (messageDigest) => {
    const signedAttrs = [
      contentTypeAttribute(contentType),
      messageDigestAttribute(messageDigest),
      signingTimeAttribute(signingTime),
      ...further,
    ];
    const signedAttrsDer = encodeAttributes(signedAttrs);
    return chain(signer.sign(signedAttrsDer), (signature) => ({
      sid,
      digestAlgorithm,
      signedAttrsDer,
      signatureAlgorithm,
      signature,
    }));
  });
}
