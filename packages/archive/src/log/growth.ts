/**
 * Whether a log goes on from what was seen of it before. Contents that were put back from a backup are good contents, of an earlier time: nothing in
 * them tells, so it takes a checkpoint that was kept elsewhere.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { Database } from '../engine/database.js';
import { MerkleLog, parseCheckpoint } from '../evidence/index.js';
import { LogTiles } from './logTiles.js';

/** Refuses a log that did not grow from a checkpoint. @throws ArchiveError `ERR_PROOF` for one of another log, or no checkpoint, too */
export async function checkGrowth(content: Database, origin: string, note: string): Promise<void> {
  const seen = parseCheckpoint(note);
  const root = await content.snapshot(async (rows) => {
    const [state] = await rows.rows('SELECT size FROM state WHERE number = 1');
    const size = Number(state?.size);
    return seen.size > size ? undefined : new MerkleLog(new LogTiles(rows), size).root(seen.size);
  });
  if (seen.origin !== origin || root === undefined || !equal(root, seen.root))
    throw new ArchiveError('ERR_PROOF', 'log did not grow from the checkpoint');
}
