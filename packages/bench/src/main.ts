/**
 * `pnpm bench [--filter TEXT] [--json FILE] [--quick]`: stanzaseal beside the primitives it is made of, in one process and
 * interleaved. Exits 1 where a row misses its "must", except with `--quick`. `dist/archive.js` is the archive's own.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fitGrowth } from './growth.js';
import { lineOf, machine, type Row, rowOf } from './report.js';
import { timeJobs } from './rounds.js';
import type { Scale, Table } from './table.js';
import { NOT_BUILT, tables } from './tables.js';

const { values } = parseArgs({
  options: {
    filter: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(`pnpm bench [--filter TEXT] [--json FILE] [--quick]

  --filter TEXT  tables alone with TEXT in their titles, as 'seal a stanza' or 'peers:'
  --json FILE    figures for docs/performance.md, which 'pnpm bench:all' writes
  --quick        some minutes' worth of rough figures, of which none is held to anything`);
  process.exit();
}
const scale: Scale = values.quick ? { isQuick: true, rounds: 5, slice: 15 } : { isQuick: false, rounds: 15, slice: 60 };
const isWanted = ({ group, title }: Pick<Table, 'group' | 'title'>): boolean =>
  values.filter === undefined || `${group}: ${title}`.toLowerCase().includes(values.filter.toLowerCase());

const { node, openssl, processor, cores, memory } = machine();
console.log(`Node ${node}, OpenSSL ${openssl}, ${processor}, ${cores} cores, ${memory} GiB`);
console.log('Medians (spread); ratios to the first row by the clock, and by processor time, which verdicts are about.');
const rows: Row[] = [];
const failed: string[] = [];
for (const table of tables(scale).filter(isWanted)) {
  console.log(`\n${table.group}: ${table.title}${table.clock === 'wall' ? ' (verdict by the clock)' : ''}`);
  try {
    const jobs = await table.jobs();
    const timings = await timeJobs(jobs, scale, table);
    for (const [i, job] of jobs.entries()) {
      const row = rowOf(table, job, timings[i] as (typeof timings)[0]);
      rows.push(row);
      console.log(lineOf(row));
    }
    for (const job of jobs) await job.close?.();
  } catch (error) {
    // The others are worth the minutes that they took.
    console.error(error);
    failed.push(`${table.group}: ${table.title}`);
  }
}
const growth = await fitGrowth(scale, isWanted);
for (const text of NOT_BUILT) console.log(`\n${text}`);

if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine: machine(), rows, growth }, undefined, 2)}\n`);
const missed = [
  ...rows.flatMap(({ group, title, name, missed: texts }) =>
    texts.map((text) => `${group}: ${title}, ${name}: ${text}`),
  ),
  ...growth.flatMap(({ what, missed: text }) => (text === undefined ? [] : [`growth: ${what}: ${text}`])),
];
console.log('');
for (const text of missed) console.log(`missed: ${text}`);
for (const text of failed) console.log(`failed: ${text}`);
const verdict = missed.length === 0 ? 'every must is met' : `${missed.length} missed`;
console.log(failed.length === 0 ? verdict : `${verdict}, ${failed.length} failed`);
if (failed.length > 0 || (missed.length > 0 && !values.quick)) process.exitCode = 1;
