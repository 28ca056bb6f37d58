/**
 * Decrypting AuthEnvelopedData of any software (RFC 5083): what needs no key is refused first, then one key is tried.
 * @module
 */
import { DerReader, equal, ID_CONTENT_TYPE, ID_DATA, oid } from '@stanzaseal/cms';
import {
  type GeneralAttributes,
  type GeneralAuthEnvelopedData,
  type GeneralContentEncryption,
  readGeneralContentInfo,
  singleValue,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import { aeadKeyLength, allowedEncryption, cipherKey } from './contentKey.js';
import { type FindParameters, findCek, type OpenedBy } from './findCek.js';
import type { GeneralPolicy } from './policy.js';
import { refusalOf, unsupported } from './refusal.js';

/** What `decrypt` needs. */
export interface GeneralDecryptParameters extends FindParameters {
  /** By the caller's word alone: nothing falls back to it. */
  readonly profile: 'general';
}

/** What `decrypt` gives. */
export interface GeneralDecrypted {
  /** The content. */
  readonly content: Uint8Array;
  /** Content octets of the OBJECT IDENTIFIER that says what it is. */
  readonly contentType: Uint8Array;
  /** Attributes under the tag; `undefined` where absent. */
  readonly authAttrs: GeneralAttributes | undefined;
  /** Attributes that anybody may have changed. */
  readonly unauthAttrs: GeneralAttributes | undefined;
  /** The content-encryption key. Whoever has it reads the object. */
  readonly cek: Uint8Array;
  /** The recipient that was ours. */
  readonly by: OpenedBy;
}

/**
 * Decrypts AuthEnvelopedData in BER or DER.
 * @throws EnvelopeError `ERR_OPEN`, the one answer to everything that is wrong with the octets or not of the policy; CmsError
 * `ERR_UNSUPPORTED` for other kinds of content (EnvelopedData and CompressedData among them) and where an own key is named in a way
 * that is not spoken here, such as RSA PKCS #1 v1.5
 * @example
 * const { content } = await decrypt(octets, { profile: 'general', keys: [{ kind: 'key', key }], policy: GENERAL_POLICY, crypto });
 */
export async function decrypt(octets: Uint8Array, parameters: GeneralDecryptParameters): Promise<GeneralDecrypted> {
  const { policy, crypto } = parameters;
  try {
    const { data, encryptedContent, encryption } = readEnveloped(octets, policy);
    const { aead, nonce } = encryption;
    const keyLength = aeadKeyLength(aead);
    const { cek, by } = await findCek(data.recipientInfos, (length) => length === keyLength, parameters);
    // Where the key did not come out, any other fails at the tag, and what it gives is not looked at.
    const key = await cipherKey(cek ?? new Uint8Array(keyLength), encryption, crypto);
    const content = await crypto.open(aead, key, nonce, data.authAttrs?.der ?? NOTHING, encryptedContent, data.mac);
    if (cek === undefined) throw new EnvelopeError();
    const { contentType, authAttrs, unauthAttrs } = data;
    return { content, contentType, authAttrs, unauthAttrs, cek, by };
  } catch (cause) {
    throw refusalOf(cause);
  }
}

const NOTHING = new Uint8Array(0);
const ID_CT_COMPRESSED_DATA = oid('1.2.840.113549.1.9.16.1.9');

/** An object taken apart and checked as far as no key is needed. */
interface ReadEnveloped {
  readonly data: GeneralAuthEnvelopedData;
  readonly encryptedContent: Uint8Array;
  readonly encryption: GeneralContentEncryption;
}

function readEnveloped(octets: Uint8Array, policy: GeneralPolicy): ReadEnveloped {
  const data = readGeneralContentInfo(octets, policy.limits);
  if (data.kind !== 'AuthEnvelopedData') throw new EnvelopeError();
  checkContentType(data.contentType, data.authAttrs);
  const encryption = encryptionOf(data, policy);
  const { encryptedContent } = data;
  // Content left out is not empty content (A8); a tag has the length that its algorithm says, or it is cut (A6).
  if (encryptedContent === undefined || data.mac.length !== encryption.tagLength) throw new EnvelopeError();
  return { data, encryptedContent, encryption };
}

/**
 * What the head of an object says, before its content and the attributes behind it: its version, and an allowed cipher.
 * @throws EnvelopeError `ERR_OPEN`; CmsError `ERR_UNSUPPORTED` for compressed content
 */
export function encryptionOf(
  head: Pick<GeneralAuthEnvelopedData, 'version' | 'contentType' | 'contentEncryptionAlgorithm'>,
  policy: GeneralPolicy,
): GeneralContentEncryption {
  if (head.version !== 0) throw new EnvelopeError();
  if (equal(head.contentType, ID_CT_COMPRESSED_DATA)) throw unsupported('compressed content');
  try {
    return allowedEncryption(head.contentEncryptionAlgorithm, policy);
  } catch (cause) {
    // Any other cipher in its place may be a forgery (CVE-2026-34182): that is no clean refusal.
    throw new EnvelopeError({ cause });
  }
}

/**
 * content-type is there once, with one value, and true; with id-data it may be absent (RFC 5083 §2.1, RFC 5652 §11.1, A14).
 * @throws EnvelopeError `ERR_OPEN`; CmsError `ERR_DER`
 */
export function checkContentType(contentType: Uint8Array, authAttrs: GeneralAttributes | undefined): void {
  const value = singleValue(authAttrs, ID_CONTENT_TYPE);
  if (value === undefined) {
    if (!equal(contentType, ID_DATA)) throw new EnvelopeError();
    return;
  }
  const named = new DerReader(value);
  if (!equal(named.objectIdentifier(), contentType)) throw new EnvelopeError();
  named.end();
}
