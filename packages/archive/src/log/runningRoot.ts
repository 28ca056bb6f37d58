/**
 * Merkle root (RFC 9162 §2.1.1) of leaves that come one after another, none of them kept.
 * @module
 */
import { EMPTY_ROOT, foldSubtrees, nodeHash } from '../evidence/index.js';

/** Adds leaves. */
export class RunningRoot {
  /** Complete subtrees from left to right, each smaller than the one before. */
  readonly #subtrees: { readonly height: number; readonly hash: Uint8Array }[] = [];
  /** How many leaves. */
  count = 0;

  /** Adds the hash of the next leaf. */
  add(leafHash: Uint8Array): void {
    this.count++;
    let top = { height: 0, hash: leafHash };
    while (this.#subtrees.at(-1)?.height === top.height) {
      const left = this.#subtrees.pop() as { hash: Uint8Array };
      top = { height: top.height + 1, hash: nodeHash(left.hash, top.hash) };
    }
    this.#subtrees.push(top);
  }

  /** The root: 32 octets. */
  root(): Uint8Array {
    return this.count === 0 ? EMPTY_ROOT : foldSubtrees(this.#subtrees.map(({ hash }) => hash));
  }
}
