/**
 * The database: records as objects under `[table, key]`, private keys under their names, and the count of commits. One commit
 * is one transaction over all of it, durable when it completes.
 * @module
 */
import { KeyStoreError } from '../keyStoreError.js';
import { copyChange, type StoredRecord } from '../recordCodec.js';
import type { Change } from '../records.js';
import { areComplete, type StoredKey } from './storedKeys.js';

const VERSION = 1;
const STORES = ['records', 'keys', 'head'] as const;

/** What a database holds. */
export interface Content {
  /** All records, without octets of private keys. */
  readonly records: readonly StoredRecord[];
  /** The private keys by name. */
  readonly keys: Map<string, StoredKey>;
  /** Commits ever made. */
  readonly epoch: number;
}

/**
 * Opens the database of a name.
 * @param how `make` it where it is not there, or `open` one that is
 * @throws KeyStoreError `ERR_CORRUPT` for one of another version; DOMException `NotFoundError`
 */
export async function openDatabase(name: string, how: 'make' | 'open'): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION);
  let missing = false;
  request.onupgradeneeded = () => {
    missing = how === 'open';
    if (missing) return request.transaction?.abort();
    for (const store of STORES) request.result.createObjectStore(store);
  };
  try {
    return await resultOf(request);
  } catch (cause) {
    if (missing) throw new DOMException('there is no key store of this name', 'NotFoundError');
    if ((cause as DOMException).name !== 'VersionError') throw cause;
    throw new KeyStoreError('ERR_CORRUPT', 'key store is of another format version', { cause });
  }
}

/** Reads everything, as it is at one moment. @throws KeyStoreError `ERR_CORRUPT` */
export async function readDatabase(database: IDBDatabase): Promise<Content> {
  const transaction = inTransaction(database, 'readonly');
  const [records, keys] = [transaction.objectStore('records'), transaction.objectStore('keys')];
  const [places, values, names, stored, epoch] = await Promise.all([
    resultOf(records.getAllKeys()),
    resultOf(records.getAll()),
    resultOf(keys.getAllKeys()),
    resultOf(keys.getAll()),
    resultOf(transaction.objectStore('head').get('epoch')),
  ]);
  const content = {
    records: places.map((place, i) => recordOf(place, values[i])),
    keys: new Map(names.map((name, i) => [String(name), stored[i] as StoredKey])),
    epoch: (epoch ?? 0) as number,
  };
  if (Number.isSafeInteger(content.epoch) && areComplete(content.records, content.keys)) return content;
  throw new KeyStoreError('ERR_CORRUPT', 'stored records are damaged');
}

/** Makes changes, of records without octets of private keys; resolves when they are durable. */
export async function writeDatabase(
  database: IDBDatabase,
  commit: {
    readonly changes: readonly Change[];
    readonly keys: ReadonlyMap<string, StoredKey | undefined>;
    readonly epoch: number;
  },
): Promise<void> {
  const transaction = inTransaction(database, 'readwrite');
  const made = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('transaction was aborted', 'AbortError'));
  });
  const put = (store: (typeof STORES)[number], key: IDBValidKey, value: unknown) => {
    if (value === undefined) transaction.objectStore(store).delete(key);
    else transaction.objectStore(store).put(value, key);
  };
  try {
    for (const { table, key, record } of commit.changes) put('records', [table, key], record);
    for (const [name, key] of commit.keys) put('keys', name, key);
    put('head', 'epoch', commit.epoch);
    transaction.commit();
  } catch (error) {
    made.catch(() => undefined);
    transaction.abort();
    throw error;
  }
  await made;
}

/** Deletes the database of a name, once nobody has it open. */
export async function deleteDatabase(name: string): Promise<void> {
  await resultOf(indexedDB.deleteDatabase(name));
}

/** `strict`: the browser flushes to the medium before it says that a commit is made. */
function inTransaction(database: IDBDatabase, mode: 'readonly' | 'readwrite'): IDBTransaction {
  return database.transaction(STORES, mode, { durability: 'strict' });
}

function recordOf(place: IDBValidKey, record: unknown): StoredRecord {
  try {
    const [table, key] = place as unknown as [StoredRecord['table'], string];
    if (record === undefined) throw new TypeError('a place has no record');
    return copyChange({ table, key, record } as Change) as StoredRecord;
  } catch (cause) {
    throw new KeyStoreError('ERR_CORRUPT', 'stored records are damaged', { cause });
  }
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
