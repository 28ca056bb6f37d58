/**
 * The reader in Python, `packages/conformance/peers/python`, written from the specification and the vectors' README alone: it runs the
 * vectors of sections 2 to 13. What it cannot do from these two texts is a fault of theirs.
 * @module
 */
import { fileURLToPath } from 'node:url';
import { Workshop } from './workshop.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const PROGRAM = `${ROOT}packages/conformance/peers/python/main.py`;
const VECTORS = `${ROOT}test-vectors`;
/** Debian's, for which python3-cryptography is: another that comes first on the path may not have it. */
const PYTHON = '/usr/bin/python3';

/** What a run of it found. */
export interface SpecificationReading {
  /** How many vectors are as they must be. */
  readonly passed: number;
  /** What is not, a sentence each. */
  readonly failures: readonly string[];
  /** Why it did not run. */
  readonly skips: readonly string[];
  /** Its last line, or that it did not run. */
  readonly summary: string;
}

/**
 * Runs it.
 * @param strict whether it is a failure that Python or python3-cryptography is missing
 * @param vectors the folder of vectors
 */
export async function runSpecificationReader(
  strict: boolean,
  vectors: string = VECTORS,
  python: string = PYTHON,
): Promise<SpecificationReading> {
  const workshop = await Workshop.open();
  try {
    const found = await workshop.run([python, '-c', 'import cryptography']);
    if (found.code !== 0) {
      const sentence = `the reader in Python needs python3-cryptography: ${lastLine(found.complaint)}`;
      const [failures, skips] = strict ? [[sentence], []] : [[], [sentence]];
      return { passed: 0, failures, skips, summary: 'not run' };
    }
    // -B: nothing is written beside the sources.
    const { code, output, complaint } = await workshop.run([python, '-B', PROGRAM, vectors]);
    const summary = lastLine(output);
    const counts = /^(\d+) passed, (\d+) failed, \d+ not run$/.exec(summary);
    const failures = output.split('\n').filter((line) => line.startsWith('FAILED '));
    if (counts === null || Number(counts[2]) !== failures.length || (code === 0) !== (failures.length === 0))
      failures.push(`the reader in Python ended with code ${code}: ${lastLine(complaint) || summary}`);
    return { passed: Number(counts?.[1] ?? 0), failures, skips: [], summary };
  } finally {
    await workshop.close();
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
