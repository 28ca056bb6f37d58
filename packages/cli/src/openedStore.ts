/**
 * A key store opened for one verb: unlocked, with a messenger over it, and given up whatever happens.
 * @module
 */
import { fromUtf8 } from '@stanzaseal/cms';
import { type KeyStore, openKeyStore } from '@stanzaseal/keystore';
import { openFileStorage } from '@stanzaseal/keystore/file';
import { createMessenger, type Messenger, type MessengerEvent } from '@stanzaseal/messenger';
import { warn } from './failure.js';
import { readPassphrase } from './passphrase.js';
import { printable } from './printable.js';
import type { System } from './system.js';

/** How long a verb waits for another that holds the store, in ms. */
export const STORE_PATIENCE = 2000;

/** Options that name a store. */
export interface StoreOptions {
  /** Its directory. */
  readonly store: string;
  /** Where the passphrase is. */
  readonly passphraseFile?: string;
}

/** What a verb works with. */
export interface OpenedStore {
  /** The store. */
  readonly store: KeyStore;
  /** A messenger over it; its events become warnings on standard error. */
  readonly messenger: Messenger;
}

/** Opens the store, runs the verb, closes the store. */
export async function withOpenedStore<T>(
  { store: directory, passphraseFile }: StoreOptions,
  { crypto, random, now }: System,
  use: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  const storage = await openFileStorage({
    directory,
    passphrase: () => passphraseText({ passphraseFile, prompt: `passphrase of ${printable(directory)}` }),
    patience: STORE_PATIENCE,
    random,
    crypto,
  });
  try {
    const store = await openKeyStore(storage);
    const messenger = createMessenger({ store, crypto, random, clock: now, onEvent: (event) => warn(describe(event)) });
    return await use({ store, messenger });
  } finally {
    await storage.close();
  }
}

/** The passphrase as text. */
export async function passphraseText(question: Parameters<typeof readPassphrase>[0]): Promise<string> {
  const octets = await readPassphrase(question);
  try {
    return fromUtf8(octets);
  } finally {
    octets.fill(0);
  }
}

function describe(event: MessengerEvent): string {
  switch (event.kind) {
    case 'key-changed':
      return `${event.jid} shows another identity key; see 'stanzaseal trust list'`;
    case 'list-rollback':
      return `${event.jid} shows device list ${event.listVersion}, which is older than the one known`;
    case 'list-fork':
      return `${event.jid} shows a device list ${event.listVersion} that contradicts the one known`;
    case 'list-shrunk':
      return `${event.devices.length} device(s) left the list of ${event.jid}`;
    case 'request-queued':
      return `an object of ${event.jid} is kept unopened: too many strangers today`;
    case 'prekeys-erased':
      return `${event.keyIdentifiers.length} prekey(s) were erased`;
  }
}
