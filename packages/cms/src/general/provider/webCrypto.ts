/**
 * The primitives of the general profile by WebCrypto, with @noble/* for what the interface does not have: scrypt, SHA-224,
 * ChaCha20-Poly1305, unpadded CBC, ML-KEM and ML-DSA, and AES-192 where a browser (Chromium) refuses it. No streams.
 * @module
 */
import { aeskw, cbc } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { CmsError } from '../../cmsError.js';
import { isAcceptableEd25519Point } from '../../curvePoints.js';
import { isAllZero } from '../../octets.js';
import { ecdsaFromDer, ecdsaToDer } from '../../provider/ecdsaSignature.js';
import { view } from '../../provider/subtleTerms.js';
import { createCryptoProvider, type WebCrypto } from '../../provider/webCrypto.js';
import type { GeneralCrypto, HashName, SignatureScheme } from '../generalCrypto.js';
import type { GeneralPublicKey } from '../generalKey.js';
import { isLattice } from '../keys/keyAlgorithm.js';
import { decodePrivateKeyInfo, generateGeneralKey, type KeyTools } from '../keys/privateKeyInfo.js';
import { decodePublicKeyInfo } from '../keys/publicKeyInfo.js';
import { checkAgreement, checkKeyWrap, checkOaep, checkOaepCiphertext, checkScheme } from './arguments.js';
import { createLatticeOperations } from './latticeOperations.js';
import { createWebAead } from './webAead.js';
import { createWebKeys, type KeyUse } from './webKeys.js';

/**
 * A provider on WebCrypto. What is made of a key for its first use is kept for as long as the key object lives.
 * @param webCrypto another implementation of the interface; the platform's own where it is left out
 * @example
 * import { createGeneralCrypto } from '@stanzaseal/cms/general/provider/webcrypto';
 * const crypto = createGeneralCrypto();
 */
export function createGeneralCrypto(webCrypto: WebCrypto = globalThis.crypto as WebCrypto): GeneralCrypto {
  const { subtle } = webCrypto;
  const narrow = createCryptoProvider(webCrypto);
  const keys = createWebKeys(webCrypto);
  const { keyFor, aesKey } = keys;
  const tools: KeyTools = { digest, narrow, p384PublicKey: keys.p384PublicKey, generateRsa: keys.generateRsa };
  const { seal, open } = createWebAead(webCrypto, keys);

  async function digest(hash: HashName, octets: Uint8Array): Promise<Uint8Array> {
    if (hash === 'SHA-224') return sha224(octets);
    return new Uint8Array(await subtle.digest(hash, view(octets)));
  }

  const lattice = createLatticeOperations();

  return {
    name: 'WebCrypto',
    importPublicKey: (spki) => decodePublicKeyInfo(spki, tools),
    importPrivateKey: (pkcs8) => decodePrivateKeyInfo(pkcs8, tools),
    generatePrivateKey: (algorithm, random) => generateGeneralKey(algorithm, random, tools),
    digest,
    async hmac(hash, key, octets) {
      // WebCrypto imports no HMAC key of zero length.
      if (hash === 'SHA-224' || key.length === 0) return hmac(HASHES[hash], key, octets);
      const made = await subtle.importKey('raw', view(key), { name: 'HMAC', hash }, false, ['sign']);
      return new Uint8Array(await subtle.sign('HMAC', made, view(octets)));
    },
    async hkdf(hash, ikm, salt, info, length) {
      if (length > 255 * HASHES[hash].outputLen) throw new RangeError('length is more than 255 digests');
      if (hash === 'SHA-224') return hkdf(sha224, ikm, salt, info, length);
      const key = await subtle.importKey('raw', view(ikm), 'HKDF', false, ['deriveBits']);
      const parameters = { name: 'HKDF', hash, salt: view(salt), info: view(info) };
      return new Uint8Array(await subtle.deriveBits(parameters, key, length * 8));
    },
    async pbkdf2(hash, password, salt, iterations, length) {
      if (hash === 'SHA-224') return pbkdf2Async(sha224, password, salt, { c: iterations, dkLen: length });
      const key = await subtle.importKey('raw', view(password), 'PBKDF2', false, ['deriveBits']);
      const parameters = { name: 'PBKDF2', hash, salt: view(salt), iterations };
      return new Uint8Array(await subtle.deriveBits(parameters, key, length * 8));
    },
    scrypt: (password, salt, { n, r, p }, length) =>
      scryptAsync(password, salt, { N: n, r, p, dkLen: length, maxmem: 128 * r * (n + p + 2) }),
    async agree(key, peer) {
      checkAgreement(key, peer);
      const algorithm = agreementOf(peer);
      const publicKey = await keyFor(peer, algorithm, []);
      const privateKey = await keyFor(key, algorithm, ['deriveBits']);
      const length = peer.algorithm === 'P-384' ? 384 : 256;
      const parameters = { name: algorithm.name, public: publicKey };
      const secret = new Uint8Array(await subtle.deriveBits(parameters, privateKey, length));
      if (isAllZero(secret)) throw new CmsError('ERR_DER', 'shared secret is all zero');
      return secret;
    },
    async encryptOaep(key, parameters, octets) {
      checkOaep(key, parameters);
      const made = await keyFor(key, { name: 'RSA-OAEP', hash: webHash(parameters.hash) }, ['encrypt']);
      const algorithm = { name: 'RSA-OAEP', label: view(parameters.label) };
      return new Uint8Array(await subtle.encrypt(algorithm, made, view(octets)));
    },
    async decryptOaep(key, parameters, octets) {
      checkOaep(key.publicKey, parameters);
      checkOaepCiphertext(key.publicKey, octets);
      const made = await keyFor(key, { name: 'RSA-OAEP', hash: webHash(parameters.hash) }, ['decrypt']);
      const algorithm = { name: 'RSA-OAEP', label: view(parameters.label) };
      return new Uint8Array(await subtle.decrypt(algorithm, made, view(octets)));
    },
    encapsulate: lattice.encapsulate,
    decapsulate: lattice.decapsulate,
    async wrapKey(keyEncryptionKey, key) {
      checkKeyWrap(keyEncryptionKey, key.length);
      const wrapping = await aesKey(keyEncryptionKey, 'AES-KW', 'wrapKey');
      if (wrapping === undefined) return aeskw(keyEncryptionKey).encrypt(key);
      // Any algorithm serves that takes a raw key of this length; the wrapped octets do not depend on it.
      const wrapped = await subtle.importKey('raw', view(key), WRAPPED, true, ['sign']);
      return new Uint8Array(await subtle.wrapKey('raw', wrapped, wrapping, 'AES-KW'));
    },
    async unwrapKey(keyEncryptionKey, wrapped) {
      checkKeyWrap(keyEncryptionKey, wrapped.length - 8);
      const wrapping = await aesKey(keyEncryptionKey, 'AES-KW', 'unwrapKey');
      if (wrapping === undefined) return aeskw(keyEncryptionKey).decrypt(wrapped);
      const key = await subtle.unwrapKey('raw', view(wrapped), wrapping, 'AES-KW', WRAPPED, true, ['sign']);
      return new Uint8Array(await subtle.exportKey('raw', key));
    },
    encryptCbc: (key, iv, octets) => cbc(key, iv, { disablePadding: true }).encrypt(octets),
    decryptCbc: (key, iv, octets) => cbc(key, iv, { disablePadding: true }).decrypt(octets),
    seal,
    open,
    async sign(key, scheme, octets, random) {
      const { algorithm } = key.publicKey;
      checkScheme(algorithm, scheme);
      if (isLattice(algorithm)) return lattice.signLattice(key, octets, random);
      const made = await keyFor(key, signatureKeyOf(key.publicKey, scheme), ['sign']);
      const signature = new Uint8Array(await subtle.sign(parametersOf(scheme), made, view(octets)));
      return scheme.name === 'ECDSA' ? ecdsaToDer(signature) : signature;
    },
    async verify(key, scheme, octets, signature) {
      checkScheme(key.algorithm, scheme);
      if (isLattice(key.algorithm)) return lattice.verifyLattice(key, octets, signature);
      const [use, parameters] = [signatureKeyOf(key, scheme), parametersOf(scheme)];
      try {
        // R no point of small order: such a signature is nobody's honest work (E4).
        if (scheme.name === 'Ed25519' && !isAcceptableEd25519Point(signature.subarray(0, 32))) return false;
        const raw = scheme.name === 'ECDSA' ? ecdsaFromDer(signature, key.algorithm === 'P-384' ? 48 : 32) : signature;
        const made = await keyFor(key, use, ['verify']);
        return await subtle.verify(parameters, made, view(raw), view(octets));
      } catch {
        return false;
      }
    },
  };
}

const HASHES = { 'SHA-1': sha1, 'SHA-224': sha224, 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const;

const WRAPPED = { name: 'HMAC', hash: 'SHA-256' };

function agreementOf({ algorithm }: GeneralPublicKey): KeyUse {
  return algorithm === 'X25519' ? { name: 'X25519' } : { name: 'ECDH', namedCurve: algorithm };
}

function signatureKeyOf({ algorithm }: GeneralPublicKey, scheme: SignatureScheme): KeyUse {
  if (scheme.name === 'ECDSA') return { name: 'ECDSA', namedCurve: algorithm };
  return scheme.name === 'RSA-PSS' ? { name: 'RSA-PSS', hash: webHash(scheme.hash) } : { name: scheme.name };
}

function parametersOf(scheme: SignatureScheme): { name: string; hash?: string; saltLength?: number } {
  return scheme.name === 'ECDSA' ? { name: 'ECDSA', hash: webHash(scheme.hash) } : { ...scheme };
}

/** The hashes that WebCrypto knows inside of other algorithms. @throws CmsError `ERR_UNSUPPORTED` */
function webHash(hash: HashName): string {
  if (hash === 'SHA-224') throw new CmsError('ERR_UNSUPPORTED', 'WebCrypto has no SHA-224');
  return hash;
}
