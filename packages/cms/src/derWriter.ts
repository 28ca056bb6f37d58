/**
 * Strict DER out (X.690 §10, §11): values are described as nodes whose lengths are known, then written into one buffer of
 * exactly the right size.
 * @module
 */
import { derError } from './cmsError.js';
import { compare, toUtf8 } from './octets.js';
import { isUtcTime } from './time.js';

/** A DER value to be written: `content` is the content octets, the nodes inside, or, where `tag` is `ENCODED`, finished DER. */
export interface DerNode {
  /** Identifier octet, or `ENCODED` for octets that are DER already. */
  readonly tag: number;
  /** Length of the content in octets. */
  readonly length: number;
  /** What stands inside. */
  readonly content: Uint8Array | readonly DerNode[];
}

/** Tag of a node that holds finished DER. */
export const ENCODED = -1;

/** Length in octets of a value whose content has a length: identifier, length octets, content. */
export function valueLength(contentLength: number): number {
  return 1 + lengthOctets(contentLength) + contentLength;
}

/** Writes a node as DER into a new buffer of exact size; finished DER is given as it is. */
export function encodeDer(node: DerNode): Uint8Array {
  return node.tag === ENCODED ? (node.content as Uint8Array) : encodeInto(node, new Uint8Array(encodedLength(node)));
}

/** Writes a node as DER into octets, at a place with room for it. What of it stands there already, in its place, is left as it is. */
export function encodeInto(node: DerNode, octets: Uint8Array, at = 0): Uint8Array {
  write(node, octets, at);
  return octets;
}

/** Writes identifier and length octets at a place and gives the place behind them: for hot paths that lay out octets themselves. */
export function writeHeader(tag: number, length: number, into: Uint8Array, at: number): number {
  into[at] = tag;
  return writeLength(length, into, at + 1);
}

/** DER of a constructed or primitive value whose content is finished octets, joined: in one step, without nodes. */
export function encodeParts(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const octets = new Uint8Array(valueLength(length));
  let at = writeHeader(tag, length, octets, 0);
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}

/** Identifier and length octets of a value whose content follows elsewhere: for content that is written in pieces. */
export function encodeHeader(tag: number, length: number): Uint8Array {
  const octets = new Uint8Array(1 + lengthOctets(length));
  octets[0] = tag;
  writeLength(length, octets, 1);
  return octets;
}

/** Finished DER under another identifier octet: for an IMPLICIT tag in place of the universal one. */
export function retaggedNode(tag: number, der: Uint8Array): DerNode {
  const first = der[1] as number;
  return primitive(tag, der.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f)));
}

/** Length in octets that `encodeDer` gives for a node. */
export function encodedLength(node: DerNode): number {
  return node.tag === ENCODED ? node.length : valueLength(node.length);
}

/** A value of the given identifier octet whose content is given octets. */
export function primitive(tag: number, content: Uint8Array): DerNode {
  return { tag, length: content.length, content };
}

/** A constructed value of the given identifier octet. */
export function constructed(tag: number, children: readonly DerNode[]): DerNode {
  let length = 0;
  for (const child of children) length += encodedLength(child);
  return { tag, length, content: children };
}

/** SEQUENCE and SEQUENCE OF. */
export function sequence(...children: readonly DerNode[]): DerNode {
  return constructed(0x30, children);
}

/** SET OF: the elements sorted as DER demands (X.690 §11.6). `tag` replaces the SET tag for an IMPLICIT one. */
export function setOf(children: readonly DerNode[], tag = 0x31): DerNode {
  if (children.length < 2) return constructed(tag, children);
  return constructed(tag, children.map(encodeDer).sort(compare).map(encoded));
}

/** Octets that are DER already. */
export function encoded(der: Uint8Array): DerNode {
  return { tag: ENCODED, length: der.length, content: der };
}

/** OCTET STRING. */
export function octetString(content: Uint8Array, tag = 0x04): DerNode {
  return primitive(tag, content);
}

/** BIT STRING without unused bits. */
export function bitString(content: Uint8Array): DerNode {
  const octets = new Uint8Array(content.length + 1);
  octets.set(content, 1);
  return primitive(0x03, octets);
}

/** OBJECT IDENTIFIER of its content octets. */
export function objectIdentifier(oid: Uint8Array): DerNode {
  return primitive(0x06, oid);
}

/** UTF8String. */
export function utf8String(text: string): DerNode {
  return primitive(0x0c, toUtf8(text));
}

/** INTEGER of a whole number from 0 to 2^53 - 1. @throws RangeError for others */
export function integer(value: number, tag = 0x02): DerNode {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('value is not a whole number from 0 to 2^53 - 1');
  return primitive(tag, unsignedOctets(value));
}

/** Most numbers in CMS are versions and small enumerations: their octets are made once. */
const SMALL: readonly Uint8Array[] = Array.from({ length: 128 }, (_, value) => Uint8Array.of(value));

/** ENUMERATED of a whole number from 0 to 127. @throws RangeError for others */
export function enumerated(value: number): DerNode {
  if (!Number.isInteger(value) || value < 0 || value > 127)
    throw new RangeError('value is not a whole number from 0 to 127');
  return primitive(0x0a, SMALL[value] as Uint8Array);
}

/** GeneralizedTime of a time in ms since 1970, cut to seconds (X.690 §11.7: no fraction of zero, `Z`). */
export function generalizedTime(ms: number): DerNode {
  return primitive(0x18, timeDigits(ms));
}

/** UTCTime of a time in ms since 1970 between the years 1950 and 2049, cut to seconds (RFC 5652 §11.3). */
export function utcTime(ms: number): DerNode {
  return primitive(0x17, timeDigits(ms).subarray(2));
}

/** SigningTime's `Time`: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5652 §11.3). */
export function time(ms: number): DerNode {
  return isUtcTime(ms) ? utcTime(ms) : generalizedTime(ms);
}

/** `YYYYMMDDHHMMSSZ` in ASCII. */
function timeDigits(ms: number): Uint8Array {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9998)) throw new RangeError('time is not between the years 0001 and 9998');
  const day = (year * 100 + date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  let digits = ((day * 100 + date.getUTCHours()) * 100 + date.getUTCMinutes()) * 100 + date.getUTCSeconds();
  const octets = new Uint8Array(15);
  for (let i = 13; i >= 0; i--) {
    octets[i] = 0x30 + (digits % 10);
    digits = Math.floor(digits / 10);
  }
  octets[14] = 0x5a;
  return octets;
}

function unsignedOctets(value: number): Uint8Array {
  if (value < 128) return SMALL[value] as Uint8Array;
  let length = 1;
  // A leading octet of zero where the first would else say that the number is negative (X.690 §8.3).
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 256)) length++;
  const octets = new Uint8Array(length);
  for (let [at, rest] = [length - 1, value]; at >= 0; at--, rest = Math.floor(rest / 256)) octets[at] = rest % 256;
  return octets;
}

function lengthOctets(length: number): number {
  return length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 5;
}

function write(node: DerNode, into: Uint8Array, at: number): number {
  if (node.tag === ENCODED) {
    into.set(node.content as Uint8Array, at);
    return at + node.length;
  }
  into[at++] = node.tag;
  at = writeLength(node.length, into, at);
  if (node.content instanceof Uint8Array) {
    into.set(node.content, at);
    return at + node.length;
  }
  for (const child of node.content) at = write(child, into, at);
  return at;
}

function writeLength(length: number, into: Uint8Array, at: number): number {
  if (length < 0x80) {
    into[at++] = length;
    return at;
  }
  const octets = lengthOctets(length) - 1;
  if (length > 0xffffffff) throw derError('value is too long');
  into[at++] = 0x80 | octets;
  for (let shift = octets - 1; shift >= 0; shift--) into[at++] = length >>> (8 * shift);
  return at;
}
