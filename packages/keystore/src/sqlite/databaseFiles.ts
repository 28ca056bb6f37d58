/**
 * The files of a store in SQLite: how they come to be, and what is put in order when they are opened. For who holds the
 * directory's lock alone.
 * @module
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CryptoProvider, drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import type { StoreFiles } from '../storeFiles.js';
import { DRIVER_LOCK, SqliteDatabase, WRITE_AHEAD_LOG } from './sqliteDatabase.js';
import { checkTables } from './storeTables.js';

/** Name of the database. */
export const DATABASE_FILE = 'keystore.db';

/** Where a store is. */
export interface StoreDatabase {
  /** The directory. */
  readonly directory: string;
  /** Its files. */
  readonly files: StoreFiles;
  /** Where names of temporary files come from. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** Makes a database under another name, whole and durable, then gives it its name and opens it. */
export async function makeDatabase(
  store: StoreDatabase,
  fill: (database: SqliteDatabase) => Promise<void>,
): Promise<SqliteDatabase> {
  const { directory, files, random } = store;
  const beside = `${DATABASE_FILE}.${toHex(drawOctets(random, 8))}.new`;
  try {
    const database = new SqliteDatabase(join(directory, beside));
    try {
      await fill(database);
      bringInLog(database); // the log keeps the other name; closing would bring it in as well, and not say that it failed
    } finally {
      database.close();
    }
    await synchronise(files, beside);
    await files.remove(DATABASE_FILE + WRITE_AHEAD_LOG); // of another database it would be taken for this one's
    await files.rename(beside, DATABASE_FILE);
    await files.syncDirectory();
  } catch (error) {
    await removeDatabase(directory, beside).catch(() => undefined);
    throw error;
  }
  return openDatabase(store);
}

/**
 * Opens the database. What its log has comes into the database and onto the disk: a process that was killed may have left it
 * in memory alone, and a system that once failed to write it may call it clean.
 * @throws KeyStoreError `ERR_CORRUPT`
 */
export async function openDatabase({ directory, files }: StoreDatabase): Promise<SqliteDatabase> {
  await removeLeftovers(directory, files);
  const database = new SqliteDatabase(join(directory, DATABASE_FILE));
  try {
    checkTables(database);
    bringInLog(database);
    await synchronise(files, DATABASE_FILE);
    await files.syncDirectory(); // the log was made with the first look, and the driver leaves its name to us
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Removes a database and all that belongs to it. */
export async function removeDatabase(directory: string, name: string): Promise<void> {
  for (const each of ['', WRITE_AHEAD_LOG, DRIVER_LOCK]) {
    await rm(join(directory, name + each), { force: true, recursive: true });
  }
}

/** Writes all of the log into the database, and makes it empty. */
function bringInLog(database: SqliteDatabase): void {
  const [row] = database.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  if (row?.busy !== 0) throw new TypeError('SQLite did not bring its log in');
}

async function removeLeftovers(directory: string, files: StoreFiles): Promise<void> {
  await rm(join(directory, DATABASE_FILE + DRIVER_LOCK), { force: true, recursive: true });
  for (const name of await files.list()) {
    const [, beside] = /^(.*\.[0-9a-f]{16}\.new)(-wal|\.lock)?$/.exec(name) ?? [];
    if (beside?.startsWith(DATABASE_FILE)) await removeDatabase(directory, beside);
  }
}

async function synchronise(files: StoreFiles, name: string): Promise<void> {
  const file = await files.open(name, 'change');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
