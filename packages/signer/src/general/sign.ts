/**
 * Signing for other people's software (RFC 5652 §5).
 * @module
 */
import { equal, looksLikeSignedAttributes, type SignedDataForm } from '@stanzaseal/cms';
import { encodeGeneralSignedData, type SignerInfoToWrite } from '@stanzaseal/cms/general';
import type { SignatureHash } from './policy.js';
import {
  contentHashOf,
  digestAlgorithmOf,
  type GeneralSigner,
  type SignerInfoParameters,
  signDigest,
} from './signerInfo.js';
import { identifierOf } from './signerNames.js';

/** What `sign` needs. */
export interface GeneralSignParameters extends SignerInfoParameters {
  /** Said by the caller, so that nobody comes here by mistake. */
  readonly profile: 'general';
  /** One key, or several that sign the same content and attributes, each under a name of its own. */
  readonly signers: readonly [GeneralSigner, ...GeneralSigner[]];
  /** Leave the content out of the object. */
  readonly detached?: boolean;
  /** What stands outermost: a ContentInfo where it is left out, or the SignedData itself, for content of another object. */
  readonly form?: SignedDataForm;
}

/**
 * Signs content: DER of SignedData, version 3, always with signed attributes, without certificates.
 * @throws TypeError for a key that does not sign, or not by the scheme asked for; RangeError for content that parses as signed
 * attributes, which nobody should ever sign (B3), for attributes given twice, and for two signers of one name (B9)
 * @example
 * const der = await sign(content, { profile: 'general', signers: [{ key }], contentType, signingTime: now(), random, crypto });
 */
export async function sign(content: Uint8Array, parameters: GeneralSignParameters): Promise<Uint8Array> {
  const { profile, signers, contentType: eContentType, crypto } = parameters;
  if (profile !== 'general') throw new TypeError("profile is not 'general'");
  if (looksLikeSignedAttributes(content)) throw new RangeError('content parses as signed attributes');
  checkSigners(signers);
  const digests = new Map<SignatureHash, Uint8Array>();
  for (const hash of signers.map(contentHashOf)) {
    if (!digests.has(hash)) digests.set(hash, await crypto.digest(hash, content));
  }
  const signerInfos: SignerInfoToWrite[] = [];
  for (const signer of signers) {
    signerInfos.push(await signDigest(digests.get(contentHashOf(signer)) as Uint8Array, signer, parameters));
  }
  const digestAlgorithms = signers.map(digestAlgorithmOf);
  const eContent = parameters.detached === true ? undefined : content;
  return encodeGeneralSignedData({ digestAlgorithms, eContentType, eContent, signerInfos }, parameters.form);
}

/** Under a name that two signers go by, no reader finds either (B9). @throws RangeError */
export function checkSigners(signers: readonly GeneralSigner[]): void {
  const names = signers.map(({ key, name }) => identifierOf(key.publicKey, name));
  if (names.some((name, i) => names.some((other, j) => j < i && equal(other, name))))
    throw new RangeError('signers holds a name twice');
}
