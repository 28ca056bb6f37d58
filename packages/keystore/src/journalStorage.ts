/**
 * A storage in a file with a journal, over any file system.
 * @module
 */
import { type CryptoProvider, drawOctets, type RandomSource } from '@stanzaseal/cms';
import type { ErasureKey, ErasureKeyPlace, ErasurePlace } from './erasureKey.js';
import { FileReader } from './fileReader.js';
import { Journal, type JournalParts } from './journal.js';
import type { KeyStoreStorage } from './keyStore.js';
import { KeyStoreError } from './keyStoreError.js';
import { type ReadStore, readJournal } from './readJournal.js';
import { RecordChain, TAG_LENGTH } from './recordChain.js';
import { forgetReplaced, STORE_FILE } from './replacedFiles.js';
import { openIfThere, type StoreFile, type StoreFiles } from './storeFiles.js';
import { decodeHead, HEAD_START, readHeadStart } from './storeHead.js';
import { StoreKeys } from './storeKeys.js';
import type { StoreSecret } from './storeSecret.js';
import { StoreState } from './storeState.js';
import { StoreWriter } from './storeWriter.js';
import { readVersionOne } from './versionOne.js';

/** What a storage in a file is made of. */
export interface JournalStorageParameters {
  /** The directory, in which nobody else writes. */
  readonly files: StoreFiles;
  /** What opens it. */
  readonly secret: StoreSecret;
  /** Where its erasure keys are. */
  readonly erasure: ErasurePlace;
  /** Where salt, keys, nonces and names of temporary files come from. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** A storage in a file. */
export interface JournalStorage extends KeyStoreStorage {
  /** Commits ever made, 0 before the first. Lower than one that was seen before: an older file was put back. */
  readonly epoch: number;
  /** What opens it, in words for people, with the cost of a guess. */
  readonly sealedBy: string;
  /** Writes all records anew, without what they were before. */
  compact(): Promise<void>;
  /**
   * Makes another secret what opens it, of any kind, and the old one good for nothing: all records are written anew under it, those that must
   * die under a new erasure key, and the old file's head is overwritten. Where it fails, the old secret opens, or the
   * new one if all that failed was to forget the old: `sealedBy` tells. After a crash, one of the two.
   * Identity and device keys stay: for who had the old secret *and* a copy of the files, see `continueAsNewDevice` of `@stanzaseal/messenger`.
   * @throws what `secret.create` throws; TypeError before the first commit and for a storage that is only read
   */
  changeSecret(secret: StoreSecret): Promise<void>;
}

/** An empty storage, which comes to be with its first commit. @throws KeyStoreError `ERR_IN_USE` when there is a key store */
export async function createJournalStorage(parameters: JournalStorageParameters): Promise<JournalStorage> {
  const { files, secret, erasure, random, crypto } = parameters;
  const there = await openIfThere(files, STORE_FILE, 'read');
  await there?.close();
  if (there !== undefined) throw new KeyStoreError('ERR_IN_USE', 'directory holds a key store already');
  const salt = drawOctets(random, 32);
  const { key, parameters: needed } = await secret.create(salt);
  const head = { secretKind: secret.kind, erasureKind: erasure.kind, salt, parameters: needed };
  const keys = StoreKeys.of(head, key, crypto);
  const place = await placeOf(keys, parameters);
  const writer = new StoreWriter(parameters, keys);
  return storageOf(parameters, { keys, place, writer, state: new StoreState(), epoch: 0 });
}

/**
 * Opens a storage to write, and brings to an end what a crash interrupted. A file of an older format version is replaced by
 * one of this version.
 * @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT`, `ERR_ROLLBACK`; the system's error where there is no file
 */
export async function openJournalStorage(parameters: JournalStorageParameters): Promise<JournalStorage> {
  const { files } = parameters;
  const file = await files.open(STORE_FILE, 'change');
  let keys: StoreKeys | undefined;
  try {
    const unlocked = await unlock(file, parameters);
    keys = unlocked.keys;
    const place = await placeOf(keys, parameters);
    if (unlocked.state !== undefined) {
      await file.close();
      const writer = new StoreWriter(parameters, keys);
      return await migrate(parameters, unlocked.state, { keys, place, writer });
    }
    const { chain, ...read } = await readRecords(file, keys, place, parameters);
    const { state, epoch, key, snapshotEnd, lastStart, end } = read;
    // What a process that was killed wrote may be in memory alone, names included: nothing is built on that. And where the
    // system failed to write it, it may show it and take it for written: so the last record is written once more.
    await file.truncate(end);
    await file.write(lastStart, await file.read(lastStart, end - lastStart));
    await file.sync();
    await files.syncDirectory();
    await place.keepOnly(key.sequence);
    await forgetReplaced(files, parameters.random);
    const writer = new StoreWriter(parameters, keys, { file, chain, snapshotEnd, end });
    return storageOf(parameters, { keys, place, writer, state, epoch, key });
  } catch (error) {
    keys?.erase();
    await file.close().catch(() => undefined);
    throw error;
  }
}

/**
 * Reads a storage as it is at this moment, while somebody may be writing it. To commit to it, or to compact it, is refused
 * with a TypeError: waiting would not help.
 * @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT`, `ERR_ROLLBACK`; the system's error where there is no file
 */
export async function readJournalStorage(parameters: JournalStorageParameters): Promise<JournalStorage> {
  let file = await parameters.files.open(STORE_FILE, 'read');
  try {
    let { keys, state: old } = await unlock(file, parameters);
    if (old !== undefined) return storageOf(parameters, { keys, state: old, epoch: 1 });
    for (let left = 5; ; left--) {
      try {
        if (!(await isUnder(file, keys))) {
          keys.erase(); // the secret was changed meanwhile
          ({ keys } = await unlock(file, parameters));
        }
        const place = await placeOf(keys, parameters);
        const { state, epoch, key, chain } = await readRecords(file, keys, place, parameters);
        key.key.fill(0);
        chain.erase();
        return storageOf(parameters, { keys, state, epoch });
      } catch (error) {
        // The erasure key was replaced after the file was read, or is being written: the file has moved on.
        if (left === 0 || !(error instanceof KeyStoreError) || error.code === 'ERR_PASSPHRASE') throw error;
        await file.close();
        file = await parameters.files.open(STORE_FILE, 'read');
      }
    }
  } finally {
    await file.close();
  }
}

function storageOf(
  parameters: JournalStorageParameters,
  parts: Omit<JournalParts, 'random' | 'secret'>,
): JournalStorage {
  const { secret, random } = parameters;
  const journal = new Journal({ ...parts, secret, random });
  return Object.freeze({
    get epoch() {
      return journal.epoch;
    },
    get sealedBy() {
      return journal.sealedBy;
    },
    load: async () => journal.load(),
    commit: (changes: Parameters<KeyStoreStorage['commit']>[0]) => journal.commit(changes),
    compact: () => journal.compact(),
    changeSecret: (next: StoreSecret) => journal.changeSecret(next, (keys) => placeOf(keys, parameters)),
    close: () => journal.close(),
  });
}

async function placeOf(
  keys: StoreKeys,
  { erasure, files, random, crypto }: JournalStorageParameters,
): Promise<ErasureKeyPlace> {
  return erasure.of({ salt: keys.head.salt, slotKey: await keys.slotKey(), files, random, crypto });
}

/** The keys of a file, and its records where it is of version 1. */
async function unlock(
  file: StoreFile,
  { secret, erasure, crypto }: JournalStorageParameters,
): Promise<{ readonly keys: StoreKeys; readonly state?: StoreState }> {
  const { version, length } = readHeadStart(await file.read(0, HEAD_START));
  if (version === 2) {
    const { head, commitment } = decodeHead(await file.read(0, length));
    const keys = await StoreKeys.open(head, commitment, secret, crypto);
    if (head.erasureKind === erasure.kind) return { keys };
    keys.erase();
    throw new TypeError(`erasure keys of the store are in its ${head.erasureKind}, not in a ${erasure.kind}`);
  }
  const { root, state, salt, parameters } = await readVersionOne(await file.read(0, await file.size()), secret, crypto);
  const head = { secretKind: secret.kind, erasureKind: erasure.kind, salt, parameters };
  return { keys: StoreKeys.of(head, root, crypto), state };
}

/** Whether a file is one of these keys. */
async function isUnder(file: StoreFile, keys: StoreKeys): Promise<boolean> {
  const { length } = readHeadStart(await file.read(0, HEAD_START));
  return keys.isOf(decodeHead(await file.read(0, length)).commitment);
}

async function readRecords(
  file: StoreFile,
  keys: StoreKeys,
  place: ErasureKeyPlace,
  { crypto }: JournalStorageParameters,
): Promise<ReadStore & { readonly chain: RecordChain; readonly key: ErasureKey }> {
  const { length } = readHeadStart(await file.read(0, HEAD_START));
  const head = await file.read(0, length);
  const chain = new RecordChain(await keys.fileKey(decodeHead(head).fileId), crypto, 0, head.subarray(-TAG_LENGTH));
  const context = { salt: keys.head.salt, crypto };
  const read = await readJournal(await FileReader.of(file), length, chain, await place.read(), context);
  return { ...read, chain };
}

/** The same records and secret in a file of this version. The prekeys of the old file stay under the passphrase and its head, on whatever blocks they lay. */
async function migrate(
  parameters: JournalStorageParameters,
  old: StoreState,
  parts: Required<Pick<JournalParts, 'keys' | 'place' | 'writer'>>,
): Promise<JournalStorage> {
  const storage = storageOf(parameters, { ...parts, state: new StoreState(), epoch: 0 });
  await storage.commit([...old.records('erasable'), ...old.records('lasting')]);
  await parts.place.keepOnly(1);
  await parts.writer.forget();
  return storage;
}
