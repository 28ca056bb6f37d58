/**
 * Where published test vectors lie; they are not part of this repository.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const repositoryRoot: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

/** Folder of published vectors: `$STANZASEAL_VECTORS`, else `../shared/vectors` beside the repository; `undefined`, with a `SKIPPED` line for the test run, where there is none. */
export function vectorsDirectory(): string | undefined {
  const folder = process.env.STANZASEAL_VECTORS ?? join(repositoryRoot, '..', 'shared', 'vectors');
  if (existsSync(folder)) return folder;
  console.log('SKIPPED: no published vectors (set STANZASEAL_VECTORS)');
  return undefined;
}

/** Text of a file of the published vectors, or `undefined` with a `SKIPPED` line. */
export function readVectors(file: string): string | undefined {
  const folder = vectorsDirectory();
  if (folder === undefined) return undefined;
  if (existsSync(join(folder, file))) return readFileSync(join(folder, file), 'utf8');
  console.log(`SKIPPED: no ${file} among the published vectors`);
  return undefined;
}

/** A group of tests of a Wycheproof file. */
export interface WycheproofGroup {
  /** The cases. */
  readonly tests: readonly (Readonly<Record<string, string>> & {
    tcId: number;
    result: string;
    flags: string[];
    size: number;
  })[];
  /** Members of the group, such as its key. */
  readonly [member: string]: unknown;
}

/** Groups of a Wycheproof file (C2SP/wycheproof) by its name without `_test.json`, or `undefined` with a `SKIPPED` line. */
export function readWycheproof(name: string): readonly WycheproofGroup[] | undefined {
  const text = readVectors(`wycheproof/${name}_test.json`);
  return text === undefined ? undefined : JSON.parse(text).testGroups;
}
