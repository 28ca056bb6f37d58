// Builds every package: turbo runs `tsc -b` unless its inputs are those of an earlier run. Says nothing unless it fails.
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

/** Builds; the compiler's output if it failed. @returns {Promise<string | undefined>} */
export async function build() {
  const outcome = await run('turbo', [
    'run',
    '//#compile',
    '--output-logs=errors-only',
    '--log-prefix=none',
    '--ui=stream',
  ]);
  return outcome.code === 0 ? undefined : outcome.output;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failure = await build();
  if (failure !== undefined) {
    console.error(failure);
    process.exitCode = 1;
  }
}
