/**
 * The octets around content that is written in pieces: before it, before each piece, and after it. Where the lengths are known
 * the whole is DER; where they are not, what is around the unknown has the indefinite length of BER (X.690 §8.1.3.6).
 * @module
 */
import { type DerNode, encodeDer, encodedLength, encodeHeader, valueLength } from '../../derWriter.js';
import { concat } from '../../octets.js';

/** What stands around content that is written in pieces. */
export interface ContentFrame<Tail> {
  /** The octets before the content. */
  readonly head: Uint8Array;
  /** The octets before a piece of the content of a length: none where the length of the content was given. */
  chunkHeader(length: number): Uint8Array;
  /**
   * The octets after the content.
   * @throws RangeError where they have another length than was announced
   */
  tail(what: Tail): Uint8Array;
}

/** A constructed value around the content: what stands in it before, and whether what comes late stands in it after. */
export interface Layer {
  readonly tag: number;
  readonly before: readonly DerNode[];
  readonly holdsTail?: true;
}

/** The OCTET STRING that the content is, under a tag; its length in octets where it is known. */
export interface ContentHole {
  readonly tag: number;
  readonly length: number | undefined;
}

const INDEFINITE = 0x80;
const END_OF_CONTENTS = Uint8Array.of(0x00, 0x00);
const NOTHING = new Uint8Array(0);

/**
 * The octets around the content.
 * @param layers from the outermost to the innermost
 * @param hole the content, or `undefined` where it is detached
 * @param tailLength length in octets of what comes late, where it is known
 */
export function contentFrame(
  layers: readonly Layer[],
  hole: ContentHole | undefined,
  tailLength: number | undefined,
): ContentFrame<Uint8Array> {
  const chunked = hole !== undefined && hole.length === undefined;
  let head = hole === undefined ? NOTHING : headerOf(chunked ? hole.tag | 0x20 : hole.tag, hole.length);
  let length = hole === undefined ? 0 : hole.length === undefined ? undefined : valueLength(hole.length);
  /** What ends each layer, from the innermost: end-of-contents octets or nothing, and where the tail goes. */
  const ends: { readonly end: Uint8Array; readonly holdsTail: boolean }[] = [];
  for (const { tag, before, holdsTail = false } of [...layers].reverse()) {
    const first = before.map(encodeDer);
    const after = holdsTail ? tailLength : 0;
    if (length !== undefined) length = after === undefined ? undefined : sumOf(before) + length + after;
    head = concat(headerOf(tag, length), ...first, head);
    ends.push({ end: length === undefined ? END_OF_CONTENTS : NOTHING, holdsTail });
    if (length !== undefined) length = valueLength(length);
  }
  return {
    head,
    chunkHeader: (chunkLength) => (chunked ? encodeHeader(0x04, chunkLength) : NOTHING),
    tail(octets) {
      if (tailLength !== undefined && octets.length !== tailLength)
        throw new RangeError('tail has another length than was announced');
      const parts = ends.flatMap(({ end, holdsTail }) => (holdsTail ? [octets, end] : [end]));
      return concat(chunked ? END_OF_CONTENTS : NOTHING, ...parts);
    },
  };
}

function headerOf(tag: number, length: number | undefined): Uint8Array {
  return length === undefined ? Uint8Array.of(tag, INDEFINITE) : encodeHeader(tag, length);
}

function sumOf(nodes: readonly DerNode[]): number {
  return nodes.reduce((sum, node) => sum + encodedLength(node), 0);
}
