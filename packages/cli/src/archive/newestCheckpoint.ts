/**
 * The newest checkpoint that was signed at a shell, kept beside the keys that signed it: contents that are put back from a backup do not know that there
 * was more (docs/decisions/0036-no-second-history.md).
 * @module
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredCheckpoint } from '@stanzaseal/archive';
import { warn } from '../failure.js';

/** Its file in the directory of what an archive signs with. */
export const NEWEST = 'newest.checkpoint';

type Signed = Pick<StoredCheckpoint, 'size' | 'note'>;

/** Keeps what is signed. */
export interface CheckpointKeeper {
  /** Keeps a checkpoint, or a later one that came meanwhile. */
  keep(checkpoint: Signed): void;
  /** Resolves when the last one is kept, or it was told that it could not be. */
  settled(): Promise<void>;
}

/** Keeps checkpoints in a directory, one after another. */
export function checkpointKeeper(directory: string): CheckpointKeeper {
  const file = join(directory, NEWEST);
  let next: Signed | undefined;
  let keeping: Promise<void> | undefined;
  const keepAll = async () => {
    for (let checkpoint = next; checkpoint !== undefined; checkpoint = next) {
      next = undefined;
      await keepNewest(file, checkpoint).catch(() => warn(`${file} could not be written`));
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
async function keepNewest(file: string, { size, note }: Signed): Promise<void> {
  const { parseCheckpoint } = await import('@stanzaseal/archive/evidence');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined && parseCheckpoint(known).size >= size) return;
  await writeFile(`${file}.new`, note, { flush: true });
  await rename(`${file}.new`, file);
}
