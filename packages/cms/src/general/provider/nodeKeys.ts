/**
 * Bare keys as key objects of `node:crypto`, and what it makes of keys.
 * @module
 */
import { createECDH, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { toBase64Url } from '../../jsonWebKey.js';
import type { GeneralPrivateKey, GeneralPublicKey } from '../generalKey.js';

/** A private key as `node:crypto` wants it. */
export function importPrivate(key: GeneralPrivateKey): KeyObject {
  return createPrivateKey({ key: Buffer.from(key.pkcs8()), format: 'der', type: 'pkcs8' });
}

/** A public key as `node:crypto` wants it. */
export function importPublic({ algorithm, spki, subjectPublicKey: raw }: GeneralPublicKey): KeyObject {
  // JWK import costs a tenth of SPKI DER with OpenSSL 3.0 (measured: docs/decisions/0004-crypto-providers.md).
  if (algorithm === 'Ed25519' || algorithm === 'X25519')
    return createPublicKey({ key: { kty: 'OKP', crv: algorithm, x: toBase64Url(raw) }, format: 'jwk' });
  if (algorithm !== 'P-256' && algorithm !== 'P-384')
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const middle = (raw.length + 1) / 2;
  const [x, y] = [toBase64Url(raw.subarray(1, middle)), toBase64Url(raw.subarray(middle))];
  return createPublicKey({ key: { kty: 'EC', crv: algorithm, x, y }, format: 'jwk' });
}

/** The uncompressed point of a P-384 scalar. */
export function p384PublicKey(secret: Uint8Array): Uint8Array {
  const ecdh = createECDH('secp384r1');
  ecdh.setPrivateKey(secret);
  return octetsOf(ecdh.getPublicKey());
}

/** PKCS#8 of a new RSA key of 3072 bits. */
export async function generateRsa(): Promise<Uint8Array> {
  // As DER, not as a key object: exporting a fresh key as JWK can deadlock Node 20 (docs/decisions/0004-crypto-providers.md).
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 3072,
    publicExponent: 65537,
    publicKeyEncoding: { format: 'der', type: 'spki' },
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
  });
  return octetsOf(privateKey);
}

/** A plain view of what may be a Buffer. */
export function octetsOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
