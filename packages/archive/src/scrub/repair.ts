/**
 * Repairs damaged entries from a copy of the same archive. What comes from the copy is believed for its leaf alone. What was erased is
 * never brought back: neither a row that is not here, nor one whose key was destroyed.
 * @module
 */
import { equal } from '@stanzaseal/cms';
import type { ArchiveCore } from '../core.js';
import type { Row, Value } from '../engine/database.js';
import { monthOf } from '../keys/keyVault.js';
import { ENTRIES } from '../layout.js';
import { LogTiles } from '../log/logTiles.js';
import { readEntries } from '../query/readEntries.js';

/** @throws RangeError where another archive is no copy of this one */
export async function checkCopy({ content }: ArchiveCore, other: ArchiveCore): Promise<void> {
  const archiveOf = async (database: typeof content) =>
    (await database.rows('SELECT archive FROM state WHERE number = 1'))[0]?.archive;
  if (other.content === content || (await archiveOf(content)) !== (await archiveOf(other.content)))
    throw new RangeError('repairFrom is no copy of this archive');
}

/** Repairs an entry; gives whether the copy had it, in agreement with this archive's own leaf. */
export async function repair(core: ArchiveCore, source: ArchiveCore, leafIndex: number): Promise<boolean> {
  const found = await source.content.snapshot(async (rows) => {
    const stored = await rows.find(ENTRIES, ['seq'], [[leafIndex]]);
    const [entry] = await readEntries(stored, rows, source);
    const row = stored[0];
    if (entry === undefined || row === undefined || 'damage' in entry || entry.meta === undefined) return undefined;
    const kek = (await source.vault.keks([row.kek as number])).get(row.kek as number);
    if (kek === undefined) return undefined;
    const opened = async (column: 'content' | 'recipients') =>
      row[column] instanceof Uint8Array ? source.vault.open(kek, column, row[column] as Uint8Array) : null;
    const parts = { content: await opened('content'), recipients: await opened('recipients') };
    return { entry, meta: entry.meta, row, ...parts };
  });
  if (found === undefined) return false;
  const { entry, meta, row, content, recipients } = found;
  const [leaf] = await core.content.snapshot((rows) => new LogTiles(rows).leaves([leafIndex]));
  if (leaf === undefined || !equal(leaf, entry.leafHash)) return false;
  const keys = await core.vault.writingKeys(meta.owner, monthOf(meta.receivedAt));
  const sealed = async (column: 'content' | 'recipients', octets: Uint8Array | null) =>
    octets === null ? null : core.vault.seal(keys.kek, column, octets);
  const { owner, shard } = keys.owner;
  const changed: Row = { ...row, owner, shard, kek: keys.kek.kek, month: monthOf(meta.receivedAt) };
  const columns = { content: await sealed('content', content), recipients: await sealed('recipients', recipients) };
  const values = Object.keys(ENTRIES.columns).map((name): Value => ({ ...changed, ...columns })[name] ?? null);
  return core.content.transaction(async (rows) => {
    if ((await rows.run('DELETE FROM entries WHERE seq = $1', [leafIndex])) === 0) return false;
    await rows.insert(ENTRIES, [values]);
    return true;
  });
}
