// Bundles what a page would load, minified and gzipped, and holds it to the budgets of the design.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { report } from './findings.mjs';
import { root } from './repository.mjs';

// What is bundled (every export of these files, so nothing is shaken away) and at most how many octets it may weigh.
// kB = 1,000 octets. Rows without a budget are for information.
/** @type {{ name: string, sources: string[], budget?: number }[]} */
const rows = [
  {
    name: 'object only: cms, signer, envelope',
    sources: ['cms/src/index.ts', 'cms/src/provider/webCrypto.ts', 'signer/src/index.ts', 'envelope/src/index.ts'],
    budget: 12_000,
  },
  {
    name: 'with stanza, keystore and messenger',
    sources: [
      'cms/src/index.ts',
      'cms/src/provider/webCrypto.ts',
      'signer/src/index.ts',
      'envelope/src/index.ts',
      'stanza/src/index.ts',
      'keystore/src/index.ts',
      'messenger/src/index.ts',
    ],
    budget: 40_000,
  },
  { name: 'cms alone', sources: ['cms/src/index.ts'] },
  { name: 'cms/provider/webcrypto alone', sources: ['cms/src/provider/webCrypto.ts'] },
  { name: 'cms/general alone', sources: ['cms/src/general/index.ts'] },
  { name: 'stanza alone', sources: ['stanza/src/index.ts'] },
];
/** @type {string[]} */
const findings = [];
const lines = [['entry', 'minified', 'gzip', 'budget']];
for (const { name, sources, budget } of rows) {
  const missing = sources.filter((source) => !existsSync(join(root, 'packages', source)));
  if (missing.length > 0) {
    lines.push([name, 'skipped:', 'missing', missing.join(' ')]);
    continue;
  }
  try {
    const { minified, gzip } = await weigh(sources);
    lines.push([name, kilobytes(minified), kilobytes(gzip), budget === undefined ? '-' : kilobytes(budget)]);
    if (budget !== undefined && gzip > budget) {
      findings.push(`${name}: ${kilobytes(gzip)} gzip, the budget is ${kilobytes(budget)}`);
    }
  } catch (error) {
    findings.push(`${name}: cannot be bundled for a browser: ${error instanceof Error ? error.message : error}`);
  }
}
const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
for (const line of lines) console.log(line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
report('size', findings, `${rows.length} bundles`);

/** @param {string[]} sources @returns {Promise<{ minified: number, gzip: number }>} octets */
async function weigh(sources) {
  const contents = sources.map((source, index) => `export * as part${index} from './packages/${source}';`).join('\n');
  const result = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@stanzaseal/source', 'browser'],
    legalComments: 'none',
    logLevel: 'silent',
  });
  const octets = result.outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: octets.length, gzip: gzipSync(octets, { level: 9 }).length };
}

/** @param {number} octets */
function kilobytes(octets) {
  return `${(octets / 1000).toFixed(1)} kB`;
}
