/**
 * Key store files of format version 1, which are read and never written: one text of all records under one key.
 *
 * ```
 *   0  16  "stanzaseal store"        32  32  salt
 *  16   4  format version: 1         64  32  commitment to the key
 *  20  12  scrypt N, r, p            96  12  nonce
 *                                   108   -  ciphertext of the records, then tag (16)
 * ```
 * @module
 */
import { type CryptoProvider, equalConstantTime, toUtf8 } from '@stanzaseal/cms';
import { KeyStoreError } from './keyStoreError.js';
import { decodeRecords } from './recordCodec.js';
import { checkKind } from './storeKeys.js';
import type { StoreSecret } from './storeSecret.js';
import { StoreState } from './storeState.js';

const SALT_AT = 32;
const COMMITMENT_AT = 64;
const NONCE_AT = 96;
const HEAD_LENGTH = 108;
const TAG_LENGTH = 16;

/** What a file of version 1 held, and what its store is opened by from now on. */
export interface VersionOne {
  /** Its records. */
  readonly state: StoreState;
  /** The key that its secret gave. */
  readonly root: Uint8Array;
  /** Its salt. */
  readonly salt: Uint8Array;
  /** Its parameters. */
  readonly parameters: Uint8Array;
}

/** Reads a file. @throws KeyStoreError `ERR_PASSPHRASE`, `ERR_CORRUPT` */
export async function readVersionOne(
  file: Uint8Array,
  secret: StoreSecret,
  crypto: CryptoProvider,
): Promise<VersionOne> {
  if (file.length < HEAD_LENGTH + TAG_LENGTH) throw new KeyStoreError('ERR_CORRUPT', 'file is not a key store');
  checkKind({ secretKind: 'passphrase' }, secret);
  const [salt, parameters] = [file.slice(SALT_AT, COMMITMENT_AT), file.slice(20, SALT_AT)];
  const root = await secret.open(salt, parameters);
  const head = file.subarray(0, COMMITMENT_AT);
  const commitment = await crypto.hkdfSha256(root, head, toUtf8('stanzaseal/store/1 commitment'), 32);
  if (!equalConstantTime(commitment, file.subarray(COMMITMENT_AT, NONCE_AT))) {
    root.fill(0);
    throw new KeyStoreError('ERR_PASSPHRASE', 'passphrase does not open the key store');
  }
  const key = await crypto.hkdfSha256(root, head, toUtf8('stanzaseal/store/1 key'), 32);
  const lines = await openRecords(file, key, crypto);
  const state = new StoreState();
  state.apply(decodeRecords(lines));
  for (const secret of [key, lines]) secret.fill(0);
  return { state, root, salt, parameters };
}

async function openRecords(file: Uint8Array, key: Uint8Array, crypto: CryptoProvider): Promise<Uint8Array> {
  const end = file.length - TAG_LENGTH;
  const ciphertext = file.subarray(HEAD_LENGTH, end);
  const aad = file.subarray(0, HEAD_LENGTH);
  try {
    return await crypto.decryptAesGcm(key, file.subarray(NONCE_AT, HEAD_LENGTH), aad, ciphertext, file.subarray(end));
  } catch (cause) {
    throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged', { cause });
  }
}
