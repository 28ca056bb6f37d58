/**
 * What storages in a directory have in common: their parameters, and one process at a time.
 * @module
 */
import { mkdir, rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CryptoProvider, RandomSource } from '@stanzaseal/cms';
import { type DirectoryLock, lockDirectory } from './directoryLock.js';
import type { ErasurePlace } from './erasureKey.js';
import type { KeyStoreStorage } from './keyStore.js';
import { syncDirectory } from './nodeFiles.js';
import { type Passphrase, passphraseSecret, type ScryptCost } from './passphraseSecret.js';
import type { StoreSecret } from './storeSecret.js';

/** Where a storage is and what opens it: a `secret`, or a `passphrase` for short. */
export interface DirectoryParameters {
  /** The directory: made with mode 0700 where it is not there. Not for two hosts at once over a network. */
  readonly directory: string;
  /** The passphrase, or who asks for it: `passphraseSecret({ passphrase })`. */
  readonly passphrase?: Passphrase;
  /** What opens the store, where it is not `passphrase`. */
  readonly secret?: StoreSecret;
  /** Where its erasure key is: in two slots of a file beside it when left out. */
  readonly erasure?: ErasurePlace;
  /** How long to wait for another process that holds the directory, in ms. 0 when left out: not at all. */
  readonly patience?: number;
  /** Where salt, nonces, erasure keys and names of temporary files come from. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** The secret of parameters. @throws TypeError unless one of `passphrase` and `secret` is given */
export function secretOf(parameters: DirectoryParameters & { readonly cost?: ScryptCost }): StoreSecret {
  const { passphrase, secret, cost } = parameters;
  if ((passphrase === undefined) === (secret === undefined)) {
    throw new TypeError('one of passphrase and secret is to be given');
  }
  return secret ?? passphraseSecret({ passphrase: passphrase as Passphrase, ...(cost && { cost }) });
}

/**
 * Makes the directory where it is not there, and those above it, durably, and a storage in it; where that does not come about, what was
 * made goes again.
 */
export async function inNewDirectory<S>({ directory }: DirectoryParameters, make: () => Promise<S>): Promise<S> {
  const path = resolve(directory);
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made === undefined) return make();
  try {
    await Promise.all(namedIn(path, made).map(syncDirectory));
    return await make();
  } catch (error) {
    await removeEmpty(path, made).catch(() => undefined);
    throw error;
  }
}

/** Removes directories from the last one to the first one. @throws system errors at the first that is not empty */
async function removeEmpty(path: string, made: string): Promise<void> {
  await rmdir(path);
  if (path !== made) await removeEmpty(dirname(path), made);
}

/** The directories in which those have their names that were made, from the first one (`made`) to the last one (`path`). */
export function namedIn(path: string, made: string): string[] {
  const parents = [dirname(path)];
  for (let at = path; at !== made; at = dirname(at)) parents.push(dirname(dirname(at)));
  return parents;
}

/**
 * Opens a storage under the directory's lock, which stays held until the storage is closed, unless opening fails.
 * @throws KeyStoreError `ERR_IN_USE`
 */
export async function whileLocked<S extends KeyStoreStorage & { readonly epoch: number }>(
  { directory, patience = 0, random }: DirectoryParameters,
  open: () => Promise<S>,
): Promise<S> {
  const lock: DirectoryLock = await lockDirectory(resolve(directory), patience, random);
  try {
    const storage = await open();
    let closing: Promise<void> | undefined;
    const close = () => (closing ??= storage.close().finally(() => lock.release()));
    // With its getters, which a copy of its members would have only once.
    const members = { ...Object.getOwnPropertyDescriptors(storage), close: { value: close, enumerable: true } };
    return Object.freeze(Object.defineProperties({}, members)) as S;
  } catch (error) {
    await lock.release();
    throw error;
  }
}
