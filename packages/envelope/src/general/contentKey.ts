/**
 * From the content-encryption key to the key of the cipher: the same, or derived by RFC 9709.
 * @module
 */
import { toUtf8 } from '@stanzaseal/cms';
import {
  type AeadName,
  type GeneralAlgorithm,
  type GeneralContentEncryption,
  type GeneralCrypto,
  readContentEncryptionAlgorithm,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import { type GeneralPolicy, isWithin } from './policy.js';

/** Length in octets of the key of an AEAD, and so of the content-encryption key. */
export function aeadKeyLength(aead: AeadName): number {
  return aead === 'ChaCha20-Poly1305' ? 32 : Number(aead.slice(4, 7)) / 8;
}

/** Key of the cipher: HKDF-SHA-256(ikm = CEK, salt = "The Cryptographic Message Syntax", info = DER of the inner algorithm) (RFC 9709 §2). */
export async function cipherKey(
  cek: Uint8Array,
  { cekHkdf, aead, algorithm }: GeneralContentEncryption,
  crypto: GeneralCrypto,
): Promise<Uint8Array> {
  return cekHkdf ? crypto.hkdf('SHA-256', cek, CEK_HKDF_SALT, algorithm.der, aeadKeyLength(aead)) : cek;
}

const CEK_HKDF_SALT = toUtf8('The Cryptographic Message Syntax');

/**
 * The content encryption of an object, if the policy takes it: the one place that judges it, whether or not RFC 9709 stands
 * around it (A1, A4, A6, A7, CVE-2026-34182, CVE-2025-15467). That the tag has the length that it says is the caller's to check.
 * @throws CmsError; EnvelopeError `ERR_OPEN`
 */
export function allowedEncryption(algorithm: GeneralAlgorithm, policy: GeneralPolicy): GeneralContentEncryption {
  const encryption = readContentEncryptionAlgorithm(algorithm);
  const { aead, nonce, tagLength } = encryption;
  const isFine =
    aead === 'ChaCha20-Poly1305'
      ? tagLength === 16 && nonce.length === 12
      : tagLength >= LEAST_TAG && isWithin(tagLength, policy.tagLength) && isWithin(nonce.length, policy.nonceLength);
  if (!isFine || !policy.contentEncryption.includes(aead)) throw new EnvelopeError();
  return encryption;
}

/** RFC 5084 §3.2 knows no shorter one, whatever a policy says. */
const LEAST_TAG = 12;
