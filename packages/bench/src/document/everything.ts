/**
 * `pnpm bench:all [--quick] [--to DIRECTORY]`: every benchmark, one after the other, and the document made of them. Some twenty-five minutes
 * on two quiet cores. What misses its "must" is told and stands in the document; the exit code is then 1. `--quick`: each in its shortest
 * form, to see that all of it runs; its document is for a directory of its own, since its figures are for information.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, to: { type: 'string' } } });
if (values.quick && values.to === undefined) throw new Error('quick figures do not go into docs: say --to DIRECTORY');
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-bench-'));
try {
  const files = ['main.js', 'browser/main.js', 'archive.js'].map((name) => {
    const file = join(folder, `${name.replace('/', '-')}on`);
    const start = performance.now();
    if (run([name, ...(values.quick ? ['--quick'] : []), '--json', file]) !== 0) process.exitCode = 1;
    console.log(`\n${name}: ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
    return file;
  });
  const written = files.filter((file) => existsSync(file));
  if (written.length < files.length) console.log(`only ${written.length} of ${files.length} benchmarks wrote figures`);
  if (run(['document/main.js', ...(values.to === undefined ? [] : ['--to', values.to]), ...written]) !== 0)
    throw new Error('the document could not be written');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run([program = '', ...parameters]: readonly string[]): number | null {
  const script = fileURLToPath(new URL(`../${program}`, import.meta.url));
  return spawnSync(process.execPath, [script, ...parameters], { stdio: 'inherit' }).status;
}
