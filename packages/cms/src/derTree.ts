/**
 * Any strict DER value as a tree, and back: for inspection, and for the law `encode(decode(x)) = x` (F12).
 * @module
 */
import { derError } from './cmsError.js';
import { DER_LIMITS, type DerLimits, DerReader } from './derReader.js';
import { constructed, type DerNode, encodeDer, primitive } from './derWriter.js';

/** One value: its identifier octet and either its content octets or the values inside. */
export interface DerTree {
  /** Identifier octet. */
  readonly tag: number;
  /** Content octets of a primitive value, or the values inside a constructed one. */
  readonly content: Uint8Array | readonly DerTree[];
}

/** Reads exactly one DER value, with everything in it. @throws CmsError `ERR_DER` for whatever is not strict DER */
export function decodeDerTree(der: Uint8Array, limits: DerLimits = DER_LIMITS): DerTree {
  const reader = new DerReader(der, limits);
  const whole = reader.any();
  reader.end();
  return tree(new DerReader(whole, limits), limits.depth);
}

/** Writes a tree as DER. The content of primitive values and the order of sets are the caller's. */
export function encodeDerTree(value: DerTree): Uint8Array {
  return encodeDer(node(value));
}

function tree(reader: DerReader, depth: number): DerTree {
  const tag = reader.tag;
  if ((tag & 0x20) === 0) return { tag, content: reader.primitive(tag) };
  if (tag === 0x31) {
    return { tag, content: reader.setOf((element) => tree(element, depth - 1), Number.MAX_SAFE_INTEGER) };
  }
  const inside = reader.constructed(tag);
  const content: DerTree[] = [];
  while (!inside.atEnd) {
    if (depth === 0) throw derError('nested deeper than the limit');
    content.push(tree(inside, depth - 1));
  }
  return { tag, content };
}

function node(value: DerTree): DerNode {
  return value.content instanceof Uint8Array
    ? primitive(value.tag, value.content)
    : constructed(value.tag, value.content.map(node));
}
