/**
 * `node packages/bench/dist/archive.js [--quick] [--filter TEXT] [--json FILE] [--rows N] [--postgres URL]`: the archive beside its own
 * engines, in one run. Some six minutes; with `--quick` less than one, as information. Exits 1 where a figure misses its "must". A PostgreSQL
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
import { type ArchiveRow, type ArchiveScale, type ArchiveTable, archiveLine } from './archiveReport.js';
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
const postgres = await postgresFor(values.postgres);
const results: ArchiveRow[] = [];
try {
  const sites = [
    { engine: 'SQLite' as const, url: (name: string) => `sqlite:${folder.path}/${name}.db` },
    ...(postgres === undefined
      ? []
      : [{ engine: 'PostgreSQL' as const, url: (name: string) => `${postgres.url}?schema=${name}${Date.now()}` }]),
  ];
  if (postgres === undefined) console.log('PostgreSQL: none here, so there is nothing to time');
  const tables: ArchiveTable[] = [...ingestTables(scale), ...keepingTables(scale), ...pageTables(scale)];
  for (const { title, run } of tables) {
    for (const site of sites) {
      const name = `archive: ${title}, ${site.engine}`;
      if (values.filter !== undefined && !name.toLowerCase().includes(values.filter.toLowerCase())) continue;
      const began = performance.now();
      console.log(`\n${name}`);
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
