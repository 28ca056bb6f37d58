/**
 * A store key that a token gives: the shared secret of a P-256 key that cannot leave the token and a point that nobody knows
 * the logarithm of, through HKDF. ECDH over P-256 is what SoftHSM, PIV and OpenPGP cards, YubiHSM and TPM have in common; AES
 * they do not. The store's head keeps the point; the token has the rest.
 * @module
 */
import {
  type CryptoProvider,
  concat,
  fromUtf8,
  generatePrivateKey,
  isAcceptablePublicKey,
  type RandomSource,
  toUtf8,
} from '@stanzaseal/cms';
import { KeyStoreError } from '../keyStoreError.js';
import { STORE_KEY_LENGTH, type StoreSecret } from '../storeSecret.js';
import type { Pkcs11Token } from './pkcs11Token.js';
import { findPrivateKey, generateKeyPair, mayLeave, privateKeyOf } from './tokenObjects.js';
import { deriveRaw } from './tokenOperations.js';

const POINT_LENGTH = 65;
const MAX_LABEL = 255;

/**
 * A store key by a key in a token, which is made where there is none of the label. One key may open several stores.
 * @param parameters `keyLabel`: the P-256 key (CKA_LABEL); an existing store has its own, which must be the same where both
 * are given; TypeError in `create` without one
 * @throws RangeError for a label that is empty or longer than 255 octets of UTF-8, and in `create` for a key that may leave
 * the token
 * @example
 * import { pkcs11Secret, pkcs11Token } from '@stanzaseal/keystore/pkcs11';
 * const token = pkcs11Token({ library: '/usr/lib/softhsm/libsofthsm2.so', label: 'juliet', pin });
 * const secret = pkcs11Secret({ token, keyLabel: 'store', random, crypto });
 */
export function pkcs11Secret(parameters: {
  readonly token: Pkcs11Token;
  readonly keyLabel?: string;
  readonly random: RandomSource;
  readonly crypto: CryptoProvider;
}): StoreSecret {
  const { token, keyLabel, random, crypto } = parameters;
  if (keyLabel !== undefined && !isLabel(toUtf8(keyLabel))) {
    throw new RangeError('keyLabel is empty or longer than 255 octets');
  }
  const storeKey = async (shared: Uint8Array, salt: Uint8Array, point: Uint8Array) => {
    const info = concat(toUtf8('stanzaseal/store/2 pkcs11'), point);
    const key = await crypto.hkdfSha256(shared, salt, info, STORE_KEY_LENGTH);
    shared.fill(0);
    return key;
  };
  return Object.freeze({
    kind: 'pkcs11' as const,
    async create(salt: Uint8Array) {
      if (keyLabel === undefined) throw new TypeError('keyLabel is missing');
      const point = (await generatePrivateKey('P-256', random, crypto)).publicKey.raw; // its private half is forgotten here
      const shared = await token.use(async (session) => {
        const wanted = { label: keyLabel, use: 'derive', keepPublicKey: true, random } as const;
        const key = findPrivateKey(session, keyLabel) ?? (await generateKeyPair(session, 'P-256', wanted)).privateKey;
        if (mayLeave(session, key)) throw new RangeError('keyLabel names a key that may leave the token');
        return deriveRaw(session, key, point);
      });
      return { key: await storeKey(shared, salt, point), parameters: concat(point, toUtf8(keyLabel)) };
    },
    async open(salt: Uint8Array, octets: Uint8Array) {
      const { point, label } = decode(octets);
      if ((keyLabel ?? label) !== label)
        throw new KeyStoreError('ERR_PASSPHRASE', 'key store is opened by another key');
      const shared = await token.use(async (session) => deriveRaw(session, privateKeyOf(session, label), point));
      return storeKey(shared, salt, point);
    },
    describe: (octets: Uint8Array) => `the key '${decode(octets).label}' in a PKCS#11 token`,
  });
}

/** Point (65 octets), label. A point that is not on the curve would be an attack on the token's key (E1-E3). */
function decode(octets: Uint8Array): { readonly point: Uint8Array; readonly label: string } {
  const [point, label] = [octets.slice(0, POINT_LENGTH), octets.subarray(POINT_LENGTH)];
  try {
    if (isAcceptablePublicKey('P-256', point) && isLabel(label)) return { point, label: fromUtf8(label) };
  } catch (cause) {
    throw corrupt(cause);
  }
  throw corrupt();
}

function isLabel({ length }: Uint8Array): boolean {
  return length > 0 && length <= MAX_LABEL;
}

function corrupt(cause?: unknown): KeyStoreError {
  return new KeyStoreError('ERR_CORRUPT', 'key store names a key of a token that cannot be', { cause });
}
