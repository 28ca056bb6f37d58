/**
 * Encrypting octets as AuthEnvelopedData that other people's software reads (RFC 5083).
 * @module
 */
import {
  type Attribute,
  contentTypeAttribute,
  drawOctets,
  equal,
  GCM_NONCE_LENGTH,
  GCM_TAG_LENGTH,
  ID_CONTENT_TYPE,
  ID_DATA,
  type RandomSource,
} from '@stanzaseal/cms';
import {
  type AeadName,
  type AuthEnvelopedDataHead,
  contentEncryptionAlgorithm,
  encodeGeneralAuthEnvelopedData,
  type GeneralAttributes,
  type GeneralCrypto,
  generalAttributes,
  readContentEncryptionAlgorithm,
} from '@stanzaseal/cms/general';
import { aeadKeyLength, cipherKey } from './contentKey.js';
import type { GeneralRecipient } from './parties.js';
import { prepareRecipients } from './wrapCek.js';

/** What `encrypt` needs. */
export interface GeneralEncryptParameters {
  /** By the caller's word alone. */
  readonly profile: 'general';
  /** 1 to 512, none twice. */
  readonly recipients: readonly GeneralRecipient[];
  /** Content octets of the OBJECT IDENTIFIER that says what the content is. */
  readonly contentType: Uint8Array;
  /** The cipher. */
  readonly contentEncryption: AeadName;
  /** Derive the content key by RFC 9709. */
  readonly cekHkdf: boolean;
  /** Authenticated attributes beside content-type, which is written wherever RFC 5083 §2.1 asks for it. */
  readonly authAttrs?: readonly Attribute[];
  /** Drawn from in this order: what the recipients need (`prepareRecipients`), the CEK (16, 24 or 32 octets), the nonce (12). */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: GeneralCrypto;
}

/** What `encrypt` gives. */
export interface GeneralEncrypted {
  /** DER of the ContentInfo. */
  readonly der: Uint8Array;
  /** The content-encryption key. Whoever has it reads the object. */
  readonly cek: Uint8Array;
}

/**
 * Encrypts content to recipients of any kinds.
 * @throws TypeError for a key that does not encrypt; RangeError for recipients none, twice or too many, a password cost out of
 * bounds, a content-type among `authAttrs`, a random source that fails (E8)
 * @example
 * const { der } = await encrypt(content, { profile: 'general', recipients: [{ kind: 'key', key }], contentType: ID_DATA,
 *   contentEncryption: 'AES-256-GCM', cekHkdf: false, random, crypto });
 */
export async function encrypt(content: Uint8Array, parameters: GeneralEncryptParameters): Promise<GeneralEncrypted> {
  const { crypto } = parameters;
  const { head, cek, aead, key, nonce, aad } = await prepareEncryption(parameters);
  const octets = await crypto.seal(aead, key, nonce, aad, content);
  const end = octets.length - GCM_TAG_LENGTH;
  const [encryptedContent, mac] = [octets.subarray(0, end), octets.subarray(end)];
  return { der: encodeGeneralAuthEnvelopedData({ ...head, encryptedContent, mac }), cek };
}

/** All of an object but its content, and what its content is encrypted with. */
export interface PreparedEncryption {
  /** What stands before the content and around it. */
  readonly head: AuthEnvelopedDataHead;
  /** The content-encryption key. */
  readonly cek: Uint8Array;
  /** The cipher. */
  readonly aead: AeadName;
  /** Its key. */
  readonly key: Uint8Array;
  /** Its nonce. */
  readonly nonce: Uint8Array;
  /** Its associated data. */
  readonly aad: Uint8Array;
}

/** Draws and wraps all keys, for content that is there and for content that streams by. @throws TypeError, RangeError as `encrypt` */
export async function prepareEncryption(parameters: GeneralEncryptParameters): Promise<PreparedEncryption> {
  const { recipients, contentType, contentEncryption: aead, cekHkdf, random, crypto } = parameters;
  const authAttrs = authenticatedAttributes(contentType, parameters.authAttrs ?? []);
  const keyLength = aeadKeyLength(aead);
  const wrap = await prepareRecipients(recipients, keyLength, { random, crypto });
  const cek = drawOctets(random, keyLength);
  const nonce = drawOctets(random, GCM_NONCE_LENGTH);
  const algorithm = contentEncryptionAlgorithm(aead, nonce, cekHkdf);
  const recipientInfos = await wrap(cek);
  const key = await cipherKey(cek, readContentEncryptionAlgorithm(algorithm), crypto);
  const head = {
    recipientInfos,
    contentType,
    contentEncryptionAlgorithm: algorithm,
    authAttrs,
    unauthAttrs: undefined,
  };
  return { head, cek, aead, key, nonce, aad: authAttrs?.der ?? NOTHING };
}

const NOTHING = new Uint8Array(0);

/**
 * The attributes with content-type among them, or none at all: for id-data none need be there, and OpenSSL before its releases of August 2026 reads none.
 * @throws RangeError where `more` has a content-type
 */
export function authenticatedAttributes(
  contentType: Uint8Array,
  more: readonly Attribute[],
): GeneralAttributes | undefined {
  if (more.some(({ attrType }) => equal(attrType, ID_CONTENT_TYPE)))
    throw new RangeError('authAttrs have a content-type, which follows from contentType');
  if (more.length === 0 && equal(contentType, ID_DATA)) return undefined;
  return generalAttributes([contentTypeAttribute(contentType), ...more]);
}
