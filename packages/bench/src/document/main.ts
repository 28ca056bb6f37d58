/**
 * `pnpm bench:report FILE...`: writes docs/performance.md and its charts from what the benchmarks of objects and stanzas, of the browser and
 * of the archive wrote with `--json`, in any order. What was found on the way stands in docs/performance/findings.md, which is written by
 * hand.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PageRow } from '../browser/page.js';
import type { Growth } from '../growth.js';
import type { Machine, Row } from '../report.js';
import { chart } from './chart.js';

interface NodeRun {
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly growth: readonly Growth[];
}
interface BrowserRun {
  readonly browser: string;
  readonly rows: readonly PageRow[];
}

/** A figure of the archive, as its own benchmark writes it. */
interface ArchiveFigure {
  readonly title: string;
  readonly engine: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly ratio?: number;
  readonly must?: number;
  readonly aim?: number;
  readonly mustValue?: number;
  readonly note?: string;
  readonly missed?: string;
}
interface ArchiveRun {
  readonly rows: readonly ArchiveFigure[];
}
type Run = NodeRun | BrowserRun | ArchiveRun;

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const charts = join(docs, 'performance');
const runs = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Run);
const node = runs.find((run): run is NodeRun => 'growth' in run);
const browser = runs.find((run): run is BrowserRun => 'browser' in run);
const archive = runs.find((run): run is ArchiveRun => !('growth' in run) && !('browser' in run));
if (node === undefined) throw new Error('usage: bench:report NODE.json [BROWSER.json] [ARCHIVE.json]');

mkdirSync(charts, { recursive: true });
const { machine } = node;
const parts = [
  `# Performance

Written by one command, from one run; anybody can make it anew:

\`\`\`
pnpm bench:all
\`\`\`

It takes \`pnpm bench\`, \`pnpm bench:browser\` and \`pnpm bench:archive\` in turn, which also run alone and write their figures with \`--json FILE\`,
and \`pnpm bench:report FILE...\`.

Node ${machine.node}, OpenSSL ${machine.openssl}, ${machine.processor}, ${machine.cores} cores, ${machine.memory} GiB. Jobs of a table run in turns in one process; figures are medians,
in µs for one piece. Ratios are to the first row of a table in the same rounds, by processor time unless a table says otherwise, for the clock is other
processes' too. *Base* is the same primitives called directly through synchronous \`node:crypto\`, keys imported once, no ASN.1, no checks:
what is above it is our cost. A *must* that is missed fails the command; an *aim* does not.
`,
  ...groupsOf(node.rows).map(([group, rows]) => `## ${title(group)}\n\n${tablesOf(rows).join('\n')}`),
];
if (node.growth.length > 0) {
  const lines = node.growth.map(
    ({ what, unit, constant, each, bend, missed }) =>
      `| ${what} | ${digits(constant)} | ${each.toPrecision(3)} a ${unit} | ${bend.toFixed(2)}${missed === undefined ? '' : ` **missed: ${missed}**`} |`,
  );
  parts.push(
    `## Growth\n\nA straight line through the figures: what does not depend on the number, and what each one more costs. The bend is what one costs at the greatest number as a multiple of what it costs at the one before; above 1.1 it is worse than linear, and missed.\n\n| what | constant, µs | each, µs | bend |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`,
  );
}
if (browser !== undefined) parts.push(browserPart(browser));
if (archive !== undefined) parts.push(archivePart(archive));
const findings = join(charts, 'findings.md');
if (existsSync(findings)) parts.push(readFileSync(findings, 'utf8'));
writeFileSync(join(docs, 'performance.md'), `${parts.join('\n').trimEnd()}\n`);

function groupsOf(rows: readonly Row[]): [string, Row[]][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups];
}

function tablesOf(rows: readonly Row[]): string[] {
  const tables = new Map<string, Row[]>();
  for (const row of rows) tables.set(row.title, [...(tables.get(row.title) ?? []), row]);
  return [...tables].map(([name, jobs]) => {
    const [first] = jobs as [Row];
    const file = `${slug(first.group)}-${slug(name)}.svg`;
    const bars = jobs.map((job) => ({ name: job.name, value: job.median, ratio: job.judged }));
    writeFileSync(join(charts, file), chart(name, bars));
    const lines = jobs.map((job) => {
      const { must, aim, leastRatio, aimLeast, note, missed } = job;
      const held = [
        ...(must === undefined ? [] : [`must <= ${short(must)}`]),
        ...(aim === undefined ? [] : [`aim ${short(aim)}${job.judged <= aim ? ' met' : ''}`]),
        ...(leastRatio === undefined ? [] : [`must >= ${short(leastRatio)}`]),
        ...(aimLeast === undefined ? [] : [`aim >= ${short(aimLeast)}${job.judged >= aimLeast ? ' met' : ''}`]),
        ...missed.map((text) => `**missed: ${text}**`),
        ...(note === undefined ? [] : [note]),
      ];
      return `| ${job.name} | ${digits(job.median)} | ${digits(job.least)} - ${digits(job.most)} | ${job.judged.toFixed(2)} | ${held.join('; ')} |`;
    });
    const by = first.byClock ? ' (by the clock)' : '';
    return `### ${title(name)}${by}\n\n![${name}](performance/${file})\n\n| | µs | spread | ratio | |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n`;
  });
}

function browserPart({ browser: name, rows }: BrowserRun): string {
  const lines = rows.map(
    ({ title: job, name: who, median, ratio, must }) =>
      `| ${job} | ${who} | ${digits(median)} | ${ratio.toFixed(2)} | ${must === undefined ? '' : `must <= ${must}${ratio > must ? ': **missed**' : ''}`} |`,
  );
  return `## In a browser\n\n${name}, beside the page's own WebCrypto calls for the same primitives, by the clock; figures are medians, ratios those of lower quartiles. A call of WebCrypto costs some 5 to 10 µs before it does anything.\n\n| job | | µs | ratio | |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

function archivePart({ rows }: ArchiveRun): string {
  const lines = rows.map(({ title: job, engine, name, value, unit, ratio, must, aim, mustValue, note, missed }) => {
    const held = [
      ...(must === undefined ? [] : [`must >= ${short(must)}`]),
      ...(mustValue === undefined ? [] : [`must <= ${mustValue} ${unit}`]),
      ...(aim === undefined ? [] : [`aim ${short(aim)}`]),
      ...(missed === undefined ? [] : [`**missed: ${missed}**`]),
      ...(note === undefined ? [] : [note]),
    ];
    return `| ${job} | ${engine} | ${name} | ${digits(value)} ${unit} | ${ratio?.toFixed(2) ?? ''} | ${held.join('; ')} |`;
  });
  return `## Archive\n\nBeside its own engine in the same run: the same octets in a plain table, in transactions of the same size, each waiting for the disk.\n\n| job | engine | | figure | ratio | |\n| --- | --- | --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

function title(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function short(ratio: number): string {
  return String(Math.round(ratio * 100) / 100);
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
