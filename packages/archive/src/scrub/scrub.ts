/**
 * Scrubbing: reads every entry, compares it with its leaf, and the leaves with the newest signed checkpoint (K1, K11).
 * @module
 */
import { equal } from '@stanzaseal/cms';
import { type Archive, coreOf } from '../archive.js';
import type { ArchiveCore } from '../core.js';
import type { Table } from '../engine/database.js';
import { parseCheckpoint } from '../evidence/index.js';
import { LogTiles } from '../log/logTiles.js';
import { RunningRoot } from '../log/runningRoot.js';
import { readEntries } from '../query/readEntries.js';
import { checkCopy, repair } from './repair.js';

/** One row, number 1: how far a scrub is, and what it found. */
export const SCRUB: Table = {
  name: 'scrub',
  columns: { number: 'int', next: 'int', damaged: 'text' },
  key: ['number'],
};

/** How a scrub is done. */
export interface ScrubOptions {
  /** Most octets read a second: as many as it can if absent. */
  readonly octetsPerSecond?: number;
  /** A copy of this archive, from which damaged entries are repaired. */
  readonly repairFrom?: Archive;
  /** How far it is: entries of how many. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Ends it before its time, between two batches: the next one goes on there. */
  readonly signal?: AbortSignal;
}

/** What a scrub found. */
export interface Scrubbed {
  /** Whether it came to the end; else the next one goes on. */
  readonly complete: boolean;
  /** Octets that were read this time. */
  readonly octets: number;
  /** Leaf indexes of entries that do not agree with their leaves, and were not repaired. */
  readonly damaged: readonly number[];
  /** Leaf indexes of entries that were repaired this time. */
  readonly repaired: readonly number[];
  /** Leaves without an entry: as many as were erased, in an archive from which nothing was dropped. */
  readonly missing: number;
  /** Whether the leaves make the root that the newest checkpoint signed. */
  readonly logHolds: boolean;
}

/** Entries of one batch. */
const BATCH = 128;
/** Leaves of one batch: 16 tiles. */
const LEAVES = 4096;

/**
 * Scrubs an archive. What it finds is an event for each damaged entry. Stopped anywhere, it goes on there the next time.
 * @throws ArchiveError `ERR_STORE`; RangeError where `repairFrom` is no copy of this archive
 * @example
 * const { damaged, logHolds } = await scrub(archive, { octetsPerSecond: 50e6, onProgress });
 */
export async function scrub(archive: Archive, options: ScrubOptions = {}): Promise<Scrubbed> {
  const { repairFrom, signal, octetsPerSecond, onProgress } = options;
  const core = coreOf(archive);
  const source = repairFrom === undefined ? undefined : coreOf(repairFrom);
  if (source !== undefined) await checkCopy(core, source);
  await core.content.createTables([SCRUB]);
  const [state] = await core.content.rows('SELECT * FROM scrub WHERE number = 1');
  const damaged = new Set<number>(JSON.parse((state?.damaged as string | undefined) ?? '[]') as number[]);
  const total = await sizeOf(core);
  const repaired: number[] = [];
  let octets = 0;
  let next = Number(state?.next ?? 0);
  while (next < total && signal?.aborted !== true) {
    const begun = core.clock();
    const batch = await scrubBatch(core, next);
    for (const { leafIndex, destroyed } of batch.damaged) {
      core.onEvent({ type: 'damaged', owner: '', leafIndex });
      if (source !== undefined && !destroyed && (await repair(core, source, leafIndex))) repaired.push(leafIndex);
      else damaged.add(leafIndex);
    }
    next = batch.next ?? total;
    octets += batch.octets;
    await core.content.upsert(SCRUB, [[1, next, JSON.stringify([...damaged])]]);
    onProgress?.({ done: Math.min(next, total), total });
    if (octetsPerSecond !== undefined) await pause((1000 * batch.octets) / octetsPerSecond - (core.clock() - begun));
  }
  const complete = next >= total;
  if (complete) await core.content.upsert(SCRUB, [[1, 0, '[]']]);
  const found = { complete, octets, damaged: [...damaged].sort((a, b) => a - b), repaired };
  return { ...found, missing: await missingIn(core), logHolds: await logHolds(core) };
}

async function sizeOf({ content }: ArchiveCore): Promise<number> {
  return Number((await content.rows('SELECT size FROM state WHERE number = 1'))[0]?.size);
}

async function scrubBatch(core: ArchiveCore, from: number) {
  return core.content.snapshot(async (rows) => {
    const sql = 'SELECT * FROM entries WHERE seq >= $1 AND seq < $2 ORDER BY seq';
    // A stretch of leaves, not a number of rows: PostgreSQL would sort all partitions for a LIMIT.
    const stored = await rows.rows(sql, [from, from + BATCH]);
    const keks = await core.vault.keks(stored.map(({ kek }) => kek as number));
    const entries = await readEntries(stored, rows, core, 'checks');
    const damaged = entries.flatMap((entry, i) => {
      if (!('damage' in entry)) return [];
      return [{ leafIndex: entry.leafIndex, destroyed: !keks.has(stored[i]?.kek as number) }];
    });
    const octets = stored.reduce((sum, { content, recipients }) => sum + lengthOf(content) + lengthOf(recipients), 0);
    return { damaged, octets, next: from + BATCH };
  });
}

function lengthOf(value: unknown): number {
  return value instanceof Uint8Array ? value.length : 0;
}

async function missingIn({ content }: ArchiveCore): Promise<number> {
  return content.snapshot(async (rows) => {
    const [state] = await rows.rows('SELECT size FROM state WHERE number = 1');
    const [count] = await rows.rows('SELECT count(*) AS n FROM entries');
    return Number(state?.size) - Number(count?.n);
  });
}

/** The leaves as they are stored against the root that was signed. */
async function logHolds(core: ArchiveCore): Promise<boolean> {
  const checkpoint = await core.checkpointer.make();
  if (checkpoint === undefined) return true;
  const root = new RunningRoot();
  for (let at = 0; at < checkpoint.size; at += LEAVES) {
    const indexes = Array.from({ length: Math.min(LEAVES, checkpoint.size - at) }, (_, i) => at + i);
    for (const leaf of await core.content.snapshot((rows) => new LogTiles(rows).leaves(indexes))) {
      if (leaf === undefined) return false;
      root.add(leaf);
    }
  }
  return equal(root.root(), parseCheckpoint(checkpoint.note).root);
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
