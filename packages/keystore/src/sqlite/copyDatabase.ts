/**
 * A copy of a database that somebody else writes, as it is at one moment: the driver has no readers beside a writer.
 *
 * The log only grows while its first 32 octets, with its salts, stay as they are, and what goes from it into the database
 * meanwhile was in it before. So a database copied first and a log copied then are one state, if the log is still the same.
 * @module
 */
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equal } from '@stanzaseal/cms';
import { KeyStoreError } from '../keyStoreError.js';
import { DATABASE_FILE } from './databaseFiles.js';
import { SqliteDatabase, WRITE_AHEAD_LOG } from './sqliteDatabase.js';
import { checkTables } from './storeTables.js';

const LOG_HEAD = 32;
const TRIES = 100;

/**
 * Uses a copy of a database, which is removed then. Everything in it is sealed, as in the database.
 * @throws KeyStoreError `ERR_CORRUPT`; the system's error where there is no database
 */
export async function withCopy<T>(directory: string, use: (database: SqliteDatabase) => Promise<T>): Promise<T> {
  const temporary = await mkdtemp(join(tmpdir(), 'stanzaseal-'));
  try {
    await copyTogether(join(directory, DATABASE_FILE), join(temporary, DATABASE_FILE));
    const database = new SqliteDatabase(join(temporary, DATABASE_FILE));
    try {
      checkTables(database);
      return await use(database);
    } finally {
      database.close();
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function copyTogether(from: string, to: string): Promise<void> {
  for (let left = TRIES; left > 0; left--) {
    const before = await headOfLog(from);
    await rm(to + WRITE_AHEAD_LOG, { force: true });
    await copyFile(from, to);
    if (before.length > 0) await copyFile(from + WRITE_AHEAD_LOG, to + WRITE_AHEAD_LOG).catch(orNothing);
    if (equal(before, await headOfLog(from))) return;
  }
  throw new KeyStoreError('ERR_IN_USE', 'key store is written too often to be read');
}

async function headOfLog(database: string): Promise<Uint8Array> {
  const file = await open(database + WRITE_AHEAD_LOG, 'r').catch(orNothing);
  if (file === undefined) return new Uint8Array(0);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(LOG_HEAD), 0, LOG_HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function orNothing(error: unknown): undefined {
  if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
  return undefined;
}
