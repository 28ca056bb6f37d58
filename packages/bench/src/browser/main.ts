/**
 * `pnpm bench:browser [--json FILE] [--quick]`: the same jobs in a real Chromium, beside the page's own WebCrypto. Exits 1 where a row
 * misses its "must", except with `--quick`.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { servePage, startChromium } from '@stanzaseal/testkit/servers';
import { build } from 'esbuild';
import { machine } from '../report.js';
import type { PageRow } from './page.js';

const { values } = parseArgs({ options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const [rounds, slice] = values.quick ? [100, 3] : [800, 3];

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('./page.js', import.meta.url))],
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'bench',
  platform: 'browser',
  minify: true,
});
const site = await servePage(
  { '/': '<!doctype html><script src="/bench.js"></script>', '/bench.js': outputFiles[0]?.contents ?? '' },
  // Alone in its process a page may have a clock of 5 µs.
  { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
);
const chromium = await startChromium();
try {
  const page = await chromium.open(site.url);
  const browser = `Chromium ${page.context().browser()?.version() ?? (await page.evaluate('navigator.userAgent'))}`;
  const rows = (await page.evaluate(`bench.run(${rounds}, ${slice})`)) as PageRow[];
  console.log(`${browser}, ${machine().processor}, ${machine().cores} cores`);
  console.log('Medians; ratios of lower quartiles to the first row.');
  let missed = 0;
  for (const [i, { title, name, median, ratio, must }] of rows.entries()) {
    if (rows[i - 1]?.title !== title) console.log(`\n${title}`);
    const verdict = must === undefined ? '' : `  must <= ${must}: ${ratio > must ? 'MISSED' : 'met'}`;
    if (must !== undefined && ratio > must) missed++;
    console.log(
      `  ${name.padEnd(24)} ${median.toFixed(0).padStart(7)} µs  ${ratio.toFixed(2).padStart(6)} x${verdict}`,
    );
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine: machine(), browser, rows }, undefined, 2)}\n`);
  if (missed > 0 && !values.quick) process.exitCode = 1;
} finally {
  await chromium.stop();
  await site.stop();
}
