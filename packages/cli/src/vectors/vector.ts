/**
 * A test vector: one file, one operation, one named success or failure. Octets are lower-case hexadecimal.
 * @module
 */
import type { CryptoProvider } from '@stanzaseal/cms';

/** A test vector. */
export interface Vector {
  /** `GROUP/FILE` without the ending. */
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly title: string;
  /** Where that is demanded. */
  readonly source: string;
  /** Which operation. */
  readonly operation: string;
  /** `success`, or the error code. */
  readonly expect: string;
  /** What goes in. */
  readonly input: unknown;
  /** Values on the way, for who searches where their implementation differs. */
  readonly intermediate?: unknown;
  /** What comes out. */
  readonly output?: unknown;
}

/** What an operation gives. */
export interface Outcome {
  /** What comes out. */
  readonly output: unknown;
  /** Values on the way. */
  readonly intermediate?: unknown;
}

/** An operation on the input of a vector; throws an error with a `code` where it refuses. */
export type Operation = (input: never, crypto: CryptoProvider) => Promise<Outcome>;
