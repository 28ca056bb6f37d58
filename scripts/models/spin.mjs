// The SPIN model: it must hold whole, and fail with each of its protections taken away, in the claim that its comment names.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../repository.mjs';

const model = join(root, 'docs/models/prekeyErasure.pml');

/**
 * Checks the model and each variant.
 * @param {string | undefined} trail name of a variant whose counter-example is printed
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function checkSpin(trail) {
  const variants = [...readFileSync(model, 'utf8').matchAll(/^ \* {3}-D(\w+) .* (P\d) fails/gm)].map(
    ([, name, claim]) => ({ name: name ?? '', claim: claim ?? '' }),
  );
  if (variants.length === 0) throw new Error('the SPIN model names no variants');
  const missing = ['spin', 'gcc'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  if (missing.length > 0) {
    console.log(`SKIPPED: ${missing.join(' and ')} not installed (Debian: apt-get install spin gcc)`);
    return process.env.CI
      ? { passed: 0, failed: 1, skipped: 0 }
      : { passed: 0, failed: 0, skipped: variants.length + 1 };
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
        `${good ? 'ok    ' : 'FAILED'} prekeyErasure ${name || 'all protections'}: ${expected}${good ? '' : `, but ${found || 'it holds'}`}`,
      );
      if (trail === name)
        console.log(run(folder, 'spin', ['-k', 'prekeyErasure.pml.trail', '-p', ...define(name), model]));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { passed: variants.length + 1 - failed, failed, skipped: 0 };
}

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
