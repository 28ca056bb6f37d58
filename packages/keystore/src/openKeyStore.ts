/**
 * A key store over a storage: every record in memory, every change durable before it shows.
 * @module
 */
import {
  type AgreementKey,
  type CryptoProvider,
  type MaybePromise,
  publicKeyFromRaw,
  type SigningKey,
  toHex,
} from '@stanzaseal/cms';
import type { KeyStore, KeyStoreStorage } from './keyStore.js';
import { KeyStoreError } from './keyStoreError.js';
import { copyChange } from './recordCodec.js';
import { type AccountRecord, type Change, TABLE_NAMES, type TableName, type Tables } from './records.js';

/**
 * Opens the key store that a storage holds. Commits are made one after another in the order of their calls; one that the
 * storage refuses changes nothing and its error is passed on, while later ones are tried on their own. When opening fails,
 * the storage stays open and the caller's to close.
 * @throws KeyStoreError `ERR_CORRUPT` when the storage holds no account
 * @example
 * const store = await openKeyStore(await openFileStorage({ directory, passphrase, random, crypto }));
 */
export async function openKeyStore(storage: KeyStoreStorage): Promise<KeyStore> {
  const tables: ReadonlyMap<TableName, Map<string, Tables[TableName]>> = new Map(
    TABLE_NAMES.map((name) => [name, new Map()]),
  );
  const keys = new OpenedKeys();
  let last: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  apply(await storage.load());
  const { owner } = account();

  function table<T extends TableName>(name: T): Map<string, Tables[T]> {
    refuseWhenClosed();
    const records = tables.get(name);
    if (records === undefined) throw new TypeError('table is not one of a key store');
    return records as Map<string, Tables[T]>;
  }

  function refuseWhenClosed(): void {
    if (closing !== undefined) throw new KeyStoreError('ERR_LOCKED', 'key store is closed');
  }

  function account(): AccountRecord {
    const record = table('account').get('self');
    if (record === undefined) throw new KeyStoreError('ERR_CORRUPT', 'storage holds no account');
    return record;
  }

  function apply(changes: readonly Change[]): void {
    for (const { table: name, key, record } of changes) {
      const records = tables.get(name) as Map<string, Tables[TableName]>;
      if (record === undefined) records.delete(key);
      else records.set(key, record);
    }
  }

  /** Copies, which are nobody else's to change; members of the record before are shared, and with them opened keys. */
  function own(changes: readonly Change[]): Change[] {
    refuseWhenClosed();
    return changes.map((change) => copyChange(change, table(change.table).get(change.key)));
  }

  function signingKey(raw: Uint8Array, secret: Uint8Array, crypto: CryptoProvider): MaybePromise<SigningKey> {
    return keys.open(secret, crypto, async () =>
      crypto.signingKey(await publicKeyFromRaw('Ed25519', raw, crypto), secret),
    );
  }

  return Object.freeze({
    owner,
    get<T extends TableName>(name: T, key: string): Tables[T] | undefined {
      return table(name).get(key);
    },
    entries<T extends TableName>(name: T): readonly (readonly [string, Tables[T]])[] {
      return [...table(name)];
    },
    async commit(changes: readonly Change[]): Promise<void> {
      const mine = own(changes);
      const done = last.then(async () => {
        await storage.commit(mine);
        apply(mine);
      });
      last = done.catch(() => undefined);
      return done;
    },
    deviceKey(crypto: CryptoProvider): MaybePromise<SigningKey> {
      const { device, deviceSecret } = account();
      return signingKey(device, deviceSecret, crypto);
    },
    identityKey(crypto: CryptoProvider): MaybePromise<SigningKey | undefined> {
      const { identity, identitySecret } = account();
      return identitySecret === undefined ? undefined : signingKey(identity, identitySecret, crypto);
    },
    prekey(keyIdentifier: Uint8Array, crypto: CryptoProvider): MaybePromise<AgreementKey | undefined> {
      const record = table('prekeys').get(toHex(keyIdentifier));
      if (record === undefined) return undefined;
      const publicKey = { algorithm: 'X25519', raw: record.publicKey } as const;
      return keys.open(record.secret, crypto, async () => crypto.agreementKey(record.secret, publicKey));
    },
    close(): Promise<void> {
      closing ??= last.then(() => {
        keys.drop();
        for (const records of tables.values()) records.clear();
        return storage.close();
      });
      return closing;
    },
  });
}

/** Keys imported once. They hang on the secret octets of their record, so they go when the record or the store goes. */
class OpenedKeys {
  #keys = new WeakMap<CryptoProvider, WeakMap<Uint8Array, MaybePromise<unknown>>>();

  open<K>(secret: Uint8Array, crypto: CryptoProvider, make: () => Promise<K>): MaybePromise<K> {
    const opened = this.#keys.get(crypto) ?? new WeakMap<Uint8Array, MaybePromise<unknown>>();
    this.#keys.set(crypto, opened);
    const known = opened.get(secret) as MaybePromise<K> | undefined;
    if (known !== undefined) return known;
    const made = make().then(
      (key) => {
        opened.set(secret, key); // from here on without a promise
        return key;
      },
      (error: unknown) => {
        opened.delete(secret);
        throw error;
      },
    );
    opened.set(secret, made);
    return made;
  }

  drop(): void {
    this.#keys = new WeakMap();
  }
}
