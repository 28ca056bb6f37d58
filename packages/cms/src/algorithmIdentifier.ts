/**
 * AlgorithmIdentifiers spoken in the sealed profile. Each has exactly one encoding, so it is written from a constant and
 * read by comparing octets: an algorithm cannot be swapped, nested or given odd parameters (A1, A3, A4, CVE-2026-34182).
 *
 * ```
 * AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY DEFINED BY algorithm OPTIONAL }
 * ```
 * @module
 */
import { CmsError } from './cmsError.js';
import type { DerReader } from './derReader.js';
import { type DerNode, encodeDer, encoded, integer, objectIdentifier, octetString, sequence } from './derWriter.js';
import * as oids from './objectIdentifiers.js';
import { copyOctets, equal } from './octets.js';

/** Length in octets of the AES-GCM nonce of RFC 5084 §3.2; no other is taken (A7, CVE-2025-15467). */
export const GCM_NONCE_LENGTH = 12;
/** Length in octets of the AES-GCM tag, written in full since its DEFAULT is 12 (A6). */
export const GCM_TAG_LENGTH = 16;

/** AlgorithmIdentifier without parameters, as DER. */
export function plainAlgorithm(algorithm: Uint8Array): Uint8Array {
  return encodeDer(sequence(objectIdentifier(algorithm)));
}

/** Ed25519 (RFC 8419 §2.1): parameters absent (B12). */
export const ED25519: Uint8Array = plainAlgorithm(oids.ID_ED25519);
/** X25519 as the algorithm of an originatorKey (RFC 8418 §3.1): parameters absent (A15). */
export const X25519: Uint8Array = plainAlgorithm(oids.ID_X25519);
/** SHA-512 (RFC 5754 §2: parameters absent). */
export const SHA512: Uint8Array = plainAlgorithm(oids.ID_SHA512);
/** SHA-256 (RFC 5754 §2: parameters absent). */
export const SHA256: Uint8Array = plainAlgorithm(oids.ID_SHA256);
/** ecdsa-with-SHA256 (RFC 5754 §3.3). */
export const ECDSA_WITH_SHA256: Uint8Array = plainAlgorithm(oids.ID_ECDSA_WITH_SHA256);
/** AES-256 key wrap (RFC 3565 §2.3.2, RFC 8418 §2.2: parameters absent). */
export const AES256_WRAP: Uint8Array = plainAlgorithm(oids.ID_AES256_WRAP);
/** X25519 with HKDF-SHA-256 and AES-256 key wrap (RFC 8418 §2.2): the key wrap algorithm is the parameter (A9). */
export const STD_DH_HKDF_SHA256_AES256_WRAP: Uint8Array = encodeDer(
  sequence(objectIdentifier(oids.ID_STD_DH_HKDF_SHA256), encoded(AES256_WRAP)),
);

/** A content encryption of AES-256-GCM under a key derived from the CEK by RFC 9709: without it, an AEAD can be passed off as another cipher under the same CEK (A3). */
export interface ContentEncryption {
  /** 12 octets. */
  readonly nonce: Uint8Array;
  /** DER of the inner AlgorithmIdentifier (id-aes256-GCM): the `info` of RFC 9709. */
  readonly algorithm: Uint8Array;
}

/** AES-256-GCM under a nonce of 12 octets. */
export function contentEncryption(nonce: Uint8Array): ContentEncryption {
  if (nonce.length !== GCM_NONCE_LENGTH) throw new RangeError('nonce is not 12 octets');
  const algorithm = copyOctets(AES256_GCM);
  algorithm.set(nonce, algorithm.length - 3 - GCM_NONCE_LENGTH);
  return { nonce, algorithm };
}

/** id-aes256-GCM with a nonce to be filled in; behind it stand three octets of tag length. */
const AES256_GCM = encodeDer(
  sequence(
    objectIdentifier(oids.ID_AES256_GCM),
    sequence(octetString(new Uint8Array(GCM_NONCE_LENGTH)), integer(GCM_TAG_LENGTH)),
  ),
);

/** contentEncryptionAlgorithm of a content encryption. */
export function contentEncryptionAlgorithm(encryption: ContentEncryption): DerNode {
  return sequence(objectIdentifier(oids.ID_CEK_HKDF_SHA256), encoded(encryption.algorithm));
}

/** What stands before the inner AlgorithmIdentifier: with it three SEQUENCEs are open, one inside the other. */
const CEK_HKDF_SHA256 = encodeDer(
  contentEncryptionAlgorithm(contentEncryption(new Uint8Array(GCM_NONCE_LENGTH))),
).subarray(0, -AES256_GCM.length);

/**
 * Reads contentEncryptionAlgorithm: AES-256-GCM with 12 octets of nonce and a stated tag of 16, inside id-alg-cek-hkdf-sha256. But for
 * the nonce it has one encoding.
 * ```
 * GCMParameters ::= SEQUENCE { aes-nonce OCTET STRING, aes-ICVlen AES-GCM-ICVlen DEFAULT 12 }
 * ```
 * @throws CmsError `ERR_UNSUPPORTED` for any other algorithm or parameters, `ERR_DER` where there is no SEQUENCE
 */
export function readContentEncryption(reader: DerReader): ContentEncryption {
  expectAlgorithm(reader, CEK_HKDF_SHA256, 3);
  const algorithm = reader.take(AES256_GCM.length);
  const read = contentEncryption(algorithm.subarray(-3 - GCM_NONCE_LENGTH, -3));
  if (!equal(read.algorithm, algorithm)) throw notSupported();
  return read;
}

/** Reads an AlgorithmIdentifier that must be exactly the given DER, or begin with it. @throws CmsError `ERR_UNSUPPORTED` */
export function expectAlgorithm(reader: DerReader, algorithm: Uint8Array, levels = 0): void {
  if (reader.skipIf(algorithm, levels)) return;
  reader.encodedAs(0x30);
  throw notSupported();
}

function notSupported(): CmsError {
  return new CmsError('ERR_UNSUPPORTED', 'another algorithm or parameters');
}
