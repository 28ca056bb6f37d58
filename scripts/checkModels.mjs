// Runs the SPIN models under docs/models: each must hold whole, and fail with each of its protections taken away, in the claim
// that its comment names. Needs `spin` and `gcc`; where they are missing it says so, and fails in CI.
//   node scripts/checkModels.mjs [--trail NAME]    --trail prints the counter-example of one variant
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './repository.mjs';

const { values } = parseArgs({ options: { trail: { type: 'string' } } });
const model = join(root, 'docs/models/prekeyErasure.pml');
const variants = [...readFileSync(model, 'utf8').matchAll(/^ \* {3}-D(\w+) .* (P\d) fails/gm)].map(
  ([, name, claim]) => ({
    name: name ?? '',
    claim: claim ?? '',
  }),
);
const missing = ['spin', 'gcc'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
if (missing.length > 0) {
  console.log(`SKIPPED: ${missing.join(' and ')} not installed (Debian: apt-get install spin gcc)`);
  console.log(process.env.CI ? '0 passed, 1 failed' : `0 passed, 0 failed, ${variants.length + 1} skipped`);
  process.exit(process.env.CI ? 1 : 0);
}

let failed = 0;
for (const { name, claim } of [{ name: '', claim: '' }, ...variants]) {
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-model-'));
  try {
    const found = check(folder, name);
    const good = found === claim;
    if (!good) failed++;
    const expected = claim === '' ? 'holds' : `${claim} fails`;
    console.log(
      `${good ? 'ok    ' : 'FAILED'} ${name || 'all protections'}: ${expected}${good ? '' : `, but ${found || 'it holds'}`}`,
    );
    if (values.trail === name)
      console.log(run(folder, 'spin', ['-k', 'prekeyErasure.pml.trail', '-p', ...define(name), model]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`${variants.length + 1 - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || variants.length === 0 ? 1 : 0;

/** Which claim fails, or `''`. @param {string} folder @param {string} name */
function check(folder, name) {
  run(folder, 'spin', ['-a', ...define(name), model]);
  run(folder, 'gcc', ['-O2', '-w', '-DSAFETY', '-o', 'pan', 'pan.c']);
  // -E: a process that waits for ever is no error here; -m: depth.
  const report = run(folder, join(folder, 'pan'), ['-E', '-m100000']);
  if (/max search depth too small|pan: out of memory/.test(report))
    throw new Error(`model ${name} was not searched whole`);
  if (/errors: 0\b/.test(report)) return '';
  const asserted = /assertion violated\s+(.*) \(at depth/.exec(report)?.[1]?.replace(/[\s()]/g, '');
  const line = readFileSync(model, 'utf8')
    .split('\n')
    .find((text) => asserted !== undefined && text.replace(/[\s()]/g, '').includes(`assert${asserted}`));
  return /\/\* (P\d)/.exec(line ?? '')?.[1] ?? report;
}

/** @param {string} name */
function define(name) {
  return name === '' ? [] : [`-D${name}`];
}

/** @param {string} folder @param {string} command @param {string[]} args */
function run(folder, command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (error !== undefined || (status !== 0 && command !== 'spin'))
    throw error ?? new Error(`${command}: ${stderr}${stdout}`);
  return stdout;
}
