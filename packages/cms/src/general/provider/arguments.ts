/**
 * What both providers check before they compute, so that they refuse the same.
 * @module
 */
import { CmsError } from '../../cmsError.js';
import { DerReader } from '../../derReader.js';
import type { AeadName, OaepParameters, SignatureScheme } from '../generalCrypto.js';
import type { GeneralKeyAlgorithm, GeneralPrivateKey, GeneralPublicKey } from '../generalKey.js';

/**
 * Key, nonce and tag of an AEAD. GCM: a nonce of 12 to 16 octets (12 is what is written, GnuPG writes 16; Node's WebCrypto takes
 * no fewer, and CVE-2025-15467 came with 17), a tag of 12 to 16 (RFC 5084 §3.2). ChaCha20-Poly1305: 12 and 16 (RFC 8103 §3,
 * CVE-2026-34182).
 * @throws RangeError naming the parameter
 */
export function checkAead(aead: AeadName, key: Uint8Array, nonce: Uint8Array, tagLength?: number): void {
  const isChaCha = aead === 'ChaCha20-Poly1305';
  if (key.length !== (isChaCha ? 32 : Number(aead.slice(4, 7)) / 8)) throw new RangeError('key is of another length');
  if (isChaCha ? nonce.length !== 12 : nonce.length < 12 || nonce.length > 16)
    throw new RangeError('nonce is of another length');
  if (tagLength !== undefined && (tagLength > 16 || tagLength < (isChaCha ? 16 : 12)))
    throw new RangeError('tag is of another length');
}

/** 96 bits, as RFC 5084 §3.2 recommends and RFC 8103 §3 demands. @throws RangeError */
export function checkNonceForWriting(nonce: Uint8Array): void {
  if (nonce.length !== 12) throw new RangeError('nonce is not 12 octets');
}

/** Both halves of an agreement are of one curve. @throws TypeError */
export function checkAgreement(key: GeneralPrivateKey, peer: GeneralPublicKey): void {
  const { algorithm } = key.publicKey;
  if (algorithm !== 'X25519' && algorithm !== 'P-256' && algorithm !== 'P-384')
    throw new TypeError('key is not an agreement key');
  if (peer.algorithm !== algorithm) throw new TypeError('peer is a key of another algorithm');
}

/** Lengths of RFC 3394: a key of 16, 24 or 32 octets, and at least two blocks of 8 to be wrapped. @throws RangeError */
export function checkKeyWrap(keyEncryptionKey: Uint8Array, length: number): void {
  if (![16, 24, 32].includes(keyEncryptionKey.length)) throw new RangeError('key-encryption key is of another length');
  if (length < 16 || length % 8 !== 0) throw new RangeError('key is not a multiple of 8 octets, or shorter than 16');
}

/**
 * OAEP with one hash for label and MGF1: neither platform computes it with two.
 * @throws TypeError for a key that is not RSA, CmsError `ERR_UNSUPPORTED` for two hashes
 */
export function checkOaep(key: GeneralPublicKey, { hash, mgfHash }: OaepParameters): void {
  if (key.algorithm !== 'RSA') throw new TypeError('key is not of RSA');
  if (hash !== mgfHash) throw new CmsError('ERR_UNSUPPORTED', 'RSA-OAEP with two different hashes');
}

/**
 * A ciphertext is as long as the modulus (RFC 8017 §7.1.2, step 1): OpenSSL takes one without its leading zero octet as well, so
 * that one in 256 could be written in two ways.
 * @throws RangeError
 */
export function checkOaepCiphertext(key: GeneralPublicKey, ciphertext: Uint8Array): void {
  const modulus = new DerReader(key.subjectPublicKey).sequence().primitive(0x02);
  if (ciphertext.length !== modulus.length - (modulus[0] === 0 ? 1 : 0))
    throw new RangeError('ciphertext is of another length than the modulus');
}

/** The scheme is one of the key's. @throws TypeError */
export function checkScheme(algorithm: GeneralKeyAlgorithm, { name }: SignatureScheme): void {
  const fits =
    name === 'ECDSA'
      ? algorithm === 'P-256' || algorithm === 'P-384'
      : name === 'RSA-PSS'
        ? algorithm === 'RSA'
        : name === 'ML-DSA'
          ? algorithm.startsWith('ML-DSA')
          : algorithm === name;
  if (!fits) throw new TypeError('scheme does not fit the key');
}
