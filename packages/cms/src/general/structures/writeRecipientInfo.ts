/**
 * RecipientInfo as DER. Versions are computed, not given (RFC 5652 §6.2, RFC 9629 §3).
 * @module
 */
import {
  bitString,
  constructed,
  type DerNode,
  encodeDer,
  encoded,
  integer,
  objectIdentifier,
  octetString,
  retaggedNode,
  sequence,
  setOf,
} from '../../derWriter.js';
import { keyAgreeNameNode, keyNameNode, versionByName } from './keyName.js';
import { ID_ORI_KEM } from './readRecipientInfo.js';
import type { GeneralAlgorithm, GeneralRecipientInfo } from './types.js';

type WithoutVersion<T> = T extends unknown ? Omit<T, 'version'> : never;

/** A RecipientInfo to be written: its version follows from the rest. */
export type RecipientInfoToWrite = WithoutVersion<GeneralRecipientInfo>;

/**
 * DER of a RecipientInfo.
 * @throws TypeError for a kari whose originator is named by a certificate
 */
export function encodeRecipientInfo(recipient: RecipientInfoToWrite): Uint8Array {
  return encodeDer(recipientNode(recipient));
}

/** Node of RecipientInfos, sorted. @throws RangeError for none */
export function recipientInfosNode(recipients: readonly RecipientInfoToWrite[]): DerNode {
  if (recipients.length === 0) throw new RangeError('recipientInfos is empty');
  return setOf(recipients.map(recipientNode));
}

function recipientNode(recipient: RecipientInfoToWrite): DerNode {
  switch (recipient.kind) {
    case 'ktri':
      return sequence(integer(versionByName(recipient.rid, 0, 2)), keyNameNode(recipient.rid), ...wrapped(recipient));
    case 'kari':
      return keyAgreementNode(recipient);
    case 'kekri':
      return constructed(0xa2, [integer(4), sequence(octetString(recipient.keyIdentifier)), ...wrapped(recipient)]);
    case 'pwri': {
      const { keyDerivationAlgorithm: derivation } = recipient;
      return constructed(0xa3, [
        integer(0),
        ...(derivation === undefined ? [] : [retaggedNode(0xa0, derivation.der)]),
        ...wrapped(recipient),
      ]);
    }
    case 'kemri':
      return constructed(0xa4, [objectIdentifier(ID_ORI_KEM), kemNode(recipient)]);
    case 'other':
      return encoded(recipient.der);
  }
}

function keyAgreementNode(recipient: Extract<RecipientInfoToWrite, { kind: 'kari' }>): DerNode {
  const { originatorKey, ukm, keyEncryptionAlgorithm, recipientEncryptedKeys } = recipient;
  if (originatorKey === undefined) throw new TypeError('originatorKey is missing');
  const key = constructed(0xa1, [encoded(originatorKey.algorithm.der), bitString(originatorKey.publicKey)]);
  return constructed(0xa1, [
    integer(3),
    constructed(0xa0, [key]),
    ...ukmNode(0xa1, ukm),
    encoded(keyEncryptionAlgorithm.der),
    sequence(
      ...recipientEncryptedKeys.map(({ rid, encryptedKey }) =>
        sequence(keyAgreeNameNode(rid), octetString(encryptedKey)),
      ),
    ),
  ]);
}

function kemNode(recipient: Extract<RecipientInfoToWrite, { kind: 'kemri' }>): DerNode {
  return sequence(
    integer(0),
    keyNameNode(recipient.rid),
    encoded(recipient.kem.der),
    octetString(recipient.kemct),
    encoded(recipient.kdf.der),
    integer(recipient.kekLength),
    ...ukmNode(0xa0, recipient.ukm),
    encoded(recipient.wrap.der),
    octetString(recipient.encryptedKey),
  );
}

function wrapped(recipient: {
  readonly keyEncryptionAlgorithm: GeneralAlgorithm;
  readonly encryptedKey: Uint8Array;
}): DerNode[] {
  return [encoded(recipient.keyEncryptionAlgorithm.der), octetString(recipient.encryptedKey)];
}

function ukmNode(tag: number, ukm: Uint8Array | undefined): DerNode[] {
  return ukm === undefined ? [] : [constructed(tag, [octetString(ukm)])];
}
