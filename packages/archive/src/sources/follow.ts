/**
 * Reads a source into an archive. The place in the source is kept in the transaction of the entries, so whoever is killed at any moment goes on where the
 * archive is: nothing is left out and nothing comes twice, even of a source that gives the same stanza another id each time.
 * @module
 */
import { StanzaError } from '@stanzaseal/stanza';
import { type Archive, coreOf, sourceOf } from '../archive.js';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import type { EntrySource } from '../log/composedEntry.js';
import { ReadAhead } from './readAhead.js';
import type { RefusedItem, Source, SourceItem } from './source.js';
import { cursorOf, moveCursor, type ReadSource, SOURCES } from './sourcesTable.js';

/** How a source is followed. */
export interface FollowOptions {
  /** Ends it: what was read is kept before it resolves. */
  readonly signal?: AbortSignal;
  /** How many items were read this time. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: undefined }) => void;
  /** Something that could not be put anywhere was passed over; nothing else tells of it. */
  readonly onRefused?: (item: RefusedItem) => void;
}

/** What became of the items of a source, this time. */
export interface Followed {
  /** Entries that are new. */
  readonly kept: number;
  /** Copies of what was there. */
  readonly duplicates: number;
  /** What is in quarantine, and was not before. */
  readonly quarantined: number;
  /** What could not be put anywhere. */
  readonly refused: number;
}

/**
 * Reads a source from where the archive is to its end, or until the signal. One process at a time reads a source; `archive.close()` is to wait for this.
 * @throws ArchiveError `ERR_STORE`, also where another process reads it; whatever the source throws, after what came before was kept
 * @example
 * const { kept, refused } = await follow(archive, prosodyArchive({ url: 'postgres://127.0.0.1/prosody' }));
 */
export async function follow(archive: Archive, source: Source, options: FollowOptions = {}): Promise<Followed> {
  const core = coreOf(archive);
  const { signal, onProgress, onRefused } = options;
  let cursor = await placeOf(core, source);
  const ending = new AbortController();
  const ends = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  const ahead = new ReadAhead(source.items(cursor, ends), core.limits.batch);
  const sum = { kept: 0, duplicates: 0, quarantined: 0, refused: 0 };
  let done = 0;
  try {
    for (;;) {
      const group = await ahead.take(core.limits.batch);
      if (group === undefined) return sum;
      const { entries, refused } = sorted(group);
      const next = lastOf(group);
      const { name } = source;
      const to = name === undefined ? undefined : { name, cursor: next, items: group.length, time: core.clock() };
      await keep(core, entries, to, cursor, sum);
      cursor = next;
      sum.refused += refused.length;
      for (const item of refused) onRefused?.(item);
      await source.kept?.(cursor);
      done += group.length;
      onProgress?.({ done, total: undefined });
    }
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) return sum;
    throw error;
  } finally {
    ending.abort();
    await ahead.stop();
  }
}

/** Sources that this archive has read, and how far. */
export async function readSources(archive: Archive): Promise<ReadSource[]> {
  const { content } = coreOf(archive);
  await content.createTables([SOURCES]);
  return (await content.rows('SELECT name, cursor, items, time FROM sources ORDER BY name')) as unknown as ReadSource[];
}

async function placeOf(core: ArchiveCore, { name }: Source): Promise<string | undefined> {
  if (name === undefined) return undefined;
  if (name === '' || name.length > 255) throw new RangeError('name of the source is not 1 to 255 characters');
  await core.content.createTables([SOURCES]);
  return cursorOf(core.content, name);
}

async function keep(
  core: ArchiveCore,
  entries: readonly EntrySource[],
  to: ReadSource | undefined,
  from: string | undefined,
  sum: { kept: number; duplicates: number; quarantined: number },
): Promise<void> {
  const placed = await core.sequencer.appendAll(entries, async (rows) => {
    if (to !== undefined) await moveCursor(rows, to, from);
  });
  placed.forEach(({ duplicate, reason, leafIndex }, i) => {
    sum[duplicate ? 'duplicates' : reason === undefined ? 'kept' : 'quarantined']++;
    const { owner } = entries[i] as EntrySource;
    if (reason !== undefined && !duplicate) core.onEvent({ type: 'quarantined', owner, leafIndex, reason });
  });
}

/** What can be written, and what cannot: an owner that is no JID, an id that is none. A malformed stanza can: it goes into quarantine. */
function sorted(group: readonly (SourceItem | RefusedItem)[]): { entries: EntrySource[]; refused: RefusedItem[] } {
  const entries: EntrySource[] = [];
  const refused: RefusedItem[] = [];
  for (const item of group) {
    if ('refused' in item) {
      refused.push(item);
      continue;
    }
    try {
      entries.push(sourceOf(item.stanza, item));
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError || error instanceof StanzaError)) throw error;
      refused.push({ cursor: item.cursor, refused: error.message });
    }
  }
  return { entries, refused };
}

function lastOf(group: readonly { readonly cursor: string }[]): string {
  const cursor = group.at(-1)?.cursor;
  if (cursor === undefined || cursor === '') throw new ArchiveError('ERR_STORE', 'source gives no cursor');
  return cursor;
}
