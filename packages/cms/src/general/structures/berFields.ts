/**
 * Reads the parts of a BER value one after another: the caller says what stands at each place. BER is taken in all its forms
 * (indefinite lengths, strings in chunks), the structure is not: what stands elsewhere is refused.
 * @module
 */
import { derError } from '../../cmsError.js';
import { checkUniversal } from '../../derReader.js';
import { concat } from '../../octets.js';
import type { BerNode } from '../berTree.js';

/** Universal tags by their number: what `BerFields` and `isTag` are asked for. Context tags are `0x80 | number`. */
export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x10,
  set: 0x11,
} as const;

/** The parts of one constructed value. */
export class BerFields {
  readonly #children: readonly BerNode[];
  #next = 0;

  /** Over a value under a tag, which must be constructed. @throws CmsError `ERR_DER` */
  constructor(node: BerNode, tag: number) {
    if (!isTag(node, tag) || !node.constructed) throw derError('another value than expected');
    this.#children = node.children;
  }

  /** The next part, whatever it is. @throws CmsError `ERR_DER` at the end */
  any(): BerNode {
    const node = this.#children[this.#next++];
    if (node === undefined) throw derError('part missing');
    return node;
  }

  /** The next part, which must stand under a tag. @throws CmsError `ERR_DER` */
  take(tag: number): BerNode {
    const node = this.any();
    if (!isTag(node, tag)) throw derError('another value than expected');
    return node;
  }

  /** The next part if it stands under a tag. */
  optional(tag: number): BerNode | undefined {
    const node = this.#children[this.#next];
    if (node === undefined || !isTag(node, tag)) return undefined;
    this.#next++;
    return node;
  }

  /** The next part: an OBJECT IDENTIFIER's content octets. @throws CmsError `ERR_DER` */
  objectIdentifier(): Uint8Array {
    return objectIdentifierOf(this.any());
  }

  /** The next part: an INTEGER from 0 to 2^31 - 1. @throws CmsError `ERR_DER` */
  integer(): number {
    const { content } = primitiveOf(this.any(), TAG.integer);
    checkUniversal(TAG.integer, content);
    if (content.length > 4 || (content[0] as number) >= 0x80) throw derError('integer out of range');
    return content.reduce((value, octet) => value * 256 + octet, 0);
  }

  /** The next part: an OCTET STRING, its chunks joined. @throws CmsError `ERR_DER` */
  octetString(): Uint8Array {
    return octetsOf(this.any(), TAG.octetString);
  }

  /** Refuses what is left. @throws CmsError `ERR_DER` */
  end(): void {
    if (this.#next < this.#children.length) throw derError('more parts than expected');
  }
}

/** Whether a value stands under a tag, constructed or not. */
export function isTag(node: BerNode, tag: number): boolean {
  return node.tagClass === (tag & 0xc0) && node.tagNumber === (tag & 0x1f);
}

/** The value inside an EXPLICIT tag. @throws CmsError `ERR_DER` */
export function explicitOf(node: BerNode, tag: number): BerNode {
  const fields = new BerFields(node, tag);
  const inside = fields.any();
  fields.end();
  return inside;
}

/** The elements of a SET OF or SEQUENCE OF, at most so many. @throws CmsError `ERR_DER` */
export function elementsOf<T>(node: BerNode, tag: number, limit: number, read: (element: BerNode) => T): T[] {
  if (!isTag(node, tag) || !node.constructed) throw derError('another value than expected');
  if (node.children.length > limit) throw derError('more elements than the limit');
  return node.children.map(read);
}

/** Octets of an OCTET STRING under its own or an IMPLICIT tag; what came in chunks is joined (X.690 §8.7.3). @throws CmsError `ERR_DER` */
export function octetsOf(node: BerNode, tag: number): Uint8Array {
  if (!isTag(node, tag)) throw derError('another value than expected');
  if (!node.constructed) return node.content;
  const chunks: Uint8Array[] = [];
  collect(node, chunks);
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : concat(...chunks);
}

/** Octets of a BIT STRING without unused bits. @throws CmsError `ERR_DER` */
export function bitsOf(node: BerNode): Uint8Array {
  const { content } = primitiveOf(node, TAG.bitString);
  if (content[0] !== 0) throw derError('bit string with unused bits');
  return content.subarray(1);
}

/** Content octets of an OBJECT IDENTIFIER, checked for their form (F6). @throws CmsError `ERR_DER` */
export function objectIdentifierOf(node: BerNode): Uint8Array {
  const { content } = primitiveOf(node, TAG.objectIdentifier);
  checkUniversal(TAG.objectIdentifier, content);
  return content;
}

function primitiveOf(node: BerNode, tag: number): BerNode {
  if (!isTag(node, tag) || node.constructed) throw derError('another value than expected');
  return node;
}

function collect(node: BerNode, chunks: Uint8Array[]): void {
  for (const child of node.children) {
    if (!isTag(child, TAG.octetString)) throw derError('string with a chunk of another type');
    if (child.constructed) collect(child, chunks);
    else chunks.push(child.content);
  }
}
