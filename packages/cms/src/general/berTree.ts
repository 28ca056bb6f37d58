/**
 * BER in, by asn1js: bounded, and every failure one error. asn1js is asked for values alone; it must not guess at what
 * stands inside strings, since such guesses differ from what a structure says.
 * @module
 */
import { type BaseBlock, fromBER } from 'asn1js';
import { CmsError, derError } from '../cmsError.js';
import { checkBounds, INTERPRETED_OCTETS } from './berBounds.js';
import type { GeneralLimits } from './generalNode.js';

/** One value as it stands on the wire. */
export interface BerNode {
  /** Where it begins, in octets from the start of the input. */
  readonly offset: number;
  /** Length of identifier and length octets. */
  readonly headerLength: number;
  /** Class in bits 7 and 8 as on the wire: 0x00, 0x40, 0x80, 0xc0. */
  readonly tagClass: number;
  /** Number of the tag. */
  readonly tagNumber: number;
  /** Whether the content is values. */
  readonly constructed: boolean;
  /** Whether the length is of the indefinite form. */
  readonly indefinite: boolean;
  /** Content octets, without the end-of-contents octets. */
  readonly content: Uint8Array;
  /** The values inside; empty for a primitive value. */
  readonly children: readonly BerNode[];
  /** Set where the value, or something in it, is not whole: `readBrokenTree` alone gives such. */
  readonly incomplete?: true;
}

/** Reads BER values under one common budget of nodes, and of depth below where each stands. */
export class BerSource {
  readonly #limits: GeneralLimits;
  #nodes: number;
  #interpreted = INTERPRETED_OCTETS;

  /** A source with the whole budget of `limits` before it. */
  constructor(limits: GeneralLimits) {
    this.#limits = limits;
    this.#nodes = limits.nodes;
  }

  /**
   * Reads the first value of octets.
   * @param at where the octets begin in the whole input
   * @param depth levels above them that are used up
   * @throws CmsError `ERR_DER` for what is not BER or goes beyond the limits
   */
  read(octets: Uint8Array, at = 0, depth = 0): BerNode {
    if (octets.length === 0) throw derError('nothing to read');
    if (octets.length > this.#limits.octets) throw derError('input is longer than the limit');
    const left = Math.max(0, this.#limits.depth - depth);
    this.#interpreted -= checkBounds(octets, { depth: left, nodes: this.#nodes, interpreted: this.#interpreted });
    const block = this.#parse(octets, left);
    return this.#node(block, octets.byteOffset - at);
  }

  #parse(octets: Uint8Array, maxDepth: number): BaseBlock {
    let parsed: ReturnType<typeof fromBER>;
    try {
      parsed = fromBER(octets, {
        maxDepth,
        maxNodes: this.#nodes,
        maxContentLength: this.#limits.octets,
        parseEmbedded: false,
        copyInput: false,
      });
    } catch (cause) {
      throw new CmsError('ERR_DER', 'octets are not BER', { cause });
    }
    if (parsed.offset === -1)
      throw derError(/^Maximum/.test(parsed.result.error) ? 'input goes beyond the limits' : 'octets are not BER');
    return parsed.result;
  }

  #node(block: BaseBlock, origin: number): BerNode {
    if (this.#nodes-- === 0) throw derError('input goes beyond the limits');
    const { idBlock, lenBlock, valueBeforeDecodeView: whole } = block;
    if (idBlock.isHexOnly) throw derError('tag number out of range');
    const headerLength = idBlock.blockLength + lenBlock.blockLength;
    const end = whole.length - (lenBlock.isIndefiniteForm ? 2 : 0);
    const inside: unknown = idBlock.isConstructed ? (block.valueBlock as { value?: unknown }).value : undefined;
    return {
      offset: whole.byteOffset - origin,
      headerLength,
      // asn1js numbers the classes 1 to 4.
      tagClass: (idBlock.tagClass - 1) << 6,
      tagNumber: idBlock.tagNumber,
      constructed: idBlock.isConstructed,
      indefinite: lenBlock.isIndefiniteForm,
      content: whole.subarray(headerLength, end),
      children: Array.isArray(inside) ? inside.map((child: BaseBlock) => this.#node(child, origin)) : [],
    };
  }
}
