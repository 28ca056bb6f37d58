/**
 * `node packages/bench/dist/archive.js [--quick] [--filter TEXT] [--json FILE] [--rows N] [--postgres URL]`: the archive beside its own
 * engines, in one run. Some ten minutes; with `--quick` less than one, as information. Exits 1 where a figure misses its "must". A PostgreSQL
 * of its own is started where one is installed and none is named.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { temporaryFolder } from './archiveFolder.js';
import { ingestTables } from './archiveIngest.js';
import { keepingTables } from './archiveKeeping.js';
import { pageTables } from './archivePages.js';
import { postgresFor } from './archivePostgres.js';
import {
  type ArchiveRow,
  type ArchiveScale,
  type ArchiveSite,
  type ArchiveTable,
  archiveLine,
} from './archiveReport.js';
import { machine } from './report.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    filter: { type: 'string' },
    json: { type: 'string' },
    rows: { type: 'string' },
    postgres: { type: 'string' },
  },
});
const rows = Number(values.rows ?? (values.quick ? 100_000 : 10_000_000));
const scale: ArchiveScale = values.quick
  ? { isQuick: true, rounds: 4, kept: 1024, rows }
  : { isQuick: false, rounds: 16, kept: 8192, rows };
const folder = temporaryFolder();
const { node, openssl, processor, cores, memory } = machine();
console.log(`Node ${node}, OpenSSL ${openssl}, ${processor}, ${cores} cores, ${memory} GiB`);
const tables: ArchiveTable[] = [...ingestTables(scale), ...keepingTables(scale), ...pageTables(scale)];
const nameOf = (title: string, engine: ArchiveSite['engine']): string => `archive: ${title}, ${engine}`;
const isWanted = (title: string, engine: ArchiveSite['engine']): boolean =>
  values.filter === undefined || nameOf(title, engine).toLowerCase().includes(values.filter.toLowerCase());
const needsPostgres = tables.some(({ title }) => isWanted(title, 'PostgreSQL'));
const postgres = needsPostgres ? await postgresFor(values.postgres) : undefined;
const results: ArchiveRow[] = [];
try {
  const sites: ArchiveSite[] = [{ engine: 'SQLite', url: (name) => `sqlite:${folder.path}/${name}.db` }];
  if (postgres !== undefined)
    sites.push({ engine: 'PostgreSQL', url: (name) => `${postgres.url}?schema=${name}${Date.now()}` });
  else if (needsPostgres) console.log('PostgreSQL: none here, so there is nothing to time');
  for (const { title, run } of tables) {
    for (const site of sites) {
      if (!isWanted(title, site.engine)) continue;
      const began = performance.now();
      console.log(`\n${nameOf(title, site.engine)}`);
      for (const row of await run(site)) {
        results.push({ ...row, title, engine: site.engine });
        console.log(archiveLine(row));
      }
      console.log(`  (${((performance.now() - began) / 1000).toFixed(0)} s)`);
    }
  }
} finally {
  await postgres?.end();
  folder.end();
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine: machine(), rows: results }, undefined, 2)}\n`);
const missed = results.filter(({ missed: text }) => text !== undefined);
console.log('');
for (const { title, engine, name, missed: text } of missed)
  console.log(`missed: ${title}, ${engine}: ${name}: ${text}`);
console.log(missed.length === 0 ? 'every must is met' : `${missed.length} missed`);
if (missed.length > 0 && !values.quick) process.exitCode = 1;
