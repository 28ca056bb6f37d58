/**
 * A key store over a storage: every record in memory, every change durable before it shows.
 * @module
 */
import {
  type AgreementKey,
  type CryptoProvider,
  equal,
  type MaybePromise,
  publicKeyFromRaw,
  type SigningKey,
  toHex,
} from '@stanzaseal/cms';
import { DeviceIndex } from './deviceIndex.js';
import type { KeyStore, KeyStoreStorage } from './keyStore.js';
import { KeyStoreError } from './keyStoreError.js';
import { copyChange } from './recordCodec.js';
import {
  type AccountRecord,
  type Change,
  type PeerDeviceRecord,
  SECRET_TABLES,
  TABLE_NAMES,
  type TableName,
  type Tables,
} from './records.js';
import { overwriteSecrets } from './secret.js';
import { withoutSecrets } from './withoutSecrets.js';

/**
 * Opens the key store that a storage holds. Commits are made in the order of their calls, and what was asked for
 * while the storage was busy is made at once; one that the storage refuses changes nothing and its error is passed on, while
 * others are tried on their own. When opening fails,
 * the storage stays open and the caller's to close.
 * @throws KeyStoreError `ERR_CORRUPT` when the storage holds no account, `ERR_LOCKED` when its identity key is held elsewhere and
 * not the one given; TypeError for an identity key that the store has no use for
 * @example
 * const store = await openKeyStore(await openFileStorage({ directory, passphrase, random, crypto }));
 */
export async function openKeyStore(storage: KeyStoreStorage, { identity: held }: HeldKeys = {}): Promise<KeyStore> {
  const tables: ReadonlyMap<TableName, Map<string, Tables[TableName]>> = new Map(
    TABLE_NAMES.map((name) => [name, new Map()]),
  );
  const devices = new DeviceIndex();
  const keys = new OpenedKeys();
  let waiting: Waiting[] = [];
  let last: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  apply(await storage.load());
  const { owner } = account();
  checkHeld(account(), held ?? storage.keys?.identity());

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
      if (name === 'devices') devices.change(key, records.get(key) as PeerDeviceRecord | undefined, record);
      if (record === undefined) records.delete(key);
      else records.set(key, record);
    }
  }

  /** Copies, which are nobody else's to change; members of the record before are shared, and with them opened keys. */
  function own(changes: readonly Change[]): Change[] {
    refuseWhenClosed();
    return changes.map((change) => copyChange(change, table(change.table).get(change.key)));
  }

  /** Makes commits that came while another was being made as one, and each on its own when the storage refuses them so. */
  async function make(group: readonly Waiting[]): Promise<void> {
    const changes = group.flatMap((commit) => commit.changes);
    try {
      await storage.commit(changes);
    } catch (error) {
      if (group.length === 1) return group[0]?.reject(error);
      for (const commit of group) await make([commit]);
      return;
    }
    apply(storage.keys === undefined ? changes : changes.map(withoutSecrets));
    for (const { resolve } of group) resolve();
  }

  function signingKey(raw: Uint8Array, secret: Uint8Array, crypto: CryptoProvider): MaybePromise<SigningKey> {
    return keys.open(secret, crypto, async () =>
      crypto.signingKey(await publicKeyFromRaw('Ed25519', raw, crypto), secret),
    );
  }

  return Object.freeze({
    owner,
    get epoch() {
      return storage.epoch ?? 0;
    },
    get<T extends TableName>(name: T, key: string): Tables[T] | undefined {
      return table(name).get(key);
    },
    entries<T extends TableName>(name: T): readonly (readonly [string, Tables[T]])[] {
      return [...table(name)];
    },
    devicesOf(account: string): readonly PeerDeviceRecord[] {
      refuseWhenClosed();
      return devices.of(account);
    },
    async commit(changes: readonly Change[]): Promise<void> {
      const mine = own(changes);
      return new Promise((resolve, reject) => {
        waiting.push({ changes: mine, resolve, reject });
        if (waiting.length > 1) return;
        last = last.then(() => {
          const group = waiting;
          waiting = [];
          return make(group);
        });
      });
    },
    deviceKey(crypto: CryptoProvider): MaybePromise<SigningKey> {
      const { device, deviceSecret } = account();
      return storage.keys?.device() ?? signingKey(device, deviceSecret, crypto);
    },
    identityKey(crypto: CryptoProvider): MaybePromise<SigningKey | undefined> {
      const { identity, identitySecret } = account();
      const elsewhere = held ?? storage.keys?.identity();
      if (elsewhere !== undefined) return elsewhere;
      return identitySecret === undefined ? undefined : signingKey(identity, identitySecret, crypto);
    },
    prekey(keyIdentifier: Uint8Array, crypto: CryptoProvider): MaybePromise<AgreementKey | undefined> {
      const key = toHex(keyIdentifier);
      const record = table('prekeys').get(key);
      if (record === undefined) return undefined;
      const stored = storage.keys?.prekey(key);
      if (stored !== undefined) return stored;
      const publicKey = { algorithm: 'X25519', raw: record.publicKey } as const;
      return keys.open(record.secret, crypto, async () => crypto.agreementKey(record.secret, publicKey));
    },
    close(): Promise<void> {
      closing ??= last.then(() => {
        keys.drop();
        for (const name of SECRET_TABLES)
          for (const record of tables.get(name)?.values() ?? []) overwriteSecrets(record);
        for (const records of tables.values()) records.clear();
        devices.clear();
        return storage.close();
      });
      return closing;
    },
  });
}

/** Keys of a store that are not in it. */
export interface HeldKeys {
  /** The identity key of an account that was made with one held elsewhere: a token signs with it. */
  readonly identity?: SigningKey;
}

function checkHeld({ identity, identityElsewhere = false }: AccountRecord, held: SigningKey | undefined): void {
  if (!identityElsewhere) {
    if (held !== undefined) throw new TypeError('identity is given for a store that does not look for it elsewhere');
    return;
  }
  if (held === undefined) throw new KeyStoreError('ERR_LOCKED', 'identity key is held elsewhere and was not given');
  if (held.publicKey.algorithm === 'Ed25519' && equal(held.publicKey.raw, identity)) return;
  throw new KeyStoreError('ERR_LOCKED', 'identity key is held elsewhere and is not the one that was given');
}

/** A commit that was asked for and not made. */
interface Waiting {
  readonly changes: readonly Change[];
  resolve(): void;
  reject(reason: unknown): void;
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
