/**
 * Bare keys as keys of WebCrypto, which binds each to one use.
 * @module
 */
import { CmsError } from '../../cmsError.js';
import { encodeDer, integer, octetString, sequence } from '../../derWriter.js';
import { concat } from '../../octets.js';
import { base64Url, view, type WebCrypto } from '../../provider/subtleTerms.js';
import type { GeneralPrivateKey, GeneralPublicKey } from '../generalKey.js';
import { generalKeyAlgorithmNode } from '../keys/keyAlgorithm.js';
import { kept } from './kept.js';

/** What WebCrypto binds a key to when it is imported. */
export interface KeyUse {
  /** The algorithm. */
  readonly name: string;
  /** Its hash, for RSA. */
  readonly hash?: string;
  /** Its curve, for ECDSA and ECDH. */
  readonly namedCurve?: string;
}

/** Imports keys, once for each use. */
export interface WebKeys {
  /** The key as WebCrypto wants it for one use. */
  keyFor(key: GeneralPublicKey | GeneralPrivateKey, use: KeyUse, usages: KeyUsage[]): Promise<CryptoKey>;
  /** An AES key; `undefined` where WebCrypto has none of 192 bits (Chromium). */
  aesKey(octets: Uint8Array, name: string, usage: KeyUsage): Promise<CryptoKey | undefined>;
  /** The uncompressed point of a P-384 scalar. */
  p384PublicKey(secret: Uint8Array): Promise<Uint8Array>;
  /** PKCS#8 of a new RSA key of 3072 bits. */
  generateRsa(): Promise<Uint8Array>;
}

/** Key imports of a WebCrypto. */
export function createWebKeys({ subtle }: WebCrypto): WebKeys {
  const imported = new WeakMap<GeneralPublicKey | GeneralPrivateKey, Map<string, Promise<CryptoKey>>>();
  return {
    keyFor(key, use, usages) {
      const uses = kept(imported, key, () => new Map<string, Promise<CryptoKey>>());
      const name = `${use.name} ${use.hash ?? ''}`;
      let made = uses.get(name);
      if (made === undefined) {
        const [format, octets] = 'pkcs8' in key ? (['pkcs8', key.pkcs8()] as const) : (['spki', key.spki] as const);
        made = subtle.importKey(format, view(octets), use, false, usages);
        uses.set(name, made);
      }
      return made;
    },
    async aesKey(octets, name, usage) {
      try {
        return await subtle.importKey('raw', view(octets), name, false, [usage]);
      } catch (cause) {
        if (octets.length === 24) return undefined;
        throw cause;
      }
    },
    async p384PublicKey(secret) {
      const inner = octetString(encodeDer(sequence(integer(1), octetString(secret))));
      const pkcs8 = view(encodeDer(sequence(integer(0), generalKeyAlgorithmNode('P-384'), inner)));
      const key = await subtle.importKey('pkcs8', pkcs8, { name: 'ECDH', namedCurve: 'P-384' }, true, ['deriveBits']);
      const { x, y } = await subtle.exportKey('jwk', key);
      // A key imported without its public half (RFC 5915 §3: OPTIONAL) stays without it in @peculiar/webcrypto.
      if (!x || !y) throw new CmsError('ERR_UNSUPPORTED', 'WebCrypto gives no public key of P-384');
      return concat(Uint8Array.of(4), base64Url(x), base64Url(y));
    },
    async generateRsa() {
      const parameters = {
        name: 'RSA-PSS',
        hash: 'SHA-256',
        modulusLength: 3072,
        publicExponent: Uint8Array.of(1, 0, 1),
      };
      const { privateKey } = await subtle.generateKey(parameters, true, ['sign', 'verify']);
      return new Uint8Array(await subtle.exportKey('pkcs8', privateKey));
    },
  };
}
