/**
 * Makes the index of a folder of vectors: it is written when the package is packed.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** A vector: one operation on one input, with one outcome (`vector.schema.json`). */
export interface Vector {
  /** File below the folder, with slashes: `envelope/encrypt-one-recipient.json`. */
  readonly path: string;
  /** Folder it stands in. */
  readonly group: string;
  /** What is done: `envelope.encrypt`. */
  readonly operation: string;
  /** `success`, or the code of the one refusal. */
  readonly expect: string;
}

/** Short examples that an RFC prints, several in a file. */
export interface Example {
  /** File below the folder. */
  readonly path: string;
  /** The RFC: `RFC 5869`. */
  readonly rfc: string;
  /** What is computed: `hkdf`. */
  readonly function: string;
  /** How many there are. */
  readonly count: number;
}

/** A stanza of the corpus, with the twin that says what must come back. */
export interface StanzaOfCorpus {
  /** The twin, a JSON file below the folder. */
  readonly path: string;
  /** The stanza, an XML file below the folder. */
  readonly xml: string;
  /** What kind of stanza it is: `chat`. */
  readonly group: string;
  /** Whether it is for sealing, not for reading alone. */
  readonly sealable: boolean;
}

/** Everything in the folder that is to be run. */
export interface VectorIndex {
  /** The vectors, sorted by their paths. */
  readonly vectors: readonly Vector[];
  /** Examples of RFCs. */
  readonly examples: readonly Example[];
  /** The corpus of stanzas. */
  readonly stanzas: readonly StanzaOfCorpus[];
}

/** Lists a folder of vectors. `directory` ends in a slash. Files say themselves what they are; others are left out. */
export function listVectors(directory: URL): VectorIndex {
  const vectors: Vector[] = [];
  const examples: Example[] = [];
  const stanzas: StanzaOfCorpus[] = [];
  for (const path of jsonFilesBelow(directory)) {
    const value = JSON.parse(readFileSync(new URL(path, directory), 'utf8'));
    const { operation, expect, rfc, examples: printed, group, sealable } = value;
    if (typeof operation === 'string') vectors.push({ path, group: path.split('/')[0] as string, operation, expect });
    else if (typeof rfc === 'string') examples.push({ path, rfc, function: value.function, count: printed.length });
    else if (typeof sealable === 'boolean') stanzas.push({ path, xml: path.replace(/json$/, 'xml'), group, sealable });
  }
  return { vectors, examples, stanzas };
}

function jsonFilesBelow(directory: URL): string[] {
  const groups = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups
    .flatMap(({ name }) => readdirSync(new URL(`${name}/`, directory)).map((file) => `${name}/${file}`))
    .filter((path) => path.endsWith('.json'))
    .sort();
}
