/**
 * RecipientInfo in all its kinds (RFC 5652 §6.2), and the KEMRecipientInfo of RFC 9629 inside OtherRecipientInfo.
 *
 * ```
 * RecipientInfo ::= CHOICE { ktri KeyTransRecipientInfo, kari [1] IMPLICIT KeyAgreeRecipientInfo,
 *   kekri [2] IMPLICIT KEKRecipientInfo, pwri [3] IMPLICIT PasswordRecipientInfo, ori [4] IMPLICIT OtherRecipientInfo }
 * KeyTransRecipientInfo ::= SEQUENCE { version CMSVersion, rid RecipientIdentifier, keyEncryptionAlgorithm, encryptedKey }
 * KeyAgreeRecipientInfo ::= SEQUENCE { version CMSVersion, originator [0] EXPLICIT OriginatorIdentifierOrKey,
 *   ukm [1] EXPLICIT OCTET STRING OPTIONAL, keyEncryptionAlgorithm, recipientEncryptedKeys SEQUENCE OF RecipientEncryptedKey }
 * OriginatorIdentifierOrKey ::= CHOICE { issuerAndSerialNumber, subjectKeyIdentifier [0] IMPLICIT OCTET STRING,
 *   originatorKey [1] IMPLICIT SEQUENCE { algorithm AlgorithmIdentifier, publicKey BIT STRING } }
 * KEKRecipientInfo ::= SEQUENCE { version CMSVersion, kekid SEQUENCE { keyIdentifier OCTET STRING,
 *   date GeneralizedTime OPTIONAL, other OtherKeyAttribute OPTIONAL }, keyEncryptionAlgorithm, encryptedKey }
 * PasswordRecipientInfo ::= SEQUENCE { version CMSVersion, keyDerivationAlgorithm [0] IMPLICIT AlgorithmIdentifier OPTIONAL,
 *   keyEncryptionAlgorithm, encryptedKey }
 * OtherRecipientInfo ::= SEQUENCE { oriType OBJECT IDENTIFIER, oriValue ANY DEFINED BY oriType }
 * KEMRecipientInfo ::= SEQUENCE { version CMSVersion, rid RecipientIdentifier, kem AlgorithmIdentifier, kemct OCTET STRING,
 *   kdf AlgorithmIdentifier, kekLength INTEGER (1..65535), ukm [0] EXPLICIT OCTET STRING OPTIONAL,
 *   wrap AlgorithmIdentifier, encryptedKey OCTET STRING }
 * ```
 * @module
 */
import { derError } from '../../cmsError.js';
import { MAX_RECIPIENTS } from '../../keyAgreeRecipientInfo.js';
import { oid } from '../../objectIdentifiers.js';
import { equal } from '../../octets.js';
import type { BerNode } from '../berTree.js';
import { readAlgorithm } from './algorithm.js';
import { BerFields, bitsOf, elementsOf, explicitOf, isTag, octetsOf, TAG } from './berFields.js';
import { derOf } from './derOfBer.js';
import { readKeyAgreeName, readKeyIdentifier, readKeyName } from './keyName.js';
import type { GeneralRecipientEncryptedKey, GeneralRecipientInfo } from './types.js';

/** id-ori-kem (RFC 9629 §3). */
export const ID_ORI_KEM: Uint8Array = oid('1.2.840.113549.1.9.16.13.3');

/** Reads RecipientInfos: at least one, and at most 512 keys over all of them (G1). @throws CmsError `ERR_DER` */
export function readRecipientInfos(node: BerNode): GeneralRecipientInfo[] {
  const recipients = elementsOf(node, TAG.set, MAX_RECIPIENTS, readRecipientInfo);
  if (recipients.length === 0) throw derError('no recipient');
  const keys = recipients.reduce(
    (sum, each) => sum + (each.kind === 'kari' ? each.recipientEncryptedKeys.length : 1),
    0,
  );
  if (keys > MAX_RECIPIENTS) throw derError('more recipients than the limit');
  return recipients;
}

/** Reads a RecipientInfo; one of a kind that is not known here is `other`. @throws CmsError `ERR_DER` */
export function readRecipientInfo(node: BerNode): GeneralRecipientInfo {
  if (isTag(node, TAG.sequence)) return readKeyTransport(node);
  if (isTag(node, 0x81)) return readKeyAgreement(node);
  if (isTag(node, 0x82)) return readKeyEncryptionKey(node);
  if (isTag(node, 0x83)) return readPassword(node);
  return (isTag(node, 0x84) ? readKem(node) : undefined) ?? { kind: 'other', der: derOf(node) };
}

function readKeyTransport(node: BerNode): GeneralRecipientInfo {
  const fields = new BerFields(node, TAG.sequence);
  const version = fields.integer();
  const rid = readKeyName(fields.any());
  return { kind: 'ktri', version, rid, ...readWrapped(fields) };
}

function readKeyAgreement(node: BerNode): GeneralRecipientInfo {
  const fields = new BerFields(node, 0x81);
  const version = fields.integer();
  const originatorKey = readOriginatorKey(explicitOf(fields.any(), 0x80));
  const ukm = readUkm(fields, 0x81);
  const keyEncryptionAlgorithm = readAlgorithm(fields.any());
  const recipientEncryptedKeys = elementsOf(fields.any(), TAG.sequence, MAX_RECIPIENTS, readRecipientEncryptedKey);
  fields.end();
  if (recipientEncryptedKeys.length === 0) throw derError('no recipient');
  return { kind: 'kari', version, originatorKey, ukm, keyEncryptionAlgorithm, recipientEncryptedKeys };
}

function readOriginatorKey(node: BerNode): Extract<GeneralRecipientInfo, { kind: 'kari' }>['originatorKey'] {
  if (!isTag(node, 0x81)) {
    readKeyName(node);
    return undefined;
  }
  const fields = new BerFields(node, 0x81);
  const algorithm = readAlgorithm(fields.any());
  const publicKey = bitsOf(fields.any());
  fields.end();
  return { algorithm, publicKey };
}

function readRecipientEncryptedKey(node: BerNode): GeneralRecipientEncryptedKey {
  const fields = new BerFields(node, TAG.sequence);
  const rid = readKeyAgreeName(fields.any());
  const encryptedKey = fields.octetString();
  fields.end();
  return { rid, encryptedKey };
}

function readKeyEncryptionKey(node: BerNode): GeneralRecipientInfo {
  const fields = new BerFields(node, 0x82);
  const version = fields.integer();
  const keyIdentifier = readKeyIdentifier(fields.any(), TAG.sequence);
  return { kind: 'kekri', version, keyIdentifier, ...readWrapped(fields) };
}

function readPassword(node: BerNode): GeneralRecipientInfo {
  const fields = new BerFields(node, 0x83);
  const version = fields.integer();
  const derivation = fields.optional(0x80);
  const keyDerivationAlgorithm = derivation === undefined ? undefined : readAlgorithm(derivation, 0x80);
  return { kind: 'pwri', version, keyDerivationAlgorithm, ...readWrapped(fields) };
}

/** `undefined` for an OtherRecipientInfo of another type. */
function readKem(node: BerNode): GeneralRecipientInfo | undefined {
  const other = new BerFields(node, 0x84);
  if (!equal(other.objectIdentifier(), ID_ORI_KEM)) return undefined;
  const fields = new BerFields(other.any(), TAG.sequence);
  other.end();
  const version = fields.integer();
  const rid = readKeyName(fields.any());
  const kem = readAlgorithm(fields.any());
  const kemct = fields.octetString();
  const kdf = readAlgorithm(fields.any());
  const kekLength = fields.integer();
  if (kekLength < 1 || kekLength > 65535) throw derError('length of a key out of range');
  const ukm = readUkm(fields, 0x80);
  const wrap = readAlgorithm(fields.any());
  const encryptedKey = fields.octetString();
  fields.end();
  return { kind: 'kemri', version, rid, kem, kemct, kdf, kekLength, ukm, wrap, encryptedKey };
}

function readWrapped(
  fields: BerFields,
): Pick<Extract<GeneralRecipientInfo, { kind: 'ktri' }>, 'keyEncryptionAlgorithm' | 'encryptedKey'> {
  const keyEncryptionAlgorithm = readAlgorithm(fields.any());
  const encryptedKey = fields.octetString();
  fields.end();
  return { keyEncryptionAlgorithm, encryptedKey };
}

function readUkm(fields: BerFields, tag: number): Uint8Array | undefined {
  const ukm = fields.optional(tag);
  return ukm === undefined ? undefined : octetsOf(explicitOf(ukm, tag), TAG.octetString);
}
