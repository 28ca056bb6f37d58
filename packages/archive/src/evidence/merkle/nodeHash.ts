/**
 * Hashes of nodes (RFC 9162 §2.1.1).
 * @module
 */
import { HASH_LENGTH, sha256 } from '../sha256.js';

/** Root of the empty tree: the hash of no octets. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const octets = new Uint8Array(1 + 2 * HASH_LENGTH);
  octets[0] = 1;
  octets.set(left, 1);
  octets.set(right, 1 + HASH_LENGTH);
  return sha256(octets);
}

/** Root of a stretch by the hashes of its complete subtrees from left to right: at least one. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}
