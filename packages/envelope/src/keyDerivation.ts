/**
 * Every key that is derived for an object, each by HKDF-SHA-256 (RFC 5869).
 * @module
 */
import {
  AES256_WRAP,
  type CryptoProvider,
  concat,
  encodeParts,
  isAllZero,
  type MaybePromise,
  toUtf8,
  UKM_LENGTH,
} from '@stanzaseal/cms';
import { EnvelopeError } from './envelopeError.js';

/** Length in octets of the content-encryption key, of the key-encryption key and of the commitment. */
export const KEY_LENGTH = 32;

const UKM_LABEL = toUtf8('stanzaseal/0 ukm');
const CEK_HKDF_SALT = toUtf8('The Cryptographic Message Syntax');
const COMMITMENT_SALT = toUtf8('stanzaseal/0');
const COMMITMENT_INFO = toUtf8('cek commitment');

/** ukm of the sealed profile: SHA-256("stanzaseal/0 ukm" || DER(ClearContext)), so that the context goes into every KEK. */
export function sealedUkm(clearContext: Uint8Array, crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.sha256(concat(UKM_LABEL, clearContext));
}

/**
 * `info` of the key-encryption key (RFC 8418 §2, RFC 5753 §7.2).
 * ```
 * ECC-CMS-SharedInfo ::= SEQUENCE { keyInfo AlgorithmIdentifier, entityUInfo [0] EXPLICIT OCTET STRING,
 *                                   suppPubInfo [2] EXPLICIT OCTET STRING }   -- KEK length in bits, 32 bits big-endian
 * ```
 */
export function sharedInfo(ukm: Uint8Array): Uint8Array {
  return concat(INFO_HEAD, ukm, SUPP_PUB_INFO);
}

/** A KEK of 256 bits. */
const SUPP_PUB_INFO = encodeParts(0xa2, encodeParts(0x04, Uint8Array.of(0, 0, 1, 0)));
/** What stands before the ukm is always the same, since it is a SHA-256. */
const INFO_HEAD = encodeParts(
  0x30,
  AES256_WRAP,
  encodeParts(0xa0, encodeParts(0x04, new Uint8Array(UKM_LENGTH))),
  SUPP_PUB_INFO,
).subarray(0, -UKM_LENGTH - SUPP_PUB_INFO.length);

/**
 * Key-encryption key of a shared secret: HKDF(ikm = Z, salt = ukm, info = ECC-CMS-SharedInfo, 32) (RFC 8418 §2.2).
 * @throws EnvelopeError `ERR_OPEN` for an all-zero shared secret (RFC 8418 §2: MUST)
 */
export function keyEncryptionKey(
  sharedSecret: Uint8Array,
  ukm: Uint8Array,
  info: Uint8Array,
  crypto: CryptoProvider,
): MaybePromise<Uint8Array> {
  if (isAllZero(sharedSecret)) throw new EnvelopeError();
  return crypto.hkdfSha256(sharedSecret, ukm, info, KEY_LENGTH);
}

/** Key of the content: HKDF(ikm = CEK, salt = "The Cryptographic Message Syntax", info = DER of the algorithm, 32) (RFC 9709 §2). */
export function contentKey(cek: Uint8Array, algorithm: Uint8Array, crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.hkdfSha256(cek, CEK_HKDF_SALT, algorithm, KEY_LENGTH);
}

/** Commitment to a CEK, which GCM is not (D1): HKDF(ikm = CEK, salt = "stanzaseal/0", info = "cek commitment", 32). */
export function cekCommitment(cek: Uint8Array, crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.hkdfSha256(cek, COMMITMENT_SALT, COMMITMENT_INFO, KEY_LENGTH);
}
