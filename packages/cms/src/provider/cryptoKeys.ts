/**
 * Private keys that the platform holds as WebCrypto keys, and gives to nobody: what they sign and agree by the same ports.
 * @module
 */
import type { AgreementKey, PublicKey, RawPublicKey, SigningKey } from '../ports.js';
import { ecdsaToDer } from './ecdsaSignature.js';
import { algorithmOf, importPrivate, view, type WebCrypto } from './subtleTerms.js';

export type { WebCrypto } from './subtleTerms.js';

/**
 * A private key of a secret of 32 octets as a WebCrypto key that gives its octets to nobody, and that IndexedDB can store.
 * @param webCrypto the platform's own where it is left out
 * @example
 * import { importCryptoKey, signingKeyFromCryptoKey } from '@stanzaseal/cms/provider/crypto-keys';
 * const identity = signingKeyFromCryptoKey(publicKey, await importCryptoKey(publicKey, secret));
 */
export function importCryptoKey(
  publicKey: RawPublicKey,
  secret: Uint8Array,
  webCrypto: WebCrypto = globalThis.crypto as WebCrypto,
): Promise<CryptoKey> {
  return importPrivate(webCrypto.subtle, publicKey.algorithm, secret, false, publicKey.raw);
}

/** A signing key over a private WebCrypto key, extractable or not. @param webCrypto the platform's own where it is left out */
export function signingKeyFromCryptoKey(
  publicKey: PublicKey,
  key: CryptoKey,
  { subtle }: WebCrypto = globalThis.crypto as WebCrypto,
): SigningKey {
  return Object.freeze({
    publicKey,
    async sign(octets: Uint8Array) {
      const signature = new Uint8Array(await subtle.sign(algorithmOf(publicKey.algorithm), key, view(octets)));
      return publicKey.algorithm === 'P-256' ? ecdsaToDer(signature) : signature;
    },
  });
}

/** An agreement key over a private WebCrypto key of X25519. @param webCrypto the platform's own where it is left out */
export function agreementKeyFromCryptoKey(
  publicKey: RawPublicKey,
  key: CryptoKey,
  { subtle }: WebCrypto = globalThis.crypto as WebCrypto,
): AgreementKey {
  return Object.freeze({
    publicKey,
    async agree(peer: RawPublicKey) {
      const other = await subtle.importKey('raw', view(peer.raw), 'X25519', true, []);
      return new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: other }, key, 256));
    },
  });
}
