/**
 * Verifying AuthenticatedData of any software (RFC 5652 §9.3).
 * @module
 */
import { DerReader, equal, equalConstantTime, ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST } from '@stanzaseal/cms';
import {
  type GeneralAttributes,
  type GeneralAuthenticatedData,
  type HashName,
  readDigestAlgorithm,
  readGeneralContentInfo,
  readHmacAlgorithm,
  singleValue,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import { checkContentType, type GeneralDecrypted, type GeneralDecryptParameters } from './decrypt.js';
import { findCek } from './findCek.js';
import type { GeneralPolicy } from './policy.js';
import { refusalOf } from './refusal.js';

/** What `verifyAuthenticated` gives. */
export type VerifiedAuthenticated = Omit<GeneralDecrypted, 'cek'>;

/**
 * Verifies AuthenticatedData in BER or DER and gives its content. Any recipient can have made it.
 * @throws EnvelopeError `ERR_OPEN`; CmsError `ERR_UNSUPPORTED`, as `decrypt` does
 * @example
 * const { content } = await verifyAuthenticated(octets, { profile: 'general', keys, policy: GENERAL_POLICY, crypto });
 */
export async function verifyAuthenticated(
  octets: Uint8Array,
  parameters: GeneralDecryptParameters,
): Promise<VerifiedAuthenticated> {
  const { policy, crypto } = parameters;
  try {
    const { data, content, hash, digestHash } = readAuthenticated(octets, policy);
    const { cek, by } = await findCek(data.recipientInfos, isMacKeyLength, parameters);
    if (digestHash !== undefined) checkDigest(data.authAttrs, await crypto.digest(digestHash, content));
    // Without attributes the MAC is over the content itself (RFC 5652 §9.2).
    const mac = await crypto.hmac(hash, cek ?? new Uint8Array(32), data.authAttrs?.der ?? content);
    if (!equalConstantTime(mac, data.mac) || cek === undefined) throw new EnvelopeError();
    const { eContentType: contentType, authAttrs, unauthAttrs } = data;
    return { content, contentType, authAttrs, unauthAttrs, by };
  } catch (cause) {
    throw refusalOf(cause);
  }
}

/** The hashes of an object. */
export interface AuthenticatedHashes {
  /** Of the MAC. */
  readonly hash: HashName;
  /** Of the content; `undefined` where there is no digest of it. */
  readonly digestHash: HashName | undefined;
}

/** An object taken apart and checked as far as no key is needed. */
interface ReadAuthenticated extends AuthenticatedHashes {
  readonly data: GeneralAuthenticatedData;
  readonly content: Uint8Array;
}

function readAuthenticated(octets: Uint8Array, policy: GeneralPolicy): ReadAuthenticated {
  const data = readGeneralContentInfo(octets, policy.limits);
  if (data.kind !== 'AuthenticatedData') throw new EnvelopeError();
  const hashes = hashesOf(data, policy);
  const { eContent: content } = data;
  if (content === undefined) throw new EnvelopeError();
  checkAttributes(data);
  return { data, content, ...hashes };
}

/** What the head of an object says, before its content: its version, and allowed hashes. @throws EnvelopeError `ERR_OPEN`; CmsError */
export function hashesOf(
  {
    version,
    macAlgorithm,
    digestAlgorithm,
  }: Pick<GeneralAuthenticatedData, 'version' | 'macAlgorithm' | 'digestAlgorithm'>,
  policy: GeneralPolicy,
): AuthenticatedHashes {
  const hash = readHmacAlgorithm(macAlgorithm);
  const digestHash = digestAlgorithm === undefined ? undefined : readDigestAlgorithm(digestAlgorithm);
  // Versions 1 and 3 go with attribute certificates in originatorInfo, which are not for bare keys (RFC 5652 §9.1).
  if (version !== 0) throw new EnvelopeError();
  if (![hash, digestHash ?? hash].every((each) => policy.macHashes.includes(each))) throw new EnvelopeError();
  return { hash, digestHash };
}

/** What the attributes of an object must say. @throws EnvelopeError `ERR_OPEN`; CmsError */
export function checkAttributes({
  eContentType,
  authAttrs,
  digestAlgorithm,
}: Pick<GeneralAuthenticatedData, 'eContentType' | 'authAttrs' | 'digestAlgorithm'>): void {
  // The digest is there exactly with the attributes, and those MUST be there unless the content is id-data (§9.1).
  if ((digestAlgorithm === undefined) !== (authAttrs === undefined)) throw new EnvelopeError();
  if (authAttrs === undefined && !equal(eContentType, ID_DATA)) throw new EnvelopeError();
  if (authAttrs !== undefined) {
    if (singleValue(authAttrs, ID_CONTENT_TYPE) === undefined) throw new EnvelopeError();
    checkContentType(eContentType, authAttrs);
  }
}

/** A MAC key of any kind that somebody may take: 128 to 1,024 bits. */
export function isMacKeyLength(length: number): boolean {
  return length >= 16 && length <= 128;
}

/** Whether message-digest is there and the content's. @throws EnvelopeError `ERR_OPEN`; CmsError */
export function checkDigest(authAttrs: GeneralAttributes | undefined, digest: Uint8Array): void {
  const value = singleValue(authAttrs, ID_MESSAGE_DIGEST);
  if (value === undefined) throw new EnvelopeError();
  const stated = new DerReader(value);
  if (!equal(stated.octetString(), digest)) throw new EnvelopeError();
  stated.end();
}
