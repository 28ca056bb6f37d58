/**
 * `pnpm bench:report [--to DIRECTORY] FILE...`: writes docs/performance.md and its charts from what the benchmarks of objects and stanzas, of
 * the browser and of the archive wrote with `--json`, in any order. What was found on the way stands in docs/performance/findings.md, which
 * is written by hand. `--to`: another directory than docs.
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { archivePart } from './archivePart.js';
import { browserPart } from './browserPart.js';
import type { Draw } from './chart.js';
import { growthPart, nodePart } from './nodePart.js';
import { readRuns } from './runs.js';
import { summaryPart } from './summaryPart.js';

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { to: { type: 'string', default: docs } },
});
const runs = readRuns(positionals);
const { node, browser, archive } = runs;

const charts = join(values.to, 'performance');
mkdirSync(charts, { recursive: true });
// Of jobs that have another name now, or are gone.
for (const file of readdirSync(charts)) if (file.endsWith('.svg')) rmSync(join(charts, file));
const draw: Draw = (name, svg) => {
  writeFileSync(join(charts, `${name}.svg`), svg);
  return `performance/${name}.svg`;
};

const { machine } = node;
const introduction = `# Performance

Written by one command, from one run; anybody can make it anew:

\`\`\`
pnpm bench:all
\`\`\`

It takes \`pnpm bench\`, \`pnpm bench:browser\` and \`pnpm bench:archive\` in turn, which also run alone and write their figures with \`--json FILE\`,
and \`pnpm bench:report FILE...\`.

Node ${machine.node}, OpenSSL ${machine.openssl}, ${machine.processor}, ${machine.cores} cores, ${machine.memory} GiB. Jobs of a table run in turns in one process; figures are medians,
in µs for one piece, by the clock with their spread and of the processor. Ratios are to the first row of a table in the same rounds, and like the bars of the charts they are about
processor time unless a table says otherwise, for the clock is other processes' too. A table has fifteen rounds, and goes on, up to eight times as many, while a ratio is too close to its *must* to say
on which side of it the median is (sign test, 95 of 100). *Base* is the same primitives called directly through synchronous \`node:crypto\`, keys imported once, no ASN.1, no checks:
what is above it is our cost. *WebCrypto* is our own code over another provider on Node. A *must* that is missed fails the command; an *aim* does not.
`;
const parts = [
  introduction,
  summaryPart(runs),
  nodePart(node.rows, draw),
  ...(node.growth.length > 0 ? [growthPart(node.growth)] : []),
  ...(browser === undefined ? [] : [browserPart(browser, draw)]),
  ...(archive === undefined ? [] : [archivePart(archive, draw)]),
  readFileSync(join(docs, 'performance', 'findings.md'), 'utf8').replaceAll('](../../', '](../'),
];
writeFileSync(join(values.to, 'performance.md'), `${parts.join('\n').trimEnd()}\n`);
