/**
 * Merkle root of wraps: a leaf is SHA-256(0x00 || DER of SEQUENCE { index, epoch, the wrap }).
 * @module
 */
import { encodeDer, encoded, integer, sequence } from '@stanzaseal/cms';
import { sha256 } from '../evidence/index.js';
import { RunningRoot } from '../log/runningRoot.js';

const LEAF = Uint8Array.of(0);

/** Adds wraps in the order of their leaf indexes. */
export class WrapRoot {
  readonly #root = new RunningRoot();

  /** How many wraps. */
  get count(): number {
    return this.#root.count;
  }

  /** Adds the next wrap: DER of a KeyAgreeRecipientInfo. */
  add(leafIndex: number, epoch: number, wrap: Uint8Array): void {
    this.#root.add(sha256(LEAF, encodeDer(sequence(integer(leafIndex), integer(epoch), encoded(wrap)))));
  }

  /** The root: 32 octets. */
  root(): Uint8Array {
    return this.#root.root();
  }
}
