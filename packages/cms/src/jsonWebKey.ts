/**
 * Bare keys as JSON Web Keys (RFC 7517, RFC 8037, RFC 7518 §6.2).
 * @module
 */
import { fromBase64, toBase64 } from './base64.js';
import { derError } from './cmsError.js';
import { concat, equal } from './octets.js';
import type { CryptoProvider, KeyAlgorithm, PublicKey, RawPublicKey } from './ports.js';
import { isP256Scalar, type PrivateKey, privateKeyFromSecret } from './privateKey.js';
import { publicKeyFromRaw } from './publicKey.js';

/** The members of a JSON Web Key that a bare key has. */
export interface BareJsonWebKey {
  /** `OKP` or `EC`. */
  readonly kty: string;
  /** `Ed25519`, `X25519` or `P-256`. */
  readonly crv: string;
  /** Base64url of the public key, or of its x coordinate. */
  readonly x: string;
  /** Base64url of the y coordinate (P-256). */
  readonly y?: string;
  /** Base64url of the secret. */
  readonly d?: string;
}

/** JSON Web Key of a public key. */
export function publicKeyToJwk(key: RawPublicKey): BareJsonWebKey {
  if (key.algorithm !== 'P-256') return { kty: 'OKP', crv: key.algorithm, x: toBase64Url(key.raw) };
  return { kty: 'EC', crv: 'P-256', x: toBase64Url(key.raw.subarray(1, 33)), y: toBase64Url(key.raw.subarray(33)) };
}

/** JSON Web Key of a private key. It holds the secret in the clear. */
export function privateKeyToJwk(key: PrivateKey): BareJsonWebKey {
  return { ...publicKeyToJwk(key.publicKey), d: toBase64Url(key.secret()) };
}

/** Public key of a JSON Web Key; a `d` in it is ignored. @throws CmsError `ERR_DER` */
export async function publicKeyFromJwk(jwk: BareJsonWebKey, crypto: CryptoProvider): Promise<PublicKey> {
  const algorithm = algorithmOf(jwk);
  const x = fromBase64Url(jwk.x);
  if (algorithm !== 'P-256') return publicKeyFromRaw(algorithm, x, crypto);
  const y = fromBase64Url(jwk.y);
  // Each coordinate is written in full (RFC 7518 §6.2.1.2), else one point would have several spellings.
  if (x.length !== 32 || y.length !== 32) throw derError('JSON Web Key with a coordinate of another length');
  return publicKeyFromRaw(algorithm, concat(Uint8Array.of(4), x, y), crypto);
}

/** Private key of a JSON Web Key whose public members must belong to it. @throws CmsError `ERR_DER` */
export async function privateKeyFromJwk(jwk: BareJsonWebKey, crypto: CryptoProvider): Promise<PrivateKey> {
  const publicKey = await publicKeyFromJwk(jwk, crypto);
  const secret = fromBase64Url(jwk.d);
  if (secret.length !== 32) throw derError('JSON Web Key with a secret of another length');
  if (publicKey.algorithm === 'P-256' && !isP256Scalar(secret))
    throw derError('JSON Web Key with a secret out of range');
  const key = await privateKeyFromSecret(publicKey.algorithm, secret, crypto);
  if (!equal(key.publicKey.raw, publicKey.raw)) throw derError('JSON Web Key whose halves do not belong together');
  return key;
}

/** Base64url without padding (RFC 7515 §2). */
export function toBase64Url(octets: Uint8Array): string {
  return toBase64(octets).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string | undefined): Uint8Array {
  if (typeof text !== 'string' || /[+/=]/.test(text))
    throw derError('JSON Web Key with a member that is not base64url');
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  return fromBase64(standard + '='.repeat((4 - (standard.length % 4)) % 4));
}

function algorithmOf(jwk: BareJsonWebKey): KeyAlgorithm {
  if (jwk.kty === 'OKP' && (jwk.crv === 'Ed25519' || jwk.crv === 'X25519')) return jwk.crv;
  if (jwk.kty === 'EC' && jwk.crv === 'P-256') return 'P-256';
  throw derError('JSON Web Key of another kind');
}
