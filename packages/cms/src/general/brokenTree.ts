/**
 * BER that breaks off or goes wrong, as far as it goes: headers alone are read, in order, and reading stops at the first that
 * cannot be true. asn1js gives nothing of such input, and people want to see where it broke.
 * @module
 */
import { derError } from '../cmsError.js';
import { type BerNode, BerSource } from './berTree.js';
import type { GeneralLimits } from './generalNode.js';

/** Where reading stopped. */
export interface Break {
  /** In octets from the start of the input. */
  readonly offset: number;
  /** A part of a sentence: `input ends 12 octets before the value does`. */
  readonly reason: string;
}

/** What was read. */
export interface BrokenTree {
  /** The outermost value; `incomplete` marks it and all in it that is not whole. Absent where not even a header is there. */
  readonly root?: BerNode;
  /** Where it broke. */
  readonly broken: Break;
  /** Values that were read. */
  readonly count: number;
}

/**
 * Reads what `BerSource.read` refuses, as far as it goes.
 * @throws CmsError `ERR_DER` for input that is empty or longer than the limit
 */
export function readBrokenTree(octets: Uint8Array, limits: GeneralLimits): BrokenTree {
  if (octets.length === 0) throw derError('nothing to read');
  if (octets.length > limits.octets) throw derError('input is longer than the limit');
  const walk = new Walk(octets, limits);
  const root = walk.value(0, octets.length, Number.POSITIVE_INFINITY, 0);
  const broken = walk.broken ??
    refusedLeaf(root, limits) ?? { offset: 0, reason: 'values contradict each other or go beyond the limits' };
  return { ...(root === undefined ? {} : { root }), broken, count: walk.count };
}

interface Header {
  readonly tagClass: number;
  readonly tagNumber: number;
  readonly constructed: boolean;
  /** Length of the content, `undefined` in the indefinite form. */
  readonly length: number | undefined;
  /** Where the content starts. */
  readonly start: number;
}

/** One pass over the input. After `broken` is set everything unwinds, keeping what was read. */
class Walk {
  broken: Break | undefined;
  count = 0;
  readonly #octets: Uint8Array;
  readonly #limits: GeneralLimits;

  constructor(octets: Uint8Array, limits: GeneralLimits) {
    this.#octets = octets;
    this.#limits = limits;
  }

  /**
   * Reads the value at a place.
   * @param available where the octets that are there end
   * @param declared where the value around says that it ends, which is later where the input breaks off
   */
  value(at: number, available: number, declared: number, depth: number): BerNode | undefined {
    if (++this.count > this.#limits.nodes) return this.#stop(at, `there are more than ${this.#limits.nodes} values`);
    const header = this.#header(at, available);
    if (header === undefined) return undefined;
    const { start, length, constructed } = header;
    const end = length === undefined ? declared : start + length;
    if (end > declared) this.#stop(at, `a value of ${length} octets does not fit the ${declared - start} around it`);
    else if (constructed && depth === this.#limits.depth) {
      this.#stop(at, `values are nested deeper than ${this.#limits.depth} levels`);
    } else if (!constructed && end > available) {
      this.#stop(at, `a value of ${length} octets has ${available - start} before the input ends`);
    }
    const limit = Math.min(end, available);
    const inside =
      constructed && this.broken === undefined
        ? this.#children(start, limit, end, length === undefined, depth + 1)
        : { children: [], end: limit };
    return {
      offset: at,
      headerLength: start - at,
      tagClass: header.tagClass,
      tagNumber: header.tagNumber,
      constructed,
      indefinite: length === undefined,
      content: this.#octets.subarray(start, inside.end),
      children: inside.children,
      ...(this.broken === undefined ? {} : { incomplete: true }),
    };
  }

  #children(start: number, limit: number, declared: number, indefinite: boolean, depth: number) {
    const children: BerNode[] = [];
    let at = start;
    while (this.broken === undefined) {
      if (indefinite && at + 1 < limit && this.#octets[at] === 0 && this.#octets[at + 1] === 0) break;
      if (at === declared && !indefinite) break;
      else if (at === limit) this.#stop(at, missing(declared, limit, indefinite));
      else {
        const child = this.value(at, limit, declared, depth);
        if (child !== undefined) {
          children.push(child);
          at = child.offset + child.headerLength + child.content.length + (child.indefinite ? 2 : 0);
        }
      }
    }
    return { children, end: this.broken === undefined ? at : limit };
  }

  /** Reads identifier and length octets (X.690 §8.1.2, §8.1.3). */
  #header(offset: number, available: number): Header | undefined {
    let at = offset;
    const next = (): number => (at < available ? (this.#octets[at++] as number) : this.#cut(offset));
    const identifier = next();
    if ((identifier & 0xdf) === 0)
      return this.#stop(offset, 'a value of tag 0, which ends values of indefinite length');
    let tagNumber = identifier & 0x1f;
    if (tagNumber === 0x1f) {
      tagNumber = 0;
      let septets = 0;
      let octet: number;
      do {
        octet = next();
        tagNumber = tagNumber * 128 + (octet & 0x7f);
        if (++septets > 4) return this.#stop(offset, 'a tag number of more than 4 octets');
      } while (octet >= 0x80 && this.broken === undefined);
    }
    const constructed = (identifier & 0x20) !== 0;
    let length: number | undefined = next();
    if (length === 0x80) {
      if (!constructed) return this.#stop(offset, 'a primitive value of indefinite length');
      length = undefined;
    } else if (length > 0x80) {
      const count = length & 0x7f;
      if (count > 6) return this.#stop(offset, `a length of ${count} octets`);
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + next();
    }
    if (this.broken !== undefined) return undefined;
    return { tagClass: identifier & 0xc0, tagNumber, constructed, length, start: at };
  }

  #cut(offset: number): number {
    this.#stop(offset, 'the input, or the value around, ends within a header');
    return 0;
  }

  #stop(offset: number, reason: string): undefined {
    this.broken ??= { offset, reason };
  }
}

function missing(declared: number, limit: number, indefinite: boolean): string {
  if (indefinite) return 'end-of-contents octets are missing';
  return `the input ends ${declared - limit} octets before the value around does`;
}

/** BIT STRING, OCTET STRING, SEQUENCE, SET: constructed ones hold to nothing but their parts. */
const DECIDED_BY_CHILDREN: ReadonlySet<number> = new Set([3, 4, 16, 17]);

/** Headers are in order, so a value is not what its tag says: `UTF8String` that is no UTF-8, `BOOLEAN` of two octets. */
function refusedLeaf(root: BerNode | undefined, limits: GeneralLimits): Break | undefined {
  if (root === undefined) return undefined;
  for (const child of root.children) {
    const found = refusedLeaf(child, limits);
    if (found !== undefined) return found;
  }
  // A constructed string is taken apart by asn1js as well; SEQUENCE and SET are what is in them.
  if (root.constructed && (root.tagClass !== 0 || DECIDED_BY_CHILDREN.has(root.tagNumber))) return undefined;
  try {
    // Content is a view of the input: the header stands before it.
    const { buffer, byteOffset, length } = root.content;
    new BerSource(limits).read(new Uint8Array(buffer, byteOffset - root.headerLength, root.headerLength + length));
    return undefined;
  } catch {
    return { offset: root.offset, reason: 'a value that is not what its tag says, or goes beyond the limits' };
  }
}
