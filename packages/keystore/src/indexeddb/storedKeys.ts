/**
 * Private keys as WebCrypto keys that are not extractable.
 * @module
 */
import {
  type AgreementKey,
  type CryptoProvider,
  equal,
  type PublicKey,
  publicKeyFromRaw,
  type SigningKey,
} from '@stanzaseal/cms';
import {
  agreementKeyFromCryptoKey,
  importCryptoKey,
  signingKeyFromCryptoKey,
} from '@stanzaseal/cms/provider/crypto-keys';
import type { StoredKeys } from '../keyStore.js';
import type { Change } from '../records.js';

/** A private key under its name: `device`, `identity`, or `prekey KEY`. */
export interface StoredKey {
  /** Its public half. */
  readonly publicKey: PublicKey;
  /** The private half. */
  readonly key: CryptoKey;
}

/** Private keys that changes bring, by name; `undefined` for those that go. @throws TypeError for a record without a secret whose key is not held */
export async function newKeys(
  changes: readonly Change[],
  held: ReadonlyMap<string, StoredKey>,
  crypto: CryptoProvider,
): Promise<Map<string, StoredKey | undefined>> {
  const keys = new Map<string, StoredKey | undefined>();

  async function take(name: string, algorithm: 'Ed25519' | 'X25519', raw: Uint8Array, secret: Uint8Array | undefined) {
    if (secret !== undefined && secret.length > 0) {
      const publicKey = await publicKeyFromRaw(algorithm, raw, crypto);
      keys.set(name, { publicKey, key: await importCryptoKey(publicKey, secret) });
    } else if (!isOf(held.get(name), raw)) {
      throw new TypeError(`${name} has no secret and its private key is not held`);
    }
  }

  for (const { table, key, record } of changes) {
    if (table === 'prekeys') {
      if (record === undefined) keys.set(`prekey ${key}`, undefined);
      else await take(`prekey ${key}`, 'X25519', record.publicKey, record.secret);
    } else if (table === 'account' && key === 'self') {
      const isHere = record !== undefined && record.deviceElsewhere !== true;
      if (isHere) await take('device', 'Ed25519', record.device, record.deviceSecret);
      if (record?.identitySecret !== undefined)
        await take('identity', 'Ed25519', record.identity, record.identitySecret);
      else if (!isOf(held.get('identity'), record?.identity)) keys.set('identity', undefined);
      if (!isHere) keys.set('device', undefined);
    }
  }
  return keys;
}

/** Whether every record has its private key. */
export function areComplete(records: readonly Change[], keys: ReadonlyMap<string, StoredKey>): boolean {
  return records.every(({ table, key, record }) => {
    if (table === 'prekeys') return isOf(keys.get(`prekey ${key}`), record?.publicKey);
    return table !== 'account' || record?.deviceElsewhere === true || isOf(keys.get('device'), record?.device);
  });
}

/** The keys as a key store asks for them; each is made once. */
export function keysOf(held: ReadonlyMap<string, StoredKey>): StoredKeys {
  const signing = made(signingKeyFromCryptoKey);
  const agreement = made(agreementKeyFromCryptoKey);
  return Object.freeze({
    device: (): SigningKey | undefined => signing(held.get('device')),
    identity: (): SigningKey | undefined => signing(held.get('identity')),
    prekey: (key: string): AgreementKey | undefined => agreement(held.get(`prekey ${key}`)),
  });
}

function made<K>(make: (publicKey: PublicKey, key: CryptoKey) => K): (stored: StoredKey | undefined) => K | undefined {
  const known = new WeakMap<StoredKey, K>();
  return (stored) => {
    if (stored === undefined) return undefined;
    const key = known.get(stored) ?? make(stored.publicKey, stored.key);
    known.set(stored, key);
    return key;
  };
}

function isOf(stored: StoredKey | undefined, raw: Uint8Array | undefined): boolean {
  return stored !== undefined && raw !== undefined && equal(stored.publicKey.raw, raw);
}
