/**
 * What goes into the derivation of a key-encryption key beside the secret.
 *
 * ```
 * ECC-CMS-SharedInfo ::= SEQUENCE { keyInfo AlgorithmIdentifier, entityUInfo [0] EXPLICIT OCTET STRING OPTIONAL,
 *                                   suppPubInfo [2] EXPLICIT OCTET STRING }
 * CMSORIforKEMOtherInfo ::= SEQUENCE { wrap KeyEncryptionAlgorithmIdentifier, kekLength INTEGER (1..65535),
 *                                      ukm [0] EXPLICIT UserKeyingMaterial OPTIONAL }
 * ```
 * @module
 */
import { constructed, type DerNode, encodeDer, encoded, integer, octetString, sequence } from '../../../derWriter.js';
import type { GeneralAlgorithm } from '../types.js';

/**
 * ECC-CMS-SharedInfo (RFC 5753 §7.2, RFC 8418 §2).
 * @param wrap the KeyWrapAlgorithm as it stood: keyInfo copies it octet by octet, a NULL included
 * @param kekLength length of the key-encryption key in octets; written in bits
 * @param ukm user keying material
 */
export function eccSharedInfo(wrap: GeneralAlgorithm, kekLength: number, ukm: Uint8Array | undefined): Uint8Array {
  const bits = new Uint8Array(4);
  new DataView(bits.buffer).setUint32(0, 8 * kekLength);
  return encodeDer(sequence(encoded(wrap.der), ...ukmNode(ukm), constructed(0xa2, [octetString(bits)])));
}

/**
 * CMSORIforKEMOtherInfo (RFC 9629 §5).
 * @param wrap the key wrap algorithm as it stood
 * @param kekLength length of the key-encryption key in octets, as stated
 * @param ukm user keying material
 */
export function kemOtherInfo(wrap: GeneralAlgorithm, kekLength: number, ukm: Uint8Array | undefined): Uint8Array {
  return encodeDer(sequence(encoded(wrap.der), integer(kekLength), ...ukmNode(ukm)));
}

function ukmNode(ukm: Uint8Array | undefined): DerNode[] {
  return ukm === undefined ? [] : [constructed(0xa0, [octetString(ukm)])];
}
