// The storages of this package that lie on a disk, by name: for tests that take each in turn, in their own process or another.
import { createFileStorage, givenKeySecret, openFileStorage } from '../src/fileStorage.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { crypto, random } from './fixture.js';

/** Names of storages on a disk. */
export type DiskKind = 'file' | 'sqlite';

/** What opens every store of these tests. */
export const STORE_KEY: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

/** The functions of a kind, for a directory. @param patience ms to wait for a holder, such as a process that was just killed */
export function diskStorage(kind: DiskKind, directory: string, patience = 0) {
  const parameters = { directory, secret: givenKeySecret(STORE_KEY), patience, random, crypto };
  return kind === 'file'
    ? { create: () => createFileStorage(parameters), open: () => openFileStorage(parameters), parameters }
    : { create: () => createSqliteStorage(parameters), open: () => openSqliteStorage(parameters), parameters };
}
