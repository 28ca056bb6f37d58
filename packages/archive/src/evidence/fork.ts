/**
 * Two histories of one log, shown to a stranger (K1, K2): two checkpoints under the log's key that cannot both be. Either they have
 * one size and two roots; or they have two sizes, and a path in the greater tree leads to another root at the lesser size than
 * the log signed. The path's nodes stand at places that the sizes determine and lead to the greater root, so nobody can make one
 * up against an honest log.
 * @module
 */
import { chain, equal, fromBase64, type MaybePromise, toBase64 } from '@stanzaseal/cms';
import { type CheckpointPolicy, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.js';
import type { MerkleLog } from './merkle/merkleLog.js';
import { rootsOf } from './merkle/merkleProof.js';
import { isPowerOfTwo } from './merkle/ranges.js';
import { orProofError, proofError } from './proofError.js';

/** Evidence of two histories. */
export interface Fork {
  /** The checkpoint of the lesser size, as a note. */
  readonly first: string;
  /** The other. */
  readonly second: string;
  /** For two sizes: the consistency path in the greater tree, first node included. Empty for one size. */
  readonly path: readonly Uint8Array[];
}

/** What a fork shows. */
export interface VerifiedFork {
  /** The checkpoint of the lesser size. */
  readonly first: VerifiedCheckpoint;
  /** The other. */
  readonly second: VerifiedCheckpoint;
  /** The root that the second's tree had at the first's size. */
  readonly rootInSecond: Uint8Array;
}

/** Who signed. Whether anybody witnessed does not matter here: the log's own word convicts it. */
export type ForkPolicy = Pick<CheckpointPolicy, 'origin' | 'logKey'>;

const FORMAT = 'stanzaseal/fork@v1';

/** The consistency path of two sizes with its first node, from 1 to a greater one: what shows a fork. @throws RangeError; ArchiveError `ERR_STORE` */
export function forkPath(log: MerkleLog, first: number, second: number): MaybePromise<Uint8Array[]> {
  if (first < 1 || first >= second) throw new RangeError('first is not from 1 to below second');
  return chain(log.consistencyProof(first, second), (path) =>
    isPowerOfTwo(first) ? chain(log.root(first), (root) => [root, ...path]) : path,
  );
}

/**
 * Looks at two checkpoints of one log: evidence where they cannot both be, `undefined` where nothing speaks against it.
 * @param path what `forkPath` gives in the tree of the greater one; needed where the sizes differ
 * @throws ArchiveError `ERR_PROOF` for a note that does not verify, or a path that is none of the greater tree: that shows
 * nothing but a log that does not prove itself
 */
export function findFork(
  notes: readonly [string, string],
  policy: ForkPolicy,
  path: readonly Uint8Array[] = [],
): Fork | undefined {
  const [a, b] = notes.map((note) => verifyCheckpoint(note, policy)) as [VerifiedCheckpoint, VerifiedCheckpoint];
  const [first, second] = a.size <= b.size ? [a, b] : [b, a];
  if (first.size === 0 && second.size > 0) return undefined;
  const sameSize = first.size === second.size;
  const rootInSecond = sameSize ? second.root : rootAt(first.size, second, path);
  if (equal(rootInSecond, first.root)) return undefined;
  return { first: first.note, second: second.note, path: sameSize ? [] : path };
}

/** Verifies evidence of a fork. @throws ArchiveError `ERR_PROOF` where it shows none */
export function verifyFork(fork: Fork, policy: ForkPolicy): VerifiedFork {
  const first = verifyCheckpoint(fork.first, policy);
  const second = verifyCheckpoint(fork.second, policy);
  if (first.size > second.size || first.size === 0) throw proofError();
  if (first.size === second.size && fork.path.length > 0) throw proofError();
  const rootInSecond = first.size === second.size ? second.root : rootAt(first.size, second, fork.path);
  if (equal(rootInSecond, first.root)) throw proofError();
  return { first, second, rootInSecond };
}

/** Text of the evidence: one line of JSON. */
export function encodeFork({ first, second, path }: Fork): string {
  return `${JSON.stringify({ format: FORMAT, first, second, path: path.map(toBase64) })}\n`;
}

/** Reads what `encodeFork` gives, in that one form. @throws ArchiveError `ERR_PROOF` */
export function decodeFork(text: string): Fork {
  return orProofError(() => {
    const { first, second, path } = JSON.parse(text) as Record<string, unknown>;
    if (typeof first !== 'string' || typeof second !== 'string' || !Array.isArray(path)) throw proofError();
    const fork = { first, second, path: path.map((each) => fromBase64(String(each))) };
    if (encodeFork(fork) !== text) throw proofError();
    return fork;
  });
}

function rootAt(size: number, second: VerifiedCheckpoint, path: readonly Uint8Array[]): Uint8Array {
  const roots = rootsOf(size, second.size, path);
  if (roots === undefined || !equal(roots.second, second.root)) throw proofError();
  return roots.first;
}
