/**
 * Verifying SignedData under bare keys (RFC 5652 §5.6, RFC 8419).
 * @module
 */
import {
  type Attribute,
  attributeReader,
  type CryptoProvider,
  chain,
  type DerLimits,
  decodeSignedData,
  equal,
  ID_CONTENT_TYPE,
  ID_DATA,
  ID_MESSAGE_DIGEST,
  ID_SIGNING_TIME,
  isAcceptableEd25519Point,
  type MaybePromise,
  type PublicKey,
  type SignedData,
  type SignedDataForm,
  type SignerInfo,
} from '@stanzaseal/cms';
import { signatureAlgorithmOf } from './signatureAlgorithm.js';
import { SignerError } from './signerError.js';

/** Signed data taken apart; nothing in it is believed before it is verified. */
export interface UnverifiedSignedData {
  /** Content octets of eContentType. */
  readonly contentType: Uint8Array;
  /** The content, `undefined` where it is detached. */
  readonly content: Uint8Array | undefined;
  /** The signers as they name themselves. */
  readonly signerInfos: readonly SignerInfo[];
}

/** What verification needs. */
export interface VerifyParameters {
  /** The keys that must have signed: each exactly once, and nobody else (B8). Trust is the caller's: there is no default. */
  readonly signers: readonly [PublicKey, ...PublicKey[]];
  /** Content octets of the eContentType that must be there (B4, B14). */
  readonly contentType: Uint8Array;
  /** The content, where it is detached. */
  readonly content?: Uint8Array;
  /** Take id-data as content type: only for interoperability, by the caller's explicit choice. */
  readonly allowIdData?: boolean;
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Limits on size and depth. */
  readonly limits?: DerLimits;
  /** What stands outermost: a ContentInfo where it is left out. */
  readonly form?: SignedDataForm;
}

/** What was verified. */
export interface Verified {
  /** The signed octets. */
  readonly content: Uint8Array;
  /** The first signer's signed attributes. */
  readonly signedAttrs: readonly Attribute[];
  /** DER of them under the SET tag 0x31. */
  readonly signedAttrsDer: Uint8Array;
  /** signing-time in ms since 1970: the signer's own word, never a reason to trust a key (B11). */
  readonly signingTime: number;
}

/** Takes signed data apart without believing it: to learn which key to verify with. @throws SignerError `ERR_VERIFY` */
export function readSignedData(der: Uint8Array, limits?: DerLimits, form?: SignedDataForm): UnverifiedSignedData {
  try {
    const { eContentType, eContent, signerInfos } = decodeSignedData(der, limits, form);
    return { contentType: eContentType, content: eContent, signerInfos };
  } catch (cause) {
    throw new SignerError({ cause });
  }
}

/**
 * Verifies signed data: exactly the given signers, each with signed attributes that name the content's type and digest.
 * @throws SignerError `ERR_VERIFY`, the one answer to everything that is wrong
 * @example
 * const { content } = await verify(der, { signers: [julietsDeviceKey], contentType: ID_CT_SEALED_STANZA, crypto });
 */
export async function verify(der: Uint8Array, parameters: VerifyParameters): Promise<Verified> {
  try {
    return await verifySignedData(decodeSignedData(der, parameters.limits, parameters.form), parameters);
  } catch (cause) {
    throw refusal(cause);
  }
}

/** `verify` for signed data that was taken apart before. @throws SignerError `ERR_VERIFY` */
export async function verifyRead(data: UnverifiedSignedData, parameters: VerifyParameters): Promise<Verified> {
  try {
    const { contentType: eContentType, content: eContent, signerInfos } = data;
    return await verifySignedData({ eContentType, eContent, signerInfos }, parameters);
  } catch (cause) {
    throw refusal(cause);
  }
}

async function verifySignedData(data: SignedData, parameters: VerifyParameters): Promise<Verified> {
  const { signers, contentType } = parameters;
  if (!equal(data.eContentType, contentType)) throw new SignerError();
  // The LAMPS rule: id-data lets content be reinterpreted as signed attributes and back (B2).
  if (equal(contentType, ID_DATA) && parameters.allowIdData !== true) throw new SignerError();
  if ((data.eContent === undefined) !== (parameters.content !== undefined)) throw new SignerError();
  const content = data.eContent ?? (parameters.content as Uint8Array);
  if (data.signerInfos.length !== signers.length) throw new SignerError();
  // A key given twice would leave another signer unchecked (B8).
  const same = (a: PublicKey, b: PublicKey): boolean => equal(a.keyIdentifier, b.keyIdentifier);
  if (signers.some((signer, i) => signers.some((other, j) => j < i && same(signer, other)))) throw new SignerError();
  let first: { signerInfo: SignerInfo; signingTime: number } | undefined;
  for (const signer of signers) {
    const signerInfo = theSignerInfo(data.signerInfos, signer);
    const checked = verifySignerInfo(signerInfo, signer, content, parameters);
    const signingTime = checked instanceof Promise ? await checked : checked;
    first ??= { signerInfo, signingTime };
  }
  const { signerInfo, signingTime } = first as { signerInfo: SignerInfo; signingTime: number };
  return { content, signedAttrs: signerInfo.signedAttrs, signedAttrsDer: signerInfo.signedAttrsDer, signingTime };
}

/** A key is found by its identifier; two SignerInfos of one identifier are refused (B9). */
function theSignerInfo(signerInfos: readonly SignerInfo[], signer: PublicKey): SignerInfo {
  const [signerInfo, ...more] = signerInfos.filter(({ sid }) => equal(sid, signer.keyIdentifier));
  if (signerInfo === undefined || more.length > 0) throw new SignerError();
  return signerInfo;
}

/** The checks of RFC 5652 §5.6 and §11 on one signer; gives the signing-time. */
function verifySignerInfo(
  signerInfo: SignerInfo,
  signer: PublicKey,
  content: Uint8Array,
  { contentType, crypto }: VerifyParameters,
): MaybePromise<number> {
  const { digestAlgorithm, signatureAlgorithm, digestLength, digest } = signatureAlgorithmOf(signer.algorithm);
  if (!equal(signerInfo.digestAlgorithm, digestAlgorithm)) throw new SignerError();
  if (!equal(signerInfo.signatureAlgorithm, signatureAlgorithm)) throw new SignerError();
  const named = attributeReader(signerInfo.signedAttrs, ID_CONTENT_TYPE);
  if (!equal(named.objectIdentifier(), contentType)) throw new SignerError();
  named.end();
  const digested = attributeReader(signerInfo.signedAttrs, ID_MESSAGE_DIGEST);
  const stated = digested.octetStringOf(digestLength);
  digested.end();
  const timed = attributeReader(signerInfo.signedAttrs, ID_SIGNING_TIME);
  const signingTime = timed.time();
  timed.end();
  const hashing = digest(crypto, content);
  // Where answers come later both are asked for at once (`verify` never rejects); else a wrong digest is refused without a public-key operation.
  const checking = hashing instanceof Promise ? isGoodSignature(signerInfo, signer, crypto) : undefined;
  const isGood = chain(hashing, (hashed) => {
    if (!equal(stated, hashed)) throw new SignerError();
    return checking ?? isGoodSignature(signerInfo, signer, crypto);
  });
  return chain(isGood, (good) => {
    if (!good) throw new SignerError();
    return signingTime;
  });
}

function isGoodSignature(signerInfo: SignerInfo, signer: PublicKey, crypto: CryptoProvider): MaybePromise<boolean> {
  const { signature, signedAttrsDer } = signerInfo;
  if (signer.algorithm === 'Ed25519') {
    // 64 octets, and R no point of small order: such a signature is nobody's honest work (E4).
    if (signature.length !== 64 || !isAcceptableEd25519Point(signature.subarray(0, 32))) return false;
  }
  return crypto.verify(signer, signedAttrsDer, signature);
}

function refusal(cause: unknown): SignerError {
  return cause instanceof SignerError ? cause : new SignerError({ cause });
}
