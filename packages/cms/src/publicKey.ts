/**
 * Bare public keys: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 8410 §4, RFC 5480 §2) and nothing around it.
 *
 * ```
 * SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
 * ```
 * @module
 */
import { CmsError, derError } from './cmsError.js';
import { isAcceptablePublicKey } from './curvePoints.js';
import { DER_LIMITS, DerReader } from './derReader.js';
import { bitString, encodeDer, objectIdentifier, sequence } from './derWriter.js';
import { ID_EC_PUBLIC_KEY, ID_ED25519, ID_P256, ID_X25519 } from './objectIdentifiers.js';
import { concat, copyOctets, equal } from './octets.js';
import type { CryptoProvider, KeyAlgorithm, PublicKey, RawPublicKey } from './ports.js';

/** What stands before the raw key in each algorithm's SubjectPublicKeyInfo: it is a constant. */
const SPKI_PREFIX: Readonly<Record<KeyAlgorithm, Uint8Array>> = {
  Ed25519: spkiPrefix('Ed25519', 32),
  X25519: spkiPrefix('X25519', 32),
  'P-256': spkiPrefix('P-256', 65),
};

/**
 * A bare public key of raw octets, checked and named.
 * @param raw 32 octets, or an uncompressed point of 65 octets for P-256
 * @throws CmsError `ERR_DER` for a key that is not canonical, not on the curve, or of low order (E1-E3)
 */
export async function publicKeyFromRaw(
  algorithm: KeyAlgorithm,
  raw: Uint8Array,
  crypto: CryptoProvider,
): Promise<PublicKey> {
  if (!isAcceptablePublicKey(algorithm, raw)) throw derError('public key is not acceptable');
  const own = copyOctets(raw);
  const keyIdentifier = await crypto.sha256(exportPublicKey({ algorithm, raw: own }));
  return Object.freeze({ algorithm, raw: own, keyIdentifier });
}

/**
 * Imports a SubjectPublicKeyInfo.
 * @throws CmsError `ERR_DER` for what is not strict DER or not an acceptable key, `ERR_UNSUPPORTED` for another algorithm
 * @example
 * const key = await importPublicKey(decodePem(text, 'PUBLIC KEY'), crypto);
 * console.log(key.algorithm, toHex(key.keyIdentifier));
 */
export async function importPublicKey(spki: Uint8Array, crypto: CryptoProvider): Promise<PublicKey> {
  const reader = new DerReader(spki, DER_LIMITS);
  const key = readPublicKey(reader);
  reader.end();
  return publicKeyFromRaw(key.algorithm, key.raw, crypto);
}

/** DER SubjectPublicKeyInfo of a public key. */
export function exportPublicKey(key: RawPublicKey): Uint8Array {
  return concat(SPKI_PREFIX[key.algorithm], key.raw);
}

/** Reads the SubjectPublicKeyInfo at the reader's place; the key is checked by `publicKeyFromRaw` when it is imported. */
export function readPublicKey(reader: DerReader): RawPublicKey {
  const spki = reader.sequence();
  const algorithm = readKeyAlgorithm(spki.sequence());
  const raw = spki.bitString();
  spki.end();
  if (!isAcceptablePublicKey(algorithm, raw)) throw derError('public key is not acceptable');
  return { algorithm, raw };
}

/** Reads the content of the AlgorithmIdentifier of a key; parameters are absent for RFC 8410 keys (E7). */
export function readKeyAlgorithm(algorithmIdentifier: DerReader): KeyAlgorithm {
  const algorithm = algorithmIdentifier.objectIdentifier();
  let named: KeyAlgorithm;
  if (equal(algorithm, ID_ED25519)) named = 'Ed25519';
  else if (equal(algorithm, ID_X25519)) named = 'X25519';
  else if (equal(algorithm, ID_EC_PUBLIC_KEY) && equal(algorithmIdentifier.objectIdentifier(), ID_P256))
    named = 'P-256';
  else throw new CmsError('ERR_UNSUPPORTED', 'key of another algorithm');
  algorithmIdentifier.end();
  return named;
}

function spkiPrefix(algorithm: KeyAlgorithm, length: number): Uint8Array {
  const whole = encodeDer(sequence(keyAlgorithmIdentifier(algorithm), bitString(new Uint8Array(length))));
  return whole.slice(0, whole.length - length);
}

/** AlgorithmIdentifier of a key. */
export function keyAlgorithmIdentifier(algorithm: KeyAlgorithm): ReturnType<typeof sequence> {
  if (algorithm === 'P-256') return sequence(objectIdentifier(ID_EC_PUBLIC_KEY), objectIdentifier(ID_P256));
  return sequence(objectIdentifier(algorithm === 'Ed25519' ? ID_ED25519 : ID_X25519));
}
