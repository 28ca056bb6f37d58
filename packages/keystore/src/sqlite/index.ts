/**
 * A storage in an SQLite database, for servers and bots: a row for each record, everything sealed. Needs `node-sqlite3-wasm`.
 * @module
 */
import { resolve } from 'node:path';
import { type DirectoryParameters, inNewDirectory, secretOf, whileLocked } from '../directoryStorage.js';
import { erasureSlots } from '../erasureSlots.js';
import { nodeFiles } from '../nodeFiles.js';
import type { ScryptCost } from '../passphraseSecret.js';
import { decodeHead } from '../storeHead.js';
import type { StoreKinds } from '../storeKinds.js';
import { withCopy } from './copyDatabase.js';
import {
  createDatabaseStorage,
  type DatabaseStorageParameters,
  openDatabaseStorage,
  readDatabaseStorage,
  type SqliteStorage,
} from './databaseStorage.js';
import { readHeadRow } from './storeTables.js';

export type { SqliteStorage } from './databaseStorage.js';

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
  return inNewDirectory(parameters, () => whileLocked(parameters, () => createDatabaseStorage(parts)));
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
  return parameters.readOnly === true
    ? readDatabaseStorage(parts)
    : whileLocked(parameters, () => openDatabaseStorage(parts));
}

/**
 * Reads what the head of a store's database says: which kind of secret to ask for, and where its erasure keys are; the word of
 * whoever last wrote it until the store has opened by it.
 * @throws KeyStoreError `ERR_CORRUPT`; errors of the system and of SQLite as they are, `ENOENT` where there is no key store
 */
export function readSqliteKinds(directory: string): Promise<StoreKinds> {
  return withCopy(resolve(directory), async (database) => {
    const { head } = decodeHead(readHeadRow(database, 1));
    return { secret: head.secretKind, erasure: head.erasureKind };
  });
}

function partsOf(parameters: SqliteStorageParameters & { readonly cost?: ScryptCost }): DatabaseStorageParameters {
  const { erasure = erasureSlots, random, crypto } = parameters;
  const directory = resolve(parameters.directory);
  return { directory, files: nodeFiles(directory), secret: secretOf(parameters), erasure, random, crypto };
}
