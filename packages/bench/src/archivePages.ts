/**
 * Pages of a large archive. It has the real tables: an archive is filled with short messages of one owner over two years, and its rows are
 * copied, within the database, for so many owners that there are as many as asked, an owner's among those of all others; the Merkle log is
 * made of their leaves. Owners share a key and their tags' secret, so that every row decrypts, agrees with its leaf and is found by its id.
 *
 * What copying leaves to be done is done before anything is timed, as in an archive that has been up for a while: all is on the disk, and
 * PostgreSQL has its statistics. What the system has of it in memory is left to the system: pages that it has not are read from the disk.
 * 10,000,000 rows take 6 GB in SQLite and 9 GB in PostgreSQL.
 *
 * Kinds of pages take turns, so that a moment in which the disk is busy falls on all of them and not on one alone.
 * @module
 */

import type { Archive, PageQuery } from '@stanzaseal/archive';
import { systemRandom } from '@stanzaseal/cms/provider';
import { type Copies, copiesOf } from './archiveCopies.js';
import { benchArchive } from './archiveJobs.js';
import { type ArchiveScale, type ArchiveTable, type Figure, judgedFigure } from './archiveReport.js';

/** Of one owner. */
const OWN = 50_000;
const PEERS = 50;
const PAGE = 50;
const MINUTE = 60_000;
const MUST = 20;
/** How often each kind is asked for; a tenth is not counted. */
const ROUNDS = 1000;

/** Pages of 50. */
export function pageTables({ rows }: ArchiveScale): ArchiveTable[] {
  return [
    {
      title: `pages of ${PAGE} of ${rows.toLocaleString('en')} rows`,
      run: async (site) => {
        const own = Math.min(OWN, rows / 10);
        const start = Date.UTC(2025, 0, 1);
        const step = Math.floor((730 * 1440 * MINUTE) / own);
        const items = Array.from({ length: own }, (_, i) => ({
          stanza: `<message from="peer${i % PEERS}@montague.example/x" to="juliet0@capulet.example" type="chat" id="m${i}"><body>line ${i}</body></message>`,
          owner: 'juliet0@capulet.example',
          receivedAt: start + i * step,
          stanzaId: `stanza-${i}`,
        }));
        const copies = await copiesOf(site, items, Math.round(rows / own));
        const archive = await benchArchive(copies.url);
        try {
          return await pageFigures(archive, copies, own, start, step);
        } finally {
          await archive.close();
        }
      },
    },
  ];
}

async function pageFigures(
  archive: Archive,
  { owners, seconds }: Copies,
  own: number,
  start: number,
  step: number,
): Promise<Figure[]> {
  const some = (most: number) =>
    Math.floor((systemRandom(6).reduce((sum, each) => sum * 256 + each, 0) / 2 ** 48) * most);
  const owner = () => `juliet${some(owners)}@capulet.example`;
  const peer = () => `peer${some(PEERS)}@montague.example`;
  const id = () => `stanza-${PAGE + some(own - 2 * PAGE)}`;
  const time = () => start + some(own) * step;
  const page = async (query: Omit<PageQuery, 'owner' | 'max'>) => {
    const { damaged } = await archive.page({ owner: owner(), max: PAGE, ...query });
    if (damaged.length > 0) throw new Error('archive is damaged');
  };
  const jobs: { name: string; run: () => Promise<unknown>; mustValue?: number }[] = [
    { name: 'page: the last', mustValue: MUST, run: () => page({ before: '' }) },
    { name: 'page: after an id', mustValue: MUST, run: () => page({ after: id() }) },
    { name: 'page: before an id', mustValue: MUST, run: () => page({ before: id() }) },
    { name: 'page: from a time', mustValue: MUST, run: () => page({ start: time() }) },
    { name: 'page: last of one peer', mustValue: MUST, run: () => page({ with: peer(), before: '' }) },
    { name: 'page: of one peer from a time', mustValue: MUST, run: () => page({ with: peer(), start: time() }) },
    {
      name: 'page: of one peer until a time',
      mustValue: MUST,
      run: () => page({ with: peer(), end: time(), before: '' }),
    },
    { name: 'proof of an entry', run: () => archive.proofOf({ owner: owner(), id: id() }) },
  ];
  const times = await timesInTurns(jobs.map(({ run }) => run));
  return [
    { name: 'rows copied', value: (own * owners) / seconds, unit: 'a second', note: `${Math.round(seconds)} s` },
    ...jobs.map(({ run: _, ...job }, i) => judgedFigure({ ...job, ...percentiles(times[i] as number[]) })),
  ];
}

/** ms of each, in the order of time. */
async function timesInTurns(runs: readonly (() => Promise<unknown>)[]): Promise<number[][]> {
  const times: number[][] = runs.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of runs.entries()) {
      const start = performance.now();
      await run();
      if (round >= ROUNDS / 10) times[i]?.push(performance.now() - start);
    }
  }
  return times;
}

function percentiles(times: readonly number[]): Pick<Figure, 'value' | 'unit' | 'note'> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] as number;
  return { value: at(0.99), unit: 'ms (p99)', note: `median ${at(0.5).toFixed(1)} ms` };
}
