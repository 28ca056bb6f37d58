/**
 * The primitives by WebCrypto, in any runtime that has it, or by any implementation of its interface.
 * @module
 */
import { CmsError } from '../cmsError.js';
import { concat } from '../octets.js';
import type { AgreementKey, CryptoProvider, KeyAlgorithm, RandomSource, RawPublicKey, SigningKey } from '../ports.js';
import { signingKeyFromCryptoKey } from './cryptoKeys.js';
import { ecdsaFromDer } from './ecdsaSignature.js';
import { pooledRandom } from './pooledRandom.js';
import { algorithmOf, base64Url, importPrivate, view, type WebCrypto } from './subtleTerms.js';

export type { WebCrypto } from './subtleTerms.js';

/** Random octets of the platform's WebCrypto. */
export const systemRandom: RandomSource = /* @__PURE__ */ pooledRandom((octets) =>
  globalThis.crypto.getRandomValues(octets),
);

/**
 * A provider on WebCrypto. Imported keys are kept for as long as their key objects live.
 * @param webCrypto another implementation of the interface; the platform's own where it is left out
 * @example
 * import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider/webcrypto';
 * const crypto = createCryptoProvider();
 */
export function createCryptoProvider(webCrypto: WebCrypto = globalThis.crypto as WebCrypto): CryptoProvider {
  const { subtle } = webCrypto;
  const publicKeys = new WeakMap<RawPublicKey, Promise<CryptoKey>>();

  function importedPublicKey(key: RawPublicKey): Promise<CryptoKey> {
    let imported = publicKeys.get(key);
    if (!imported) {
      const usages: KeyUsage[] = key.algorithm === 'X25519' ? [] : ['verify'];
      imported = subtle.importKey('raw', view(key.raw), algorithmOf(key.algorithm), true, usages);
      // A key without a name is an object's ephemeral one: it is used once, and remembering it costs the collector dear.
      if ('keyIdentifier' in key) publicKeys.set(key, imported);
    }
    return imported;
  }

  // Not `async`: about a single call, that made 1 % of opening an object in a page.
  const digest = (algorithm: string) => (octets: Uint8Array) =>
    subtle.digest(algorithm, view(octets)).then((digested) => new Uint8Array(digested));

  const importedPrivateKey = (algorithm: KeyAlgorithm, secret: Uint8Array, extractable: boolean) =>
    importPrivate(subtle, algorithm, secret, extractable);

  async function agree(privateKey: CryptoKey, peer: RawPublicKey): Promise<Uint8Array> {
    const publicKey = await importedPublicKey(peer);
    return new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: publicKey }, privateKey, 256));
  }

  /** Of an imported, extractable key; where the platform's export lacks it, by another multiplication. */
  async function publicHalf(key: CryptoKey): Promise<Uint8Array> {
    const { x } = await subtle.exportKey('jwk', key);
    return x ? base64Url(x) : agree(key, basePoint);
  }

  const basePoint: RawPublicKey = { algorithm: 'X25519', raw: Uint8Array.of(9, ...new Uint8Array(31)) };

  return {
    name: 'WebCrypto',
    sha256: digest('SHA-256'),
    sha512: digest('SHA-512'),
    async hkdfSha256(ikm, salt, info, length) {
      if (length > 255 * 32) throw new RangeError('length is more than 8160 octets');
      const key = await subtle.importKey('raw', view(ikm), 'HKDF', false, ['deriveBits']);
      const parameters = { name: 'HKDF', hash: 'SHA-256', salt: view(salt), info: view(info) };
      return new Uint8Array(await subtle.deriveBits(parameters, key, length * 8));
    },
    async wrapKey(keyEncryptionKey, key) {
      const [wrapping, wrapped] = await Promise.all([
        subtle.importKey('raw', view(keyEncryptionKey), 'AES-KW', false, ['wrapKey']),
        // Any algorithm serves that takes a raw key of this length; the wrapped octets do not depend on it.
        subtle.importKey('raw', view(key), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']),
      ]);
      return new Uint8Array(await subtle.wrapKey('raw', wrapped, wrapping, 'AES-KW'));
    },
    async unwrapKey(keyEncryptionKey, wrapped) {
      const wrapping = await subtle.importKey('raw', view(keyEncryptionKey), 'AES-KW', false, ['unwrapKey']);
      const key = await subtle.unwrapKey(
        'raw',
        view(wrapped),
        wrapping,
        'AES-KW',
        { name: 'HMAC', hash: 'SHA-256' },
        true,
        ['sign'],
      );
      return new Uint8Array(await subtle.exportKey('raw', key));
    },
    async encryptAesGcm(key, nonce, aad, plaintext, into) {
      const imported = await subtle.importKey('raw', view(key), 'AES-GCM', false, ['encrypt']);
      const octets = new Uint8Array(await subtle.encrypt(gcmParameters(nonce, aad), imported, view(plaintext)));
      into?.set(octets);
      return into ?? octets;
    },
    async decryptAesGcm(key, nonce, aad, ciphertext, tag) {
      // A shorter tag would only be taken for ciphertext's end here, but the port promises 16 octets (CVE-2026-34182).
      if (tag.length !== 16) throw new RangeError('tag is not 16 octets');
      const imported = await subtle.importKey('raw', view(key), 'AES-GCM', false, ['decrypt']);
      return new Uint8Array(await subtle.decrypt(gcmParameters(nonce, aad), imported, view(concat(ciphertext, tag))));
    },
    async rawPublicKey(algorithm, secret) {
      if (algorithm === 'X25519') return agree(await importedPrivateKey(algorithm, secret, false), basePoint);
      const jwk = await subtle.exportKey('jwk', await importedPrivateKey(algorithm, secret, true));
      // A key imported without its public half (RFC 5915 §3: OPTIONAL) stays without it in @peculiar/webcrypto.
      if (algorithm === 'P-256' && !jwk.y) throw new CmsError('ERR_UNSUPPORTED', 'no public key of P-256');
      return algorithm === 'Ed25519' ? base64Url(jwk.x) : concat(Uint8Array.of(4), base64Url(jwk.x), base64Url(jwk.y));
    },
    async signingKey(publicKey, secret): Promise<SigningKey> {
      return signingKeyFromCryptoKey(
        publicKey,
        await importPrivate(subtle, publicKey.algorithm, secret, false, publicKey.raw),
        webCrypto,
      );
    },
    async agreementKey(secret, publicKey): Promise<AgreementKey> {
      // The public half comes with the export of a key imported here, at a tenth of a second multiplication (decision 0004).
      const key = await importedPrivateKey('X25519', secret, publicKey === undefined);
      const own = publicKey ?? Object.freeze({ algorithm: 'X25519' as KeyAlgorithm, raw: await publicHalf(key) });
      return Object.freeze({ publicKey: own, agree: (peer: RawPublicKey) => agree(key, peer) });
    },
    async verify(publicKey, octets, signature) {
      try {
        const raw = publicKey.algorithm === 'P-256' ? ecdsaFromDer(signature) : signature;
        const key = await importedPublicKey(publicKey);
        return await subtle.verify(algorithmOf(publicKey.algorithm), key, view(raw), view(octets));
      } catch {
        return false;
      }
    },
  };
}

/** A tag of 128 bits is what WebCrypto makes and takes where no length is named (Web Cryptography API, AesGcmParams). */
function gcmParameters(nonce: Uint8Array, aad: Uint8Array): AesGcmParams {
  if (nonce.length !== 12) throw new RangeError('nonce is not 12 octets');
  return { name: 'AES-GCM', iv: view(nonce), additionalData: view(aad) };
}
