// The ProVerif models: each says in its first comment what every query comes to, and the run must say the same. ProVerif is in no
// package of Debian or npm: where it is missing, docs/models/results.md must hold a run of these very files, and they count as skipped.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.mjs';

const folder = join(root, 'docs/models');
const recordPath = join(folder, 'results.md');
const LIMIT_MS = 300_000;

/**
 * @typedef {{ path: string, title: string, digest: string, expected: string[] }} Model
 *   path: below docs/models; title: first line of the comment; expected: `true`, `false` by query
 */

/**
 * Runs the models whose path holds a text.
 * @param {{ only: string, record: boolean }} options
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function checkProverif({ only, record }) {
  const all = listModels();
  const models = all.filter(({ path }) => path.includes(only));
  const version = /Proverif (\d+\.\d+\w*)/i.exec(
    spawnSync('proverif', ['-help'], { encoding: 'utf8' }).stdout ?? '',
  )?.[1];
  if (version === undefined) return compareWithRecord(models);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const model of models) {
    const found = runModel(model);
    const good = model.expected.length > 0 && found.join() === model.expected.join();
    sum[good ? 'passed' : 'failed']++;
    console.log(
      `${good ? 'ok    ' : 'FAILED'} ${model.path}: ${model.expected.join(' ')}${good ? '' : `, but ${found.join(' ') || 'no result'}`}`,
    );
  }
  if (record && sum.failed === 0) {
    // Of models that were not run now the rows stay that are of these very files.
    const recorded = readFileSync(recordPath, 'utf8');
    const known = all.filter((model) => models.includes(model) || recorded.includes(rowOf(model)));
    writeFileSync(recordPath, recordOf(known, version));
  }
  return sum;
}

/** @returns {Model[]} */
function listModels() {
  const paths = /** @type {string[]} */ (readdirSync(folder, { recursive: true })).filter((path) =>
    path.endsWith('.pv'),
  );
  return paths.sort().map((path) => {
    const text = readFileSync(join(folder, path), 'utf8');
    return {
      path: path.replaceAll('\\', '/'),
      title: /^\(\* (.*)/.exec(text)?.[1]?.trim() ?? '',
      digest: createHash('sha256').update(text).digest('hex'),
      expected: [...text.matchAll(/^ +query \d+: (true|false)\b/gm)].map(([, result]) => result ?? ''),
    };
  });
}

/** What each query came to. @param {Model} model */
function runModel({ path }) {
  const { stdout } = spawnSync('proverif', [join(folder, path)], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 2 ** 28,
  });
  return [...(stdout ?? '').matchAll(/^RESULT (?!\()(.*)$/gm)].map(
    ([, line = '']) => / is (true|false)\.$/.exec(line)?.[1] ?? 'unproved',
  );
}

/** @param {Model[]} models */
function compareWithRecord(models) {
  const recorded = readFileSync(recordPath, 'utf8');
  const stale = models.filter((model) => model.expected.length === 0 || !recorded.includes(rowOf(model)));
  for (const { path } of stale) console.log(`FAILED ${path}: docs/models/results.md holds no run of it as it stands`);
  console.log(
    `SKIPPED: proverif is not installed; docs/models/results.md holds a run of ${models.length - stale.length} models`,
  );
  return { passed: 0, failed: stale.length, skipped: models.length - stale.length };
}

/** @param {Model[]} models @param {string} version */
function recordOf(models, version) {
  return `# Results of the ProVerif models

Written by \`node scripts/checkModels.mjs --record\` from a run of ProVerif ${version}. \`true\`: proved, for any number of runs; \`false\`: an attack, or, where a query asks
whether something can be reached, that it can. Each file says in its first comment what its queries are to come to; the digest names the very file.

| model | what | queries | SHA-256 |
| --- | --- | --- | --- |
${models.map(rowOf).join('\n')}
`;
}

/** @param {Model} model */
function rowOf({ path, title, digest, expected }) {
  return `| [${path}](${path}) | ${title.replaceAll('|', '\\|')} | ${expected.join(' ')} | \`${digest.slice(0, 16)}\` |`;
}
