/**
 * Where the test vectors lie, and what they are. For Node; whoever has another language reads `index.json` and the files.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { listVectors, type VectorIndex } from './listVectors.js';

export type { Example, StanzaOfCorpus, Vector, VectorIndex } from './listVectors.js';

/** URL of the folder with the vectors, which ends in a slash: inside the package, or in a clone of the repository. */
export const directory: URL = findDirectory();

/**
 * What stands in the folder.
 * @example
 * for (const { path, expect } of index.vectors) run(readFileSync(new URL(path, directory), 'utf8'), expect);
 */
export const index: VectorIndex = readIndex();

function findDirectory(): URL {
  const packed = new URL('../test-vectors/', import.meta.url);
  return existsSync(packed) ? packed : new URL('../../../test-vectors/', import.meta.url);
}

function readIndex(): VectorIndex {
  const packed = new URL('../index.json', import.meta.url);
  return existsSync(packed) ? JSON.parse(readFileSync(packed, 'utf8')) : listVectors(directory);
}
