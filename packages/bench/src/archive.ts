/**
 * `node packages/bench/dist/archive.js [--postgres URL] [--groups N] [--rows N]`: durable ingest of sealed stanzas beside the engine
 * alone, and pages of a large archive. Exits 1 where a figure misses its "must".
 * @module
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';
import {
  type ArchiveJob,
  archiveJob,
  postgresJob,
  sealedStanzas,
  sqliteJob,
  storedLength,
  temporaryFolder,
} from './archiveJobs.js';
import { timePages } from './archivePages.js';

const { values } = parseArgs({
  options: {
    postgres: { type: 'string' },
    groups: { type: 'string', default: '40' },
    rows: { type: 'string', default: '0' },
  },
});
const GROUP = 256;
const TEXT = 1024;
/** Groups that one has before the next has its turn. */
const TURN = 8;
const groups = Math.ceil(Number(values.groups) / TURN + 1) * TURN;
const crypto = createCryptoProvider();
const stanzas = await sealedStanzas(groups * GROUP, TEXT, crypto, systemRandom);
const octets = storedLength(stanzas[0] as string);
const folder = temporaryFolder();
console.log(
  `${TEXT} octets of text are a stanza of ${stanzas[0]?.length} and ${octets} stored octets; groups of ${GROUP}`,
);
try {
  await compare('SQLite', [
    sqliteJob('engine, bare table', join(folder.path, 'bare.db'), octets, GROUP, false, 16384),
    sqliteJob('engine, bare table, pages of 4 KiB', join(folder.path, 'small.db'), octets, GROUP, false, 4096),
    sqliteJob('engine, three indexes', join(folder.path, 'indexed.db'), octets, GROUP, true, 16384),
    ...(await archiveJobs((number) => `sqlite:${join(folder.path, `archive${number}.db`)}`)),
  ]);
  if (values.postgres !== undefined) {
    const schema = `${values.postgres}?schema=bench${Date.now()}`;
    await compare('PostgreSQL', [
      await postgresJob('engine, bare table', values.postgres, octets, GROUP, false),
      await postgresJob('engine, three indexes', values.postgres, octets, GROUP, true),
      ...(await archiveJobs((number) => `${schema}_${number}`)),
    ]);
  }
  const rows = Number(values.rows);
  if (rows > 0) {
    await timePages(`sqlite:${join(folder.path, 'pages.db')}`, rows, crypto, systemRandom);
    if (values.postgres !== undefined)
      await timePages(`${values.postgres}?schema=pages${Date.now()}`, rows, crypto, systemRandom);
  }
} finally {
  folder.end();
}

/** In one thread, and with another that reads, encrypts and hashes. */
function archiveJobs(url: (number: number) => string): Promise<ArchiveJob[]> {
  const job = (name: string, workers: number) =>
    archiveJob(name, url(workers), stanzas, GROUP, workers, crypto, systemRandom);
  return Promise.all([job('archive', 0), job('archive, one worker', 1)]);
}

/** Each in turn, some groups at a time, so that a change of the machine's speed meets all of them. The first turn is not counted. */
async function compare(title: string, jobs: readonly ArchiveJob[]): Promise<void> {
  const times = jobs.map(() => 0);
  for (let first = 0; first < groups; first += TURN) {
    for (const [i, job] of jobs.entries()) {
      const start = performance.now();
      await job.run(first, TURN);
      if (first > 0) times[i] = (times[i] as number) + performance.now() - start;
    }
  }
  for (const job of jobs) await job.end();
  const count = (groups - TURN) * GROUP;
  console.log(`\n${title}: durable stanzas a second`);
  for (const [i, { name }] of jobs.entries()) {
    const compared = jobs.slice(0, -2).map((_, k) => ((times[k] as number) / (times[i] as number)).toFixed(2));
    const ratios = i < jobs.length - 2 ? '' : `   ${compared.join(', ')} of the above`;
    console.log(
      `  ${name.padEnd(38)} ${Math.round((count * 1000) / (times[i] as number))
        .toString()
        .padStart(7)}${ratios}`,
    );
  }
}
