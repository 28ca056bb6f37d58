/**
 * AEADs: AES-GCM by WebCrypto; by @noble/ciphers what it does not have.
 * @module
 */
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { CmsError } from '../../cmsError.js';
import { concat } from '../../octets.js';
import { view } from '../../provider/subtleTerms.js';
import type { WebCrypto } from '../../provider/webCrypto.js';
import type { AeadName, GeneralCrypto } from '../generalCrypto.js';
import { checkAead, checkNonceForWriting } from './arguments.js';
import type { WebKeys } from './webKeys.js';

/** The AEADs of a WebCrypto. */
export function createWebAead({ subtle }: WebCrypto, { aesKey }: WebKeys): Pick<GeneralCrypto, 'seal' | 'open'> {
  async function gcmKey(aead: AeadName, key: Uint8Array, usage: KeyUsage): Promise<CryptoKey | undefined> {
    return aead === 'ChaCha20-Poly1305' ? undefined : aesKey(key, 'AES-GCM', usage);
  }
  return {
    async seal(aead, key, nonce, aad, plaintext) {
      checkAead(aead, key, nonce);
      checkNonceForWriting(nonce);
      const made = await gcmKey(aead, key, 'encrypt');
      if (made === undefined) return nobleAead(aead, key, nonce, aad).encrypt(plaintext);
      return new Uint8Array(await subtle.encrypt(gcmParameters(nonce, aad, 16), made, view(plaintext)));
    },
    async open(aead, key, nonce, aad, ciphertext, tag) {
      checkAead(aead, key, nonce, tag.length);
      const made = await gcmKey(aead, key, 'decrypt');
      const sealed = concat(ciphertext, tag);
      if (made !== undefined)
        return new Uint8Array(await subtle.decrypt(gcmParameters(nonce, aad, tag.length), made, view(sealed)));
      if (tag.length !== 16) throw new CmsError('ERR_UNSUPPORTED', 'AES-192-GCM with a shortened tag');
      return nobleAead(aead, key, nonce, aad).decrypt(sealed);
    },
  };
}

function nobleAead(
  aead: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
): Pick<ReturnType<typeof chacha20poly1305>, 'encrypt' | 'decrypt'> {
  return aead === 'ChaCha20-Poly1305' ? chacha20poly1305(key, nonce, aad) : gcm(key, nonce, aad);
}

function gcmParameters(nonce: Uint8Array, aad: Uint8Array, tagLength: number): AesGcmParams {
  return { name: 'AES-GCM', iv: view(nonce), additionalData: view(aad), tagLength: tagLength * 8 };
}
