/**
 * `pnpm bench:browser [--json FILE] [--quick]`: the same jobs in a real Chromium, beside the page's own WebCrypto. Exits 1 where a row
 * misses its "must", except with `--quick`.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
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
const script = outputFiles[0]?.contents ?? new Uint8Array(0);
const server = createServer((request, response) => {
  const isScript = request.url === '/bench.js';
  // Alone in its process a page may have a clock of 5 µs.
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-embedder-policy', 'require-corp');
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.end(isScript ? script : '<!doctype html><script src="/bench.js"></script>');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const profile = mkdtempSync(join(tmpdir(), 'stanzaseal-bench-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  const page = await context.newPage();
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  const browser = `Chromium ${context.browser()?.version() ?? (await page.evaluate('navigator.userAgent'))}`;
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
  await context.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
