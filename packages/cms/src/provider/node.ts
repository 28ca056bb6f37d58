/**
 * The primitives by `node:crypto`, synchronously: a promise a primitive would cost as much as the primitive.
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
  randomFillSync,
  sign,
  verify,
} from 'node:crypto';
import { derError } from '../cmsError.js';
import { pkcs8 } from '../pkcs8.js';
import type {
  AgreementKey,
  Base64,
  CryptoProvider,
  KeyAlgorithm,
  PublicKey,
  RandomSource,
  RawPublicKey,
  SigningKey,
} from '../ports.js';
import { pooledRandom } from './pooledRandom.js';

/** Random octets of OpenSSL's generator. */
export const systemRandom: RandomSource = pooledRandom((octets) => randomFillSync(octets));

/**
 * A provider on `node:crypto`. Imported keys are kept for as long as their key objects live.
 * @example
 * import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
 * const crypto = createCryptoProvider();
 */
export function createCryptoProvider(): CryptoProvider {
  const publicKeys = new WeakMap<RawPublicKey, KeyObject>();
  const x25519PrivateKey = x25519Importer();

  function publicKeyObject(key: RawPublicKey): KeyObject {
    // JWK import costs a tenth of SPKI DER with OpenSSL 3.0 (measured: docs/decisions/0004-crypto-providers.md).
    const importKey = (): KeyObject => createPublicKey({ key: jwkOf(key), format: 'jwk' });
    // A key without a name is an object's ephemeral one: it is used once, and remembering it costs the collector dear.
    if (!('keyIdentifier' in key)) return importKey();
    let object = publicKeys.get(key);
    if (object === undefined) {
      object = importKey();
      publicKeys.set(key, object);
    }
    return object;
  }

  function x25519PublicKey(privateKey: KeyObject): Uint8Array {
    // OpenSSL computed the public half when the key was imported, so exporting it costs next to nothing and an agreement with
    // the base point as much as the import. Only keys that Node *generated* can deadlock here, and only Node 20: the job that
    // made them wants their mutex (docs/decisions/0004-crypto-providers.md).
    // By way of the public key object, so that the secret is not written out once more.
    return octetsOf(Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x as string, 'base64url'));
  }

  return {
    name: 'node:crypto',
    sha256: (octets) => octetsOf(hash('sha256', octets, 'buffer')),
    sha512: (octets) => octetsOf(hash('sha512', octets, 'buffer')),
    hkdfSha256,
    wrapKey(keyEncryptionKey, key) {
      checkWrapLength(key.length);
      const cipher = createCipheriv('id-aes256-wrap', keyEncryptionKey, KEY_WRAP_IV);
      return octetsOf(cipher.update(key));
    },
    unwrapKey(keyEncryptionKey, wrapped) {
      checkWrapLength(wrapped.length - 8);
      const decipher = createDecipheriv('id-aes256-wrap', keyEncryptionKey, KEY_WRAP_IV);
      const key = decipher.update(wrapped);
      decipher.final();
      return octetsOf(key);
    },
    encryptAesGcm(key, nonce, aad, plaintext, into) {
      const cipher = createCipheriv('aes-256-gcm', key, checkedNonce(nonce), { authTagLength: 16 });
      cipher.setAAD(aad);
      const octets = into ?? octetsOf(Buffer.allocUnsafe(plaintext.length + 16));
      octets.set(cipher.update(plaintext), 0);
      cipher.final();
      octets.set(cipher.getAuthTag(), plaintext.length);
      return octets;
    },
    decryptAesGcm(key, nonce, aad, ciphertext, tag) {
      // Without authTagLength Node takes tags of 4, 8 and 12 octets as well (A6).
      const decipher = createDecipheriv('aes-256-gcm', key, checkedNonce(nonce), { authTagLength: 16 });
      decipher.setAAD(aad);
      decipher.setAuthTag(tag);
      const plaintext = decipher.update(ciphertext);
      try {
        decipher.final();
      } catch (cause) {
        plaintext.fill(0);
        throw cause;
      }
      return octetsOf(plaintext);
    },
    rawPublicKey(algorithm, secret) {
      if (algorithm === 'X25519') return x25519PublicKey(x25519PrivateKey(secret));
      if (algorithm === 'Ed25519') {
        const spki = createPublicKey(ed25519PrivateKey(secret)).export({ format: 'der', type: 'spki' });
        return octetsOf(spki).slice(-32);
      }
      return p256PublicKey(secret);
    },
    signingKey(publicKey, secret): SigningKey {
      const privateKey =
        publicKey.algorithm === 'Ed25519' ? ed25519PrivateKey(secret) : p256PrivateKey(publicKey, secret);
      const digest = publicKey.algorithm === 'Ed25519' ? null : 'sha256';
      return Object.freeze({ publicKey, sign: (octets: Uint8Array) => octetsOf(sign(digest, octets, privateKey)) });
    },
    agreementKey(secret, publicKey): AgreementKey {
      const privateKey = x25519PrivateKey(secret);
      const own = publicKey ?? Object.freeze({ algorithm: 'X25519' as KeyAlgorithm, raw: x25519PublicKey(privateKey) });
      return Object.freeze({
        publicKey: own,
        agree: (peer: RawPublicKey) => octetsOf(diffieHellman({ privateKey, publicKey: publicKeyObject(peer) })),
      });
    },
    verify(publicKey, octets, signature) {
      try {
        return verify(publicKey.algorithm === 'P-256' ? 'sha256' : null, octets, publicKeyObject(publicKey), signature);
      } catch {
        return false;
      }
    },
    base64: BASE64,
  };
}

const BASE64: Base64 = Object.freeze({
  encode(octets: Uint8Array) {
    const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    let text = buffer.toString('base64', 0, PIECE);
    for (let at = PIECE; at < buffer.length; at += PIECE) text += buffer.toString('base64', at, at + PIECE);
    return text;
  },
  decode(text: string) {
    const octets = Buffer.from(text, 'base64');
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
    const groups = text.length / 4;
    // `Buffer` skips what is no digit, and each that it skips leaves fewer octets than so many groups hold; of a character of two octets it
    // takes the low one. It takes the URL alphabet, and stray bits, which only the last group can have. To write all of it anew for a
    // comparison costs ten times as much as to read it.
    const isWhole = octets.length === groups * 3 - padding && !WIDE.test(text);
    const isOfAlphabet = isWhole && !text.includes('-') && !text.includes('_');
    if (!isOfAlphabet || octets.toString('base64', Math.max(0, groups * 3 - 3)) !== text.slice(-4))
      throw derError('base64 is not canonical');
    return octetsOf(octets);
  },
});

/** V8 knows without a look that a text of one-octet characters has none of these. */
const WIDE = /[^\0-\xff]/;

/**
 * Octets of a piece of base64, whole groups. V8 gives a text of more than 128 KiB pages of its own, which the system fills with zeros first:
 * of 256 KiB that costs fifteen times as much as the base64. Pieces that are joined are one text as well.
 */
const PIECE = 22.5 * 1024;

const KEY_WRAP_IV = new Uint8Array(8).fill(0xa6);

/** HKDF by two HMACs: half the cost of `hkdfSync` (docs/decisions/0004-crypto-providers.md). */
function hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > 255 * 32) throw new RangeError('length is more than 8160 octets');
  const pseudoRandomKey = createHmac('sha256', salt).update(ikm).digest();
  if (length === 32) return octetsOf(createHmac('sha256', pseudoRandomKey).update(info).update(FIRST_BLOCK).digest());
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let filled = 0, counter = 1; filled < length; filled += 32, counter++) {
    block = createHmac('sha256', pseudoRandomKey).update(block).update(info).update(Uint8Array.of(counter)).digest();
    output.set(block.subarray(0, length - filled), filled);
  }
  return output;
}

const FIRST_BLOCK = Uint8Array.of(1);

const PLACEHOLDER = base64Url(Uint8Array.of(9, ...new Uint8Array(31)));

/**
 * X25519 private keys, by JWK with a public member that is not the right one where this Node takes that: it costs a fifth of
 * PKCS#8. Found out at the first key.
 */
function x25519Importer(): (secret: Uint8Array) => KeyObject {
  let takesPlaceholder = true;
  return (secret) => {
    if (takesPlaceholder) {
      try {
        const jwk = { kty: 'OKP', crv: 'X25519', d: base64Url(secret), x: PLACEHOLDER };
        return createPrivateKey({ key: jwk, format: 'jwk' });
      } catch {
        takesPlaceholder = false;
      }
    }
    return createPrivateKey({ key: Buffer.from(pkcs8('X25519', secret)), format: 'der', type: 'pkcs8' });
  };
}

function ed25519PrivateKey(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8('Ed25519', secret)), format: 'der', type: 'pkcs8' });
}

function p256PrivateKey(publicKey: PublicKey, secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: { ...jwkOf(publicKey), d: base64Url(secret) }, format: 'jwk' });
}

function p256PublicKey(secret: Uint8Array): Uint8Array {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(secret);
  return octetsOf(ecdh.getPublicKey());
}

/** RFC 3394 §2.2: two blocks of eight octets at least. OpenSSL unwraps nothing to nothing. */
function checkWrapLength(length: number): void {
  if (length < 16 || length % 8 !== 0) throw new RangeError('key to wrap is not two or more blocks of 8 octets');
}

function checkedNonce(nonce: Uint8Array): Uint8Array {
  if (nonce.length !== 12) throw new RangeError('nonce is not 12 octets');
  return nonce;
}

function jwkOf({ algorithm, raw }: RawPublicKey): { kty: string; crv: string; x: string; y?: string } {
  if (algorithm !== 'P-256') return { kty: 'OKP', crv: algorithm, x: base64Url(raw) };
  return { kty: 'EC', crv: algorithm, x: base64Url(raw.subarray(1, 33)), y: base64Url(raw.subarray(33)) };
}

function base64Url(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64url');
}

/** A plain view, so that no `Buffer` method leaks into public values. */
function octetsOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
