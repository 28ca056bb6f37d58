/**
 * ML-KEM and ML-DSA, the same under every provider: @noble/post-quantum, which works from seeds and takes its randomness as an
 * argument, as no platform does. It is loaded with the first such key.
 * @module
 */

import type { RandomSource } from '../../ports.js';
import { drawOctets } from '../../privateKey.js';
import type { GeneralCrypto } from '../generalCrypto.js';
import type { GeneralKeyAlgorithm, GeneralPrivateKey, GeneralPublicKey } from '../generalKey.js';
import { isLattice, type LatticeAlgorithm } from '../keys/keyAlgorithm.js';
import { isKem } from '../keys/latticeShape.js';
import { expandedKeyOf } from '../keys/privateKeyInfo.js';
import { kept } from './kept.js';

/** Operations with lattice keys. */
export interface LatticeOperations extends Required<Pick<GeneralCrypto, 'encapsulate' | 'decapsulate'>> {
  /** An ML-DSA signature. */
  signLattice(key: GeneralPrivateKey, octets: Uint8Array, random: RandomSource): Promise<Uint8Array>;
  /** Whether an ML-DSA signature is good. */
  verifyLattice(key: GeneralPublicKey, octets: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** Operations with lattice keys, which keep what a private key expands to. */
export function createLatticeOperations(): LatticeOperations {
  const expandedKeys = new WeakMap<GeneralPrivateKey, Promise<Uint8Array>>();
  const expanded = (key: GeneralPrivateKey) => kept(expandedKeys, key, expandedKeyOf);
  return {
    async encapsulate(key, random) {
      const algorithm = kemOf(key.algorithm);
      const { encapsulateLattice } = await load();
      return encapsulateLattice(algorithm, key.subjectPublicKey, drawOctets(random, 32));
    },
    async decapsulate(key, ciphertext) {
      const algorithm = kemOf(key.publicKey.algorithm);
      const { decapsulateLattice } = await load();
      return decapsulateLattice(algorithm, await expanded(key), ciphertext);
    },
    async signLattice(key, octets, random) {
      const { signLattice } = await load();
      return signLattice(
        key.publicKey.algorithm as LatticeAlgorithm,
        await expanded(key),
        octets,
        drawOctets(random, 32),
      );
    },
    async verifyLattice(key, octets, signature) {
      const { verifyLattice } = await load();
      try {
        return verifyLattice(key.algorithm as LatticeAlgorithm, key.subjectPublicKey, octets, signature);
      } catch {
        return false;
      }
    },
  };
}

const load = (): Promise<typeof import('../keys/latticeKey.js')> => import('../keys/latticeKey.js');

function kemOf(algorithm: GeneralKeyAlgorithm): LatticeAlgorithm {
  if (!isLattice(algorithm) || !isKem(algorithm)) throw new TypeError('key is not of ML-KEM');
  return algorithm;
}
