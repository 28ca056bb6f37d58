/**
 * Attributes of any type, with the DER that signatures and tags are computed over.
 *
 * ```
 * Attributes ::= SET SIZE (1..MAX) OF Attribute
 * Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }
 * ```
 * @module
 */
import { type Attribute, MAX_ATTRIBUTES, retagged } from '../../attribute.js';
import { derError } from '../../cmsError.js';
import { type DerNode, encodeDer, encoded, encodeParts, objectIdentifier, sequence, setOf } from '../../derWriter.js';
import { equal } from '../../octets.js';
import type { BerNode } from '../berTree.js';
import { BerFields, elementsOf, TAG } from './berFields.js';
import { derOf } from './derOfBer.js';
import type { GeneralAttribute, GeneralAttributes } from './types.js';

/** Most values of one attribute. */
export const MAX_ATTRIBUTE_VALUES = 64;

/**
 * Attributes to be written, sorted as DER demands.
 * @param attributes each with one value or with several
 * @example
 * const signedAttrs = generalAttributes([contentTypeAttribute(ID_DATA), messageDigestAttribute(digest)]);
 */
export function generalAttributes(attributes: readonly (Attribute | GeneralAttribute)[]): GeneralAttributes {
  const whole = attributes.map((each) => ('values' in each ? each : { attrType: each.attrType, values: [each.value] }));
  return { attributes: whole, der: encodeDer(setOf(whole.map(attributeNode))) };
}

/**
 * Reads the attributes that may stand next under an IMPLICIT tag, at most 32.
 * @param least how many there must be: 1 where they are signed or authenticated; an empty set of others has been written
 * @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED`
 */
export function readGeneralAttributes(fields: BerFields, tag: number, least: 0 | 1): GeneralAttributes | undefined {
  const node = fields.optional(tag);
  if (node === undefined) return undefined;
  const attributes = elementsOf(node, tag, MAX_ATTRIBUTES, readAttribute);
  if (attributes.length < least) throw derError('no attribute in a set of attributes');
  return generalAttributes(attributes);
}

/** Attributes under an IMPLICIT tag, as they stand in a message. */
export function attributesUnder(tag: number, attributes: GeneralAttributes | undefined): DerNode[] {
  return attributes === undefined ? [] : [encoded(retagged(attributes.der, tag))];
}

/**
 * DER of the one value of an attribute that must not stand there twice or with several values; `undefined` where it is absent
 * (RFC 5652 §11).
 * @throws CmsError `ERR_DER` for a type that stands there twice, or has no value or several
 */
export function singleValue(attributes: GeneralAttributes | undefined, attrType: Uint8Array): Uint8Array | undefined {
  const found = (attributes?.attributes ?? []).filter((each) => equal(each.attrType, attrType));
  const first = found[0];
  if (first === undefined) return undefined;
  if (found.length > 1 || first.values.length !== 1) throw derError('attribute twice, or not with one value');
  return first.values[0];
}

function readAttribute(node: BerNode): GeneralAttribute {
  const fields = new BerFields(node, TAG.sequence);
  const attrType = fields.objectIdentifier();
  const values = elementsOf(fields.take(TAG.set), TAG.set, MAX_ATTRIBUTE_VALUES, derOf);
  fields.end();
  return { attrType, values };
}

function attributeNode({ attrType, values }: GeneralAttribute): DerNode {
  if (values.length === 1)
    return encoded(encodeParts(0x30, encodeParts(0x06, attrType), encodeParts(0x31, values[0] as Uint8Array)));
  return sequence(objectIdentifier(attrType), setOf(values.map(encoded)));
}
