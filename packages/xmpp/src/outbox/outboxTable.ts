/**
 * The outbox as it is stored: records by order of acceptance.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import type { Change, KeyStore, OutboxRecord, PlaceRecord } from '@stanzaseal/keystore';
import type { Entry } from './entry.js';
import { createGroupCommit } from './groupCommit.js';

/** The table. What a call was given is durable when its promise resolves. */
export interface OutboxTable {
  /** What is in it, in order. Call it first. */
  load(): Promise<readonly Entry[]>;
  /** Adds a record behind all others. */
  add(record: OutboxRecord): Promise<Entry>;
  /** The record of an entry; `undefined` where it left. */
  get(entry: Entry): Promise<OutboxRecord | undefined>;
  /** Notes of entries that the server has them, or that they failed, or that neither holds any more. */
  note(entries: readonly Entry[], change: Pick<OutboxRecord, 'sentAt' | 'failed'>): Promise<void>;
  /** What says in the store that an entry was sealed in a place: nothing, where it left. */
  placed(entry: Entry, place: PlaceRecord): Promise<readonly Change[]>;
  /**
   * Runs a sealing of several entries, whose places become durable together at its end. What is noted or removed meanwhile is so behind
   * it: else a record would come back that was removed.
   */
  whilePlacing<T>(sealing: () => Promise<T>): Promise<T>;
  /** Removes entries. */
  remove(entries: readonly Entry[]): Promise<void>;
}

/** Makes it over a store. */
export function createOutboxTable(store: KeyStore): OutboxTable {
  const commit = createGroupCommit(store);
  // What is being removed, or was: a note of it that comes later must not bring it back.
  const leaving = new WeakSet<Entry>();
  let next = 0n;
  let placing: Promise<unknown> | undefined;

  function entryOf(key: string, record: OutboxRecord): Entry {
    return {
      key,
      id: toHex(record.messageId),
      to: record.to,
      isRoom: record.members !== undefined,
      at: record.at,
      state: record.failed === undefined ? 'waiting' : 'failed',
      sealed: undefined,
      takenAt: 0,
      // What the server had before a restart was told then; it is sent once more, for an error may have been missed.
      isTold: record.sentAt !== undefined,
    };
  }

  return {
    async load() {
      const entries = (await store.entries('outbox')).map(([key, record]) => entryOf(key, record));
      entries.sort((a, b) => (a.key < b.key ? -1 : 1));
      const last = entries.at(-1);
      if (last !== undefined) next = BigInt(`0x${last.key}`) + 1n;
      return entries;
    },
    async add(record) {
      const key = (next++).toString(16).padStart(16, '0');
      await commit([{ table: 'outbox', key, record }]);
      return entryOf(key, record);
    },
    get: async ({ key }) => store.get('outbox', key),
    async note(entries, change) {
      await placing;
      const changes: Change[] = [];
      const noted: Entry[] = [];
      for (const entry of entries) {
        const { key } = entry;
        const record = await store.get('outbox', key);
        if (record === undefined) continue;
        const { sentAt: _, failed: __, ...rest } = record;
        changes.push({ table: 'outbox', key, record: { ...rest, ...change } });
        noted.push(entry);
      }
      await commit(changes.filter((_, i) => !leaving.has(noted[i] as Entry)));
    },
    async placed(entry, place) {
      const { key } = entry;
      const record = await store.get('outbox', key);
      const isThere = record !== undefined && !leaving.has(entry);
      return isThere ? [{ table: 'outbox', key, record: { ...record, place } }] : [];
    },
    whilePlacing(sealing) {
      const run = sealing();
      const done = run.then(
        () => undefined,
        () => undefined,
      );
      placing = done;
      void done.then(() => {
        if (placing === done) placing = undefined;
      });
      return run;
    },
    async remove(entries) {
      for (const entry of entries) leaving.add(entry);
      await placing;
      try {
        await commit(entries.map(({ key }) => ({ table: 'outbox', key, record: undefined })));
      } catch (error) {
        for (const entry of entries) leaving.delete(entry);
        throw error;
      }
    },
  };
}
