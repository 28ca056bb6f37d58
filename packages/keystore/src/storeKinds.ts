/**
 * What a store is opened by, before it is opened.
 * @module
 */
import { resolve } from 'node:path';
import type { ErasurePlaceKind } from './erasureKey.js';
import { nodeFiles } from './nodeFiles.js';
import { STORE_FILE } from './replacedFiles.js';
import { decodeHead, HEAD_START, readHeadStart } from './storeHead.js';
import type { StoreSecretKind } from './storeSecret.js';

/** What a store is opened by, and where its erasure keys are. */
export interface StoreKinds {
  /** What opens it. */
  readonly secret: StoreSecretKind;
  /** Where its erasure keys are. */
  readonly erasure: ErasurePlaceKind;
}

/**
 * Reads what the head of a file storage says: which kind of secret to ask for, and where its erasure keys are. Until the
 * store has opened by it, that is the word of whoever last wrote the file; another kind never opens it.
 * @throws KeyStoreError `ERR_CORRUPT`; errors of the file system as they are, `ENOENT` where there is no key store
 */
export async function readStoreKinds(directory: string): Promise<StoreKinds> {
  const file = await nodeFiles(resolve(directory)).open(STORE_FILE, 'read');
  try {
    const { version, length } = readHeadStart(await file.read(0, HEAD_START));
    if (version === 1) return { secret: 'passphrase', erasure: 'slots' };
    const { head } = decodeHead(await file.read(0, length));
    return { secret: head.secretKind, erasure: head.erasureKind };
  } finally {
    await file.close();
  }
}
