/**
 * The files of a store in SQLite: how they come to be, and what is put in order when they are opened. For who holds the
 * directory's lock alone.
 * @module
 */
import { join } from 'node:path';
import { type CryptoProvider, drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import { openIfThere, type StoreFiles } from '../storeFiles.js';
import { DRIVER_LOCK, SqliteDatabase, WRITE_AHEAD_LOG } from './sqliteDatabase.js';
import { checkTables } from './storeTables.js';

/** Name of the database. */
export const DATABASE_FILE = 'keystore.db';

/** What SQLite keeps beside a database that is new and has no log yet. */
const FIRST_JOURNAL = '-journal';

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

/**
 * Makes a database under another name, whole and durable, then gives it its name and opens it.
 * @param leave closes the database whose place it takes, if there is one: everything of it is in its file then
 */
export async function makeDatabase(
  store: StoreDatabase,
  fill: (database: SqliteDatabase) => Promise<void>,
  leave: () => void,
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
    leave();
    // Of another database it would be taken for this one's: it is gone for good before the name is another's.
    await files.remove(DATABASE_FILE + WRITE_AHEAD_LOG);
    await files.syncDirectory();
    await files.rename(beside, DATABASE_FILE);
    await files.syncDirectory();
  } catch (error) {
    await removeDatabase(files, beside).catch(() => undefined);
    throw error;
  }
  return openDatabase(store);
}

/**
 * Opens the database. What its log has comes into the database and onto the disk: a process that was killed may have left it
 * in memory alone, and a system that once failed to write it may show it and call it clean. On such a log SQLite would build pages of the
 * database that a power loss keeps, without the others of their transaction: so it is written once more before SQLite sees it.
 * @throws KeyStoreError `ERR_CORRUPT`
 */
export async function openDatabase({ directory, files }: StoreDatabase): Promise<SqliteDatabase> {
  await removeLeftovers(files);
  await writeLogOnceMore(files);
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
async function removeDatabase(files: StoreFiles, name: string): Promise<void> {
  for (const each of ['', WRITE_AHEAD_LOG, FIRST_JOURNAL, DRIVER_LOCK]) await files.remove(name + each);
}

/** Writes all of the log into the database; makes it empty, or leaves it to be written over. */
export function bringInLog(database: SqliteDatabase, how: 'TRUNCATE' | 'PASSIVE' = 'TRUNCATE'): void {
  const [row] = database.rows(`PRAGMA wal_checkpoint(${how})`);
  if (row?.busy !== 0 || row.log !== row.checkpointed) throw new TypeError('SQLite did not bring its log in');
}

async function removeLeftovers(files: StoreFiles): Promise<void> {
  await files.remove(DATABASE_FILE + DRIVER_LOCK);
  for (const name of await files.list()) {
    const [, beside] = /^(.*\.[0-9a-f]{16}\.new)(-wal|-journal|\.lock)?$/.exec(name) ?? [];
    if (beside?.startsWith(DATABASE_FILE)) await removeDatabase(files, beside);
  }
}

/**
 * Writes the log once more: what the system failed to write it may show, and call clean. SQLite fills up what it synchronises, and what it
 * writes of that behind the end it does not wait for: a later commit stands behind octets that may never have reached the disk. Some MiB at most.
 */
export async function writeLogOnceMore(files: StoreFiles): Promise<void> {
  const file = await openIfThere(files, DATABASE_FILE + WRITE_AHEAD_LOG, 'change');
  if (file === undefined) return;
  try {
    const octets = await file.read(0, await file.size());
    if (octets.length === 0) return;
    await file.write(0, octets);
    await file.sync();
  } finally {
    await file.close();
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
