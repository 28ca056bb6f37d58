/**
 * Erasure keys. Records that must die lie under a random key that is kept apart, in a place that can forget: prekeys, and what
 * would tell as much as they do, the texts of `outbox` and the secrets of `runs`. To erase one of them, the survivors are written under a new key and the old key is forgotten: whatever octets of old files
 * remain on a disk are then nobody's, not even to the owner of the passphrase.
 * @module
 */
import {
  type CryptoProvider,
  concat,
  drawOctets,
  equalConstantTime,
  type MaybePromise,
  type RandomSource,
  toUtf8,
} from '@stanzaseal/cms';
import { KeyStoreError } from './keyStoreError.js';
import type { Change, TableName, Tables } from './records.js';
import type { StoreFiles } from './storeFiles.js';

/** Kinds of places, in the order of their numbers in a store's head, from 1. */
export const ERASURE_PLACES = ['slots', 'keyring', 'pkcs11'] as const;

/** A kind of place. */
export type ErasurePlaceKind = (typeof ERASURE_PLACES)[number];

/** A random key of 32 octets, and which of the store's erasure keys it is, counted from 1. */
export interface ErasureKey {
  /** Its number. */
  readonly sequence: number;
  /** The key. */
  readonly key: Uint8Array;
}

/** Where a store keeps its erasure key: two at most, and two only while one takes the other's place. */
export interface ErasureKeyPlace {
  /** The keys that are there; what is damaged is not. */
  read(): Promise<readonly ErasureKey[]>;
  /** Keeps a key beside that of the number before; resolves when it is durable. Another of the same number is replaced. */
  add(key: ErasureKey): Promise<void>;
  /** Forgets every key but one; resolves when nothing of the others is left. Called also when there is no other, after a crash. */
  keepOnly(sequence: number): Promise<void>;
}

/** What a place is told of a store. */
export interface ErasureStore {
  /** 32 octets that name the store, the same for as long as it exists. */
  readonly salt: Uint8Array;
  /** A key of the store, 32 octets, for a place that keeps erasure keys where others may look. */
  readonly slotKey: Uint8Array;
  /** The store's directory. */
  readonly files: StoreFiles;
  /** Where nonces and what overwrites come from. */
  readonly random: RandomSource;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** A kind of place, for any store. */
export interface ErasurePlace {
  /** Its kind, which the store's head names. */
  readonly kind: ErasurePlaceKind;
  /** The place of one store. */
  of(store: ErasureStore): ErasureKeyPlace;
}

/** Whether records of a table lie under the erasure key. */
export function isErasable(table: TableName): table is 'prekeys' | 'outbox' | 'runs' {
  return table === 'prekeys' || table === 'outbox' || table === 'runs';
}

/** Whether a change takes a secret out of a store, and so needs a new erasure key. */
export function takesSecret({ table, record }: Change, before: Tables[TableName] | undefined): boolean {
  if (!isErasable(table) || before === undefined) return false;
  if (record === undefined) return true;
  return !equalConstantTime(secretIn(record as ErasableRecord), secretIn(before as ErasableRecord));
}

type ErasableRecord = Tables['prekeys' | 'outbox' | 'runs'];

function secretIn(record: ErasableRecord): Uint8Array {
  if ('secret' in record) return record.secret;
  return 'state' in record ? record.state : toUtf8(record.stanza);
}

/** Erasable lines under an erasure key: nonce (12 octets), ciphertext, tag (16). */
export async function sealErasable(
  { sequence, key }: ErasureKey,
  lines: Uint8Array,
  { salt, random, crypto }: Pick<ErasureStore, 'salt' | 'random' | 'crypto'>,
): Promise<Uint8Array> {
  const nonce = drawOctets(random, 12);
  const under = await linesKey(key, salt, crypto);
  try {
    return concat(nonce, await crypto.encryptAesGcm(under, nonce, numberOctets(sequence), lines));
  } finally {
    under.fill(0);
  }
}

/** The lines again. @throws KeyStoreError `ERR_CORRUPT` */
export async function openErasable(
  { sequence, key }: ErasureKey,
  sealed: Uint8Array,
  { salt, crypto }: Pick<ErasureStore, 'salt' | 'crypto'>,
): Promise<Uint8Array> {
  const under = await linesKey(key, salt, crypto);
  try {
    const end = sealed.length - 16;
    const aad = numberOctets(sequence);
    const ciphertext = sealed.subarray(12, end);
    return await crypto.decryptAesGcm(under, sealed.subarray(0, 12), aad, ciphertext, sealed.subarray(end));
  } catch (cause) {
    throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged', { cause });
  } finally {
    under.fill(0);
  }
}

/** A count as 8 octets. */
export function numberOctets(number: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(number));
  return new Uint8Array(view.buffer);
}

function linesKey(key: Uint8Array, salt: Uint8Array, crypto: CryptoProvider): MaybePromise<Uint8Array> {
  return crypto.hkdfSha256(key, salt, toUtf8('stanzaseal/store/2 erasable'), 32);
}
