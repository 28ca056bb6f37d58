/**
 * `pnpm bench:all`: every benchmark, one after the other, and the document made of them. Some thirteen minutes on two quiet cores. What
 * misses its "must" is told and stands in the document; the exit code is then 1.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-bench-'));
try {
  const files = ['main.js', 'browser/main.js', 'archive.js'].map((name) => {
    const file = join(folder, `${name.replace('/', '-')}on`);
    const start = performance.now();
    if (run([name, '--json', file]) !== 0) process.exitCode = 1;
    console.log(`\n${name}: ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
    return file;
  });
  if (!existsSync(files[0] as string)) throw new Error('the benchmark wrote no figures');
  if (run(['document/main.js', ...files.filter((file) => existsSync(file))]) !== 0)
    throw new Error('the document could not be written');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run([program = '', ...parameters]: readonly string[]): number | null {
  const script = fileURLToPath(new URL(`../${program}`, import.meta.url));
  return spawnSync(process.execPath, [script, ...parameters], { stdio: 'inherit' }).status;
}
