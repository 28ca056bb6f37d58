/**
 * Where entries are composed: in this thread, or in several others.
 * @module
 */
import { drawOctets, type RandomSource } from '@stanzaseal/cms';
import { type AskedEntry, type ComposeParameters, DRAWN_OCTETS, type EntryKeys } from '../log/composedEntry.js';
import { composeEntries } from '../log/composeEntries.js';
import { ComposerThreads } from './composerThreads.js';
import { Pieces } from './pieces.js';

/** Composes entries. */
export interface Composer {
  /** Composes an entry, and tells who asked. */
  readonly compose: (asked: AskedEntry) => void;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** What all entries of an archive have in common. */
export type SharedParameters = ComposeParameters & { readonly random: RandomSource };

/** Threads that read, encrypt and hash stanzas. They use `node:crypto`, whatever the archive has. */
export interface WorkerOptions {
  /** How many: from 1 to 64. */
  readonly count: number;
  /** Their program, for who bundles: this package's `workers/composerThread.js`. */
  readonly file?: URL;
}

/**
 * A composer.
 * @param workers left out, in this thread
 * @param secret that of the archive's tags
 * @throws RangeError for a count that makes no sense
 */
export function createComposer(
  workers: WorkerOptions | undefined,
  secret: Uint8Array,
  shared: SharedParameters,
): Composer {
  if (workers !== undefined) {
    const { count } = workers;
    if (!Number.isSafeInteger(count) || count < 1 || count > 64)
      throw new RangeError('workers has a count other than 1 to 64');
    return new ComposerThreads(workers, secret, shared);
  }
  const pieces = new Pieces((piece) => composePiece(piece, shared));
  return { compose: (asked) => pieces.ask(asked), close: async () => undefined };
}

async function composePiece(piece: readonly AskedEntry[], shared: SharedParameters): Promise<void> {
  try {
    const drawn = drawOctets(shared.random, piece.length * DRAWN_OCTETS);
    const keys = piece.map(
      ({ keys: { owner, kek } }, i): EntryKeys => ({
        kek: kek.secret,
        ownerTags: owner.tags,
        drawn: drawn.subarray(i * DRAWN_OCTETS, (i + 1) * DRAWN_OCTETS),
      }),
    );
    const composed = composeEntries(
      piece.map(({ source }) => source),
      keys,
      shared,
    );
    (await composed).entries.forEach((entry, i) => {
      piece[i]?.resolve(entry);
    });
  } catch (error) {
    for (const { reject } of piece) reject(error);
  }
}
