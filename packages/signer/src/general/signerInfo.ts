/**
 * SignerInfos from digests of content: for content in memory and for content that streams by.
 * @module
 */
import {
  type Attribute,
  contentTypeAttribute,
  equal,
  messageDigestAttribute,
  oid,
  type RandomSource,
  signingTimeAttribute,
} from '@stanzaseal/cms';
import {
  encodeSignerInfos,
  type GeneralAlgorithm,
  type GeneralAttributes,
  type GeneralCrypto,
  type GeneralPrivateKey,
  generalAttributes,
  type SignatureScheme,
  type SignerInfoToWrite,
} from '@stanzaseal/cms/general';
import { hashAlgorithm, hashLength } from './digestAlgorithm.js';
import type { SignatureHash } from './policy.js';
import { saltFits, signatureLength } from './signatureForm.js';
import { signatureAlgorithm, suiteFor } from './signatureSuite.js';
import { identifierOf, type SignerName } from './signerNames.js';

/** Who signs, and how. */
export interface GeneralSigner {
  /** Ed25519, P-256, P-384, RSA or ML-DSA. */
  readonly key: GeneralPrivateKey;
  /**
   * How; where it is left out Ed25519, ECDSA with SHA-256 (P-256) or SHA-384 (P-384), RSA-PSS with SHA-256 and 32 octets of salt,
   * ML-DSA. ECDSA and RSA-PSS take SHA-256, SHA-384 and SHA-512.
   */
  readonly scheme?: SignatureScheme;
  /** By which name; SHA-256 of the SubjectPublicKeyInfo where it is left out. */
  readonly name?: SignerName;
}

/** What is signed beside the content's digest, and with what. */
export interface SignerInfoParameters {
  /** Content octets of eContentType. */
  readonly contentType: Uint8Array;
  /** signing-time in ms since 1970, cut to seconds. */
  readonly signingTime: number;
  /** Attributes beside content-type, message-digest and signing-time, one of each type. */
  readonly signedAttrs?: readonly Attribute[];
  /** Randomness, for schemes that take it. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: GeneralCrypto;
}

/** The digest of the content that a signer needs: SHA-512 for Ed25519 and ML-DSA, else the scheme's own. @throws TypeError for a key that does not sign so */
export function contentHashOf({ key, scheme }: Pick<GeneralSigner, 'key' | 'scheme'>): SignatureHash {
  return suiteFor(key.publicKey, scheme).hash;
}

/** digestAlgorithm of a signer, which stands before the content too. @throws TypeError for a key that does not sign so */
export function digestAlgorithmOf(signer: Pick<GeneralSigner, 'key' | 'scheme'>): GeneralAlgorithm {
  return hashAlgorithm(contentHashOf(signer));
}

/** sid of a signer, which the version of SignedData depends on. */
export function sidOf({ key, name }: Pick<GeneralSigner, 'key' | 'name'>): SignerInfoToWrite['sid'] {
  return { kind: 'subjectKeyIdentifier', keyIdentifier: identifierOf(key.publicKey, name) };
}

/**
 * Signs a digest of content, among signed attributes.
 * @param digest of the content by `contentHashOf(signer)`
 * @throws TypeError for a key that does not sign so; RangeError for attributes that are not the caller's to give, for a digest of
 * another length, and for a salt that does not fit the key
 */
export async function signDigest(
  digest: Uint8Array,
  signer: GeneralSigner,
  parameters: SignerInfoParameters,
): Promise<SignerInfoToWrite> {
  const { scheme, hash } = suiteFor(signer.key.publicKey, signer.scheme);
  if (digest.length !== hashLength(hash)) throw new RangeError(`digest is not one of ${hash}`);
  if (!saltFits(signer.key.publicKey, scheme)) throw new RangeError('scheme has a salt that does not fit the key');
  const signedAttrs = attributesOf(digest, parameters);
  const signature = await parameters.crypto.sign(signer.key, scheme, signedAttrs.der, parameters.random);
  return withSignature(signer, signedAttrs, signature);
}

/**
 * Length in octets that the SignerInfos of signers will have: for an object in DER whose content streams by. `undefined` with ECDSA,
 * whose signatures have no one length.
 * @throws TypeError, RangeError as `signDigest`
 */
export function signerInfosLength(
  signers: readonly GeneralSigner[],
  parameters: Omit<SignerInfoParameters, 'random' | 'crypto'>,
): number | undefined {
  const shapes: SignerInfoToWrite[] = [];
  for (const signer of signers) {
    const { scheme, hash } = suiteFor(signer.key.publicKey, signer.scheme);
    const length = signatureLength(signer.key.publicKey, scheme);
    if (length === undefined) return undefined;
    const signedAttrs = attributesOf(new Uint8Array(hashLength(hash)), parameters);
    shapes.push(withSignature(signer, signedAttrs, new Uint8Array(length)));
  }
  return encodeSignerInfos(shapes).length;
}

function attributesOf(
  digest: Uint8Array,
  { contentType, signingTime, signedAttrs = [] }: Omit<SignerInfoParameters, 'random' | 'crypto'>,
): GeneralAttributes {
  const attributes = [
    contentTypeAttribute(contentType),
    messageDigestAttribute(digest),
    signingTimeAttribute(signingTime),
    ...signedAttrs,
  ];
  checkAttributes(attributes);
  return generalAttributes(attributes);
}

function withSignature(
  signer: GeneralSigner,
  signedAttrs: GeneralAttributes,
  signature: Uint8Array,
): SignerInfoToWrite {
  const { publicKey } = signer.key;
  return {
    sid: sidOf(signer),
    digestAlgorithm: digestAlgorithmOf(signer),
    signedAttrs,
    signatureAlgorithm: signatureAlgorithm(publicKey, suiteFor(publicKey, signer.scheme)),
    signature,
    unsignedAttrs: undefined,
  };
}

/** id-countersignature is unsigned (RFC 5652 §11.4), id-aa-CMSAlgorithmProtection would have to name what is chosen here. */
const NOT_SIGNED = [oid('1.2.840.113549.1.9.6'), oid('1.2.840.113549.1.9.52')];

function checkAttributes(attributes: readonly Attribute[]): void {
  attributes.forEach(({ attrType }, i) => {
    if (NOT_SIGNED.some((each) => equal(each, attrType)))
      throw new RangeError('signedAttrs holds a type that has no place there');
    if (attributes.some((other, j) => j < i && equal(other.attrType, attrType)))
      throw new RangeError('signedAttrs holds a type twice, or one that is written anyway');
  });
}
