/**
 * How a signer or a recipient is named: SignerIdentifier, RecipientIdentifier, KeyAgreeRecipientIdentifier.
 *
 * ```
 * SignerIdentifier ::= CHOICE { issuerAndSerialNumber, subjectKeyIdentifier [0] IMPLICIT OCTET STRING }
 * RecipientIdentifier ::= the same
 * KeyAgreeRecipientIdentifier ::= CHOICE { issuerAndSerialNumber, rKeyId [0] IMPLICIT RecipientKeyIdentifier }
 * RecipientKeyIdentifier ::= SEQUENCE { subjectKeyIdentifier OCTET STRING, date GeneralizedTime OPTIONAL,
 *                                       other OtherKeyAttribute OPTIONAL }
 * IssuerAndSerialNumber ::= SEQUENCE { issuer Name, serialNumber INTEGER }
 * ```
 * @module
 */
import { constructed, type DerNode, encoded, octetString } from '../../derWriter.js';
import type { BerNode } from '../berTree.js';
import { BerFields, isTag, octetsOf, TAG } from './berFields.js';
import { derOf } from './derOfBer.js';
import type { KeyName } from './types.js';

const GENERALIZED_TIME = 0x18;

/** Reads a SignerIdentifier or RecipientIdentifier. @throws CmsError `ERR_DER` */
export function readKeyName(node: BerNode): KeyName {
  if (isTag(node, TAG.sequence)) return readIssuerAndSerialNumber(node);
  return { kind: 'subjectKeyIdentifier', keyIdentifier: octetsOf(node, 0x80) };
}

/** Reads a KeyAgreeRecipientIdentifier; date and other of an rKeyId are passed over. @throws CmsError `ERR_DER` */
export function readKeyAgreeName(node: BerNode): KeyName {
  if (isTag(node, TAG.sequence)) return readIssuerAndSerialNumber(node);
  return { kind: 'subjectKeyIdentifier', keyIdentifier: readKeyIdentifier(node, 0x80) };
}

/** The identifier of a RecipientKeyIdentifier or KEKIdentifier, which have the same parts. @throws CmsError `ERR_DER` */
export function readKeyIdentifier(node: BerNode, tag: number): Uint8Array {
  const fields = new BerFields(node, tag);
  const keyIdentifier = fields.octetString();
  fields.optional(GENERALIZED_TIME);
  fields.optional(TAG.sequence);
  fields.end();
  return keyIdentifier;
}

/** Node of a SignerIdentifier or RecipientIdentifier. */
export function keyNameNode(name: KeyName): DerNode {
  return name.kind === 'subjectKeyIdentifier' ? octetString(name.keyIdentifier, 0x80) : encoded(name.der);
}

/** Node of a KeyAgreeRecipientIdentifier. */
export function keyAgreeNameNode(name: KeyName): DerNode {
  return name.kind === 'subjectKeyIdentifier'
    ? constructed(0xa0, [octetString(name.keyIdentifier)])
    : encoded(name.der);
}

/** CMSVersion that goes with a name: the second where the key is named by its identifier (RFC 5652 §5.3, §6.2.1). */
export function versionByName(name: KeyName, byIssuer: number, byIdentifier: number): number {
  return name.kind === 'subjectKeyIdentifier' ? byIdentifier : byIssuer;
}

function readIssuerAndSerialNumber(node: BerNode): KeyName {
  const fields = new BerFields(node, TAG.sequence);
  const issuer = derOf(fields.take(TAG.sequence));
  const serialNumber = fields.take(TAG.integer).content;
  fields.end();
  return { kind: 'issuerAndSerialNumber', der: derOf(node), issuer, serialNumber };
}
