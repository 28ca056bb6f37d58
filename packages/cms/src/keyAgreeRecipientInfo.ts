/**
 * KeyAgreeRecipientInfo (RFC 5652 §6.2.2) as RFC 8418 uses it: one ephemeral X25519 originator key for all recipients, each
 * named by `rKeyId`.
 *
 * ```
 * KeyAgreeRecipientInfo ::= SEQUENCE { version CMSVersion (3), originator [0] EXPLICIT OriginatorIdentifierOrKey,
 *   ukm [1] EXPLICIT OCTET STRING, keyEncryptionAlgorithm, recipientEncryptedKeys SEQUENCE OF RecipientEncryptedKey }
 * OriginatorIdentifierOrKey ::= CHOICE { ..., originatorKey [1] IMPLICIT SEQUENCE { algorithm, publicKey BIT STRING } }
 * RecipientEncryptedKey ::= SEQUENCE { rid CHOICE { ..., rKeyId [0] IMPLICIT SEQUENCE { subjectKeyIdentifier OCTET STRING } },
 *                                      encryptedKey OCTET STRING }
 * ```
 * @module
 */
import { expectAlgorithm, STD_DH_HKDF_SHA256_AES256_WRAP, X25519 } from './algorithmIdentifier.js';
import { derError } from './cmsError.js';
import type { DerReader } from './derReader.js';
import {
  bitString,
  constructed,
  type DerNode,
  encodeDer,
  encoded,
  integer,
  octetString,
  sequence,
} from './derWriter.js';
import type { RawPublicKey } from './ports.js';
import { KEY_IDENTIFIER_LENGTH } from './signerInfo.js';

/** Most recipients of one object (G1). */
export const MAX_RECIPIENTS = 512;
/** Length in octets of the ukm: a SHA-256 over the context. */
export const UKM_LENGTH = 32;
/** A CEK of 32 octets under AES key wrap (A10). */
export const WRAPPED_KEY_LENGTH = 40;

/** One recipient's wrapped content-encryption key. */
export interface RecipientEncryptedKey {
  /** subjectKeyIdentifier in rKeyId. */
  readonly rKeyId: Uint8Array;
  /** The wrapped key: 40 octets. Of an entry that was read it is found when it is asked for, so `{ ...entry }` has none: name it. */
  readonly encryptedKey: Uint8Array;
}

/** The recipients of one ephemeral key. */
export interface KeyAgreeRecipientInfo {
  /** The ephemeral public key. */
  readonly originatorKey: RawPublicKey;
  /** User keying material, 32 octets: binds every wrapped key to the context (RFC 8418 §2.2). */
  readonly ukm: Uint8Array;
  /** One entry a recipient key. */
  readonly recipientEncryptedKeys: readonly RecipientEncryptedKey[];
}

/** Node of a KeyAgreeRecipientInfo under its tag [1] of RecipientInfo. */
export function encodeKeyAgreeRecipientInfo(kari: KeyAgreeRecipientInfo): DerNode {
  return constructed(0xa1, [
    integer(3),
    constructed(0xa0, [constructed(0xa1, [encoded(X25519), bitString(kari.originatorKey.raw)])]),
    constructed(0xa1, [octetString(kari.ukm)]),
    encoded(STD_DH_HKDF_SHA256_AES256_WRAP),
    constructed(0x30, kari.recipientEncryptedKeys.map(encodeRecipientEncryptedKey)),
  ]);
}

/** Reads a KeyAgreeRecipientInfo under its tag [1]. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function readKeyAgreeRecipientInfo(
  reader: DerReader,
  maxRecipients: number = MAX_RECIPIENTS,
): KeyAgreeRecipientInfo {
  const kari = reader.constructed(0xa1);
  kari.version(3);
  const originatorKey = readOriginatorKey(kari);
  const explicit = kari.constructed(0xa1);
  const ukm = explicit.octetStringOf(UKM_LENGTH);
  explicit.end();
  expectAlgorithm(kari, STD_DH_HKDF_SHA256_AES256_WRAP);
  const recipientEncryptedKeys = kari.sequenceOf(readRecipientEncryptedKey, maxRecipients);
  kari.end();
  if (recipientEncryptedKeys.length === 0) throw derError('no recipient');
  return { originatorKey, ukm, recipientEncryptedKeys };
}

/** Only originatorKey, only X25519, only 32 octets, parameters absent (A15). */
function readOriginatorKey(kari: DerReader): RawPublicKey {
  const originator = kari.constructed(0xa0);
  const originatorKey = originator.constructed(0xa1);
  originator.end();
  expectAlgorithm(originatorKey, X25519);
  const raw = originatorKey.bitString();
  originatorKey.end();
  if (raw.length !== 32) throw derError('octet string of another length');
  return { algorithm: 'X25519', raw };
}

/** What stands in an entry before a key identifier, and before the wrapped key behind it. */
const [ENTRY_HEAD, WRAPPED_KEY_HEAD] = /* @__PURE__ */ entryHeads();

function entryHeads(): [Uint8Array, Uint8Array] {
  const rKeyId = new Uint8Array(KEY_IDENTIFIER_LENGTH);
  const entry = encodeDer(encodeRecipientEncryptedKey({ rKeyId, encryptedKey: new Uint8Array(WRAPPED_KEY_LENGTH) }));
  const behind = entry.length - WRAPPED_KEY_LENGTH;
  return [entry.subarray(0, behind - 2 - KEY_IDENTIFIER_LENGTH), entry.subarray(behind - 2, behind)];
}

function encodeRecipientEncryptedKey({ rKeyId, encryptedKey }: RecipientEncryptedKey): DerNode {
  return sequence(constructed(0xa0, [octetString(rKeyId)]), octetString(encryptedKey));
}

function readRecipientEncryptedKey(reader: DerReader): RecipientEncryptedKey {
  // DER has one way to write an entry of the profile, and it differs from others in these octets alone: hundreds are read so.
  if (reader.skipIf(ENTRY_HEAD, 2)) {
    const rKeyId = reader.take(KEY_IDENTIFIER_LENGTH);
    if (!reader.skipIf(WRAPPED_KEY_HEAD)) throw derError('another value than expected');
    reader.pass(WRAPPED_KEY_LENGTH);
    return new EntryOfMany(rKeyId);
  }
  const recipient = reader.sequence();
  const identifier = recipient.constructed(0xa0);
  const rKeyId = identifier.octetString();
  identifier.end();
  const encryptedKey = recipient.octetStringOf(WRAPPED_KEY_LENGTH);
  recipient.end();
  return { rKeyId, encryptedKey };
}

/** An entry whose wrapped key is looked for when it is asked for: of hundreds one is, and views are what costs. */
class EntryOfMany implements RecipientEncryptedKey {
  readonly rKeyId: Uint8Array;

  constructor(rKeyId: Uint8Array) {
    this.rKeyId = rKeyId;
  }

  get encryptedKey(): Uint8Array {
    const { buffer, byteOffset, length } = this.rKeyId;
    return new Uint8Array(buffer, byteOffset + length + WRAPPED_KEY_HEAD.length, WRAPPED_KEY_LENGTH);
  }
}
