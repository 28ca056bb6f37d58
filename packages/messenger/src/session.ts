/**
 * What every part of the messenger works with: the store, the ports, the numbers, and where events go.
 * @module
 */
import type { Clock, CryptoProvider, RandomSource } from '@stanzaseal/cms';
import type { AccountRecord, KeyStore } from '@stanzaseal/keystore';
import type { Rules } from './rules.js';

/** Something the application should know that is no answer to what it asked. */
export type MessengerEvent =
  /** A pinned JID showed another identity key: objects under it are refused until the application answers. */
  | { readonly kind: 'key-changed'; readonly jid: string; readonly identity: Uint8Array }
  /** A device list of a lower version than one seen, or of the same version with other content, or not following on it. */
  | { readonly kind: 'list-rollback' | 'list-fork'; readonly jid: string; readonly listVersion: number }
  /** Devices left a list. */
  | { readonly kind: 'list-shrunk'; readonly jid: string; readonly devices: readonly Uint8Array[] }
  /** A stranger's object waits unopened: the day's limit was reached. */
  | { readonly kind: 'request-queued'; readonly jid: string }
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
}

/** The account record, which every store has. */
export async function accountOf({ store }: Session): Promise<AccountRecord> {
  const account = await store.get('account', 'self');
  if (account === undefined) throw new TypeError('store holds no account');
  return account;
}
