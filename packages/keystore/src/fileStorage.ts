/**
 * A storage in a directory, for Node: one file sealed under a passphrase, replaced whole by every commit.
 * @module
 */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type CryptoProvider, drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import { type DirectoryLock, lockDirectory } from './directoryLock.js';
import type { KeyStoreStorage } from './keyStore.js';
import { KeyStoreError } from './keyStoreError.js';
import { decodeRecords, encodeRecord, placeOf, type StoredRecord } from './recordCodec.js';
import type { Change } from './records.js';
import { removeLeftovers, replaceFile, syncDirectory } from './replaceFile.js';
import { type ScryptCost, StoreSeal } from './storeFile.js';

export type { ScryptCost } from './storeFile.js';

/** Where a file storage is and what opens it. */
export interface FileStorageParameters {
  /** The directory: made with mode 0700 where it is not there. Not for two hosts at once over a network. */
  readonly directory: string;
  /** The passphrase, or who asks for it. Compared after Unicode normalisation NFKC. */
  readonly passphrase: string | (() => Promise<string>);
  /** How long to wait for another process that holds the directory, in ms. 0 when left out: not at all. */
  readonly patience?: number;
  /** Where salt, nonces and names of temporary files come from. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

const FILE = 'keystore';

/**
 * Makes an empty storage. Its file comes to be with the first commit.
 * @throws KeyStoreError `ERR_IN_USE` when the directory holds a key store, or another process holds the directory;
 * RangeError for a cost out of bounds or an empty passphrase; errors of the file system as they are
 * @example
 * const storage = await createFileStorage({ directory, passphrase, cost: { N: 2 ** 17, r: 8, p: 1 }, random, crypto });
 */
export async function createFileStorage(
  parameters: FileStorageParameters & { readonly cost: ScryptCost },
): Promise<KeyStoreStorage> {
  const { cost, random, crypto } = parameters;
  const directory = resolve(parameters.directory);
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (made !== undefined) await Promise.all([syncDirectory(dirname(directory)), syncDirectory(dirname(made))]);
  return whileLocked(parameters, async (lock) => {
    if (await exists(join(directory, FILE)))
      throw new KeyStoreError('ERR_IN_USE', 'directory holds a key store already');
    const seal = await StoreSeal.create(await ask(parameters.passphrase), cost, random, crypto);
    return storageOf({ directory, seal, lock, random, lines: new Map() });
  });
}

/**
 * Opens a storage: one derivation by scrypt, at the cost the file names within bounds.
 * @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT`, `ERR_IN_USE`; errors of the file system as they are, `ENOENT` where
 * there is no key store
 * @example
 * const store = await openKeyStore(await openFileStorage({ directory, passphrase, random, crypto }));
 */
export async function openFileStorage(parameters: FileStorageParameters): Promise<KeyStoreStorage> {
  const { random, crypto } = parameters;
  const directory = resolve(parameters.directory);
  return whileLocked(parameters, async (lock) => {
    const file = new Uint8Array(await readFile(join(directory, FILE)));
    const seal = await StoreSeal.of(file, () => ask(parameters.passphrase), crypto);
    const records = await seal.open(file);
    const lines = new Map(decodeRecords(records).map((record) => [placeOf(record), encodeRecord(record)]));
    records.fill(0);
    return storageOf({ directory, seal, lock, random, lines });
  });
}

interface OpenStorage {
  readonly directory: string;
  readonly seal: StoreSeal;
  readonly lock: DirectoryLock;
  readonly random: RandomSource;
  /** The line of each record by its place. */
  readonly lines: ReadonlyMap<string, Uint8Array>;
}

function storageOf({ directory, seal, lock, random, lines: first }: OpenStorage): KeyStoreStorage {
  let lines = first;
  let closing: Promise<void> | undefined;

  function refuseWhenClosed(): void {
    if (closing !== undefined) throw new KeyStoreError('ERR_LOCKED', 'storage is closed');
  }

  return Object.freeze({
    async load() {
      refuseWhenClosed();
      const octets = joined(lines);
      const records = decodeRecords(octets);
      octets.fill(0);
      return records;
    },
    async commit(changes: readonly Change[]) {
      refuseWhenClosed();
      const after = new Map(lines);
      for (const change of changes) {
        if (change.record === undefined) after.delete(placeOf(change));
        else after.set(placeOf(change), encodeRecord(change as StoredRecord));
      }
      const records = joined(after);
      const file = await seal.close(records, random);
      records.fill(0);
      await replaceFile(directory, FILE, file, toHex(drawOctets(random, 8)));
      lines = after;
    },
    close() {
      closing ??= Promise.resolve().then(() => {
        seal.erase();
        lines = new Map();
        return lock.release();
      });
      return closing;
    },
  });
}

/** Opens under the lock, which stays held unless opening fails. */
async function whileLocked(
  { directory, patience = 0, random }: FileStorageParameters,
  open: (lock: DirectoryLock) => Promise<KeyStoreStorage>,
): Promise<KeyStoreStorage> {
  const lock = await lockDirectory(directory, patience, random);
  try {
    await removeLeftovers(directory, FILE);
    return await open(lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function joined(lines: ReadonlyMap<string, Uint8Array>): Uint8Array {
  let length = 0;
  for (const line of lines.values()) length += line.length;
  const octets = new Uint8Array(length);
  let at = 0;
  for (const line of lines.values()) {
    octets.set(line, at);
    at += line.length;
  }
  return octets;
}

async function ask(passphrase: string | (() => Promise<string>)): Promise<string> {
  return typeof passphrase === 'string' ? passphrase : passphrase();
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
