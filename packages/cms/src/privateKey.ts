/**
 * Bare private keys: PKCS#8 `OneAsymmetricKey` (RFC 5958 §2, RFC 8410 §7, RFC 5915).
 *
 * ```
 * OneAsymmetricKey ::= SEQUENCE { version INTEGER, privateKeyAlgorithm AlgorithmIdentifier, privateKey OCTET STRING,
 *                                 attributes [0] OPTIONAL, publicKey [1] IMPLICIT BIT STRING OPTIONAL }
 * ```
 * @module
 */
import { derError } from './cmsError.js';
import { bigEndian } from './curvePoints.js';
import { DER_LIMITS, DerReader } from './derReader.js';
import { readEcPrivateKey } from './ecPrivateKey.js';
import { ID_P256 } from './objectIdentifiers.js';
import { copyOctets, equal, isAllZero } from './octets.js';
import { pkcs8 } from './pkcs8.js';
import type { AgreementKey, CryptoProvider, KeyAlgorithm, PublicKey, RandomSource, SigningKey } from './ports.js';
import { publicKeyFromRaw, readKeyAlgorithm } from './publicKey.js';

/** A private key held as octets. It prints and serialises as `[redacted]`, and inspecting never shows a `#` field (E10). */
export class PrivateKey {
  /** The public half. */
  readonly publicKey: PublicKey;
  readonly #secret: Uint8Array;

  /** Use `privateKeyFromSecret`, `generatePrivateKey` or `importPrivateKey`: they check. */
  constructor(publicKey: PublicKey, secret: Uint8Array) {
    this.publicKey = publicKey;
    this.#secret = secret;
  }

  /** A copy of the secret: 32 octets. */
  secret(): Uint8Array {
    return copyOctets(this.#secret);
  }

  /** A signing key of this key. @throws TypeError for an X25519 key */
  async signingKey(crypto: CryptoProvider): Promise<SigningKey> {
    if (this.publicKey.algorithm === 'X25519') throw new TypeError('key is an agreement key');
    return crypto.signingKey(this.publicKey, this.#secret);
  }

  /** An agreement key of this key. @throws TypeError for a key that is not X25519 */
  async agreementKey(crypto: CryptoProvider): Promise<AgreementKey> {
    if (this.publicKey.algorithm !== 'X25519') throw new TypeError('key is a signing key');
    return crypto.agreementKey(this.#secret, this.publicKey);
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

/** A private key of its secret: seed (Ed25519), scalar string (X25519) or scalar (P-256), 32 octets. @throws RangeError for another length, or a scalar out of range */
export async function privateKeyFromSecret(
  algorithm: KeyAlgorithm,
  secret: Uint8Array,
  crypto: CryptoProvider,
): Promise<PrivateKey> {
  if (secret.length !== 32) throw new RangeError('secret is not 32 octets');
  if (algorithm === 'P-256' && !isP256Scalar(secret)) throw new RangeError('secret is not a scalar of P-256');
  const own = copyOctets(secret);
  return new PrivateKey(await publicKeyFromRaw(algorithm, await crypto.rawPublicKey(algorithm, own), crypto), own);
}

/**
 * Makes a new key from 32 random octets (P-256: as many draws as it takes, nearly always one).
 * @throws RangeError when the source gives another length or only zeros (E8)
 * @example
 * const identity = await generatePrivateKey('Ed25519', random, crypto);
 */
export async function generatePrivateKey(
  algorithm: KeyAlgorithm,
  random: RandomSource,
  crypto: CryptoProvider,
): Promise<PrivateKey> {
  let secret = drawOctets(random, 32);
  while (algorithm === 'P-256' && !isP256Scalar(secret)) secret = drawOctets(random, 32);
  return privateKeyFromSecret(algorithm, secret, crypto);
}

/** Draws octets and refuses a source that plainly failed: another length, or all zeros (E8). @throws RangeError */
export function drawOctets(random: RandomSource, length: number): Uint8Array {
  const octets = random(length);
  // What a failed source leaves is all zero, so its beginning tells.
  if (octets.length !== length || (length >= 12 && isAllZero(octets, Math.min(length, 32))))
    throw new RangeError('random source failed');
  return octets;
}

/** Imports a PKCS#8 private key of Ed25519, X25519 or P-256. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export async function importPrivateKey(pkcs8: Uint8Array, crypto: CryptoProvider): Promise<PrivateKey> {
  const reader = new DerReader(pkcs8, DER_LIMITS);
  const key = reader.sequence();
  reader.end();
  const version = key.integer();
  if (version > 1) throw derError('private key of another version');
  const algorithm = readKeyAlgorithm(key.sequence());
  const inner = new DerReader(key.octetString(), DER_LIMITS);
  const { secret, publicKey } =
    algorithm === 'P-256'
      ? readEcPrivateKey(inner, ID_P256, 32)
      : { secret: inner.octetStringOf(32), publicKey: undefined };
  inner.end();
  if (key.tag === 0xa0) key.any();
  const stated = key.tag === 0x81 ? key.primitive(0x81) : undefined;
  key.end();
  if ((stated !== undefined) !== (version === 1)) throw derError('private key version does not fit');
  if (algorithm === 'P-256' && !isP256Scalar(secret)) throw derError('private key out of range');
  const privateKey = await privateKeyFromSecret(algorithm, secret, crypto);
  const { raw } = privateKey.publicKey;
  const isStrange = stated !== undefined && (stated[0] !== 0 || !equal(stated.subarray(1), raw));
  if (isStrange || (publicKey !== undefined && !equal(publicKey, raw)))
    throw derError('public key does not belong to the private key');
  return privateKey;
}

/** PKCS#8 DER of a private key, version 0, without the public key (RFC 8410 §7); P-256 as RFC 5915 with it. */
export function exportPrivateKey(key: PrivateKey): Uint8Array {
  const { algorithm, raw } = key.publicKey;
  return pkcs8(algorithm, key.secret(), raw);
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Whether 32 octets are a private scalar of P-256: from 1 to the order less 1 (RFC 5915 §3). */
export function isP256Scalar(secret: Uint8Array): boolean {
  const scalar = bigEndian(secret);
  return scalar > 0n && scalar < P256_ORDER;
}
