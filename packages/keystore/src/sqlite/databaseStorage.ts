/**
 * A storage in a database in any directory, by whoever holds it.
 * @module
 */
import { type CryptoProvider, drawOctets, type RandomSource } from '@stanzaseal/cms';
import type { ErasureKeyPlace, ErasurePlace } from '../erasureKey.js';
import { Journal, type JournalParts } from '../journal.js';
import type { KeyStoreStorage } from '../keyStore.js';
import { KeyStoreError } from '../keyStoreError.js';
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

/** What a storage in a database is made of. */
export interface DatabaseStorageParameters {
  /** The directory, in which nobody else writes, as SQLite's driver knows it. */
  readonly directory: string;
  /** The same directory. */
  readonly files: StoreFiles;
  /** What opens it. */
  readonly secret: StoreSecret;
  /** Where its erasure keys are. */
  readonly erasure: ErasurePlace;
  /** Where salt, keys, nonces and names of temporary files come from. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** A storage in a database. */
export interface SqliteStorage extends KeyStoreStorage {
  /** Commits ever made, 0 before the first. Lower than one that was seen before: an older database was put back. */
  readonly epoch: number;
  /** What opens it, in words for people, with the cost of a guess. */
  readonly sealedBy: string;
  /**
   * Makes another secret what opens it, of any kind: all records are written anew under it into another database, those that must die
   * under a new erasure key. Where it fails, the old secret opens, or the new one if all that failed was to forget the old:
   * `sealedBy` tells. After a crash, one of the two. Blocks that SQLite left keep the old
   * database's head: with the old secret, what does not lie under the erasure key may be read there. Identity and device keys stay.
   * @throws what `secret.create` throws; TypeError before the first commit and for a storage that is only read
   */
  changeSecret(secret: StoreSecret): Promise<void>;
}

/** An empty storage, which comes to be with its first commit. @throws KeyStoreError `ERR_IN_USE` when there is a key store */
export async function createDatabaseStorage(parts: DatabaseStorageParameters): Promise<SqliteStorage> {
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

/** Opens a storage to write. @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT`, `ERR_ROLLBACK`; the system's error where there is none */
export async function openDatabaseStorage(parts: DatabaseStorageParameters): Promise<SqliteStorage> {
  const { files, random, crypto } = parts;
  await (await files.open(DATABASE_FILE, 'change')).close();
  const database = await openDatabase(parts);
  let keys: StoreKeys | undefined;
  try {
    const unlocked = await unlock(database, parts);
    const { fileKey } = unlocked;
    keys = unlocked.keys;
    const place = await placeOf(keys, parts);
    const rowKeys = await RowKeys.of(fileKey, crypto);
    const context = { salt: keys.head.salt, crypto };
    const { state, epoch, key, trees } = await readRows(database, rowKeys, await place.read(), context);
    await place.keepOnly(key.sequence);
    const writer = new RowWriter(parts, random, keys, { database, keys: rowKeys, trees });
    return storageOf(parts, { keys, place, writer, state, epoch, key });
  } catch (error) {
    keys?.erase();
    database.close();
    throw error;
  }
}

/** Reads a copy of a storage as it is at this moment. @throws as `openDatabaseStorage` */
export async function readDatabaseStorage(parts: DatabaseStorageParameters): Promise<SqliteStorage> {
  const { directory, crypto } = parts;
  let keys: StoreKeys | undefined;
  for (let left = 5; ; left--) {
    try {
      return await withCopy(directory, async (database) => {
        if (keys !== undefined && !(await isUnder(database, keys))) {
          keys.erase(); // the secret was changed meanwhile
          keys = undefined;
        }
        const unlocked = keys === undefined ? await unlock(database, parts) : await fileKeyOf(database, keys);
        keys = unlocked.keys;
        const place = await placeOf(keys, parts);
        const rowKeys = await RowKeys.of(unlocked.fileKey, crypto);
        const context = { salt: keys.head.salt, crypto };
        const { state, epoch, key } = await readRows(database, rowKeys, await place.read(), context);
        key.key.fill(0);
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
  { secret, erasure, crypto }: DatabaseStorageParameters,
): Promise<{ readonly keys: StoreKeys; readonly fileKey: Uint8Array }> {
  const { head, commitment } = decodeHead(readHeadRow(database, 1));
  const keys = await StoreKeys.open(head, commitment, secret, crypto);
  if (head.erasureKind === erasure.kind) return fileKeyOf(database, keys);
  keys.erase();
  throw new TypeError(`erasure keys of the store are in its ${head.erasureKind}, not in a ${erasure.kind}`);
}

/** Whether a database is one of these keys. */
function isUnder(database: SqliteDatabase, keys: StoreKeys): Promise<boolean> {
  return keys.isOf(decodeHead(readHeadRow(database, 1)).commitment);
}

async function fileKeyOf(database: SqliteDatabase, keys: StoreKeys) {
  return { keys, fileKey: await keys.fileKey(decodeHead(readHeadRow(database, 1)).fileId) };
}

async function placeOf(
  keys: StoreKeys,
  { erasure, files, random, crypto }: DatabaseStorageParameters,
): Promise<ErasureKeyPlace> {
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
  parameters: DatabaseStorageParameters,
  parts: Omit<JournalParts, 'random' | 'secret'>,
): SqliteStorage {
  const { secret, random } = parameters;
  const journal = new Journal({ ...parts, secret, random });
  return Object.freeze({
    get epoch() {
      return journal.epoch;
    },
    get sealedBy() {
      return journal.sealedBy;
    },
    load: async () => journal.load(),
    commit: (changes: readonly Change[]) => journal.commit(changes),
    changeSecret: (next: StoreSecret) => journal.changeSecret(next, (keys) => placeOf(keys, parameters)),
    close: () => journal.close(),
  });
}
