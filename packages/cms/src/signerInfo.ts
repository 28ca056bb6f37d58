/**
 * SignerInfo (RFC 5652 §5.3) with a subjectKeyIdentifier of 32 octets, signed attributes and nothing unsigned.
 *
 * ```
 * SignerInfo ::= SEQUENCE { version CMSVersion (3), sid [0] IMPLICIT SubjectKeyIdentifier,
 *                           digestAlgorithm, signedAttrs [0] IMPLICIT SET OF Attribute,
 *                           signatureAlgorithm, signature OCTET STRING }
 * ```
 * @module
 */

import { type Attribute, readAttributes, retagged } from './attribute.js';
import type { DerReader } from './derReader.js';
import { type DerNode, encoded, integer, octetString, retaggedNode, sequence } from './derWriter.js';

/** Length in octets of a key identifier: SHA-256 of the SubjectPublicKeyInfo, whole. */
export const KEY_IDENTIFIER_LENGTH = 32;

/** One signer. */
export interface SignerInfo {
  /** subjectKeyIdentifier of the signer, 32 octets. */
  readonly sid: Uint8Array;
  /** DER of digestAlgorithm. */
  readonly digestAlgorithm: Uint8Array;
  /** The signed attributes. */
  readonly signedAttrs: readonly Attribute[];
  /** DER of the signed attributes under the SET tag 0x31: the octets the signature covers (RFC 5652 §5.4). */
  readonly signedAttrsDer: Uint8Array;
  /** DER of signatureAlgorithm. */
  readonly signatureAlgorithm: Uint8Array;
  /** The signature. */
  readonly signature: Uint8Array;
}

/** One signer to be written: what was signed is there as octets. */
export type SignerInfoToWrite = Omit<SignerInfo, 'signedAttrs'>;

/** Node of a SignerInfo. */
export function encodeSignerInfo(signerInfo: SignerInfoToWrite): DerNode {
  return sequence(
    integer(3),
    octetString(signerInfo.sid, 0x80),
    encoded(signerInfo.digestAlgorithm),
    retaggedNode(0xa0, signerInfo.signedAttrsDer),
    encoded(signerInfo.signatureAlgorithm),
    octetString(signerInfo.signature),
  );
}

/** Reads a SignerInfo. Signed attributes missing, or anything unsigned present, is refused (B2, B3, B10). @throws CmsError `ERR_DER` */
export function readSignerInfo(reader: DerReader): SignerInfo {
  const signerInfo = reader.sequence();
  signerInfo.version(3);
  const sid = signerInfo.octetStringOf(KEY_IDENTIFIER_LENGTH, 0x80);
  const digestAlgorithm = signerInfo.encodedAs(0x30);
  const signedAttrsDer = retagged(signerInfo.encodedAs(0xa0), 0x31);
  const signedAttrs = readAttributes(signerInfo.over(signedAttrsDer));
  const signatureAlgorithm = signerInfo.encodedAs(0x30);
  const signature = signerInfo.octetString();
  signerInfo.end();
  return { sid, digestAlgorithm, signedAttrs, signedAttrsDer, signatureAlgorithm, signature };
}
