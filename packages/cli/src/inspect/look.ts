/**
 * One object that is looked at: its octets, what was found, and digests that are computed once.
 * @module
 */
import { createHash } from 'node:crypto';
import type { GeneralNode } from '@stanzaseal/cms/general';
import { stringOctets } from './nodes.js';
import { Warnings } from './warnings.js';

/** What the rules are given beside a structure. */
export class Look {
  /** Octets of the object. */
  readonly input: Uint8Array;
  /** What was found. */
  readonly warnings: Warnings = new Warnings();
  /** Thousands of signers may claim the digest of one great content. */
  readonly #digests = new Map<GeneralNode, Map<string, Uint8Array>>();

  /** A look at octets. */
  constructor(input: Uint8Array) {
    this.input = input;
  }

  /** Digest of a string, chunks put together, by a name that Node knows. */
  digest(node: GeneralNode, algorithm: string): Uint8Array {
    const known = this.#digests.get(node) ?? new Map<string, Uint8Array>();
    this.#digests.set(node, known);
    const digest = known.get(algorithm) ?? createHash(algorithm).update(stringOctets(node, this.input)).digest();
    known.set(algorithm, digest);
    return digest;
  }
}
