/**
 * The key store: own keys, prekeys, contacts and replay memory behind one commit point. What `commit` was given is durable,
 * all of it or none, when its promise resolves; nothing else ever changes what is stored.
 * @module
 */
import type { AgreementKey, CryptoProvider, MaybePromise, SigningKey } from '@stanzaseal/cms';
import type { HeldKeys } from './heldKeys.js';
import type { Change, PeerDeviceRecord, TableName, Tables } from './records.js';

/** A key store of one device of one account. */
export interface KeyStore {
  /** Bare JID of the account. */
  readonly owner: string;
  /**
   * Commits that its storage ever made; 0 where the storage does not count. An older state that was put back has a lower one
   * than what was published from the state after it.
   */
  readonly epoch: number;
  /** The record under a key, or `undefined`. Records are immutable. */
  get<T extends TableName>(table: T, key: string): MaybePromise<Tables[T] | undefined>;
  /** All records of a table with their keys, in no promised order. */
  entries<T extends TableName>(table: T): MaybePromise<readonly (readonly [string, Tables[T]])[]>;
  /** Records of the devices of one account, in no promised order, without a look at those of others. */
  devicesOf(owner: string): MaybePromise<readonly PeerDeviceRecord[]>;
  /**
   * Makes changes together and durable. The secret octets of a prekey that is erased are overwritten, also in records that were given out.
   * @param held keys held elsewhere, where the account that the changes put is the first to name them
   * @throws KeyStoreError `ERR_LOCKED` after `close`, or for a held key that is not the one named; TypeError for one that is named nowhere
   */
  commit(changes: readonly Change[], held?: HeldKeys): Promise<void>;
  /** This device's signing key. @throws KeyStoreError `ERR_LOCKED` after `close`, and for a key held elsewhere that was never given */
  deviceKey(crypto: CryptoProvider): MaybePromise<SigningKey>;
  /** The account identity key, on primary devices; else `undefined`. @throws KeyStoreError `ERR_LOCKED` after `close` */
  identityKey(crypto: CryptoProvider): MaybePromise<SigningKey | undefined>;
  /** The private half of an own prekey, or `undefined`. @throws KeyStoreError `ERR_LOCKED` after `close` */
  prekey(keyIdentifier: Uint8Array, crypto: CryptoProvider): MaybePromise<AgreementKey | undefined>;
  /** Drops opened keys, overwrites the secret octets of records, also of those it gave out, and gives up the storage. Further use is refused. */
  close(): Promise<void>;
}

/** Where a store's records are kept: read whole when it is opened, changed by atomic commits. */
export interface KeyStoreStorage {
  /** Commits ever made, by a storage that counts them; 0 before the first. */
  readonly epoch?: number;
  /** Private keys that it keeps itself, where it does: the records that it loads have no octets of them. */
  readonly keys?: StoredKeys;
  /** Everything stored. */
  load(): Promise<readonly Change[]>;
  /** Makes changes durable, all or none. Called again only after it settled. */
  commit(changes: readonly Change[]): Promise<void>;
  /** Gives up locks and handles. */
  close(): Promise<void>;
}

/**
 * Private keys that a storage keeps itself, as handles that give nobody their octets. What it is given to commit may have the
 * octets; what it loads is as `withoutSecrets` leaves it, and so is what the key store remembers. Each is `undefined` where
 * the storage has none.
 */
export interface StoredKeys {
  /** This device's. */
  device(): SigningKey | undefined;
  /** The account's. */
  identity(): SigningKey | undefined;
  /** A prekey's, by its key in the table. */
  prekey(key: string): AgreementKey | undefined;
}
