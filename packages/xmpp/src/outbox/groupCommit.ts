/**
 * Many small commits of one store as few: what is given while one is under way goes into the next, together.
 * @module
 */
import type { Change, KeyStore } from '@stanzaseal/keystore';

/** Commits changes; resolves when they are durable. Of two changes of one record in one commit the later counts. */
export type GroupCommit = (changes: readonly Change[]) => Promise<void>;

/** Makes it. */
export function createGroupCommit(store: KeyStore): GroupCommit {
  let waiting: { readonly changes: Map<string, Change>; readonly done: Promise<void> } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return (changes) => {
    if (waiting === undefined) {
      const group = new Map<string, Change>();
      const done = last.then(() => {
        waiting = undefined;
        return store.commit([...group.values()]);
      });
      waiting = { changes: group, done };
      last = done.catch(() => undefined);
    }
    for (const change of changes) waiting.changes.set(`${change.table} ${change.key}`, change);
    return waiting.done;
  };
}
