/**
 * Where an owner's archive begins and ends (XEP-0313 §5), and what is in quarantine.
 * @module
 */
import type { ArchiveCore } from '../core.js';
import type { Rows } from '../engine/database.js';
import { ENTRIES } from '../layout.js';
import { readPage } from './page.js';
import { readEntries } from './readEntries.js';

/** The first or last message of an archive. */
export interface ArchiveEnd {
  /** Its id. */
  readonly id: string;
  /** When it was received, in ms since 1970. */
  readonly time: number;
}

/** Both ends; `undefined` for an empty archive. */
export interface ArchiveMetadata {
  readonly start: ArchiveEnd | undefined;
  readonly end: ArchiveEnd | undefined;
}

/** The ends of an owner's archive. */
export async function readMetadata(core: ArchiveCore, owner: string): Promise<ArchiveMetadata> {
  const ends = await Promise.all([readPage(core, { owner, max: 1 }), readPage(core, { owner, max: 1, before: '' })]);
  const [start, end] = ends.map(({ entries: [entry] }) => entry && { id: entry.id, time: entry.receivedAt });
  return { start, end };
}

/** What was kept though it is no good stanza. */
export interface QuarantinedEntry {
  /** Its place in the log. */
  readonly leafIndex: number;
  /** When it was received, in ms since 1970. */
  readonly receivedAt: number;
  /** The id that it came with. */
  readonly stanzaId: string | undefined;
  /** Why it is here. */
  readonly reason: string;
  /** Its octets as they were received. */
  readonly octets: Uint8Array;
}

/** What is asked of a quarantine. */
export interface QuarantineQuery {
  /** Bare JID of the account or room. */
  readonly owner: string;
  /** Only what stands after this place in the log. */
  readonly after?: number;
  /** Most entries; never more than the archive's limit of a page. */
  readonly max?: number;
}

/** What is in an owner's quarantine, the oldest first. */
export async function readQuarantine(core: ArchiveCore, query: QuarantineQuery): Promise<QuarantinedEntry[]> {
  const owner = await core.vault.owner(core.ownerName(query.owner));
  if (owner === undefined) return [];
  const max = Math.min(query.max ?? core.limits.page, core.limits.page);
  return core.content.snapshot(async (rows: Rows) => {
    const listed = await rows.rows(
      'SELECT seq, reason FROM quarantine WHERE owner = $1 AND seq > $2 ORDER BY seq LIMIT $3',
      [owner.owner, query.after ?? -1, max],
    );
    const places = listed.map(({ seq }) => [owner.shard, owner.owner, seq as number]);
    const stored = await rows.find(ENTRIES, ['shard', 'owner', 'seq'], places);
    const read = new Map((await readEntries(stored, rows, core)).map((entry) => [entry.leafIndex, entry]));
    return listed.flatMap(({ seq, reason }) => {
      const entry = read.get(seq as number);
      if (entry === undefined || 'damage' in entry || entry.meta === undefined || entry.octets === undefined) return [];
      const { leafIndex, meta, octets } = entry;
      return [{ leafIndex, receivedAt: meta.receivedAt, stanzaId: meta.stanzaId, reason: reason as string, octets }];
    });
  });
}
