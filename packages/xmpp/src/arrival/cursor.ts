/**
 * How far each archive was read: up to a message of which everything before it was accepted, or refused for good.
 * @module
 */
import type { Clock } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import type { ArchivePosition } from './archive.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * What arrives live moves the cursor this much later, in ms: two messages may overtake each other between a server's archive and its
 * clients, and what is still on its way must not be passed by.
 */
const LAG = 120_000;
/** Live messages between two writings of a cursor: what a crash brings again from the archive is known by then. */
const LIVE_WRITES = 32;

/** Cursors of all archives. */
export interface Cursors {
  /** Where to go on reading. */
  position(archive: string): Promise<{ readonly position: ArchivePosition; readonly since: number }>;
  /** Where to begin as if there were no cursor, for what came since a time. */
  from(since: number): ArchivePosition;
  /** Writes a position of a page. */
  write(archive: string, id: string): Promise<void>;
  /** Notes what was done that came live, under the id that the archive gave it. */
  passed(archive: string, id: string): Promise<void>;
  /** Stops moving on live messages, and forgets those noted: one was held and has to come again, or the archive is being read. */
  hold(archive: string): void;
  /** Moves on live messages: all that came before was done, and there is an archive whose ids they carry. */
  release(archive: string): void;
  /** Writes what was noted. */
  flush(): Promise<void>;
}

/** Makes cursors over a store. */
export function createCursors(store: KeyStore, clock: Clock): Cursors {
  const live = new Map<string, { id: string; at: number }[]>();
  const moving = new Set<string>();
  const write = (archive: string, id: string, at: number): Promise<void> =>
    store.commit([{ table: 'cursors', key: archive, record: { id, at } }]);

  async function flushOne(archive: string): Promise<void> {
    const passed = live.get(archive) ?? [];
    const before = clock() - LAG;
    let due = 0;
    while (due < passed.length && (passed[due] as { at: number }).at <= before) due++;
    const last = passed[due - 1];
    if (last === undefined) return;
    live.set(archive, passed.slice(due));
    await write(archive, last.id, last.at);
  }

  return {
    async position(archive) {
      const cursor = await store.get('cursors', archive);
      if (cursor !== undefined) return { position: { after: cursor.id }, since: cursor.at };
      // Nothing that is older than the oldest private prekey opens here: what an archive of years has before it is not asked for.
      let since = clock();
      for (const [, { createdAt }] of await store.entries('prekeys')) since = Math.min(since, createdAt);
      return { position: { start: since - DAY }, since };
    },
    from: (since) => ({ start: since - DAY }),
    write: (archive, id) => write(archive, id, clock()),
    async passed(archive, id) {
      if (!moving.has(archive)) return;
      const passed = live.get(archive) ?? [];
      passed.push({ id, at: clock() });
      live.set(archive, passed);
      if (passed.length % LIVE_WRITES === 0) await flushOne(archive);
    },
    hold(archive) {
      moving.delete(archive);
      live.delete(archive);
    },
    release: (archive) => void moving.add(archive),
    async flush() {
      for (const archive of [...live.keys()]) await flushOne(archive);
    },
  };
}
