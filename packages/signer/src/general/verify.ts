/**
 * Verifying what other people's software signed (RFC 5652 §5.6).
 * @module
 */
import { equal } from '@stanzaseal/cms';
import {
  GENERAL_LIMITS,
  type GeneralCrypto,
  type GeneralLimits,
  type GeneralPublicKey,
  type GeneralSignedData,
  type GeneralSignerInfo,
  readGeneralContentInfo,
} from '@stanzaseal/cms/general';
import { SignerError } from '../signerError.js';
import type { SignatureHash, SignaturePolicy } from './policy.js';
import { isSigningKey } from './signatureSuite.js';
import { isNamed, type Named, type NameOf, namesOf, type VerifyingKey } from './signerNames.js';
import { type SignedContent, type VerifiedSignature, verifySignerInfo } from './verifySignerInfo.js';

/** What the judgement of signers needs. */
export interface JudgementParameters {
  /** The keys that are to have signed, each once. Trust is the caller's: there is no default. */
  readonly signers: readonly [VerifyingKey, ...VerifyingKey[]];
  /** What is taken; `GENERAL_SIGNATURE_POLICY` is sensible. */
  readonly policy: SignaturePolicy;
  /** Maps signers that are named by their certificates to bare keys; without it no such signer is known. */
  readonly nameOf?: NameOf;
  /** The primitives. */
  readonly crypto: GeneralCrypto;
}

/** What `verify` needs. */
export interface GeneralVerifyParameters extends JudgementParameters {
  /** Said by the caller, so that nobody comes here by mistake. */
  readonly profile: 'general';
  /** The content, where it is detached. */
  readonly content?: Uint8Array;
  /** Content octets of the eContentType that must be there; where it is left out, the caller judges the one that is given back (B4, B14). */
  readonly contentType?: Uint8Array;
  /** Limits on size and depth. */
  readonly limits?: GeneralLimits;
}

/** The judgement on the signers. */
export interface Judgement {
  /** A good signature of each key that signed, in the order of the keys. */
  readonly signatures: readonly [VerifiedSignature, ...VerifiedSignature[]];
  /** Keys that did not sign: none but under the policy `any`. */
  readonly missing: readonly GeneralPublicKey[];
  /** SignerInfos of nobody that was asked for: unverified, worth no more than a claim. */
  readonly others: readonly GeneralSignerInfo[];
}

/** What was verified. */
export interface GeneralVerified extends Judgement {
  /** The signed octets. */
  readonly content: Uint8Array;
  /** Content octets of eContentType. */
  readonly contentType: Uint8Array;
}

/**
 * Verifies SignedData in BER or DER under bare keys. Certificates, CRLs and unsigned attributes that came along have no say.
 * @throws SignerError `ERR_VERIFY`, the one answer to everything that is wrong; `ERR_UNSUPPORTED` where a key signed by an
 * algorithm that is not spoken, such as RSA PKCS#1 v1.5
 * @example
 * const { content } = await verify(octets, { profile: 'general', signers: [{ key }], policy: GENERAL_SIGNATURE_POLICY, crypto });
 */
export async function verify(octets: Uint8Array, parameters: GeneralVerifyParameters): Promise<GeneralVerified> {
  const { profile, crypto, contentType, content: detached, limits = GENERAL_LIMITS } = parameters;
  if (profile !== 'general') throw new TypeError("profile is not 'general'");
  checkKeys(parameters.signers);
  try {
    const data = readSigned(octets, limits);
    if (contentType !== undefined && !equal(data.eContentType, contentType)) throw new SignerError();
    if ((data.eContent === undefined) !== (detached !== undefined)) throw new SignerError();
    const content = data.eContent ?? (detached as Uint8Array);
    const digests = new Map<SignatureHash, Uint8Array>();
    const judgement = await judgeSigners(
      data,
      {
        contentType: data.eContentType,
        octets: content,
        async digest(hash) {
          const digest = digests.get(hash) ?? (await crypto.digest(hash, content));
          digests.set(hash, digest);
          return digest;
        },
      },
      parameters,
    );
    return { content, contentType: data.eContentType, ...judgement };
  } catch (cause) {
    throw cause instanceof SignerError ? cause : new SignerError({ cause });
  }
}

/**
 * Judges the signers of SignedData by the policy, given its content's digests.
 * @throws SignerError `ERR_VERIFY`, `ERR_UNSUPPORTED`; TypeError for a key that does not sign, or stands there twice
 */
export async function judgeSigners(
  data: Pick<GeneralSignedData, 'digestAlgorithms' | 'signerInfos'>,
  content: SignedContent,
  parameters: JudgementParameters,
): Promise<Judgement> {
  const { signers, policy, nameOf } = parameters;
  checkKeys(signers);
  let named = await namesOf(data.signerInfos, nameOf);
  const signatures: VerifiedSignature[] = [];
  const missing: GeneralPublicKey[] = [];
  for (const signer of signers) {
    const theirs = signer.name === 'any' ? named : named.filter((each) => isNamed(each, signer));
    const found = await signatureOf(signer, theirs, data, content, parameters);
    if (found === undefined) missing.push(signer.key);
    else {
      signatures.push(found);
      named = named.filter(({ signerInfo }) => signerInfo !== found.signerInfo);
    }
  }
  const [first, ...more] = signatures;
  // "Zero signers" is a certificate carrier, never a signature (B1, CVE-2026-59639).
  if (first === undefined || (policy.signers === 'all' && missing.length > 0)) throw new SignerError();
  if (policy.otherSigners === 'refuse' && named.length > 0) throw new SignerError();
  return { signatures: [first, ...more], missing, others: named.map(({ signerInfo }) => signerInfo) };
}

/** The good signature of a key, `undefined` where it did not sign. @throws SignerError where it signed badly */
async function signatureOf(
  { key, name }: VerifyingKey,
  theirs: readonly Named[],
  data: Pick<GeneralSignedData, 'digestAlgorithms'>,
  content: SignedContent,
  parameters: JudgementParameters,
): Promise<VerifiedSignature | undefined> {
  // By a name that two signers go by, nobody can be found (B9).
  if (name !== 'any' && theirs.length > 1) throw new SignerError();
  let unsupported: SignerError | undefined;
  for (const { signerInfo } of theirs) {
    try {
      // A digest that was not announced is refused (B6, CVE-2026-45447).
      const { oid } = signerInfo.digestAlgorithm;
      if (!data.digestAlgorithms.some((announced) => equal(announced.oid, oid))) throw new SignerError();
      return await verifySignerInfo(signerInfo, key, content, parameters);
    } catch (thrown) {
      if (name !== 'any' || !(thrown instanceof SignerError)) throw thrown;
      if (thrown.code === 'ERR_UNSUPPORTED') unsupported = thrown;
    }
  }
  if (unsupported !== undefined) throw unsupported;
  return undefined;
}

/** A key given twice would ask for two signatures of one (B8). @throws TypeError */
export function checkKeys(signers: readonly VerifyingKey[]): void {
  signers.forEach(({ key }, i) => {
    if (!isSigningKey(key)) throw new TypeError(`signers holds a key of ${key.algorithm}, which does not sign`);
    if (signers.some((other, j) => j < i && equal(other.key.spki, key.spki)))
      throw new TypeError('signers holds a key twice');
  });
}

function readSigned(octets: Uint8Array, limits: GeneralLimits): GeneralSignedData {
  const object = readGeneralContentInfo(octets, limits);
  if (object.kind !== 'SignedData') throw new SignerError();
  return object;
}
