/**
 * The storages of a key store at a shell: a file, or a database of SQLite, whose driver is loaded where there is one.
 * @module
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyStoreError, type KeyStoreStorage } from '@stanzaseal/keystore';
import {
  createFileStorage,
  type DirectoryParameters,
  openFileStorage,
  readStoreKinds,
  type ScryptCost,
  type StoreKinds,
  type StoreSecret,
} from '@stanzaseal/keystore/file';
import { type Command, Option } from 'commander';
import { CliFailure } from './failure.js';

/** Kinds of storage by the names that they have at a shell, with the file that each is known by. */
const FILES = { file: 'keystore', sqlite: 'keystore.db' } as const;

/** A kind of storage. */
export type StorageKind = keyof typeof FILES;

/** An open storage. */
export interface Storage extends KeyStoreStorage {
  /** Commits ever made. */
  readonly epoch: number;
  /** What opens it, in words. */
  readonly sealedBy: string;
  /** Makes another secret what opens it. */
  changeSecret(secret: StoreSecret): Promise<void>;
}

/** The option of a new store. */
export interface NewStorageOptions {
  /** What the store is to lie in. */
  readonly storage: StorageKind;
}

/** Adds the option of a new store. */
export function withNewStorage(command: Command): Command {
  const storage = new Option(
    '--storage <kind>',
    'what the store is to lie in: a file, or a database for servers and bots',
  );
  return command.addOption(storage.choices(Object.keys(FILES)).default('file'));
}

/** Makes an empty storage. @throws KeyStoreError `ERR_IN_USE` where there is a key store, of whichever kind */
export async function createStorage(
  kind: StorageKind,
  parameters: DirectoryParameters & { readonly cost?: ScryptCost },
): Promise<Storage> {
  const other = kind === 'file' ? 'sqlite' : 'file';
  if (await isThere(parameters.directory, other)) {
    throw new KeyStoreError('ERR_IN_USE', 'directory holds a key store already');
  }
  if (kind === 'file') return createFileStorage(parameters);
  return (await sqlite()).createSqliteStorage(parameters);
}

/** Opens the storage that is there. */
export async function openStorage(parameters: DirectoryParameters & { readonly readOnly?: boolean }): Promise<Storage> {
  if (await isSqlite(parameters.directory)) return (await sqlite()).openSqliteStorage(parameters);
  return openFileStorage(parameters);
}

/** What the storage that is there needs to be opened. @throws CliFailure `ERR_IO` where there is none */
export async function storageKinds(directory: string): Promise<StoreKinds> {
  try {
    return (await isSqlite(directory))
      ? await (await sqlite()).readSqliteKinds(directory)
      : await readStoreKinds(directory);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ENOENT') throw cause;
    throw new CliFailure('ERR_IO', `there is no key store in ${directory} ('stanzaseal store create' makes one)`, {
      cause,
    });
  }
}

async function isSqlite(directory: string): Promise<boolean> {
  return !(await isThere(directory, 'file')) && isThere(directory, 'sqlite');
}

async function isThere(directory: string, kind: StorageKind): Promise<boolean> {
  return access(join(directory, FILES[kind])).then(
    () => true,
    () => false,
  );
}

function sqlite(): Promise<typeof import('@stanzaseal/keystore/sqlite')> {
  return import('@stanzaseal/keystore/sqlite');
}
