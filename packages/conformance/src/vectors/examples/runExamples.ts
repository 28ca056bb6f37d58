/**
 * Runs the short examples of RFCs that stand in `test-vectors/rfc`.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import { repositoryRoot } from '@stanzaseal/testkit';
import type { Tally } from '../tally.js';
import { EXAMPLE_FUNCTIONS } from './exampleFunctions.js';

/** A file of examples. */
export interface ExampleFile {
  /** Its name without the ending. */
  readonly name: string;
  /** `RFC 5869`. */
  readonly rfc: string;
  /** What it shows. */
  readonly title: string;
  /** Name of one of `EXAMPLE_FUNCTIONS`. */
  readonly function: string;
  /** The examples; members are hexadecimal octets, numbers and words. */
  readonly examples: readonly Readonly<Record<string, string | number>>[];
}

/** The files of examples, in the order of their names. */
export function readExamples(): ExampleFile[] {
  const folder = join(repositoryRoot, 'test-vectors', 'rfc');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ name: file.slice(0, -5), ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }));
}

/** Runs all examples and counts what came of them. */
export async function runExamples(crypto: GeneralCrypto, tally: Tally): Promise<void> {
  for (const file of readExamples()) {
    const run = EXAMPLE_FUNCTIONS[file.function];
    for (const example of file.examples) {
      const expected = example.expect === 'refused' ? 'invalid' : 'valid';
      const each = {
        source: 'test-vectors/rfc',
        file: file.name,
        id: String(example.section),
        expected,
        traits: [],
      } as const;
      await tally.count(each, async () => {
        if (run === undefined) throw new Error(`no function ${file.function}`);
        return run(example, crypto);
      });
    }
  }
}
