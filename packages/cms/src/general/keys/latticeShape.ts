/**
 * What an ML-KEM or ML-DSA key looks like. Apart from `latticeKey.ts`, which is loaded with the first private key or operation.
 * @module
 */
import type { LatticeAlgorithm } from './keyAlgorithm.js';

/** Lengths in octets of the parts of a lattice key (FIPS 203 §8, FIPS 204 §4). */
export interface LatticeLengths {
  /** Of the seed: d || z, or xi. */
  readonly seed: number;
  /** Of the private key that a seed expands to. */
  readonly expanded: number;
  /** Of the public key. */
  readonly publicKey: number;
}

/** Lengths of every lattice key. */
export const LATTICE_LENGTHS: Readonly<Record<LatticeAlgorithm, LatticeLengths>> = {
  'ML-KEM-512': { seed: 64, expanded: 1632, publicKey: 800 },
  'ML-KEM-768': { seed: 64, expanded: 2400, publicKey: 1184 },
  'ML-KEM-1024': { seed: 64, expanded: 3168, publicKey: 1568 },
  'ML-DSA-44': { seed: 32, expanded: 2560, publicKey: 1312 },
  'ML-DSA-65': { seed: 32, expanded: 4032, publicKey: 1952 },
  'ML-DSA-87': { seed: 32, expanded: 4896, publicKey: 2592 },
};

/** Whether octets are a public key: of the right length and, for ML-KEM, every coefficient reduced (FIPS 203 §7.2). */
export function isAcceptableLatticeKey(algorithm: LatticeAlgorithm, publicKey: Uint8Array): boolean {
  if (publicKey.length !== LATTICE_LENGTHS[algorithm].publicKey) return false;
  return !isKem(algorithm) || isReduced(publicKey.subarray(0, -32));
}

/** Whether packed coefficients of 12 bits are all below 3329 (FIPS 203 §4.2.1, ByteDecode). */
export function isReduced(packed: Uint8Array): boolean {
  let excess = 0;
  for (let at = 0; at + 2 < packed.length; at += 3) {
    const [low, middle, high] = [packed[at] as number, packed[at + 1] as number, packed[at + 2] as number];
    excess |= 3328 - (low | ((middle & 0x0f) << 8));
    excess |= 3328 - ((middle >> 4) | (high << 4));
  }
  return excess >= 0;
}

/** Whether a lattice key is of ML-KEM. */
export function isKem(algorithm: LatticeAlgorithm): boolean {
  return algorithm.startsWith('ML-KEM');
}
