/**
 * Which digest and which identifiers go with a signing key (RFC 8419 §2, §3.1; RFC 5754 §3.3).
 * @module
 */
import {
  type CryptoProvider,
  ECDSA_WITH_SHA256,
  ED25519,
  type KeyAlgorithm,
  type MaybePromise,
  SHA256,
  SHA512,
} from '@stanzaseal/cms';

/** Everything about one signature algorithm of CMS. */
export interface SignatureAlgorithm {
  /** DER of digestAlgorithm. */
  readonly digestAlgorithm: Uint8Array;
  /** DER of signatureAlgorithm. */
  readonly signatureAlgorithm: Uint8Array;
  /** Length of the digest in octets. */
  readonly digestLength: number;
  /** The digest itself. */
  digest(crypto: CryptoProvider, octets: Uint8Array): MaybePromise<Uint8Array>;
}

const ED25519_SHA512: SignatureAlgorithm = Object.freeze({
  // With signed attributes the digest for Ed25519 is SHA-512 and no other (RFC 8419 §3.1).
  digestAlgorithm: SHA512,
  signatureAlgorithm: ED25519,
  digestLength: 64,
  digest: (crypto: CryptoProvider, octets: Uint8Array) => crypto.sha512(octets),
});

const ECDSA_P256_SHA256: SignatureAlgorithm = Object.freeze({
  digestAlgorithm: SHA256,
  signatureAlgorithm: ECDSA_WITH_SHA256,
  digestLength: 32,
  digest: (crypto: CryptoProvider, octets: Uint8Array) => crypto.sha256(octets),
});

/** The signature algorithm of a key. @throws TypeError for a key that does not sign */
export function signatureAlgorithmOf(algorithm: KeyAlgorithm): SignatureAlgorithm {
  if (algorithm === 'Ed25519') return ED25519_SHA512;
  if (algorithm === 'P-256') return ECDSA_P256_SHA256;
  throw new TypeError('signer is an agreement key');
}
