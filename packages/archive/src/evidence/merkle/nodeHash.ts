/**
 * Hashes of nodes (RFC 9162 §2.1.1).
 * @module
 */
import { HASH_LENGTH, sha256 } from '../sha256.js';

/** Root of the empty tree: the hash of no octets. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_LENGTH);
  return sha256(NODE);
}

/** Filled and hashed in one go, so one serves all: beyond 64 octets each of its kind would be memory of its own outside of the heap. */
const NODE = new Uint8Array(1 + 2 * HASH_LENGTH);
NODE[0] = 1;

/** Root of a stretch by the hashes of its complete subtrees from left to right: at least one. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}
