/**
 * What every part of the messenger works with: the store, the ports, the numbers, and where events go.
 * @module
 */
import { type Clock, type CryptoProvider, chain, type MaybePromise, type RandomSource } from '@stanzaseal/cms';
import { type AccountRecord, type KeyStore, KeyStoreError, type TrustLevel } from '@stanzaseal/keystore';
import { MessengerError } from './messengerError.js';
import type { Rules } from './rules.js';

/** Something the application should know that is no answer to what it asked. */
export type MessengerEvent =
  /** A pinned JID showed another identity key: objects under it are refused until the application answers. */
  | { readonly kind: 'key-changed'; readonly jid: string; readonly identity: Uint8Array }
  /** A device list of a lower version than one seen; of the same version with other content, or not following on it; out of date. */
  | {
      readonly kind: 'list-rollback' | 'list-fork' | 'list-expired';
      readonly jid: string;
      readonly listVersion: number;
    }
  /** Devices left a list. */
  | { readonly kind: 'list-shrunk'; readonly jid: string; readonly devices: readonly Uint8Array[] }
  /** The identity key revoked a device. */
  | { readonly kind: 'device-revoked'; readonly jid: string; readonly device: Uint8Array }
  /** A bundle of this device that this store did not publish: the store is an older state, or a copy (I6, I9). */
  | { readonly kind: 'rolled-back'; readonly sequence: number }
  /** What is known of a contact's identity key changed: evidence came, ended or was revoked. */
  | { readonly kind: 'trust-changed'; readonly jid: string; readonly from: TrustLevel; readonly to: TrustLevel }
  /** One identity key speaks for two accounts: one of them may be somebody else's name for it. */
  | { readonly kind: 'key-at-two-jids'; readonly jids: readonly [string, string]; readonly identity: Uint8Array }
  /** A stranger's object waits unopened: the day's limit was reached. */
  | { readonly kind: 'request-queued'; readonly jid: string }
  /**
   * The clock shows a time much later than the latest known: prekeys are not erased for their age until two others' objects or
   * `confirmClock()` bear it out, or until it shows `until` (I14). Times in ms since 1970.
   */
  | { readonly kind: 'clock-in-doubt'; readonly known: number; readonly shown: number; readonly until: number }
  /** Private prekeys were erased: what was sealed to them opens no more. */
  | { readonly kind: 'prekeys-erased'; readonly keyIdentifiers: readonly string[] };

/** The store, the ports, the numbers. */
export interface Session {
  /** Own keys and memory. */
  readonly store: KeyStore;
  /** The primitives. */
  readonly crypto: CryptoProvider;
  /** Randomness. */
  readonly random: RandomSource;
  /** Time. */
  readonly clock: Clock;
  /** The numbers. */
  readonly rules: Rules;
  /** Where events go. */
  readonly onEvent: (event: MessengerEvent) => void;
  /** Strangers whose first object was let in and not accepted yet, with the day, and whether it took a one-time prekey. */
  readonly openedStrangers: Map<string, { readonly day: string; readonly usesOneTimePrekey: boolean }>;
  /** Where several objects are made at a time: runs one choice of recipients after another, and each finds in the store what was chosen. */
  readonly inTurn?: <T>(choose: () => Promise<T>) => Promise<T>;
}

/** The account record, which every store has. */
export function accountOf({ store }: Pick<Session, 'store'>): MaybePromise<AccountRecord> {
  return chain(store.get('account', 'self'), theAccount);
}

function theAccount(account: AccountRecord | undefined): AccountRecord {
  if (account === undefined) throw new TypeError('store holds no account');
  return account;
}

/** An account whose store is not put back. @throws KeyStoreError `ERR_ROLLBACK` */
export function notRolledBack(account: AccountRecord): AccountRecord {
  if (account.rolledBackTo === undefined) return account;
  throw new KeyStoreError('ERR_ROLLBACK', 'key store is an older state or a copy; continue as a new device');
}

/** An account whose device is admitted to it. */
export type AdmittedAccount = AccountRecord & { readonly endorsement: Uint8Array; readonly deviceList: Uint8Array };

/** An account whose device may seal and publish. @throws KeyStoreError `ERR_ROLLBACK`; MessengerError `ERR_NO_KEYS` */
export function admitted(account: AccountRecord): AdmittedAccount {
  notRolledBack(account);
  if (account.endorsement === undefined || account.deviceList === undefined) {
    throw new MessengerError('ERR_NO_KEYS', 'this device is not admitted to its account yet');
  }
  return account as AdmittedAccount;
}
