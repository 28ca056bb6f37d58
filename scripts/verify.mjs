// Everything that must hold before a change is taken, in order, with a summary.
//   node scripts/verify.mjs [--ci] [--only NAME,NAME]
// --ci adds the demo, the matrix of peers, the servers, the models, the short soak and, for information, the quick benchmark and pages of an
// archive of 10^6 rows.
// The last line is `N passed, N failed`: every test counts, and every check as one.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from './run.mjs';

const { values } = parseArgs({ options: { ci: { type: 'boolean', default: false }, only: { type: 'string' } } });
const node = process.execPath;
const script = (/** @type {string} */ name) => join('scripts', name);

// counts: its own last line says `N passed, N failed`. information: its failure is told, and not counted.
/** @type {{ name: string, command: string[], counts?: boolean, information?: boolean, ci?: boolean }[]} */
const checks = [
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings', '--colors=off'] },
  { name: 'types', command: ['tsc', '-b', '--pretty', 'false'] },
  { name: 'types of tests and scripts', command: ['tsc', '-p', 'scripts', '--pretty', 'false'] },
  { name: 'boundaries', command: [node, script('checkBoundaries.mjs')] },
  { name: 'test files', command: [node, script('checkTests.mjs')] },
  { name: 'doc comments', command: [node, script('checkDocs.mjs')] },
  { name: 'build', command: [node, script('build.mjs')] },
  { name: 'tests', command: [node, script('runTests.mjs')], counts: true },
  { name: 'vectors', command: [node, script('checkVectors.mjs')] },
  { name: 'published vectors', command: [node, script('testVectors.mjs')], counts: true },
  { name: 'readme', command: [node, script('checkReadme.mjs')] },
  { name: 'exports', command: [node, script('checkExports.mjs')] },
  { name: 'size', command: [node, script('checkSize.mjs')] },
  { name: 'demo', command: [node, 'packages/cli/dist/main.js', 'demo'], ci: true },
  { name: 'peers', command: [node, script('testPeers.mjs'), '--check'], counts: true, ci: true },
  { name: 'servers', command: [node, script('testServers.mjs')], counts: true, ci: true },
  { name: 'models', command: [node, script('checkModels.mjs')], counts: true, ci: true },
  { name: 'soak', command: [node, script('soak.mjs'), '--short'], counts: true, ci: true },
  { name: 'bench', command: [node, 'packages/bench/dist/main.js', '--quick'], information: true, ci: true },
  {
    name: 'archive pages',
    command: [node, 'packages/bench/dist/archive.js', '--quick', '--rows', '1000000', '--filter', 'rows, SQLite'],
    information: true,
    ci: true,
  },
];
const only = values.only?.split(',');
const chosen = checks.filter(({ name, ci }) => (only ? only.includes(name) : values.ci || ci !== true));
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const summary = [];
for (const { name, command, counts, information } of chosen) {
  console.log(`\n== ${name}: ${command.map((word) => (word === node ? 'node' : word)).join(' ')}`);
  const [program = '', ...args] = command;
  const outcome = await run(program, args, { show: true, limitSeconds: 1800 });
  const sums = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(outcome.stdout);
  const [passed, failed, skipped] = counts && sums ? sums.slice(1).map((digits) => Number(digits ?? 0)) : [0, 0, 0];
  total.passed += passed ?? 0;
  total.failed += failed ?? 0;
  total.skipped += skipped ?? 0;
  const good = outcome.code === 0 && (!counts || sums !== null);
  if (!information && !counts && good) total.passed++;
  // Also when its sum was zero failures but it did not end well.
  if (!information && !good && !failed) total.failed++;
  const word = good ? 'ok    ' : information ? 'failed (information only)' : 'FAILED';
  summary.push(`${word} ${name} (${outcome.seconds.toFixed(1)} s)${counts && sums ? `: ${sums[0].trim()}` : ''}`);
}
if (chosen.length === 0) {
  console.log(`no such check; there are: ${checks.map(({ name }) => name).join(', ')}`);
  total.failed++;
}
console.log(`\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;
