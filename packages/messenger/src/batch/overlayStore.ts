/**
 * A key store with changes over it that nobody made durable yet: each step of a batch reads what the steps before it wrote.
 * @module
 */
import { chain } from '@stanzaseal/cms';
import type { Change, KeyStore, TableName, Tables } from '@stanzaseal/keystore';

/** A store to read and to change, and what was changed. */
export interface OverlayStore {
  /** Reads through; what it commits is kept here. It gives no private key of a prekey that was made here. */
  readonly store: KeyStore;
  /** Everything committed, one change for each place: for the one commit below. */
  changes(): Change[];
}

/** Lays an empty overlay over a store. */
export function overlayOf(below: KeyStore): OverlayStore {
  const tables = new Map<TableName, Map<string, Change>>();

  const store: KeyStore = {
    owner: below.owner,
    get epoch() {
      return below.epoch;
    },
    get<T extends TableName>(table: T, key: string) {
      const change = tables.get(table)?.get(key);
      return change === undefined ? below.get(table, key) : (change.record as Tables[T] | undefined);
    },
    entries<T extends TableName>(table: T) {
      const changed = tables.get(table);
      if (changed === undefined) return below.entries(table);
      return chain(below.entries(table), (entries) => {
        const merged = new Map(entries);
        for (const [key, { record }] of changed) {
          if (record === undefined) merged.delete(key);
          else merged.set(key, record as Tables[T]);
        }
        return [...merged];
      });
    },
    devicesOf(owner) {
      // A key of this table begins with its owner, and no address has a space.
      const isChanged = [...(tables.get('devices')?.keys() ?? [])].some((key) => key.startsWith(`${owner} `));
      if (!isChanged) return below.devicesOf(owner);
      return chain(store.entries('devices'), (entries) =>
        entries.map(([, device]) => device).filter((device) => device.owner === owner),
      );
    },
    async commit(changes) {
      for (const change of changes) {
        const changed = tables.get(change.table) ?? new Map<string, Change>();
        tables.set(change.table, changed.set(change.key, change));
      }
    },
    deviceKey: (crypto) => below.deviceKey(crypto),
    identityKey: (crypto) => below.identityKey(crypto),
    prekey: (keyIdentifier, crypto) => below.prekey(keyIdentifier, crypto),
    close: () => below.close(),
  };
  return { store, changes: () => [...tables.values()].flatMap((changed) => [...changed.values()]) };
}
