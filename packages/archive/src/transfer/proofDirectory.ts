/**
 * A directory with a file for each entry and its proof beside it, for whoever has no archive: `LEAF.xml`, `LEAF.tlog-proof`, `checkpoint`.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive } from '../archive.js';
import type { ExportedEntry } from './exportedEntries.js';

/**
 * Writes entries into a directory, which must not be there. Proofs are of the newest checkpoint when each was made.
 * @returns how many entries were written, and how many of them without their stanza, of which only the proof is left
 * @throws ArchiveError `ERR_PROOF`; system errors
 */
export async function writeProofDirectory(
  archive: Archive,
  directory: string,
  entries: AsyncIterable<ExportedEntry>,
  onProgress: (progress: { readonly done: number; readonly total: undefined }) => void = () => undefined,
): Promise<{ readonly entries: number; readonly withoutStanza: number }> {
  await mkdir(directory);
  let [done, withoutStanza] = [0, 0];
  for await (const { owner, leafIndex, octets, quarantined } of entries) {
    const name = join(directory, String(leafIndex).padStart(12, '0'));
    const { proof } = await archive.proofOf({ owner, id: `#${leafIndex}` });
    await writeFile(`${name}.tlog-proof`, proof, { flag: 'wx' });
    if (octets === undefined) withoutStanza++;
    else await writeFile(`${name}.${quarantined === undefined ? 'xml' : 'quarantined'}`, octets, { flag: 'wx' });
    onProgress({ done: ++done, total: undefined });
  }
  const checkpoint = await archive.checkpoint();
  if (checkpoint !== undefined) await writeFile(join(directory, 'checkpoint'), checkpoint.note, { flag: 'wx' });
  return { entries: done, withoutStanza };
}
