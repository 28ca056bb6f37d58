/**
 * The sender's keys, carried on first contact, so that a first object is verified without looking anything up.
 *
 * ```
 * SenderKeys ::= SEQUENCE {
 *   identity     SubjectPublicKeyInfo,
 *   device       SubjectPublicKeyInfo,
 *   endorsement  OCTET STRING }                -- DER of the ContentInfo of a SignedData over an Endorsement
 * ```
 * The endorsement stands in an OCTET STRING, since as a value it would bring the object around it to 17 levels.
 * @module
 */
import { DerReader } from '../derReader.js';
import { encodeDer, encoded, octetString, sequence } from '../derWriter.js';
import type { RawPublicKey } from '../ports.js';
import { exportPublicKey, readPublicKey } from '../publicKey.js';

/** Keys of a sender. */
export interface SenderKeys {
  /** Account identity key. */
  readonly identity: RawPublicKey;
  /** Device key. */
  readonly device: RawPublicKey;
  /** DER of the endorsement of the device key by the identity key. */
  readonly endorsement: Uint8Array;
}

/** DER of sender keys. */
export function encodeSenderKeys(keys: SenderKeys): Uint8Array {
  return encodeDer(
    sequence(
      encoded(exportPublicKey(keys.identity)),
      encoded(exportPublicKey(keys.device)),
      octetString(keys.endorsement),
    ),
  );
}

/** Reads sender keys. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeSenderKeys(der: Uint8Array): SenderKeys {
  const reader = new DerReader(der);
  const keys = reader.sequence();
  reader.end();
  const identity = readPublicKey(keys);
  const device = readPublicKey(keys);
  const endorsement = keys.octetString();
  keys.end();
  return { identity, device, endorsement };
}
