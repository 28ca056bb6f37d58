/**
 * A storage that lasts as long as the process: for tests, and for stores whose records somebody else keeps.
 * @module
 */
import type { KeyStoreStorage } from './keyStore.js';
import { copyChange, placeOf } from './recordCodec.js';
import type { Change } from './records.js';

/**
 * A storage in memory. What goes in and comes out is copied, so nobody changes a stored record by changing theirs.
 * @param initial records to begin with
 * @throws TypeError for a record that is not of its table's shape; a commit with one changes nothing
 */
export function createMemoryStorage(initial: readonly Change[] = []): KeyStoreStorage {
  const records = new Map<string, Change>();
  apply(initial);
  let epoch = 0;

  function apply(changes: readonly Change[]): void {
    for (const change of changes.map((given) => copyChange(given))) {
      if (change.record === undefined) records.delete(placeOf(change));
      else records.set(placeOf(change), change);
    }
  }

  return Object.freeze({
    get epoch() {
      return epoch;
    },
    load: async () => [...records.values()].map((change) => copyChange(change)),
    async commit(changes: readonly Change[]) {
      apply(changes);
      epoch++;
    },
    close: async () => undefined,
  });
}
