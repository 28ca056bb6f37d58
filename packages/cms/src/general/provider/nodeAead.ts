/**
 * AEADs of `node:crypto`, in pieces.
 * @module
 */
import { type CipherGCMTypes, type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import type { AeadName, OpenStream, SealStream } from '../generalCrypto.js';
import { checkAead, checkNonceForWriting } from './arguments.js';
import { octetsOf } from './nodeKeys.js';

/** Encrypts in pieces. @throws RangeError for key or nonce of another length */
export function sealStream(aead: AeadName, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array): SealStream {
  checkAead(aead, key, nonce);
  checkNonceForWriting(nonce);
  const cipher = createCipheriv(cipherOf(aead), key as CipherKey, nonce, { authTagLength: 16 });
  cipher.setAAD(aad);
  return {
    update: (octets) => octetsOf(cipher.update(octets)),
    final() {
      cipher.final();
      return octetsOf(cipher.getAuthTag());
    },
  };
}

/** Decrypts in pieces. @throws RangeError for a key, a nonce or a length of the tag that is none */
export function openStream(
  aead: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  tagLength: number,
): OpenStream {
  checkAead(aead, key, nonce, tagLength);
  // Without authTagLength Node takes tags of 4 and 8 octets as well (A6).
  const decipher = createDecipheriv(cipherOf(aead), key as CipherKey, nonce, { authTagLength: tagLength });
  decipher.setAAD(aad);
  return {
    update: (octets) => octetsOf(decipher.update(octets)),
    final(tag) {
      decipher.setAuthTag(tag);
      decipher.final();
    },
  };
}

/** ChaCha20-Poly1305 is typed apart from GCM but is called alike. */
function cipherOf(aead: AeadName): CipherGCMTypes {
  return (aead === 'ChaCha20-Poly1305' ? 'chacha20-poly1305' : `aes-${aead.slice(4, 7)}-gcm`) as CipherGCMTypes;
}
