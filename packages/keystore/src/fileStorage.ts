/**
 * A storage in a directory, for Node: a file that opens by a passphrase or another secret, and the erasure key beside it.
 * @module
 */
import { resolve } from 'node:path';
import { type DirectoryParameters, inNewDirectory, secretOf, whileLocked } from './directoryStorage.js';
import { erasureSlots } from './erasureSlots.js';
import {
  createJournalStorage,
  type JournalStorage,
  type JournalStorageParameters,
  openJournalStorage,
  readJournalStorage,
} from './journalStorage.js';
import { nodeFiles } from './nodeFiles.js';
import type { ScryptCost } from './passphraseSecret.js';

export type { DirectoryParameters } from './directoryStorage.js';
export type { ErasureKey, ErasureKeyPlace, ErasurePlace, ErasurePlaceKind, ErasureStore } from './erasureKey.js';
export { erasureSlots } from './erasureSlots.js';
export {
  createJournalStorage,
  type JournalStorage,
  type JournalStorageParameters,
  openJournalStorage,
  readJournalStorage,
} from './journalStorage.js';
export { nodeFiles } from './nodeFiles.js';
export { type Passphrase, passphraseSecret, type ScryptCost } from './passphraseSecret.js';
export type { StoreFile, StoreFiles } from './storeFiles.js';
export { readStoreKinds, type StoreKinds } from './storeKinds.js';
export { givenKeySecret, type StoreSecret, type StoreSecretKind } from './storeSecret.js';

/** Where a file storage is and what opens it: a `secret`, or a `passphrase` for short. */
export type FileStorageParameters = DirectoryParameters;

/**
 * Makes an empty storage. Its files come to be with the first commit.
 * @param parameters `cost` goes with `passphrase`
 * @throws KeyStoreError `ERR_IN_USE` when the directory holds a key store, or another process holds the directory;
 * RangeError for a cost out of bounds or an empty passphrase; errors of the file system as they are
 * @example
 * const storage = await createFileStorage({ directory, passphrase, cost: { N: 2 ** 17, r: 8, p: 1 }, random, crypto });
 */
export async function createFileStorage(
  parameters: FileStorageParameters & { readonly cost?: ScryptCost },
): Promise<JournalStorage> {
  const parts = partsOf(parameters);
  return inNewDirectory(parameters, () => whileLocked(parameters, () => createJournalStorage(parts)));
}

/**
 * Opens a storage: one derivation by scrypt, at the cost the file names within bounds. A file of format version 1 is replaced
 * by one of version 2.
 * @param parameters `readOnly`: reads it as it is at this moment, also while another process holds it; then `commit` throws
 * TypeError and nothing on disk is changed
 * @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT`, `ERR_ROLLBACK`, `ERR_IN_USE`; errors of the file system as they are,
 * `ENOENT` where there is no key store
 * @example
 * const store = await openKeyStore(await openFileStorage({ directory, passphrase, random, crypto }));
 */
export async function openFileStorage(
  parameters: FileStorageParameters & { readonly readOnly?: boolean },
): Promise<JournalStorage> {
  const parts = partsOf(parameters);
  if (parameters.readOnly === true) return readJournalStorage(parts);
  return whileLocked(parameters, () => openJournalStorage(parts));
}

function partsOf(parameters: FileStorageParameters & { readonly cost?: ScryptCost }): JournalStorageParameters {
  const { directory, erasure = erasureSlots, random, crypto } = parameters;
  return { files: nodeFiles(resolve(directory)), secret: secretOf(parameters), erasure, random, crypto };
}
