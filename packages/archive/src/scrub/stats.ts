/**
 * Figures for monitoring, as data and as OpenMetrics text.
 * @module
 */
import { type Archive, coreOf } from '../archive.js';
import type { ArchiveCore } from '../core.js';
import { ERASURES, HOLDS } from '../retention/retentionTables.js';
import { WRAP_STATES, WRAPS, type WrapState } from '../rights/rightsTables.js';
import { SCRUB } from './scrub.js';

/** Figures of an archive. */
export interface ArchiveStats {
  /** Leaves of the log: entries that were ever kept. */
  readonly leaves: number;
  /** Leaves that no checkpoint covers yet. */
  readonly withoutCheckpoint: number;
  /** Age of the newest checkpoint in ms; `undefined` before the first. */
  readonly checkpointAge: number | undefined;
  /** Owners that ever had an entry, the archive itself among them. */
  readonly owners: number;
  /** Entries in quarantine. */
  readonly quarantined: number;
  /** Wraps by their states. */
  readonly wraps: Readonly<Record<WrapState, number>>;
  /** Legal holds in force. */
  readonly holds: number;
  /** Keys that are to be destroyed and are not yet. */
  readonly erasuresUnderWay: number;
  /** Entries that the scrub under way has found damaged. */
  readonly damaged: number;
  /** Entries that the scrub under way has looked at. */
  readonly scrubbed: number;
  /** Octets of the contents on disk. */
  readonly contentOctets: number;
  /** Octets of the keys on disk. */
  readonly keyOctets: number;
}

/** Figures now. It counts rows, so once a minute is often enough. @throws ArchiveError `ERR_STORE` */
export async function stats(archive: Archive): Promise<ArchiveStats> {
  const core = coreOf(archive);
  const { content, keys, clock } = core;
  await content.createTables([WRAPS, HOLDS, ERASURES, SCRUB]);
  const first = async (sql: string) => (await content.rows(sql))[0];
  const leaves = Number((await first('SELECT size FROM state WHERE number = 1'))?.size);
  const checkpoint = await first('SELECT size, time FROM checkpoints ORDER BY size DESC LIMIT 1');
  const scrubbing = await first('SELECT * FROM scrub WHERE number = 1');
  const [owners] = await keys.rows('SELECT count(*) AS n FROM owners');
  return {
    leaves,
    withoutCheckpoint: leaves - Number(checkpoint?.size ?? 0),
    checkpointAge: checkpoint === undefined ? undefined : Math.max(0, clock() - Number(checkpoint.time)),
    owners: Number(owners?.n),
    quarantined: await countOf(core, 'quarantine'),
    wraps: await wrapsByState(core),
    holds: await countOf(core, 'holds'),
    erasuresUnderWay: await countOf(core, 'erasures'),
    damaged: (JSON.parse((scrubbing?.damaged as string | undefined) ?? '[]') as number[]).length,
    scrubbed: Number(scrubbing?.next ?? 0),
    contentOctets: await content.size(),
    keyOctets: await keys.size(),
  };
}

/** OpenMetrics 1.0 text of figures: what `GET /metrics` answers, as `application/openmetrics-text; version=1.0.0; charset=utf-8`. */
export function openMetrics(figures: ArchiveStats): string {
  const lines: string[] = [];
  const gauge = (name: string, help: string, ...values: readonly [labels: string, value: number][]) => {
    lines.push(`# TYPE stanzaseal_archive_${name} gauge`, `# HELP stanzaseal_archive_${name} ${help}`);
    for (const [labels, value] of values) lines.push(`stanzaseal_archive_${name}${labels} ${value}`);
  };
  gauge('leaves', 'Entries that were ever kept.', ['', figures.leaves]);
  gauge('leaves_without_checkpoint', 'Leaves that no checkpoint covers yet.', ['', figures.withoutCheckpoint]);
  if (figures.checkpointAge !== undefined)
    gauge('checkpoint_age_seconds', 'Age of the newest checkpoint.', ['', figures.checkpointAge / 1000]);
  gauge('owners', 'Owners that ever had an entry.', ['', figures.owners]);
  gauge('quarantined', 'Entries in quarantine.', ['', figures.quarantined]);
  const wraps = WRAP_STATES.map((state): [string, number] => [`{state="${state}"}`, figures.wraps[state]]);
  gauge('wraps', 'Wraps by their states.', ...wraps);
  gauge('holds', 'Legal holds in force.', ['', figures.holds]);
  gauge('erasures_under_way', 'Keys that are to be destroyed and are not yet.', ['', figures.erasuresUnderWay]);
  gauge('damaged', 'Entries that the scrub under way has found damaged.', ['', figures.damaged]);
  gauge('scrubbed', 'Entries that the scrub under way has looked at.', ['', figures.scrubbed]);
  const octets: [string, number][] = [
    ['{database="content"}', figures.contentOctets],
    ['{database="keys"}', figures.keyOctets],
  ];
  gauge('disk_bytes', 'Octets on disk.', ...octets);
  return `${lines.join('\n')}\n# EOF\n`;
}

async function countOf({ content }: ArchiveCore, table: 'quarantine' | 'holds' | 'erasures'): Promise<number> {
  return Number((await content.rows(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
}

async function wrapsByState({ content }: ArchiveCore): Promise<Readonly<Record<WrapState, number>>> {
  const counts = { unchecked: 0, checked: 0, mismatch: 0 };
  for (const { state, n } of await content.rows('SELECT state, count(*) AS n FROM wraps GROUP BY state'))
    counts[WRAP_STATES[state as number] as WrapState] = Number(n);
  return counts;
}
