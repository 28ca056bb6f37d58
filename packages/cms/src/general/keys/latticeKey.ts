/**
 * ML-KEM (FIPS 203) and ML-DSA (FIPS 204) by @noble/post-quantum, which works from seeds and takes its randomness as an
 * argument; and the checks on keys that come from elsewhere (RFC 9935 §8, RFC 9881 §8).
 * @module
 */
import { sha3_256 } from '@noble/hashes/sha3.js';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { derError } from '../../cmsError.js';
import { copyOctets, equal, equalConstantTime } from '../../octets.js';
import type { LatticeAlgorithm } from './keyAlgorithm.js';
import { isAcceptableLatticeKey, isKem, isReduced, LATTICE_LENGTHS } from './latticeShape.js';
import { isWholeMlDsaKey, type MlDsaShape } from './mlDsaPrivateKey.js';

/** The key pair of a seed. */
export function expandSeed(
  algorithm: LatticeAlgorithm,
  seed: Uint8Array,
): { readonly expanded: Uint8Array; readonly publicKey: Uint8Array } {
  const scheme = isKem(algorithm) ? kemOf(algorithm) : dsaOf(algorithm);
  const { secretKey, publicKey } = scheme.keygen(seed);
  return { expanded: secretKey, publicKey };
}

/**
 * The public key of an expanded private key that came without its seed, once all that can be compared was compared: hashes,
 * ranges, and that what one half does the other undoes.
 * @throws CmsError `ERR_DER`
 */
export function publicKeyOfExpanded(algorithm: LatticeAlgorithm, expanded: Uint8Array): Uint8Array {
  const publicKey = isKem(algorithm) ? kemPublicKeyOf(algorithm, expanded) : dsaPublicKeyOf(algorithm, expanded);
  if (publicKey === undefined) throw derError('private key whose parts do not belong together');
  return publicKey;
}

/** ML-KEM encapsulation of 32 random octets. */
export function encapsulateLattice(
  algorithm: LatticeAlgorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
): { readonly sharedSecret: Uint8Array; readonly ciphertext: Uint8Array } {
  const { sharedSecret, cipherText } = kemOf(algorithm).encapsulate(publicKey, message);
  return { sharedSecret: copyOctets(sharedSecret), ciphertext: cipherText };
}

/** ML-KEM decapsulation with an expanded key. */
export function decapsulateLattice(
  algorithm: LatticeAlgorithm,
  expanded: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return copyOctets(kemOf(algorithm).decapsulate(ciphertext, expanded));
}

/** ML-DSA signature, pure, with an empty context, hedged by 32 random octets (FIPS 204 §5.2). */
export function signLattice(
  algorithm: LatticeAlgorithm,
  expanded: Uint8Array,
  octets: Uint8Array,
  entropy: Uint8Array,
): Uint8Array {
  return dsaOf(algorithm).sign(octets, expanded, { extraEntropy: entropy });
}

/** Whether an ML-DSA signature is good. */
export function verifyLattice(
  algorithm: LatticeAlgorithm,
  publicKey: Uint8Array,
  octets: Uint8Array,
  signature: Uint8Array,
): boolean {
  return dsaOf(algorithm).verify(signature, octets, publicKey);
}

/** FIPS 203 §7.3: dk = s || ek || H(ek) || z. */
function kemPublicKeyOf(algorithm: LatticeAlgorithm, expanded: Uint8Array): Uint8Array | undefined {
  const { publicKey: length } = LATTICE_LENGTHS[algorithm];
  const start = length - 32;
  const publicKey = copyOctets(expanded.subarray(start, start + length));
  const hash = expanded.subarray(start + length, start + length + 32);
  if (!isReduced(expanded.subarray(0, start)) || !isAcceptableLatticeKey(algorithm, publicKey)) return undefined;
  if (!equal(sha3_256(publicKey), hash)) return undefined;
  const { sharedSecret, ciphertext } = encapsulateLattice(algorithm, publicKey, PROBE);
  return equalConstantTime(decapsulateLattice(algorithm, expanded, ciphertext), sharedSecret) ? publicKey : undefined;
}

/** noble throws where coefficients of s1 and s2 are out of range. */
function dsaPublicKeyOf(algorithm: LatticeAlgorithm, expanded: Uint8Array): Uint8Array | undefined {
  let publicKey: Uint8Array;
  try {
    publicKey = dsaOf(algorithm).getPublicKey(expanded);
  } catch {
    return undefined;
  }
  return isWholeMlDsaKey(expanded, publicKey, SHAPES[algorithm as keyof typeof SHAPES]) ? publicKey : undefined;
}

/** What a key is tried on; not secret, for nothing made of it leaves here. */
const PROBE = new Uint8Array(32).fill(0x5a);

const KEMS = { 'ML-KEM-512': ml_kem512, 'ML-KEM-768': ml_kem768, 'ML-KEM-1024': ml_kem1024 } as const;
const SHAPES = {
  'ML-DSA-44': { k: 4, l: 4, eta: 2 },
  'ML-DSA-65': { k: 6, l: 5, eta: 4 },
  'ML-DSA-87': { k: 8, l: 7, eta: 2 },
} as const satisfies Record<string, MlDsaShape>;
const SIGNERS = { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 } as const;

function kemOf(algorithm: LatticeAlgorithm): typeof ml_kem768 {
  if (!(algorithm in KEMS)) throw new TypeError('key is not of ML-KEM');
  return KEMS[algorithm as keyof typeof KEMS];
}

function dsaOf(algorithm: LatticeAlgorithm): typeof ml_dsa65 {
  if (!(algorithm in SIGNERS)) throw new TypeError('key is not of ML-DSA');
  return SIGNERS[algorithm as keyof typeof SIGNERS];
}
