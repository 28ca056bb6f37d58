/**
 * DER of a BER value: what a signature, a tag or a key derivation is computed over is DER, whatever stood on the wire
 * (RFC 5652 §5.4, RFC 5083 §2.2, RFC 5753 §7.2). What stood in DER comes out as the same octets.
 * @module
 */
import { CmsError, derError } from '../../cmsError.js';
import { constructed, type DerNode, encodeDer, primitive } from '../../derWriter.js';
import { concat } from '../../octets.js';
import type { BerNode } from '../berTree.js';
import { octetsOf } from './berFields.js';

const BOOLEAN = 0x01;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x10;
const SET = 0x11;

/**
 * DER of a value. A SET inside keeps its order, since SET and SET OF are sorted differently and look alike: where a SET OF is
 * known, its reader sorts it.
 * @throws CmsError `ERR_DER` for a constructed type that is none, `ERR_UNSUPPORTED` for tag numbers above 30 and for strings of
 * characters in chunks, which BER allows and nobody writes
 */
export function derOf(node: BerNode): Uint8Array {
  return encodeDer(derNode(node));
}

/** DER of a value under another identifier octet, for one that stood under an IMPLICIT tag. */
export function derUnder(tag: number, node: BerNode): Uint8Array {
  return encodeDer({ ...derNode(node), tag });
}

function derNode(node: BerNode): DerNode {
  const { tagClass, tagNumber } = node;
  if (tagNumber > 30) throw new CmsError('ERR_UNSUPPORTED', 'tag number above 30');
  const tag = tagClass | tagNumber;
  if (!node.constructed) return primitive(tag, tag === BOOLEAN ? booleanOf(node.content) : node.content);
  if (tag === OCTET_STRING) return primitive(tag, octetsOf(node, tag));
  if (tag === BIT_STRING) return primitive(tag, joinedBits(node));
  if (tagClass === 0 && tag !== SEQUENCE && tag !== SET) throw constructedForm(tag);
  return constructed(tag | 0x20, node.children.map(derNode));
}

/** asn1js does not take the chunks of such a string apart: it would be read as empty. */
function constructedForm(tag: number): CmsError {
  if (tag === 0x0c || tag > SET) return new CmsError('ERR_UNSUPPORTED', 'string of characters in chunks');
  return derError('constructed form of a primitive type');
}

function booleanOf(content: Uint8Array): Uint8Array {
  if (content.length !== 1) throw derError('boolean of another length');
  return Uint8Array.of(content[0] === 0 ? 0x00 : 0xff);
}

/** Only the last chunk may have unused bits (X.690 §8.6.4). */
function joinedBits(node: BerNode): Uint8Array {
  const chunks = node.children.map((chunk) => {
    if (chunk.tagClass !== 0 || chunk.tagNumber !== BIT_STRING || chunk.constructed || chunk.content.length === 0)
      throw derError('string with a chunk of another type');
    return chunk.content;
  });
  const last = chunks[chunks.length - 1];
  if (last === undefined) return Uint8Array.of(0);
  if (chunks.slice(0, -1).some((chunk) => chunk[0] !== 0)) throw derError('bit string with unused bits');
  return concat(last.subarray(0, 1), ...chunks.map((chunk) => chunk.subarray(1)));
}
