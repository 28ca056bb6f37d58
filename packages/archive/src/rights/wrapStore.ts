/**
 * Wraps in their table, encrypted under the key of their entry's owner and month. Cryptography is done between transactions; what is
 * written was read since the last time that keys were destroyed, or is read again.
 * @module
 */
import type { KeyAgreeRecipientInfo } from '@stanzaseal/cms';
import type { ArchiveCore } from '../core.js';
import type { Row, Rows, Value } from '../engine/database.js';
import { ENTRIES } from '../layout.js';
import { type ReadEntry, readEntries } from '../query/readEntries.js';
import { factsOf, type ObjectFacts } from './objectFacts.js';
import { WRAP_STATES, WRAPS, type WrapState } from './rightsTables.js';
import { decodeWrap, encodeWrap } from './wrap.js';

/** A wrap and what it is of. */
export interface StoredWrap {
  readonly line: number;
  readonly leafIndex: number;
  /** Number of the key that the entry is under. */
  readonly kek: number;
  readonly epoch: number;
  readonly state: WrapState;
  readonly wrap: KeyAgreeRecipientInfo;
}

/** A sealed entry, with what a wrap of it is compared with. */
export interface SealedEntry {
  readonly leafIndex: number;
  /** Number of the owner. */
  readonly owner: number;
  /** Number of the key that it is under. */
  readonly kek: number;
  /** Name of the owner. */
  readonly jid: string;
  readonly stanzaId: string | undefined;
  readonly facts: ObjectFacts;
  /** DER of the object without its RecipientInfos. */
  readonly object: Uint8Array;
  /** DER of its RecipientInfos, unless they were dropped. */
  readonly recipientInfos: Uint8Array | undefined;
}

/** What is read in one state of the database. */
export interface Reading {
  readonly rows: Rows;
  /** How often keys had been destroyed. */
  readonly erasures: number;
}

const seen = new WeakMap<ArchiveCore, number>();

/** Reads one state of the contents, with keys that were not destroyed in it. */
export function reading<T>(core: ArchiveCore, work: (reading: Reading) => Promise<T>): Promise<T> {
  return core.content.snapshot(async (rows) => work({ rows, erasures: await erasuresOf(core, rows) }));
}

async function erasuresOf(core: ArchiveCore, rows: Rows): Promise<number> {
  const [state] = await rows.rows('SELECT erasures FROM state WHERE number = 1');
  const erasures = Number(state?.erasures);
  if (seen.get(core) !== erasures) core.vault.forget();
  seen.set(core, erasures);
  return erasures;
}

/** Sealed entries by their places. What is damaged, erased, or no sealed stanza is not among them. */
export async function sealedEntries(
  core: ArchiveCore,
  rows: Rows,
  leafIndexes: readonly number[],
): Promise<Map<number, SealedEntry>> {
  const stored = await rows.find(
    ENTRIES,
    ['seq'],
    leafIndexes.map((seq) => [seq]),
  );
  const places = new Map(stored.map((row) => [row.seq as number, row]));
  const found = new Map<number, SealedEntry>();
  for (const entry of await readEntries(stored, rows, core)) {
    if ('damage' in entry) {
      core.onEvent({ type: 'damaged', owner: '', leafIndex: entry.leafIndex });
      continue;
    }
    const sealed = await sealedOf(core, entry, places.get(entry.leafIndex) as Row);
    if (sealed !== undefined) found.set(entry.leafIndex, sealed);
  }
  return found;
}

async function sealedOf({ crypto }: ArchiveCore, entry: ReadEntry, row: Row): Promise<SealedEntry | undefined> {
  const { opening, meta, leafIndex, form } = entry;
  const { content, recipients } = opening;
  if (form !== 'sealed' || meta === undefined || content.state === 'erased' || content.object === undefined)
    return undefined;
  const recipientInfos = recipients.state === 'erased' ? undefined : recipients.recipientInfos;
  const { owner: jid, stanzaId } = meta;
  const { object } = content;
  const [owner, kek] = [row.owner as number, row.kek as number];
  return { leafIndex, owner, kek, jid, stanzaId, object, recipientInfos, facts: await factsOf(object, crypto) };
}

/** Reads rows of WRAPS; those whose key was destroyed are not among them. */
export async function readWraps(core: ArchiveCore, stored: readonly Row[]): Promise<StoredWrap[]> {
  const keks = await core.vault.keks(stored.map(({ kek }) => kek as number));
  const wraps: StoredWrap[] = [];
  for (const { line, seq, epoch, state, kek, wrap } of stored) {
    const key = keks.get(kek as number);
    if (key === undefined) continue;
    wraps.push({
      line: line as number,
      leafIndex: seq as number,
      kek: kek as number,
      epoch: epoch as number,
      state: WRAP_STATES[state as number] as WrapState,
      wrap: decodeWrap(await core.vault.open(key, 'wrap', wrap as Uint8Array)),
    });
  }
  return wraps;
}

/**
 * Writes wraps in one transaction with whatever else goes with them.
 * @returns `false`, and nothing is written, where keys were destroyed since `erasures` was read
 */
export async function writeWraps(
  core: ArchiveCore,
  erasures: number,
  wraps: readonly StoredWrap[],
  how: 'new' | 'replace',
  alongside: (rows: Rows) => Promise<unknown> = async () => undefined,
): Promise<boolean> {
  const keks = await core.vault.keks(wraps.map(({ kek }) => kek));
  const table: Value[][] = [];
  for (const { line, leafIndex, epoch, state, kek, wrap } of wraps) {
    const key = keks.get(kek);
    if (key === undefined) continue; // its entry was erased
    const sealed = await core.vault.seal(key, 'wrap', encodeWrap(wrap));
    table.push([line, leafIndex, epoch, WRAP_STATES.indexOf(state), kek, sealed]);
  }
  return core.content.transaction(async (rows) => {
    const [state] = await rows.rows('SELECT erasures FROM state WHERE number = 1');
    if (Number(state?.erasures) !== erasures) return false;
    await (how === 'new' ? rows.insertNew(WRAPS, table) : rows.upsert(WRAPS, table));
    await alongside(rows);
    return true;
  });
}
