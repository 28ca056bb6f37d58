/**
 * Durable ingest of sealed stanzas of 1 KiB, beside the engine alone.
 *
 * **The engine's own ceiling** is what any archive on it would have to write at least, written in the best way that was found: one
 * table, a row an entry, of a number, owner, peer, time, a name of 16 octets, and as many octets as the archive stores of the entry (its
 * nonces, tags and salts among them); the primary key, and three indexes, by which stanzas are found by time, by peer, and by name;
 * a transaction for each 256 rows that waits for the disk. The engine has the archive's settings (SQLite: pages of 16 KiB, a
 * write-ahead log of up to 16 MiB, `synchronous=FULL`, `secure_delete`, one prepared statement a row, which is as fast as many rows in one;
 * PostgreSQL: `synchronous_commit`, rows whole within their pages, one prepared statement a group). No ciphering, no hashing, no reading of
 * stanzas, no second name, no log: those are what the ratio is about.
 *
 * Jobs take turns of some groups each; the ratio is the median over the turns, of which there are more while it is not clear of its must
 * ([decision 0038](../../../docs/decisions/0038-when-a-figure-counts.md)). A turn of an archive is stanzas for owners that had
 * none before, so that the same objects serve again and again. It is long enough that what an archive does once in a turn says little: it reads
 * the first group before it can write anything, and writes the last when it has nothing more to read. That takes as long as half a group more.
 * @module
 */
import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import { type ArchiveJob, archiveJob, postgresJob, sealedStanzas, sqliteJob, storedLength } from './archiveJobs.js';
import { type ArchiveScale, type ArchiveSite, type ArchiveTable, type Figure, judgedFigure } from './archiveReport.js';
import { isDecided } from './decided.js';

/** Entries of a transaction. */
const GROUP = 256;
/** Octets of text that are sealed. */
export const TEXT = 1024;
/** Groups of a turn. */
const TURN = 32;
/** Groups of stanzas for one owner: no two are alike. */
const OWN = 8;
/** Turns that are not counted: compilers take their time, each thread's its own. */
const WARM_UP = 2;
/** So many times as many turns there are at most. */
const MOST_ROUNDS = 4;
const [MUST, AIM] = [0.4, 0.7];

/** Durable stanzas a second. */
export function ingestTables(scale: ArchiveScale): ArchiveTable[] {
  let sealed: Promise<string[]> | undefined;
  return [
    {
      title: `ingest of sealed ${TEXT} octets, groups of ${GROUP}`,
      run: async (site) => {
        sealed ??= sealedStanzas(OWN * GROUP, TEXT, createCryptoProvider(), systemRandom);
        return ingest(site, await sealed, scale);
      },
    },
  ];
}

interface Turn {
  readonly clock: number;
  readonly processor: number;
}

async function ingest(site: ArchiveSite, stanzas: readonly string[], scale: ArchiveScale): Promise<Figure[]> {
  const jobs = await jobsOf(site, stanzas);
  const turns: Turn[][] = jobs.map(() => []);
  const [ceiling] = turns as [Turn[]];
  const ratios = (i: number, part: keyof Turn): number[] =>
    (turns[i] as Turn[]).map((each, k) => (ceiling[k] as Turn)[part] / each[part]);
  // The contract is met by how an archive would be run for speed: the better of its ways.
  const archives = [...jobs.keys()].filter((i) => jobs[i]?.name.startsWith('archive'));
  const best = () => archives.reduce((a, b) => (median(ratios(a, 'clock')) >= median(ratios(b, 'clock')) ? a : b));
  const most = (scale.isQuick ? 1 : MOST_ROUNDS) * scale.rounds;
  for (let turn = 0; turn < WARM_UP + most; turn++) {
    const counted = turn - WARM_UP;
    if (counted > 0 && counted % scale.rounds === 0 && isDecided(ratios(best(), 'clock'), MUST)) break;
    for (const [i, job] of jobs.entries()) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      await job.run(turn, TURN);
      const { user, system } = process.cpuUsage(before);
      if (counted >= 0) turns[i]?.push({ clock: (performance.now() - start) * 1000, processor: user + system });
    }
  }
  for (const job of jobs) await job.end();
  const count = TURN * GROUP;
  const judged = best();
  return jobs.map(({ name }, i): Figure => {
    const middle = (part: keyof Turn) => median((turns[i] as Turn[]).map((each) => each[part]));
    const ratio = { ratio: median(ratios(i, 'clock')), processorRatio: median(ratios(i, 'processor')) };
    const figure: Figure = {
      name,
      value: (count * 1e6) / middle('clock'),
      unit: 'stanzas/s',
      ...(i === 0 ? {} : ratio),
      note: `${(middle('processor') / count).toFixed(0)} µs of the processor each`,
    };
    return i === judged ? judgedFigure({ ...figure, must: MUST, aim: AIM }) : figure;
  });
}

async function jobsOf({ engine, url }: ArchiveSite, stanzas: readonly string[]): Promise<ArchiveJob[]> {
  const octets = storedLength(stanzas[0] as string);
  const engineJob = (name: string, indexes: boolean) =>
    engine === 'SQLite'
      ? sqliteJob(name, url(indexes ? 'indexed' : 'bare').slice('sqlite:'.length), octets, GROUP, indexes)
      : postgresJob(name, (url('engine').split('?') as [string])[0], octets, GROUP, indexes);
  return [
    await engineJob('engine: its own ceiling', true),
    await engineJob('engine: no indexes', false),
    await archiveJob('archive', url('alone'), stanzas, GROUP, 0),
    await archiveJob('archive, one thread that composes', url('threaded'), stanzas, GROUP, 1),
    await archiveJob('archive, two threads that compose', url('doubled'), stanzas, GROUP, 2),
  ];
}

/** The one in the middle. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}
