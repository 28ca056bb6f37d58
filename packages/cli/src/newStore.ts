/**
 * A key store made by a verb: locked from the first octet on, and given up whatever happens.
 * @module
 */
import { type Change, createKeyStore, type KeyStore } from '@stanzaseal/keystore';
import type { ScryptCost } from '@stanzaseal/keystore/file';
import { createMessenger } from '@stanzaseal/messenger';
import { warn } from './failure.js';
import { describeEvent, type OpenedStore, type StoreOptions } from './openedStore.js';
import { createStorage, type NewStorageOptions } from './storages.js';
import { type NewSecretOptions, newStoreSecrets } from './storeSecrets.js';
import type { System } from './system.js';

/** Cost of a new passphrase: 64 MiB and some 0.2 s. */
export const COST: ScryptCost = { N: 65536, r: 8, p: 1 };

/**
 * Makes a store of the records that a new account, a new device or a backup begins with.
 * @param first gives the records, once the place is known to be free
 * @param use works with the store before it is closed
 */
export async function withNewStore<T>(
  options: StoreOptions & NewSecretOptions & NewStorageOptions,
  system: System,
  first: () => Promise<readonly Change[]>,
  use: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  const { crypto, random, now } = system;
  const { close, ...secrets } = newStoreSecrets(options, COST, system);
  try {
    const storage = await createStorage(options.storage, { directory: options.store, ...secrets, random, crypto });
    try {
      const store: KeyStore = await createKeyStore(storage, await first());
      const messenger = createMessenger({
        store,
        crypto,
        random,
        clock: now,
        onEvent: (event) => warn(describeEvent(event)),
      });
      return await use({ store, messenger });
    } finally {
      await storage.close();
    }
  } finally {
    await close();
  }
}
