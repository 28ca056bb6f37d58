/**
 * Proofs of single entries: what opens the leaf, the path to the newest checkpoint, and the checkpoint.
 * @module
 */
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import type { Rows } from '../engine/database.js';
import { encodeProof, MerkleLog } from '../evidence/index.js';
import { LogTiles } from '../log/logTiles.js';
import { placesOf } from './cursors.js';
import { readEntryAt } from './readEntries.js';

/** A proof for a stranger. */
export interface ArchiveProof {
  /** The entry's place in the log. */
  readonly leafIndex: number;
  /** Its leaf. */
  readonly leafHash: Uint8Array;
  /** Number of leaves of the checkpoint. */
  readonly treeSize: number;
  /** The proof file (C2SP tlog-proof), which `verify` of the evidence takes. It holds the entry in the clear. */
  readonly proof: string;
}

/** Which entry. */
export interface ProofQuery {
  /** Bare JID of the account or room; `''` for the archive's own records. */
  readonly owner: string;
  /** Its id, or `#` and its place in the log. */
  readonly id: string;
}

/**
 * The proof of an entry in the newest checkpoint; where that is older than the entry, one is made.
 * @throws ArchiveError `ERR_NOT_FOUND`; `ERR_PROOF` for an entry that is damaged, so that nothing can be proved of it
 */
export async function makeProof(core: ArchiveCore, { owner: name, id }: ProofQuery): Promise<ArchiveProof> {
  const owner = await core.vault.owner(core.ownerName(name));
  if (owner === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry of this id');
  const checkpoint = await core.checkpointer.make();
  return core.content.snapshot(async (rows: Rows) => {
    const [place] = await placesOf(rows, owner, [id]);
    const seq = place?.seq as number;
    const entry = await readEntryAt(owner, seq, rows, core);
    if (entry === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'entry was erased');
    if ('damage' in entry) throw new ArchiveError('ERR_PROOF', `entry is damaged: ${entry.damage}`);
    if (checkpoint === undefined || checkpoint.size <= seq)
      throw new ArchiveError('ERR_STORE', 'checkpoint does not reach the entry');
    const { size, note } = checkpoint;
    const path = await new MerkleLog(new LogTiles(rows), size).inclusionProof(seq, size);
    const proof = encodeProof({ opening: entry.opening, index: seq, path, checkpoint: note });
    return { leafIndex: seq, leafHash: entry.leafHash, treeSize: size, proof };
  });
}

/** Proof that the log only grew. @throws RangeError for sizes that the log has not had */
export function makeConsistencyProof(core: ArchiveCore, first: number, second: number): Promise<Uint8Array[]> {
  return core.content.snapshot(async (rows: Rows) => {
    const [state] = await rows.rows('SELECT size FROM state WHERE number = 1');
    return new MerkleLog(new LogTiles(rows), Number(state?.size)).consistencyProof(first, second);
  });
}
