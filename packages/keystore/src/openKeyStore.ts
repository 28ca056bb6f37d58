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
import { DeviceIndex } from './deviceIndex.js';
import { accountIn, checkHeld, type HeldKeys, heldBy, type KeyHolder, theHeld } from './heldKeys.js';
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
 * @param holder the keys that are held elsewhere, or who finds them
 * @throws KeyStoreError `ERR_CORRUPT` when the storage holds no account, `ERR_LOCKED` when a key of it is held elsewhere and
 * not the one given; TypeError for a key that the store has no use for; what `holder` throws
 * @example
 * const store = await openKeyStore(await openFileStorage({ directory, passphrase, random, crypto }));
 */
export async function openKeyStore(storage: KeyStoreStorage, holder: KeyHolder = {}): Promise<KeyStore> {
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
  let held = await heldBy(holder, account());
  checkHeld(account(), withStored(held));

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

  function withStored(given: HeldKeys): HeldKeys {
    const identity = storage.keys?.identity();
    return identity === undefined ? given : { identity, ...given };
  }

  function apply(changes: readonly Change[]): void {
    for (const { table: name, key, record } of changes) {
      const records = tables.get(name) as Map<string, Tables[TableName]>;
      const gone = name === 'prekeys' && record === undefined ? records.get(key) : undefined;
      if (gone !== undefined) overwriteSecrets(gone); // also where somebody still has the record
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
    const [only, ...more] = group as [Waiting, ...Waiting[]];
    const changes = more.length === 0 ? only.changes : group.flatMap((commit) => commit.changes);
    try {
      await storage.commit(changes);
    } catch (error) {
      if (more.length === 0) return only.reject(error);
      for (const commit of group) await make([commit]);
      return;
    }
    apply(storage.keys === undefined ? changes : changes.map(withoutSecrets));
    for (const commit of group) {
      if (commit.held !== undefined) held = { ...held, ...commit.held };
      commit.resolve();
    }
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
    async commit(changes: readonly Change[], given?: HeldKeys): Promise<void> {
      const mine = own(changes);
      if (given !== undefined) checkHeld(accountIn(mine), withStored({ ...held, ...given }));
      return new Promise((resolve, reject) => {
        waiting.push({ changes: mine, held: given, resolve, reject });
        if (waiting.length > 1) return;
        last = last.then(() => {
          const group = waiting;
          waiting = [];
          return make(group);
        });
      });
    },
    deviceKey(crypto: CryptoProvider): MaybePromise<SigningKey> {
      const { device, deviceSecret, deviceElsewhere } = account();
      if (deviceElsewhere === true) return theHeld('device', device, held.device);
      return storage.keys?.device() ?? signingKey(device, deviceSecret, crypto);
    },
    identityKey(crypto: CryptoProvider): MaybePromise<SigningKey | undefined> {
      const { identity, identitySecret } = account();
      const elsewhere = held.identity ?? storage.keys?.identity();
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

/** A commit that was asked for and not made. */
interface Waiting {
  readonly changes: readonly Change[];
  readonly held: HeldKeys | undefined;
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
