/**
 * `vectors check`: runs the test vectors of the specification against this implementation.
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { CliFailure, EXIT_REFUSED } from './failure.js';
import { withExamples } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';
import { checkVector, readVectors } from './vectors/checkVectors.js';

/** Adds the verbs under `vectors`. */
export function addVectorsVerbs(program: Command, { crypto }: System): void {
  const group = program.command('vectors').description('the test vectors of the specification');
  const verb = group
    .command('check')
    .description('run every vector of a directory; exits 1 if any fails')
    .argument('[dir]', 'directory of groups of vectors; those that came with this program where it is left out');
  withExamples(verb, 'stanzaseal vectors check', 'stanzaseal vectors check test-vectors');
  verb.action(async (directory: string | undefined) => {
    const vectors = readVectors(directory ?? ownVectors());
    if (vectors.length === 0) throw new CliFailure('ERR_IO', 'the directory holds no vectors');
    let failed = 0;
    for (const vector of vectors) {
      const { name, failure } = await checkVector(vector, crypto);
      if (failure === undefined) continue;
      failed++;
      await writeOutput(`${name}: ${failure}\n`, undefined);
    }
    await writeOutput(`${vectors.length - failed} passed, ${failed} failed\n`, undefined);
    if (failed > 0) process.exitCode = EXIT_REFUSED;
  });
}

/** Beside the built program in the published package, at the root of the repository in a clone. */
function ownVectors(): string {
  const found = ['../test-vectors', '../../../test-vectors']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new CliFailure('ERR_IO', 'the test vectors are missing from this installation');
  return found;
}
