// Runs every test file of the packages on sources, each in a process of its own with a time limit, and adds the results up.
//   node scripts/runTests.mjs [--build] [--package NAME] [--filter TEXT] [--jobs N] [--time-limit SECONDS]
// The last line is `N passed, N failed`, with `, N skipped` when something was skipped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { listFiles, listPackages, root, shown } from './repository.mjs';
import { run, runEach } from './run.mjs';

const { values } = parseArgs({
  options: {
    build: { type: 'boolean', default: false },
    package: { type: 'string' },
    filter: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    'time-limit': { type: 'string', default: '120' },
  },
});
const limitSeconds = Number(values['time-limit']);
// A server that .ci/run should have brought is a failure there, not a skip (design: contracts of reliability).
const missingServer =
  /\b(server|prosody|ejabberd|openfire|postgres(ql)?|nats|chromium|softhsm2|gnome-keyring-daemon|dbus-\w+)\b/i;
const total = { passed: 0, failed: 0, skipped: 0 };

const failure = values.build ? await build() : undefined;
if (failure !== undefined) {
  console.log(`FAILED: build\n${failure.trimEnd()}\n`);
  total.failed++;
} else {
  const files = findTests();
  if (files.length === 0) {
    console.log('FAILED: no test file matches');
    total.failed++;
  }
  await runEach(files, Number(values.jobs), async (file) => tell(file, await runFile(file)));
}
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;

function findTests() {
  return listPackages()
    .filter(({ shortName }) => values.package === undefined || values.package.replace('@stanzaseal/', '') === shortName)
    .flatMap(({ folder }) => listFiles(join(folder, 'test'), /\.test\.ts$/))
    .filter((file) => values.filter === undefined || shown(file).includes(values.filter));
}

/**
 * @typedef {{ passed: number, failed: number, skipped: number, reasons: string[], faults: string[], output: string,
 *   seconds: number }} Result
 * @param {string} file
 * @returns {Promise<Result>}
 */
async function runFile(file) {
  const args = ['--import', 'tsx', '--conditions=@stanzaseal/source', file];
  const outcome = await run(process.execPath, args, {
    cwd: root,
    limitSeconds,
    env: { NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const count = (/** @type {string} */ word) => {
    const lines = [...outcome.output.matchAll(new RegExp(`^ {2}${word}:\\s+(\\d+)\\s*$`, 'gm'))];
    return lines.length === 1 ? Number(lines[0]?.[1]) : undefined;
  };
  const ran = count('Total');
  const reasons = [...outcome.output.matchAll(/^.*?SKIPPED: (.*)$/gm)].map((match) => match[1] ?? '');
  const skippedByUvu = count('Skipped') ?? 0;
  // A SKIPPED line stands for one test: one that uvu skipped, or one that returned early and that uvu calls passed.
  const returnedEarly = Math.max(0, reasons.length - skippedByUvu);
  const passed = Math.max(0, (count('Passed') ?? 0) - returnedEarly);
  let failed = (ran ?? 0) - (count('Passed') ?? 0);

  const faults = [];
  if (outcome.timedOut) faults.push(`did not end within ${limitSeconds} s`);
  else if (ran === undefined) faults.push(`ended (exit code ${outcome.code}) without uvu's totals`);
  else if (ran === 0 && skippedByUvu === 0) faults.push('ran no test');
  else if (outcome.code !== 0 && failed === 0) faults.push(`exit code ${outcome.code} though no test failed`);
  if (skippedByUvu > 0 && reasons.length === 0) faults.push('skips without a line `SKIPPED: reason`');
  if (!/\.run\(\);?\s*$/.test(readFileSync(file, 'utf8'))) faults.push('does not end in `.run();`');
  if (process.env.CI === 'true') {
    for (const reason of reasons) if (missingServer.test(reason)) faults.push(`skipped in CI: ${reason}`);
  }
  if (failed === 0) failed = faults.length;
  const skipped = skippedByUvu + returnedEarly;
  return { passed, failed, skipped, reasons, faults, output: outcome.output, seconds: outcome.seconds };
}

/** @param {string} file @param {Result} result */
function tell(file, { passed, failed, skipped, reasons, faults, output, seconds }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  if (failed > 0) {
    console.log(`FAILED: ${shown(file)}${faults.map((fault) => `\n  ${fault}`).join('')}\n${output.trimEnd()}\n`);
  } else {
    console.log(
      `${shown(file)}: ${passed} passed${skipped > 0 ? `, ${skipped} skipped` : ''} (${seconds.toFixed(1)} s)`,
    );
    for (const reason of reasons) console.log(`  SKIPPED: ${reason}`);
  }
}
