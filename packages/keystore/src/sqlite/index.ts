/**
 * A storage in an SQLite database, for servers and bots: a row for each record, everything sealed. Needs `node-sqlite3-wasm`.
 * @module
 */
import { resolve } from 'node:path';
import { drawOctets } from '@stanzaseal/cms';
import { type DirectoryParameters, makeDirectory, secretOf, whileLocked } from '../directoryStorage.js';
import type { ErasureKeyPlace } from '../erasureKey.js';
import { erasureSlots } from '../erasureSlots.js';
import { Journal, type JournalParts } from '../journal.js';
import type { KeyStoreStorage } from '../keyStore.js';
import { KeyStoreError } from '../keyStoreError.js';
import { nodeFiles } from '../nodeFiles.js';
import type { ScryptCost } from '../passphraseSecret.js';
import type { Change } from '../records.js';
import { openIfThere, type StoreFiles } from '../storeFiles.js';
import { decodeHead } from '../storeHead.js';
import { StoreKeys } from '../storeKeys.js';
import type { StoreSecret } from '../storeSecret.js';
import { StoreState } from '../storeState.js';
import { withCopy } from './copyDatabase.js';
import { DATABASE_FILE, openDatabase } from './databaseFiles.js';
import { readRows } from './readRows.js';
import { RowKeys } from './rowKeys.js';
import { RowWriter } from './rowWriter.js';
import type { SqliteDatabase } from './sqliteDatabase.js';
import { readHeadRow } from './storeTables.js';

/** A storage in a database. */
export interface SqliteStorage extends KeyStoreStorage {
  /** Commits ever made, 0 before the first. Lower than one that was seen before: an older database was put back. */
  readonly epoch: number;
  /** What opens it, in words for people, with the cost of a guess. */
  readonly sealedBy: string;
}

/** Where a storage is and what opens it: a `secret`, or a `passphrase` for short. */
export type SqliteStorageParameters = DirectoryParameters;

/**
 * Makes an empty storage. Its files come to be with the first commit.
 * @param parameters `cost` goes with `passphrase`
 * @throws KeyStoreError `ERR_IN_USE` when the directory holds a key store of this kind, or another process holds the
 * directory; RangeError for a cost out of bounds or an empty passphrase; errors of the system and of SQLite as they are
 * @example
 * const storage = await createSqliteStorage({ directory, secret: givenKeySecret(key), random, crypto });
 */
export async function createSqliteStorage(
  parameters: SqliteStorageParameters & { readonly cost?: ScryptCost },
): Promise<SqliteStorage> {
  const parts = partsOf(parameters);
  await makeDirectory(parameters);
  return whileLocked(parameters, () => create(parts));
}

/**
 * Opens a storage: all records are read, and found to be those of one state.
 * @param parameters `readOnly`: reads a copy of it as it is at this moment, also while another process holds it; then `commit`
 * throws TypeError
 * @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT`, `ERR_ROLLBACK`, `ERR_IN_USE`; errors of the system and of SQLite as
 * they are, `ENOENT` where there is no key store
 * @example
 * const store = await openKeyStore(await openSqliteStorage({ directory, passphrase, random, crypto }));
 */
export async function openSqliteStorage(
  parameters: SqliteStorageParameters & { readonly readOnly?: boolean },
): Promise<SqliteStorage> {
  const parts = partsOf(parameters);
  return parameters.readOnly === true ? read(parts) : whileLocked(parameters, () => open(parts));
}

type Parts = ReturnType<typeof partsOf>;

function partsOf(parameters: SqliteStorageParameters & { readonly cost?: ScryptCost }) {
  const { erasure = erasureSlots, random, crypto } = parameters;
  const directory = resolve(parameters.directory);
  return { directory, files: nodeFiles(directory), secret: secretOf(parameters), erasure, random, crypto };
}

async function create(parts: Parts): Promise<SqliteStorage> {
  const { files, secret, erasure, random, crypto } = parts;
  const there = await openIfThere(files, DATABASE_FILE, 'read');
  await there?.close();
  if (there !== undefined) throw new KeyStoreError('ERR_IN_USE', 'directory holds a key store already');
  const salt = drawOctets(random, 32);
  const { key, parameters } = await secret.create(salt);
  const head = { secretKind: secret.kind, erasureKind: erasure.kind, salt, parameters };
  const keys = StoreKeys.of(head, key, crypto);
  const place = await placeOf(keys, parts);
  return storageOf(parts, {
    keys,
    place,
    writer: new RowWriter(parts, random, keys),
    state: new StoreState(),
    epoch: 0,
  });
}

async function open(parts: Parts): Promise<SqliteStorage> {
  const { files, random, crypto } = parts;
  await (await files.open(DATABASE_FILE, 'change')).close();
  const database = await openDatabase(parts);
  try {
    const { keys, fileKey } = await unlock(database, parts);
    const place = await placeOf(keys, parts);
    const rowKeys = await RowKeys.of(fileKey, crypto);
    const context = { salt: keys.head.salt, crypto };
    const { state, epoch, key, trees } = await readRows(database, rowKeys, await place.read(), context);
    await place.keepOnly(key.sequence);
    const writer = new RowWriter(parts, random, keys, { database, keys: rowKeys, trees });
    return storageOf(parts, { keys, place, writer, state, epoch, key });
  } catch (error) {
    database.close();
    throw error;
  }
}

async function read(parts: Parts): Promise<SqliteStorage> {
  const { directory, crypto } = parts;
  let keys: StoreKeys | undefined;
  for (let left = 5; ; left--) {
    try {
      return await withCopy(directory, async (database) => {
        const unlocked = keys === undefined ? await unlock(database, parts) : await fileKeyOf(database, keys);
        keys = unlocked.keys;
        const place = await placeOf(keys, parts);
        const rowKeys = await RowKeys.of(unlocked.fileKey, crypto);
        const context = { salt: keys.head.salt, crypto };
        const { state, epoch } = await readRows(database, rowKeys, await place.read(), context);
        rowKeys.erase();
        return storageOf(parts, { keys, state, epoch });
      });
    } catch (error) {
      // The erasure key was replaced after the copy was made, or is being written: the database has moved on.
      if (left === 0 || keys === undefined || !(error instanceof KeyStoreError)) throw error;
    }
  }
}

/** The keys of a database. @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT` */
async function unlock(
  database: SqliteDatabase,
  { secret, erasure, crypto }: Parts,
): Promise<{ readonly keys: StoreKeys; readonly fileKey: Uint8Array }> {
  const { head, commitment } = decodeHead(readHeadRow(database, 1));
  const keys = await StoreKeys.open(head, commitment, secret, crypto);
  if (head.erasureKind === erasure.kind) return fileKeyOf(database, keys);
  keys.erase();
  throw new TypeError(`erasure keys of the store are in its ${head.erasureKind}, not in a ${erasure.kind}`);
}

async function fileKeyOf(database: SqliteDatabase, keys: StoreKeys) {
  return { keys, fileKey: await keys.fileKey(decodeHead(readHeadRow(database, 1)).fileId) };
}

async function placeOf(keys: StoreKeys, { erasure, files, random, crypto }: Parts): Promise<ErasureKeyPlace> {
  return erasure.of({
    salt: keys.head.salt,
    slotKey: await keys.slotKey(),
    files: besideDatabase(files),
    random,
    crypto,
  });
}

/** Files of other names than those of a file storage in the same directory. */
function besideDatabase(files: StoreFiles): StoreFiles {
  return { ...files, open: (name, how) => files.open(`${DATABASE_FILE}-${name}`, how) };
}

function storageOf(
  { secret, random }: { readonly secret: StoreSecret } & Pick<Parts, 'random'>,
  parts: Omit<JournalParts, 'random'>,
): SqliteStorage {
  const journal = new Journal({ ...parts, random });
  return Object.freeze({
    get epoch() {
      return journal.epoch;
    },
    sealedBy: secret.describe(parts.keys.head.parameters),
    load: async () => journal.load(),
    commit: (changes: readonly Change[]) => journal.commit(changes),
    close: () => journal.close(),
  });
}
