/**
 * Verifying paths, by the very steps of RFC 9162 §2.1.3.2 and §2.1.4.2. They end in a yes or a no; a node too many or too few is a no.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import { HASH_LENGTH } from '../sha256.js';
import { EMPTY_ROOT, nodeHash } from './nodeHash.js';
import { isPowerOfTwo } from './ranges.js';

/** Most nodes of a path: a tree has fewer than 2^53 leaves. */
export const MAX_PATH = 63;

/** What is to be shown by an inclusion path. */
export interface Inclusion {
  /** The leaf hash. */
  readonly leafHash: Uint8Array;
  /** The leaf's index, from 0. */
  readonly index: number;
  /** Number of leaves of the tree. */
  readonly size: number;
  /** From the leaf's sibling upwards. */
  readonly path: readonly Uint8Array[];
  /** The tree's root. */
  readonly root: Uint8Array;
}

/** Whether a leaf is in a tree (RFC 9162 §2.1.3.2). */
export function verifyInclusion({ leafHash, index, size, path, root }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leafHash, root, ...path])) return false;
  let [at, last] = [index, size - 1];
  let hash = leafHash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/** What is to be shown by a consistency path. */
export interface Consistency {
  /** Number of leaves of the older tree. */
  readonly first: number;
  /** Root of the older tree. */
  readonly firstRoot: Uint8Array;
  /** Number of leaves of the newer tree. */
  readonly second: number;
  /** Root of the newer tree. */
  readonly secondRoot: Uint8Array;
  /** The nodes. */
  readonly path: readonly Uint8Array[];
}

/**
 * Whether a tree begins with another (RFC 9162 §2.1.4.2). Equal sizes: the path is empty and the roots are one. From an empty
 * tree: the path is empty, as in C2SP tlog-witness.
 */
export function verifyConsistency({ first, firstRoot, second, secondRoot, path }: Consistency): boolean {
  if (!isCount(first) || !isCount(second) || first > second || !areHashes([firstRoot, secondRoot])) return false;
  if (first === second) return path.length === 0 && equal(firstRoot, secondRoot);
  if (first === 0) return path.length === 0 && equal(firstRoot, EMPTY_ROOT);
  // Step 1: nothing was proved by nothing; step 2: the old root is a node of the new tree.
  if (path.length === 0) return false;
  const roots = rootsOf(first, second, isPowerOfTwo(first) ? [firstRoot, ...path] : path);
  return roots !== undefined && equal(roots.first, firstRoot) && equal(roots.second, secondRoot);
}

/**
 * The two roots that a consistency path with its first node leads to: that of the first `first` leaves, and that of all. Where the
 * second is the root of a tree, the first is what that tree really had at that size, whatever was said of it: nodes at places
 * that the sizes alone determine cannot be others. `undefined` for a path of another length.
 */
export function rootsOf(
  first: number,
  second: number,
  path: readonly Uint8Array[],
): { readonly first: Uint8Array; readonly second: Uint8Array } | undefined {
  const [seed, ...rest] = path;
  if (!isCount(first) || !isCount(second) || first === 0 || first >= second) return undefined;
  if (seed === undefined || !areHashes(path)) return undefined;
  let [at, last] = [first - 1, second - 1];
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  let [old, now] = [seed, seed];
  for (const node of rest) {
    if (last === 0) return undefined;
    if (isOdd(at) || at === last) {
      old = nodeHash(node, old);
      now = nodeHash(node, now);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      now = nodeHash(now, node);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? { first: old, second: now } : undefined;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= MAX_PATH + 2 && hashes.every((hash) => hash.length === HASH_LENGTH);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
