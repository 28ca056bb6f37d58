/**
 * The primitives of the general profile by `node:crypto`; ML-KEM and ML-DSA by @noble/post-quantum, since Node 20 and 22 have
 * none and newer ones take no randomness as an argument.
 * @module
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  diffieHellman,
  hash as hashOnce,
  hkdfSync,
  type KeyObject,
  pbkdf2,
  privateDecrypt,
  publicEncrypt,
  scrypt,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { CmsError } from '../../cmsError.js';
import { isAcceptableEd25519Point } from '../../curvePoints.js';
import { concat, isAllZero } from '../../octets.js';
import { createCryptoProvider } from '../../provider/node.js';
import type { GeneralCrypto, HashName, OaepParameters, SignatureScheme } from '../generalCrypto.js';
import type { GeneralPrivateKey, GeneralPublicKey } from '../generalKey.js';
import { isLattice } from '../keys/keyAlgorithm.js';
import { decodePrivateKeyInfo, generateGeneralKey, type KeyTools } from '../keys/privateKeyInfo.js';
import { decodePublicKeyInfo } from '../keys/publicKeyInfo.js';
import { checkAgreement, checkKeyWrap, checkOaep, checkOaepCiphertext, checkScheme } from './arguments.js';
import { kept } from './kept.js';
import { createLatticeOperations } from './latticeOperations.js';
import { openStream, sealStream } from './nodeAead.js';
import { generateRsa, importPrivate, importPublic, octetsOf, p384PublicKey } from './nodeKeys.js';

/**
 * A provider on `node:crypto`. What is made of a key for its first use is kept for as long as the key object lives.
 * @example
 * import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
 * const crypto = createGeneralCrypto();
 * const key = await crypto.importPrivateKey(decodePem(text, 'PRIVATE KEY'));
 */
export function createGeneralCrypto(): GeneralCrypto {
  const publicKeys = new WeakMap<GeneralPublicKey, KeyObject>();
  const privateKeys = new WeakMap<GeneralPrivateKey, KeyObject>();
  const tools: KeyTools = { digest, narrow: createCryptoProvider(), p384PublicKey, generateRsa };
  const publicKeyObject = (key: GeneralPublicKey) => kept(publicKeys, key, importPublic);
  const privateKeyObject = (key: GeneralPrivateKey) => kept(privateKeys, key, importPrivate);
  const lattice = createLatticeOperations();

  return {
    name: 'node:crypto',
    importPublicKey: (spki) => decodePublicKeyInfo(spki, tools),
    importPrivateKey: (pkcs8) => decodePrivateKeyInfo(pkcs8, tools),
    generatePrivateKey: (algorithm, random) => generateGeneralKey(algorithm, random, tools),
    digest,
    hmac: (hash, key, octets) => octetsOf(createHmac(NAMES[hash], key).update(octets).digest()),
    hkdf: (hash, ikm, salt, info, length) => new Uint8Array(hkdfSync(NAMES[hash], ikm, salt, info, length)),
    // These two take long on purpose: they run beside the event loop.
    pbkdf2: async (hash, password, salt, iterations, length) =>
      octetsOf(await pbkdf2Beside(password, salt, iterations, length, NAMES[hash])),
    async scrypt(password, salt, { n, r, p }, length) {
      const options = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 65536 };
      return octetsOf(await scryptBeside(password, salt, length, options));
    },
    agree(key, peer) {
      checkAgreement(key, peer);
      const secret = diffieHellman({ privateKey: privateKeyObject(key), publicKey: publicKeyObject(peer) });
      if (isAllZero(secret)) throw new CmsError('ERR_DER', 'shared secret is all zero');
      return octetsOf(secret);
    },
    encryptOaep(key, parameters, octets) {
      checkOaep(key, parameters);
      return octetsOf(publicEncrypt({ key: publicKeyObject(key), ...oaep(parameters) }, octets));
    },
    decryptOaep(key, parameters, octets) {
      checkOaep(key.publicKey, parameters);
      checkOaepCiphertext(key.publicKey, octets);
      return octetsOf(privateDecrypt({ key: privateKeyObject(key), ...oaep(parameters) }, octets));
    },
    encapsulate: lattice.encapsulate,
    decapsulate: lattice.decapsulate,
    wrapKey(keyEncryptionKey, key) {
      checkKeyWrap(keyEncryptionKey, key.length);
      const cipher = createCipheriv(`id-aes${keyEncryptionKey.length * 8}-wrap`, keyEncryptionKey, KEY_WRAP_IV);
      return octetsOf(cipher.update(key));
    },
    unwrapKey(keyEncryptionKey, wrapped) {
      checkKeyWrap(keyEncryptionKey, wrapped.length - 8);
      const decipher = createDecipheriv(`id-aes${keyEncryptionKey.length * 8}-wrap`, keyEncryptionKey, KEY_WRAP_IV);
      const key = decipher.update(wrapped);
      decipher.final();
      return octetsOf(key);
    },
    encryptCbc(key, iv, octets) {
      const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
      return concat(cipher.update(octets), cipher.final());
    },
    decryptCbc(key, iv, octets) {
      const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
      return concat(decipher.update(octets), decipher.final());
    },
    seal(aead, key, nonce, aad, plaintext) {
      const stream = sealStream(aead, key, nonce, aad);
      return concat(stream.update(plaintext), stream.final());
    },
    open(aead, key, nonce, aad, ciphertext, tag) {
      const stream = openStream(aead, key, nonce, aad, tag.length);
      const plaintext = stream.update(ciphertext);
      try {
        stream.final(tag);
      } catch (cause) {
        plaintext.fill(0);
        throw cause;
      }
      return plaintext;
    },
    sign(key, scheme, octets, random) {
      const { algorithm } = key.publicKey;
      checkScheme(algorithm, scheme);
      if (isLattice(algorithm)) return lattice.signLattice(key, octets, random);
      return octetsOf(sign(digestOf(scheme), octets, { key: privateKeyObject(key), ...padding(scheme) }));
    },
    verify(key, scheme, octets, signature) {
      checkScheme(key.algorithm, scheme);
      if (isLattice(key.algorithm)) return lattice.verifyLattice(key, octets, signature);
      try {
        // R no point of small order: such a signature is nobody's honest work (E4).
        if (scheme.name === 'Ed25519' && !isAcceptableEd25519Point(signature.subarray(0, 32))) return false;
        return verify(digestOf(scheme), octets, { key: publicKeyObject(key), ...padding(scheme) }, signature);
      } catch {
        return false;
      }
    },
    sealStream,
    openStream,
    digestStream(hash) {
      const digest = createHash(NAMES[hash]);
      return { update: (octets) => void digest.update(octets), digest: () => octetsOf(digest.digest()) };
    },
  };
}

const NAMES: Readonly<Record<HashName, string>> = {
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const KEY_WRAP_IV = new Uint8Array(8).fill(0xa6);
const pbkdf2Beside = promisify(pbkdf2);
const scryptBeside = promisify<Uint8Array, Uint8Array, number, object, Uint8Array>(scrypt as never);

function digest(hash: HashName, octets: Uint8Array): Uint8Array {
  return octetsOf(hashOnce(NAMES[hash], octets, 'buffer'));
}

function oaep({ hash, label }: OaepParameters): { padding: number; oaepHash: string; oaepLabel?: Uint8Array } {
  return {
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: NAMES[hash],
    ...(label.length > 0 && { oaepLabel: label }),
  };
}

function digestOf(scheme: SignatureScheme): string | null {
  return 'hash' in scheme ? NAMES[scheme.hash] : null;
}

function padding(scheme: SignatureScheme): { padding?: number; saltLength?: number } {
  return scheme.name === 'RSA-PSS' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength } : {};
}
