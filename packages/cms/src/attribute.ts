/**
 * Attributes (RFC 5652 §5.3, §11) with a single value each, in SETs that are sorted and free of duplicates.
 *
 * ```
 * Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }
 * ```
 * @module
 */
import { derError } from './cmsError.js';
import { DerReader } from './derReader.js';
import {
  type DerNode,
  encodeDer,
  encodedLength,
  encodeInto,
  objectIdentifier,
  octetString,
  time,
  valueLength,
  writeHeader,
} from './derWriter.js';
import { ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNING_TIME } from './objectIdentifiers.js';
import { compare, copyOctets, equal } from './octets.js';

/** Most attributes in one set (G1). */
export const MAX_ATTRIBUTES = 32;

/** One attribute with one value. */
export interface Attribute {
  /** Content octets of attrType. */
  readonly attrType: Uint8Array;
  /** DER of the one attribute value. */
  readonly value: Uint8Array;
}

/** An attribute to be written: its value is finished DER, or described, to be written in its place. */
export interface UnwrittenAttribute {
  /** Content octets of attrType. */
  readonly attrType: Uint8Array;
  /** The one attribute value. */
  readonly value: Uint8Array | DerNode;
}

/** An attribute of a type and the node of its value. */
export function attribute(attrType: Uint8Array, value: DerNode): Attribute {
  return { attrType, value: encodeDer(value) };
}

/** content-type (RFC 5652 §11.1). */
export function contentTypeAttribute(contentType: Uint8Array): Attribute {
  return attribute(ID_CONTENT_TYPE, objectIdentifier(contentType));
}

/** message-digest (RFC 5652 §11.2). */
export function messageDigestAttribute(digest: Uint8Array): Attribute {
  return attribute(ID_MESSAGE_DIGEST, octetString(digest));
}

/** signing-time (RFC 5652 §11.3) of a time in ms since 1970, cut to seconds. */
export function signingTimeAttribute(ms: number): Attribute {
  return attribute(ID_SIGNING_TIME, time(ms));
}

/** DER of a SET OF Attribute with the universal tag 0x31: what a signature or an AAD covers (RFC 5652 §5.4, RFC 5083 §2.2). */
export function encodeAttributes(attributes: readonly UnwrittenAttribute[]): Uint8Array {
  // Two or three times for each object, so into one buffer, without nodes or octets in between.
  const sorted = inOrder(attributes);
  const length = elementsLength(sorted);
  const octets = new Uint8Array(valueLength(length));
  let at = writeHeader(0x31, length, octets, 0);
  for (const each of sorted) {
    const { attrType, value } = each;
    at = writeHeader(0x30, elementLength(each), octets, at);
    at = writeHeader(0x06, attrType.length, octets, at);
    octets.set(attrType, at);
    const length = lengthOf(value);
    at = writeHeader(0x31, length, octets, at + attrType.length);
    if (value instanceof Uint8Array) octets.set(value, at);
    else encodeInto(value, octets, at);
    at += length;
  }
  return octets;
}

/** Length in octets of what `encodeAttributes` gives. */
export function attributesLength(attributes: readonly UnwrittenAttribute[]): number {
  return valueLength(elementsLength(attributes));
}

/** The same octets under an IMPLICIT tag, as they stand in a message. */
export function retagged(der: Uint8Array, tag: number): Uint8Array {
  const octets = copyOctets(der);
  octets[0] = tag;
  return octets;
}

/** Reads a SET OF Attribute under `tag`; one value each, sorted, at most 32, no type twice (B4, B5, F8). */
export function readAttributes(reader: DerReader, tag = 0x31): Attribute[] {
  const attributes = reader.setOf(readAttribute, MAX_ATTRIBUTES, tag);
  for (let i = 0; i < attributes.length; i++) {
    for (let j = 0; j < i; j++) {
      if (equal((attributes[i] as Attribute).attrType, (attributes[j] as Attribute).attrType))
        throw derError('attribute twice');
    }
  }
  return attributes;
}

/** The value's DER of the attribute of a type, or `undefined`. */
export function findAttribute(attributes: readonly Attribute[], attrType: Uint8Array): Uint8Array | undefined {
  return attributes.find((candidate) => equal(candidate.attrType, attrType))?.value;
}

/** A reader over the value of an attribute that must be there. @throws CmsError `ERR_DER` */
export function attributeReader(attributes: readonly Attribute[], attrType: Uint8Array): DerReader {
  const value = findAttribute(attributes, attrType);
  if (value === undefined) throw derError('attribute missing');
  return new DerReader(value);
}

/** Sorted by insertion: they are a handful, and for so few the runtime's sort costs several times as much. */
function inOrder(attributes: readonly UnwrittenAttribute[]): readonly UnwrittenAttribute[] {
  const sorted: UnwrittenAttribute[] = [];
  for (const each of attributes) {
    let at = sorted.length;
    for (; at > 0 && compareAttributes(sorted[at - 1] as UnwrittenAttribute, each) > 0; at--)
      sorted[at] = sorted[at - 1] as UnwrittenAttribute;
    sorted[at] = each;
  }
  return sorted;
}

function elementsLength(attributes: readonly UnwrittenAttribute[]): number {
  let length = 0;
  for (const each of attributes) length += valueLength(elementLength(each));
  return length;
}

function elementLength({ attrType, value }: UnwrittenAttribute): number {
  return valueLength(attrType.length) + valueLength(lengthOf(value));
}

function lengthOf(value: UnwrittenAttribute['value']): number {
  return value instanceof Uint8Array ? value.length : encodedLength(value);
}

/**
 * The order of the encodings (X.690 §11.6) without encoding: length octets in DER sort as the lengths they say, so the first
 * difference is one of the lengths, or lies in the type, or in the value.
 */
function compareAttributes(a: UnwrittenAttribute, b: UnwrittenAttribute): number {
  return (
    elementLength(a) - elementLength(b) ||
    a.attrType.length - b.attrType.length ||
    compare(a.attrType, b.attrType) ||
    compare(octetsOf(a), octetsOf(b))
  );
}

function octetsOf({ value }: UnwrittenAttribute): Uint8Array {
  return value instanceof Uint8Array ? value : encodeDer(value);
}

function readAttribute(reader: DerReader): Attribute {
  const inside = reader.sequence();
  const attrType = inside.objectIdentifier();
  const values = inside.constructed(0x31);
  const value = values.any();
  values.end();
  inside.end();
  return { attrType, value };
}
