/**
 * Reading the values of vectors: octets, keys, randomness in the order drawn.
 * @module
 */
import {
  type CryptoProvider,
  fromHex,
  importPublicKey,
  type KeyAlgorithm,
  type PrivateKey,
  type PublicKey,
  privateKeyFromSecret,
  type RandomSource,
} from '@stanzaseal/cms';

/** A private key in a vector. */
export interface SecretKey {
  /** Ed25519, X25519 or P-256. */
  readonly algorithm: KeyAlgorithm;
  /** 32 octets. */
  readonly secret: string;
}

/** The private key of a vector. */
export function privateKey({ algorithm, secret }: SecretKey, crypto: CryptoProvider): Promise<PrivateKey> {
  return privateKeyFromSecret(algorithm, fromHex(secret), crypto);
}

/** The public key of a vector's SubjectPublicKeyInfo. */
export function publicKey(spki: string, crypto: CryptoProvider): Promise<PublicKey> {
  return importPublicKey(fromHex(spki), crypto);
}

/** Gives the octets of a vector in the order drawn. @throws RangeError when another length is drawn than was written down */
export function recordedRandom(draws: readonly string[]): RandomSource {
  let next = 0;
  return (length) => {
    const octets = fromHex(draws[next++] ?? '');
    if (octets.length !== length)
      throw new RangeError(`draw ${next} is of ${length} octets, the vector has ${octets.length}`);
    return octets;
  };
}
