/**
 * The key store: own keys, prekeys, contacts and replay memory behind one commit point. What `commit` was given is durable,
 * all of it or none, when its promise resolves; nothing else ever changes what is stored.
 * @module
 */
import type { AgreementKey, CryptoProvider, MaybePromise, SigningKey } from '@stanzaseal/cms';
import type { Change, TableName, Tables } from './records.js';

/** A key store of one device of one account. */
export interface KeyStore {
  /** Bare JID of the account. */
  readonly owner: string;
  /** The record under a key, or `undefined`. Records are immutable. */
  get<T extends TableName>(table: T, key: string): MaybePromise<Tables[T] | undefined>;
  /** All records of a table with their keys, in no promised order. */
  entries<T extends TableName>(table: T): MaybePromise<readonly (readonly [string, Tables[T]])[]>;
  /** Makes changes together and durable. @throws KeyStoreError `ERR_LOCKED` after `close` */
  commit(changes: readonly Change[]): Promise<void>;
  /** This device's signing key. @throws KeyStoreError `ERR_LOCKED` after `close` */
  deviceKey(crypto: CryptoProvider): MaybePromise<SigningKey>;
  /** The account identity key, on primary devices; else `undefined`. @throws KeyStoreError `ERR_LOCKED` after `close` */
  identityKey(crypto: CryptoProvider): MaybePromise<SigningKey | undefined>;
  /** The private half of an own prekey, or `undefined`. @throws KeyStoreError `ERR_LOCKED` after `close` */
  prekey(keyIdentifier: Uint8Array, crypto: CryptoProvider): MaybePromise<AgreementKey | undefined>;
  /** Drops opened keys and gives up the storage. Further use is refused. */
  close(): Promise<void>;
}

/** Where a store's records are kept: read whole when it is opened, changed by atomic commits. */
export interface KeyStoreStorage {
  /** Everything stored. */
  load(): Promise<readonly Change[]>;
  /** Makes changes durable, all or none. Called again only after it settled. */
  commit(changes: readonly Change[]): Promise<void>;
  /** Gives up locks and handles. */
  close(): Promise<void>;
}
