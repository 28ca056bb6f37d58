/**
 * A key store made by a verb: locked from the first octet on, and given up whatever happens.
 * @module
 */
import { type Change, createKeyStore, type HeldKeys, type KeyStore } from '@stanzaseal/keystore';
import type { ScryptCost } from '@stanzaseal/keystore/file';
import { createMessenger, type MessengerEvent } from '@stanzaseal/messenger';
import { warn } from './failure.js';
import { describeEvent, type OpenedStore, type StoreOptions } from './openedStore.js';
import { createStorage, type NewStorageOptions, type Storage } from './storages.js';
import { type NewSecretOptions, type NewStoreSecrets, newStoreSecrets } from './storeSecrets.js';
import type { System } from './system.js';

/** Cost of a new passphrase: 64 MiB and some 0.2 s. */
export const COST: ScryptCost = { N: 65536, r: 8, p: 1 };

/**
 * Makes a store of the records that a new account, a new device or a backup begins with.
 * @param first gives the records, of keys that are in the token where the options want them there
 * @param use works with the store before it is closed
 */
export async function withNewStore<T>(
  options: StoreOptions & NewSecretOptions & NewStorageOptions,
  system: System,
  first: (held: HeldKeys) => Promise<readonly Change[]>,
  use: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  const { crypto, random, now: clock } = system;
  const secrets = newStoreSecrets(options, COST, system);
  try {
    const { storage, store } = await makeStore(options, secrets, system, first);
    try {
      const onEvent = (event: MessengerEvent) => warn(describeEvent(event));
      const messenger = createMessenger({ store, crypto, random, clock, onEvent });
      return await use({ store, messenger, makeKey: secrets.makeKey });
    } finally {
      await storage.close();
    }
  } finally {
    await secrets.close();
  }
}

/** The store; where it does not come about, no key of it stays in the token. */
async function makeStore(
  options: StoreOptions & NewStorageOptions,
  { secret, erasure, makeKeys }: NewStoreSecrets,
  { crypto, random }: System,
  first: (held: HeldKeys) => Promise<readonly Change[]>,
): Promise<{ readonly storage: Storage; readonly store: KeyStore }> {
  const { held, undo } = await makeKeys();
  try {
    const changes = await first(held);
    const storage = await createStorage(options.storage, { directory: options.store, secret, erasure, random, crypto });
    try {
      return { storage, store: await createKeyStore(storage, changes, held) };
    } catch (error) {
      await storage.close();
      throw error;
    }
  } catch (error) {
    await undo();
    throw error;
  }
}
