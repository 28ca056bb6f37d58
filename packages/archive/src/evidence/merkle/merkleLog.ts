/**
 * An append-only Merkle tree (RFC 9162 §2.1) over a store of the hashes of its complete subtrees: appending reads and writes
 * O(log n) nodes beyond the new ones; a path has one stretch at most that is no complete subtree, so a proof reads O(log n).
 * @module
 */
import { chain, copyOctets, type MaybePromise } from '@stanzaseal/cms';
import { ArchiveError } from '../../archiveError.js';
import { settled } from '../../settled.js';
import { HASH_LENGTH } from '../sha256.js';
import { EMPTY_ROOT, foldSubtrees, nodeHash } from './nodeHash.js';
import { consistencyRanges, inclusionRanges, type LeafRange, type NodePlace, subtreesOf } from './ranges.js';

/**
 * Where the hashes are kept: those of the complete subtrees, of which there are fewer than twice as many as leaves. Level 0 is the
 * leaf hashes. With a store that answers at once, the log does too: everything then happens within one transaction of a
 * synchronous database.
 */
export interface NodeStore {
  /** The hash of a complete subtree: 32 octets; `undefined` where there is none. */
  get(level: number, index: number): MaybePromise<Uint8Array | undefined>;
  /** Keeps it. A place beyond the log's size may hold what a lost transaction left: it is overwritten. */
  put(level: number, index: number, hash: Uint8Array): MaybePromise<void>;
}

/**
 * The log. It knows its size and nothing else: after a transaction that was rolled back, make a new one with the size that is
 * durable. Appends must not overlap.
 * @example
 * const log = new MerkleLog(nodes, 0);
 * await log.append([leafHash(entry)]);
 * const root = await log.root(log.size);
 */
export class MerkleLog {
  readonly #nodes: NodeStore;
  #size: number;

  /** @throws RangeError for a size that is none */
  constructor(nodes: NodeStore, size: number) {
    this.#nodes = nodes;
    this.#size = count(size, 'size', Number.MAX_SAFE_INTEGER);
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends leaf hashes in their order, and gives the new size.
   * @throws RangeError for a hash that has not 32 octets; ArchiveError `ERR_STORE` where a node is missing
   */
  append(leafHashes: readonly Uint8Array[]): MaybePromise<number> {
    for (const hash of leafHashes)
      if (hash.length !== HASH_LENGTH) throw new RangeError('leafHashes holds one that has not 32 octets');
    const start = this.#size;
    const size = count(start + leafHashes.length, 'size', Number.MAX_SAFE_INTEGER);
    const edge = subtreesOf({ start: 0, end: start });
    return chain(this.#read(edge), (hashes) => {
      const lefts = new Map(edge.map(({ level }, i) => [level, hashes[i] as Uint8Array]));
      const written = this.#write(start, leafHashes, lefts);
      return chain(settled(written), () => {
        this.#size = size;
        return size;
      });
    });
  }

  /** Root of the tree that had `size` leaves. @throws RangeError for a size beyond the log's; ArchiveError `ERR_STORE` */
  root(size: number): MaybePromise<Uint8Array> {
    count(size, 'size', this.#size);
    return size === 0 ? copyOctets(EMPTY_ROOT) : this.#hashOf({ start: 0, end: size });
  }

  /** Path from a leaf to the root of the tree that had `size` leaves (RFC 9162 §2.1.3.1). @throws RangeError; ArchiveError `ERR_STORE` */
  inclusionProof(index: number, size: number): MaybePromise<Uint8Array[]> {
    count(size, 'size', this.#size);
    count(index, 'index', size - 1);
    return settled(inclusionRanges(index, size).map((range) => this.#hashOf(range)));
  }

  /**
   * Proof that the tree of `second` leaves begins with that of `first` (RFC 9162 §2.1.4.1); empty where `first` is 0 or equal to
   * `second`. @throws RangeError; ArchiveError `ERR_STORE`
   */
  consistencyProof(first: number, second: number): MaybePromise<Uint8Array[]> {
    count(second, 'second', this.#size);
    count(first, 'first', second);
    if (first === 0 || first === second) return [];
    return settled(consistencyRanges(first, second).map((range) => this.#hashOf(range)));
  }

  #hashOf(range: LeafRange): MaybePromise<Uint8Array> {
    return chain(this.#read(subtreesOf(range)), foldSubtrees);
  }

  #read(places: readonly NodePlace[]): MaybePromise<Uint8Array[]> {
    return chain(settled(places.map(({ level, index }) => this.#nodes.get(level, index))), (hashes) =>
      hashes.map((hash, i) => {
        const { level, index } = places[i] as NodePlace;
        if (hash?.length === HASH_LENGTH) return hash;
        throw new ArchiveError('ERR_STORE', `log has no node ${index} of level ${level}`);
      }),
    );
  }

  /** Puts the leaves and every subtree that they complete; `lefts` are the complete subtrees at the right edge, by level. */
  #write(
    start: number,
    leafHashes: readonly Uint8Array[],
    lefts: ReadonlyMap<number, Uint8Array>,
  ): MaybePromise<void>[] {
    const written: MaybePromise<void>[] = [];
    let row = leafHashes;
    for (let level = 0, first = start; row.length > 0; level++, first = Math.floor(first / 2)) {
      row.forEach((hash, i) => {
        written.push(this.#nodes.put(level, first + i, hash));
      });
      const pairs = first % 2 === 0 ? row : [lefts.get(level) as Uint8Array, ...row];
      const parents: Uint8Array[] = [];
      for (let i = 0; i + 1 < pairs.length; i += 2)
        parents.push(nodeHash(pairs[i] as Uint8Array, pairs[i + 1] as Uint8Array));
      row = parents;
    }
    return written;
  }
}

function count(value: number, name: string, most: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > most) throw new RangeError(`${name} is out of range`);
  return value;
}
