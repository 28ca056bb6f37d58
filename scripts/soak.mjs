// Runs the long suites `packages/*/test/soak/*.soak.ts`, one after the other, on sources.
//   node scripts/soak.mjs [--short] [--filter TEXT] [--time-limit SECONDS]
// A soak file is a plain script: it reads the environment variable SOAK (`long`, or `short` for CI) and chooses its own number of
// runs, prints what it did, prints the seed of anything that failed, and exits with 0 or 1. The last line here is
// `N passed, N failed`, a file counting as one.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listFiles, listPackages, root, shown } from './repository.mjs';
import { run } from './run.mjs';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    filter: { type: 'string' },
    'time-limit': { type: 'string' },
  },
});
const limitSeconds = Number(values['time-limit'] ?? (values.short ? 300 : 24 * 3600));
const files = listPackages()
  .flatMap(({ folder }) => listFiles(join(folder, 'test', 'soak'), /\.soak\.ts$/))
  .filter((file) => values.filter === undefined || shown(file).includes(values.filter));
let failed = 0;
for (const file of files) {
  console.log(`${shown(file)} (${values.short ? 'short' : 'long'})`);
  const args = ['--import', 'tsx', '--conditions=@stanzaseal/source', file];
  const outcome = await run(process.execPath, args, {
    cwd: root,
    limitSeconds,
    show: true,
    env: { SOAK: values.short ? 'short' : 'long' },
  });
  if (outcome.code === 0) continue;
  failed++;
  console.log(
    `FAILED: ${shown(file)}: ${outcome.timedOut ? `not done within ${limitSeconds} s` : `exit code ${outcome.code}`}`,
  );
}
console.log(`${files.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
