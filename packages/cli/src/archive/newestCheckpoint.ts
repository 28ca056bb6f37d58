/**
 * The newest checkpoint that was signed at a shell, kept beside the keys that signed it: contents that are put back from a backup do not know that there
 * was more (docs/decisions/0036-no-second-history.md).
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredCheckpoint } from '@stanzaseal/archive';
import { CliFailure, warn } from '../failure.js';
import { readText } from '../input.js';
import { writeOutput } from '../output.js';

/** Its file in the directory of what an archive signs with. */
export const NEWEST = 'newest.checkpoint';

type Signed = Pick<StoredCheckpoint, 'size' | 'note'>;

/** The checkpoint in a directory, as a note; `undefined` where none is kept. */
export async function newestIn(directory: string): Promise<string | undefined> {
  const file = join(directory, NEWEST);
  return existsSync(file) ? readText(file) : undefined;
}

/** What adds to contents is told that did not grow from the checkpoint in a directory. */
export function notGrown(directory: string, cause?: unknown): CliFailure {
  const sentence = `contents did not grow from the checkpoint in ${join(directory, NEWEST)}: with more entries their log would be another of the same name`;
  return new CliFailure('ERR_PROOF', sentence, { cause });
}

/** Keeps what is signed. */
export interface CheckpointKeeper {
  /** Keeps a checkpoint, or a later one that came meanwhile. */
  keep(checkpoint: Signed): void;
  /** Resolves when the last one is kept, or it was told that it could not be. */
  settled(): Promise<void>;
}

/** Keeps checkpoints in a directory, one after another. */
export function checkpointKeeper(directory: string): CheckpointKeeper {
  let next: Signed | undefined;
  let keeping: Promise<void> | undefined;
  const keepAll = async () => {
    for (let checkpoint = next; checkpoint !== undefined; checkpoint = next) {
      next = undefined;
      await keepNewest(directory, checkpoint).catch(() => warn(`${join(directory, NEWEST)} could not be written`));
    }
    keeping = undefined;
  };
  return {
    keep(checkpoint) {
      next = checkpoint;
      keeping ??= keepAll();
    },
    settled: async () => keeping,
  };
}

/** Whole or not at all, and not in place of a newer one: contents of before, which somebody only reads, may have one signed too. */
async function keepNewest(directory: string, { size, note }: Signed): Promise<void> {
  const { parseCheckpoint } = await import('@stanzaseal/archive/evidence');
  const known = await newestIn(directory);
  if (known === undefined || parseCheckpoint(known).size < size) await writeOutput(note, join(directory, NEWEST));
}
