/**
 * Where content waits until it is known to be good.
 * @module
 */
import type { MaybePromise } from '../../ports.js';

/**
 * Takes content piece by piece and lets nobody see it before `commit`: a file that appears at the end, or a hidden one that is
 * read afterwards. What it throws is handed to the caller as it is.
 */
export interface Spill<Content> {
  /** Takes the next piece, and keeps no reference to its memory afterwards. */
  write(octets: Uint8Array): MaybePromise<void>;
  /** All that was written, from its start: for a check that needs what stands after the content. */
  read(): AsyncIterable<Uint8Array>;
  /** The content is good: gives it away. */
  commit(): MaybePromise<Content>;
  /** The content is not good, or `commit` failed: leaves no trace. Called at most once. */
  discard(): MaybePromise<void>;
}
