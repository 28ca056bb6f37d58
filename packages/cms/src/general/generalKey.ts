/**
 * Bare keys of the general profile: every algorithm that other people's CMS uses and we take.
 * @module
 */

/** Algorithms of bare keys in general CMS. */
export type GeneralKeyAlgorithm =
  | 'Ed25519'
  | 'X25519'
  | 'P-256'
  | 'P-384'
  | 'RSA'
  | 'ML-KEM-512'
  | 'ML-KEM-768'
  | 'ML-KEM-1024'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87';

/** A bare public key: its DER, checked, and the two names that other software gives it. */
export interface GeneralPublicKey {
  /** What the key is for. */
  readonly algorithm: GeneralKeyAlgorithm;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** Content of its BIT STRING: 32 octets, an uncompressed point, an RSAPublicKey, a lattice key. */
  readonly subjectPublicKey: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo, 32 octets: our name for it. */
  readonly keyIdentifier: Uint8Array;
  /** SHA-1 of `subjectPublicKey`, 20 octets: the name that certificates give it (RFC 5280 §4.2.1.2, method 1). */
  readonly sha1KeyIdentifier: Uint8Array;
}

/** A private key held as octets. It prints and serialises as `[redacted]` (E10). */
export class GeneralPrivateKey {
  /** The public half. */
  readonly publicKey: GeneralPublicKey;
  readonly #pkcs8: Uint8Array;

  /** Use a provider's `importPrivateKey` or `generatePrivateKey`: they check. */
  constructor(publicKey: GeneralPublicKey, pkcs8: Uint8Array) {
    this.publicKey = publicKey;
    this.#pkcs8 = pkcs8;
  }

  /** A copy of the PKCS#8 DER (OneAsymmetricKey, RFC 5958). */
  pkcs8(): Uint8Array {
    return Uint8Array.from(this.#pkcs8);
  }

  /** Never the secret. */
  toJSON(): string {
    return '[redacted]';
  }

  /** Never the secret. */
  toString(): string {
    return '[redacted]';
  }
}
