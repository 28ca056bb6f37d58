/**
 * The checks of RFC 5652 §5.6 on one SignerInfo and one key, given digests of the content: for content in memory and for content
 * that streamed by.
 * @module
 */
import { type CmsError, equal, ID_DATA, looksLikeSignedAttributes, type MaybePromise } from '@stanzaseal/cms';
import type {
  GeneralAttribute,
  GeneralCrypto,
  GeneralPublicKey,
  GeneralSignerInfo,
  SignatureScheme,
} from '@stanzaseal/cms/general';
import { SignerError } from '../signerError.js';
import type { SignatureHash, SignaturePolicy } from './policy.js';
import { isWellFormed } from './signatureForm.js';
import { type SignatureSuite, suiteOf } from './signatureSuite.js';
import { areInPlace, readSignedAttributes } from './signedAttributes.js';

/** Content to be verified. */
export interface SignedContent {
  /** Content octets of eContentType. */
  readonly contentType: Uint8Array;
  /** The content's digest; `undefined` where it was not computed while the content streamed by. */
  digest(hash: SignatureHash): MaybePromise<Uint8Array | undefined>;
  /** The content itself, without which no signature that lacks signed attributes is verified. */
  readonly octets: Uint8Array | undefined;
}

/** A good signature. */
export interface VerifiedSignature {
  /** Whose. */
  readonly key: GeneralPublicKey;
  /** The SignerInfo, whole. */
  readonly signerInfo: GeneralSignerInfo;
  /** By which scheme. */
  readonly scheme: SignatureScheme;
  /** With which digest of the content. */
  readonly hash: SignatureHash;
  /** signing-time in ms since 1970: the signer's own word, never a reason to trust a key (B11); `undefined` where there is none. */
  readonly signingTime: number | undefined;
  /** The signed attributes; `undefined` where the signature is straight over the content. */
  readonly signedAttrs: readonly GeneralAttribute[] | undefined;
  /** Unsigned attributes, countersignatures among them: anybody's data, which nobody has checked. */
  readonly unsignedAttrs: readonly GeneralAttribute[];
}

/**
 * Verifies one SignerInfo under one key; how the signer is named is the caller's to have judged.
 * @throws SignerError `ERR_VERIFY`; `ERR_UNSUPPORTED` where all is in order as far as can be seen, but the algorithm is not spoken
 */
export async function verifySignerInfo(
  signerInfo: GeneralSignerInfo,
  key: GeneralPublicKey,
  content: SignedContent,
  { policy, crypto }: { readonly policy: SignaturePolicy; readonly crypto: GeneralCrypto },
): Promise<VerifiedSignature> {
  const { signedAttrs, unsignedAttrs, signature } = signerInfo;
  if (equal(content.contentType, ID_DATA) && !policy.idData) throw new SignerError();
  if (!areInPlace(signerInfo)) throw new SignerError();
  const statement = signedAttrs === undefined ? undefined : reading(() => readSignedAttributes(signerInfo));
  if (signedAttrs !== undefined && statement === undefined) throw new SignerError();
  if (policy.signingTime === 'required' && statement?.signingTime === undefined) throw new SignerError();
  if (statement !== undefined && !equal(statement.contentType, content.contentType)) throw new SignerError();
  const { scheme, hash } = spokenSuite(signerInfo, key, policy);
  if (!reading(() => isWellFormed(key, scheme, signature))) throw new SignerError();
  if (statement !== undefined) {
    const digest = await content.digest(hash);
    if (digest === undefined || !equal(statement.digest, digest)) throw new SignerError();
  }
  const signed = signedAttrs?.der ?? contentAlone(content, policy);
  if (!(await crypto.verify(key, scheme, signed, signature))) throw new SignerError();
  return {
    key,
    signerInfo,
    scheme,
    hash,
    signingTime: statement?.signingTime,
    signedAttrs: signedAttrs?.attributes,
    unsignedAttrs: unsignedAttrs?.attributes ?? [],
  };
}

const UNSUPPORTED = 'signature is by an algorithm that is not supported';

function spokenSuite(signerInfo: GeneralSignerInfo, key: GeneralPublicKey, policy: SignaturePolicy): SignatureSuite {
  const suite = reading(() => suiteOf(key, signerInfo.signatureAlgorithm, signerInfo.digestAlgorithm));
  if (suite === 'unsupported') throw new SignerError(undefined, 'ERR_UNSUPPORTED', UNSUPPORTED);
  if (suite === 'unfit') throw new SignerError();
  if (!policy.schemes.includes(suite.scheme.name) || !policy.hashes.includes(suite.hash)) throw new SignerError();
  return suite;
}

/**
 * What a signature without signed attributes covers. Only id-data may be signed so (RFC 5652 §5.3), hence never a content type
 * of ours; and never what another message's signature covers as its signed attributes (B2).
 */
function contentAlone({ contentType, octets }: SignedContent, policy: SignaturePolicy): Uint8Array {
  if (!policy.missingSignedAttributes || !equal(contentType, ID_DATA) || octets === undefined) throw new SignerError();
  if (looksLikeSignedAttributes(octets)) throw new SignerError();
  return octets;
}

/** What cannot be read is no good signature, whatever the reader calls it. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SignerError({ cause: cause as CmsError });
  }
}
