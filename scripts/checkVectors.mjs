// The vectors in test-vectors are those that their scripts write: each script of scripts/vectors runs with --check.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { report } from './findings.mjs';
import { listFiles, root, shown } from './repository.mjs';
import { run, runEach } from './run.mjs';

/** @type {string[]} */
const findings = [];
const files = listFiles(join(root, 'scripts', 'vectors'), /\.ts$/);
const texts = files.map((file) => readFileSync(file, 'utf8'));
// A file that another one imports writes nothing by itself.
const writers = files.filter((file) => !texts.some((text) => text.includes(`'./${basename(file, '.ts')}.js'`)));
await runEach(writers, 2, async (file) => {
  const args = ['--import', 'tsx', '--conditions=@stanzaseal/source', file, '--check'];
  const outcome = await run(process.execPath, args, { limitSeconds: 300 });
  if (outcome.code !== 0) findings.push(`${shown(file)}: exit code ${outcome.code}\n${outcome.output.trimEnd()}`);
});
if (writers.length === 0) findings.push('scripts/vectors: no script found');
report('vectors', findings.sort(), `${writers.length} scripts`);
