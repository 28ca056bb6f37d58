/**
 * Carries out erasures that were ordered. Each step may be repeated: survivors go under a new key, the old key is destroyed, then the rows go.
 * Stopped anywhere, it goes on when it is called again.
 * @module
 */
import type { SigningKey } from '@stanzaseal/cms';
import type { ArchiveCore } from '../core.js';
import type { Row, Rows } from '../engine/database.js';
import type { Kek } from '../keys/keyVault.js';
import { KEKS } from '../layout.js';
import { logRecord } from '../records/recordLog.js';
import { rowsUnder } from './erasureOrder.js';
import { type Term, victimsAmong } from './terms.js';

/** Rows of one transaction. */
const BATCH = 128;

/** An erasure that was carried out. */
export interface Erased {
  /** Leaf index of the order's record. */
  readonly erasure: number;
  /** Leaf index of the record that it was carried out. */
  readonly record: number;
  /** Keys that were destroyed. */
  readonly keys: number;
  /** Entries whose rows went. */
  readonly entries: number;
}

interface Doomed {
  readonly kek: number;
  readonly owner: number;
  readonly shard: number;
  readonly month: number;
  readonly renewed: number;
  readonly terms: readonly Term[];
  readonly deleted: number;
}

/** Carries out all erasures that were ordered. */
export async function carryOut(
  core: ArchiveCore,
  recordKey: SigningKey,
  onProgress: (progress: { readonly done: number; readonly total: number }) => void,
): Promise<Erased[]> {
  const erased: Erased[] = [];
  const ordered = await core.content.rows('SELECT * FROM erasures ORDER BY erasure, kek');
  let done = 0;
  for (const erasure of new Set(ordered.map((row) => row.erasure as number))) {
    const doomed = ordered.filter((row) => row.erasure === erasure).map(doomedOf);
    let entries = 0;
    for (const each of doomed) {
      entries += each.deleted >= 0 ? each.deleted : await destroy(core, each);
      onProgress({ done: ++done, total: ordered.length });
    }
    await core.content.purge([]);
    const act = { act: 'erased', erasure, keys: doomed.length, entries } as const;
    const { leafIndex: record } = await logRecord(core, recordKey, act, async (rows) => {
      await rows.run('DELETE FROM erasures WHERE erasure = $1', [erasure]);
    });
    erased.push({ erasure, record, keys: doomed.length, entries });
  }
  return erased;
}

function doomedOf(row: Row): Doomed {
  return { ...(row as unknown as Doomed), terms: JSON.parse(row.terms as string) as Term[] };
}

async function destroy(core: ArchiveCore, doomed: Doomed): Promise<number> {
  const keks = await core.vault.keks([doomed.kek, doomed.renewed]);
  const [old, renewed] = [keks.get(doomed.kek), keks.get(doomed.renewed)];
  // Without the old key it was destroyed before: nothing is left to be saved.
  if (old !== undefined && renewed !== undefined) await saveSurvivors(core, doomed, old, renewed);
  await core.keys.run('DELETE FROM keks WHERE kek = $1', [doomed.kek]);
  core.vault.forget();
  await core.keys.purge([KEKS]);
  return core.content.transaction((rows) => deleteRows(rows, doomed));
}

/** Encrypts anew what stays. */
async function saveSurvivors(core: ArchiveCore, doomed: Doomed, old: Kek, renewed: Kek): Promise<void> {
  for (let after = -1; ; ) {
    const last = await core.content.transaction(async (rows) => {
      const stored = await rowsUnder(rows, doomed, doomed.kek, doomed.month, after, BATCH);
      const victims = await victimsAmong(core, rows, stored, doomed.terms);
      const survivors = stored.filter(({ seq }) => !victims.has(seq as number));
      for (const row of survivors) await moveEntry(core, rows, row, old, renewed);
      // Whoever has read these under the old key reads them again.
      if (survivors.length > 0) await rows.run('UPDATE state SET erasures = erasures + 1 WHERE number = 1');
      return stored.at(-1)?.seq as number | undefined;
    });
    if (last === undefined) return;
    after = last;
  }
}

async function moveEntry(core: ArchiveCore, rows: Rows, row: Row, old: Kek, renewed: Kek): Promise<void> {
  const { vault } = core;
  // What cannot be decrypted goes along as it is: it is named by the next scrub, and repaired from elsewhere.
  const moved = async (column: 'content' | 'recipients' | 'wrap', sealed: unknown) => {
    if (!(sealed instanceof Uint8Array)) return null;
    const octets = await vault.open(old, column, sealed).catch(() => undefined);
    return octets === undefined ? sealed : vault.seal(renewed, column, octets);
  };
  const [content, recipients] = [await moved('content', row.content), await moved('recipients', row.recipients)];
  const place = [row.shard, row.owner, row.month, row.seq] as number[];
  const set = 'UPDATE entries SET content = $1, recipients = $2, kek = $3';
  const where = 'WHERE shard = $4 AND owner = $5 AND month = $6 AND seq = $7';
  await rows.run(`${set} ${where}`, [content, recipients, renewed.kek, ...place]);
  const sql = 'SELECT line, wrap FROM wraps WHERE line IN (0, $1) AND seq = $2';
  for (const { line, wrap } of await rows.rows(sql, [row.owner as number, row.seq as number])) {
    const change = 'UPDATE wraps SET wrap = $1, kek = $2 WHERE line = $3 AND seq = $4';
    await rows.run(change, [await moved('wrap', wrap), renewed.kek, line as number, row.seq as number]);
  }
}

/** What is left under the destroyed key goes; the log keeps the leaves. */
async function deleteRows(rows: Rows, { kek, owner, shard, month }: Doomed): Promise<number> {
  const which = 'SELECT seq FROM entries WHERE shard = $1 AND owner = $2 AND month = $3 AND kek = $4';
  const place = [shard, owner, month, kek];
  await rows.run(`DELETE FROM names WHERE owner = $2 AND seq IN (${which})`, place);
  await rows.run(`DELETE FROM quarantine WHERE owner = $2 AND seq IN (${which})`, place);
  await rows.run(`DELETE FROM recipient_keys WHERE seq IN (${which})`, place);
  await rows.run('DELETE FROM wraps WHERE kek = $1', [kek]);
  const where = 'shard = $1 AND owner = $2 AND month = $3 AND kek = $4';
  const deleted = await rows.run(`DELETE FROM entries WHERE ${where}`, place);
  await rows.run('UPDATE erasures SET deleted = $1 WHERE kek = $2', [deleted, kek]);
  return deleted;
}
