/**
 * Bare keys as key objects of `node:crypto`, and what it makes of keys.
 * @module
 */
import { createECDH, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { DerReader } from '../../derReader.js';
import { readEcPrivateKey } from '../../ecPrivateKey.js';
import { toBase64Url } from '../../jsonWebKey.js';
import { ID_P256 } from '../../objectIdentifiers.js';
import type { GeneralPrivateKey, GeneralPublicKey } from '../generalKey.js';
import { ID_P384 } from '../keys/keyAlgorithm.js';

/** A private key as `node:crypto` wants it. */
export function importPrivate(key: GeneralPrivateKey): KeyObject {
  const { algorithm, subjectPublicKey } = key.publicKey;
  const pkcs8 = key.pkcs8();
  if (algorithm !== 'P-256' && algorithm !== 'P-384')
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  // A seventh of what PKCS#8 costs with OpenSSL 3.0, where an object's ephemeral key is imported for one agreement.
  const d = toBase64Url(ecSecretOf(pkcs8, algorithm));
  return createPrivateKey({ key: { ...ecMembers(algorithm, subjectPublicKey), d }, format: 'jwk' });
}

/** A public key as `node:crypto` wants it. */
export function importPublic({ algorithm, spki, subjectPublicKey: raw }: GeneralPublicKey): KeyObject {
  // JWK import costs a tenth of SPKI DER with OpenSSL 3.0 (measured: docs/decisions/0004-crypto-providers.md).
  if (algorithm === 'Ed25519' || algorithm === 'X25519')
    return createPublicKey({ key: { kty: 'OKP', crv: algorithm, x: toBase64Url(raw) }, format: 'jwk' });
  if (algorithm !== 'P-256' && algorithm !== 'P-384')
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return createPublicKey({ key: ecMembers(algorithm, raw), format: 'jwk' });
}

/** JSON Web Key of an uncompressed point. */
function ecMembers(crv: string, point: Uint8Array): { kty: string; crv: string; x: string; y: string } {
  const middle = (point.length + 1) / 2;
  return { kty: 'EC', crv, x: toBase64Url(point.subarray(1, middle)), y: toBase64Url(point.subarray(middle)) };
}

/** The scalar in PKCS#8 that was checked when the key was made (RFC 5958 §2). */
function ecSecretOf(pkcs8: Uint8Array, algorithm: 'P-256' | 'P-384'): Uint8Array {
  const info = new DerReader(pkcs8).sequence();
  info.integer();
  info.sequence();
  const [curve, length] = algorithm === 'P-256' ? ([ID_P256, 32] as const) : ([ID_P384, 48] as const);
  return readEcPrivateKey(new DerReader(info.octetString()), curve, length).secret;
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
