/**
 * A key store opened for one verb: unlocked, with a messenger over it, and given up whatever happens.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { type HeldKey, type KeyStore, openKeyStore } from '@stanzaseal/keystore';
import { createMessenger, type Messenger, type MessengerEvent } from '@stanzaseal/messenger';
import { warn } from './failure.js';
import { openStorage } from './storages.js';
import type { OwnKey } from './storeKeys.js';
import { type SecretOptions, storeSecrets } from './storeSecrets.js';
import type { System } from './system.js';

/** How long a verb waits for another that holds the store, in ms. */
export const STORE_PATIENCE = 2000;

/** Options that name a store. */
export interface StoreOptions extends SecretOptions {
  /** Its directory. */
  readonly store: string;
}

/** What a verb works with. */
export interface OpenedStore {
  /** The store. */
  readonly store: KeyStore;
  /** A messenger over it; its events become warnings on standard error. */
  readonly messenger: Messenger;
  /** Makes a key in its token. */
  makeKey(what: OwnKey): Promise<HeldKey>;
}

/**
 * Opens the store, runs the verb, closes the store.
 * @param usesToken whether the verb is to put something into the token
 */
export async function withOpenedStore<T>(
  options: StoreOptions,
  system: System,
  use: (opened: OpenedStore) => Promise<T>,
  usesToken = false,
): Promise<T> {
  const { crypto, random, now } = system;
  const { close, holder, makeKey, ...secrets } = await storeSecrets(options, system, usesToken);
  try {
    const storage = await openStorage({
      directory: options.store,
      ...secrets,
      patience: STORE_PATIENCE,
      random,
      crypto,
    });
    try {
      const store = await openKeyStore(storage, holder);
      const onEvent = (event: MessengerEvent) => warn(describeEvent(event));
      const messenger = createMessenger({ store, crypto, random, clock: now, onEvent });
      return await use({ store, messenger, makeKey });
    } finally {
      await storage.close();
    }
  } finally {
    await close();
  }
}

/** An event of the messenger as a warning. */
export function describeEvent(event: MessengerEvent): string {
  switch (event.kind) {
    case 'key-changed':
      return `${event.jid} shows another identity key; see 'stanzaseal trust list' and 'trust answer'`;
    case 'list-rollback':
      return `${event.jid} shows device list ${event.listVersion}, which is older than the one known`;
    case 'list-fork':
      return `${event.jid} shows a device list ${event.listVersion} that contradicts the one known`;
    case 'list-expired':
      return `${event.jid} shows device list ${event.listVersion}, which is out of date`;
    case 'device-revoked':
      return `${event.jid} revoked device ${toHex(event.device)}`;
    case 'rolled-back':
      return `bundle ${event.sequence} of this device is none of this store, which was put back or copied; see 'stanzaseal store devices renew'`;
    case 'list-shrunk':
      return `${event.devices.length} device(s) left the list of ${event.jid}`;
    case 'trust-changed':
      return `${event.jid} was ${event.from} and is ${event.to}`;
    case 'key-at-two-jids':
      return `${event.jids.join(' and ')} show one identity key: one of them may be somebody else`;
    case 'request-queued':
      return `an object of ${event.jid} is kept unopened: too many strangers today`;
    case 'clock-in-doubt':
      return `the clock shows ${day(event.shown)}, long after ${day(event.known)}, the latest time known: no prekey is erased for its age before ${day(event.until)}, unless others' messages bear the clock out; see 'stanzaseal store rotate --confirm-clock'`;
    case 'prekeys-erased':
      return `${event.keyIdentifiers.length} prekey(s) were erased`;
  }
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
