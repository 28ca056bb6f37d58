/**
 * A storage in IndexedDB, for browsers: private keys lie in it as WebCrypto keys that give nobody their octets. One tab at a
 * time writes, by a lock of the Web Locks API.
 * @module
 */
import type { CryptoProvider } from '@stanzaseal/cms';
import type { KeyStoreStorage, StoredKeys } from '../keyStore.js';
import { KeyStoreError } from '../keyStoreError.js';
import { copyChange, placeOf } from '../recordCodec.js';
import type { Change } from '../records.js';
import { StoreState } from '../storeState.js';
import { withoutSecrets } from '../withoutSecrets.js';
import { deleteDatabase, openDatabase, readDatabase, writeDatabase } from './database.js';
import { Packing } from './packing.js';
import { keysOf, newKeys, type StoredKey } from './storedKeys.js';
import { lockStore, type StoreLock } from './storeLock.js';

/** Which storage it is. */
export interface IndexedDbParameters {
  /** Name of the database, within the origin of the page. */
  readonly name: string;
  /** How long to wait for another tab that holds the storage, in ms. 0 when left out: not at all. */
  readonly patience?: number;
  /** The primitives. Private keys are the platform's WebCrypto's, whatever these are. */
  readonly crypto: CryptoProvider;
}

/** A storage in IndexedDB. */
export interface IndexedDbStorage extends KeyStoreStorage {
  /** Commits ever made. */
  readonly epoch: number;
  /** Its private keys. */
  readonly keys: StoredKeys;
}

/**
 * Makes an empty storage. The octets of private keys that its commits are given are not stored and not loaded again: nothing
 * gives them back, no backup of the identity key can be made from this store, and who needs one makes it before.
 * @throws KeyStoreError `ERR_IN_USE` when there is a key store of this name, or another tab holds it; errors of the browser
 * as they are
 * @example
 * const storage = await createIndexedDbStorage({ name: 'juliet@capulet.example', crypto });
 * const store = await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }));
 */
export function createIndexedDbStorage(parameters: IndexedDbParameters): Promise<IndexedDbStorage> {
  return whileLocked(parameters, async (lock) => {
    const storage = await storageOf(parameters, await openDatabase(parameters.name, 'make'), lock);
    if (storage.epoch === 0) return storage;
    await storage.close();
    throw new KeyStoreError('ERR_IN_USE', 'there is a key store of this name already');
  });
}

/**
 * Opens a storage.
 * @param parameters `readOnly`: reads it as it is at this moment, also while another tab holds it; then `commit` throws
 * TypeError
 * @throws KeyStoreError `ERR_IN_USE`, `ERR_CORRUPT`; DOMException `NotFoundError` where there is none of this name
 * @example
 * const store = await openKeyStore(await openIndexedDbStorage({ name: 'juliet@capulet.example', crypto }));
 */
export async function openIndexedDbStorage(
  parameters: IndexedDbParameters & { readonly readOnly?: boolean },
): Promise<IndexedDbStorage> {
  const open = async (lock?: StoreLock) => storageOf(parameters, await openDatabase(parameters.name, 'open'), lock);
  return parameters.readOnly === true ? open() : whileLocked(parameters, open);
}

/** Deletes a storage with all its keys, for ever, as far as the browser does: see the package's README. @throws KeyStoreError `ERR_IN_USE` */
export async function deleteIndexedDbStorage(name: string): Promise<void> {
  const lock = await lockStore(name, 0);
  try {
    await deleteDatabase(name);
  } finally {
    lock.release();
  }
}

async function whileLocked<T>({ name, patience = 0 }: IndexedDbParameters, open: (lock: StoreLock) => Promise<T>) {
  const lock = await lockStore(name, patience);
  try {
    return await open(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function storageOf(
  { crypto }: IndexedDbParameters,
  database: IDBDatabase,
  lock: StoreLock | undefined,
): Promise<IndexedDbStorage> {
  const found = await readDatabase(database).catch((error) => {
    database.close();
    throw error;
  });
  const state = new StoreState();
  state.apply(found.packed);
  state.apply(found.loose);
  // A reader has all that there was: what it held open would keep others from deleting the database, or from a newer version of it.
  if (lock === undefined) database.close();
  const packing = new Packing(database, state, found);
  const held = found.keys;
  let { epoch } = found;
  let last: Promise<unknown> = lock === undefined ? Promise.resolve() : packing.packIfDue().catch(() => undefined);
  let closing: Promise<void> | undefined;

  function refuseWhenClosed(): void {
    if (closing !== undefined) throw new KeyStoreError('ERR_LOCKED', 'storage is closed');
  }

  async function make(given: readonly Change[]): Promise<void> {
    const changes = [...new Map(given.map((change) => [placeOf(change), change])).values()];
    const keys = await newKeys(changes, held, crypto);
    const stripped = changes.map(withoutSecrets).filter((each) => each.record !== undefined || state.get(each));
    if (stripped.length === 0) return;
    await writeDatabase(database, { changes: stripped, keys, epoch: epoch + 1, hasPacks: packing.hasPacks });
    state.apply(stripped);
    packing.note(stripped);
    for (const [name, key] of keys) replace(held, name, key);
    epoch++;
  }

  return Object.freeze({
    get epoch() {
      return epoch;
    },
    keys: keysOf(held),
    async load() {
      refuseWhenClosed();
      return state.toChanges();
    },
    async commit(changes: readonly Change[]) {
      refuseWhenClosed();
      if (lock === undefined) throw new TypeError('storage was opened to be read only');
      const mine = changes.map((change) => copyChange(change));
      const made = last.then(() => make(mine));
      last = made.then(() => packing.packIfDue()).catch(() => undefined);
      return made;
    },
    close() {
      closing ??= last.then(() => {
        state.clear('all');
        held.clear();
        database.close();
        lock?.release();
      });
      return closing;
    },
  });
}

function replace(held: Map<string, StoredKey>, name: string, key: StoredKey | undefined): void {
  if (key === undefined) held.delete(name);
  else held.set(name, key);
}
