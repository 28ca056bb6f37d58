/**
 * The database: records as objects under `[table, key]`, private keys under their names, and the count of commits. One commit
 * is one transaction over all of it, durable when it completes. Replay memory, which is most of a store, is packed: many changes as
 * one value, since a browser needs 40 microseconds for each value that it reads.
 * @module
 */
import { KeyStoreError } from '../keyStoreError.js';
import { copyChange, decodeChanges } from '../recordCodec.js';
import type { Change, TableName } from '../records.js';
import { areComplete, type StoredKey } from './storedKeys.js';

const VERSION = 2; // 1 had no packs
const STORES = ['records', 'keys', 'head', 'packs'] as const;

/** Tables whose records are packed: large, and of nothing that is to be erased. */
export const PACKED: readonly TableName[] = ['seen', 'accepted'];

/** What a database holds. */
export interface Content {
  /** What was packed, oldest first, as changes: a later one takes the place of an earlier one. */
  readonly packed: readonly Change[];
  /** The records beside, without octets of private keys; one that is `undefined` says that the packed one is gone. */
  readonly loose: readonly Change[];
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
  request.onupgradeneeded = ({ oldVersion }) => {
    missing = how === 'open' && oldVersion === 0;
    if (missing) return request.transaction?.abort();
    const there = request.result.objectStoreNames;
    for (const store of STORES)
      if (!there.contains(store)) request.result.createObjectStore(store, { autoIncrement: store === 'packs' });
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
  const [packs, places, values, names, stored, epoch] = await Promise.all([
    resultOf(transaction.objectStore('packs').getAll()),
    resultOf(records.getAllKeys()),
    resultOf(records.getAll()),
    resultOf(keys.getAllKeys()),
    resultOf(keys.getAll()),
    resultOf(transaction.objectStore('head').get('epoch')),
  ]);
  const content = {
    packed: packs.flatMap(packOf),
    loose: places.map((place, i) => looseOf(place, values[i])),
    keys: new Map(names.map((name, i) => [String(name), stored[i] as StoredKey])),
    epoch: (epoch ?? 0) as number,
  };
  if (Number.isSafeInteger(content.epoch) && areComplete(content.loose, content.keys)) return content;
  throw new KeyStoreError('ERR_CORRUPT', 'stored records are damaged');
}

/** Makes changes, of records without octets of private keys; resolves when they are durable. @param commit `hasPacks`: what goes may be packed */
export async function writeDatabase(
  database: IDBDatabase,
  commit: {
    readonly changes: readonly Change[];
    readonly keys: ReadonlyMap<string, StoredKey | undefined>;
    readonly epoch: number;
    readonly hasPacks: boolean;
  },
): Promise<void> {
  await write(database, (transaction) => {
    const put = (store: (typeof STORES)[number], key: IDBValidKey, value: unknown) => {
      if (value === undefined) transaction.objectStore(store).delete(key);
      else transaction.objectStore(store).put(value, key);
    };
    for (const { table, key, record } of commit.changes) {
      const gone = commit.hasPacks && PACKED.includes(table) ? null : undefined;
      put('records', [table, key], record ?? gone);
    }
    for (const [name, key] of commit.keys) put('keys', name, key);
    put('head', 'epoch', commit.epoch);
  });
}

/**
 * Packs changes, in the order of the packs: all that is loose in the packed tables, or everything in these tables.
 * @param packs lines of changes @param what `everything`: in place of all packs before
 */
export async function packRecords(
  database: IDBDatabase,
  packs: readonly Uint8Array[],
  what: 'loose' | 'everything',
): Promise<void> {
  await write(database, (transaction) => {
    // An array sorts after every text.
    for (const table of PACKED) transaction.objectStore('records').delete(IDBKeyRange.bound([table], [table, []]));
    if (what === 'everything') transaction.objectStore('packs').clear();
    for (const pack of packs) transaction.objectStore('packs').add(pack);
  });
}

async function write(database: IDBDatabase, make: (transaction: IDBTransaction) => void): Promise<void> {
  const transaction = inTransaction(database, 'readwrite');
  const made = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('transaction was aborted', 'AbortError'));
  });
  try {
    make(transaction);
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

function packOf(pack: unknown): Change[] {
  const changes = pack instanceof Uint8Array ? decodeChanges(pack) : undefined;
  if (changes?.every(({ table }) => PACKED.includes(table))) return changes;
  throw new KeyStoreError('ERR_CORRUPT', 'stored records are damaged');
}

function looseOf(place: IDBValidKey, record: unknown): Change {
  try {
    const [table, key] = place as unknown as [TableName, string];
    if (record === undefined || (record === null && !PACKED.includes(table)))
      throw new TypeError('a place has no record');
    return copyChange({ table, key, record: record ?? undefined } as Change);
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
