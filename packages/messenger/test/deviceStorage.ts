// A device's store on a disk, in a file or in SQLite, opened by a key of these tests.
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createFileStorage, givenKeySecret, openFileStorage } from '@stanzaseal/keystore/file';
import { createSqliteStorage, openSqliteStorage } from '@stanzaseal/keystore/sqlite';

/** Names of storages on a disk. */
export type DiskKind = 'file' | 'sqlite';

/** The functions of a kind, for a directory. A process that was just killed may still hold it for a moment. */
export function deviceStorage(kind: DiskKind, directory: string) {
  const secret = givenKeySecret(new Uint8Array(32).fill(7));
  const parameters = { directory, secret, patience: 10_000, random, crypto: createCryptoProvider() };
  return kind === 'file'
    ? { create: () => createFileStorage(parameters), open: () => openFileStorage(parameters) }
    : { create: () => createSqliteStorage(parameters), open: () => openSqliteStorage(parameters) };
}
