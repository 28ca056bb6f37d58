/**
 * A storage that lasts as long as the process: for tests, and for stores whose records somebody else keeps.
 * @module
 */
import type { KeyStoreStorage } from './keyStore.js';
import { copyRecord, placeOf, type StoredRecord } from './recordCodec.js';
import type { Change } from './records.js';

/**
 * A storage in memory. What goes in and comes out is copied, so nobody changes a stored record by changing theirs.
 * @param initial records to begin with
 * @throws TypeError for a record that is not of its table's shape; a commit with one changes nothing
 */
export function createMemoryStorage(initial: readonly Change[] = []): KeyStoreStorage {
  const records = new Map<string, StoredRecord>();
  apply(initial);

  function apply(changes: readonly Change[]): void {
    const copies = changes.map((change) => (change.record === undefined ? change : copyOf(change as StoredRecord)));
    for (const change of copies) {
      if (change.record === undefined) records.delete(placeOf(change));
      else records.set(placeOf(change), change as StoredRecord);
    }
  }

  return {
    load: async () => [...records.values()].map(copyOf),
    commit: async (changes) => apply(changes),
    close: async () => undefined,
  };
}

function copyOf({ table, key, record }: StoredRecord): StoredRecord {
  return { table, key, record: copyRecord(table, record) } as StoredRecord;
}
