/**
 * From rows back to entries: decrypted, and compared with the log. What does not agree with its leaf is never given out as good (K11).
 * @module
 */
import { concat, DerReader, equal, STANZA_KINDS, type StanzaKind, toUtf8 } from '@stanzaseal/cms';
import type { Row, Rows } from '../engine/database.js';
import { MAX_META_OCTETS } from '../evidence/entryMeta.js';
import {
  contentHash,
  decodeMeta,
  ENTRY_KINDS,
  type EntryKind,
  type EntryMeta,
  HASH_LENGTH,
  joinRecipientInfos,
  type LeafOpening,
  leafOf,
  recipientsHash,
  SALT_LENGTH,
} from '../evidence/index.js';
import type { Kek, KeyVault, Owner } from '../keys/keyVault.js';
import { LEAF_OF_ENTRY, LogTiles } from '../log/logTiles.js';

/** An entry that agrees with its leaf. */
export interface ReadEntry {
  /** Its leaf's index. */
  readonly leafIndex: number;
  /** Its leaf. */
  readonly leafHash: Uint8Array;
  /** What it is. */
  readonly form: EntryKind;
  /** Kind of stanza; `undefined` for what is none. */
  readonly kind: StanzaKind | undefined;
  /** What opens its leaf. */
  readonly opening: LeafOpening;
  /** What the archive says about it; `undefined` once it was erased. */
  readonly meta: EntryMeta | undefined;
  /** Its octets as they were received; `undefined` once they, or the object's recipients, were erased, and where nobody asked for them. */
  readonly octets: Uint8Array | undefined;
}

/** A row that does not agree with its leaf. */
export interface DamagedEntry {
  /** Its leaf's index. */
  readonly leafIndex: number;
  /** For people. */
  readonly damage: string;
}

/** What reading needs. */
export interface EntryReader {
  readonly vault: KeyVault;
}

/** For a SELECT of few entries: their columns, and their leaves as `leaf`. Of many that stand together, `SELECT *`: their tiles are read once. */
export const ENTRY_COLUMNS: string = `entries.*, ${LEAF_OF_ENTRY} AS leaf`;

/** Reads the entry of an owner's leaf; `undefined` where there is none. By conditions, and no join: of a table in parts only those of the shard are planned for. */
export async function readEntryAt(
  { shard, owner }: Owner,
  leafIndex: number,
  rows: Rows,
  reader: EntryReader,
): Promise<ReadEntry | DamagedEntry | undefined> {
  const sql = `SELECT ${ENTRY_COLUMNS} FROM entries WHERE shard = $1 AND owner = $2 AND seq = $3`;
  const [entry] = await readEntries(await rows.rows(sql, [shard, owner, leafIndex]), rows, reader);
  return entry;
}

/** Reads rows of ENTRIES, in their order, their leaves beside them (ENTRY_COLUMNS) or not. @param wants `checks`: all that is checked of an entry, its octets not put together */
export async function readEntries(
  stored: readonly Row[],
  rows: Rows,
  { vault }: EntryReader,
  wants: 'octets' | 'checks' = 'octets',
): Promise<(ReadEntry | DamagedEntry)[]> {
  const leaves = await leavesOf(stored, rows);
  const keks = await vault.keks(stored.map(({ kek }) => kek as number));
  const entries: (ReadEntry | DamagedEntry)[] = [];
  for (const [i, row] of stored.entries()) {
    const leafIndex = row.seq as number;
    try {
      entries.push(await readEntry(row, leaves[i], keks.get(row.kek as number), vault, wants));
    } catch (error) {
      if (error instanceof TypeError) throw error;
      entries.push({ leafIndex, damage: error instanceof Damage ? error.message : 'it cannot be decrypted' });
    }
  }
  return entries;
}

async function leavesOf(stored: readonly Row[], rows: Rows): Promise<(Uint8Array | undefined)[]> {
  if (stored.some(({ leaf }) => leaf === undefined))
    return new LogTiles(rows).leaves(stored.map(({ seq }) => seq as number));
  // Beyond the end of a tile SQL gives what there is of it.
  return stored.map(({ leaf }) => (leaf instanceof Uint8Array && leaf.length === HASH_LENGTH ? leaf : undefined));
}

class Damage extends Error {}

async function readEntry(
  row: Row,
  leafHash: Uint8Array | undefined,
  kek: Kek | undefined,
  vault: KeyVault,
  wants: 'octets' | 'checks',
): Promise<ReadEntry> {
  if (leafHash === undefined) throw new Damage('the log has no leaf for it');
  const form = ENTRY_KINDS[row.form as number];
  if (form === undefined) throw new Damage('its form is none');
  const [content, recipients] = await openColumns(row, form, kek, vault);
  const hashes = [
    content.state === 'erased' ? content.hash : contentHash({ ...content, object: content.object as Uint8Array }),
    recipients.state === 'erased'
      ? recipients.hash
      : recipientsHash({ ...recipients, recipientInfos: recipients.recipientInfos as Uint8Array }),
  ] as const;
  if (!equal(leafOf(...hashes), leafHash)) throw new Damage('it is not what its leaf says');
  const meta = content.state === 'erased' ? undefined : decodeMeta(content.meta);
  if (meta !== undefined && (meta.kind !== form || meta.receivedAt !== row.time))
    throw new Damage('its columns are not what its leaf says');
  return {
    leafIndex: row.seq as number,
    leafHash,
    form,
    kind: STANZA_KINDS[row.kind as number],
    opening: { content, recipients },
    meta,
    octets: octetsOf(meta, { content, recipients }, wants),
  };
}

/** Both halves: opened, or by the hashes that were left of them. */
async function openColumns(
  row: Row,
  form: EntryKind,
  kek: Kek | undefined,
  vault: KeyVault,
): Promise<[LeafOpening['content'], LeafOpening['recipients']]> {
  const erased = (hash: unknown) => {
    if (!(hash instanceof Uint8Array)) throw new Damage('it is not there');
    return { state: 'erased', hash } as const;
  };
  const opened = async (column: 'content' | 'recipients') => {
    const sealed = row[column];
    if (!(sealed instanceof Uint8Array)) return undefined;
    if (kek === undefined) throw new Damage('its key was destroyed');
    return vault.open(kek, column, sealed);
  };
  const content = await opened('content');
  if (content === undefined) return [erased(row.content_hash), erased(row.recipients_hash)];
  const hasRecipients = form === 'sealed';
  const metaAt = hasRecipients ? SALT_LENGTH : 2 * SALT_LENGTH;
  const meta = new DerReader(content.subarray(metaAt), {
    octets: Number.MAX_SAFE_INTEGER,
    depth: 3,
  }).encodedAs(0x30);
  if (meta.length > MAX_META_OCTETS) throw new Damage('its meta is too long');
  const object = content.subarray(metaAt + meta.length);
  const opening = { state: 'present', salt1: content.subarray(metaAt - SALT_LENGTH, metaAt), meta, object } as const;
  if (!hasRecipients) {
    const salt2 = content.subarray(0, SALT_LENGTH);
    return [opening, { state: 'present', salt2, recipientInfos: new Uint8Array(0) }];
  }
  const recipients = await opened('recipients');
  if (recipients === undefined) return [opening, erased(row.recipients_hash)];
  const [salt2, recipientInfos] = [recipients.subarray(0, SALT_LENGTH), recipients.subarray(SALT_LENGTH)];
  return [opening, { state: 'present', salt2, recipientInfos }];
}

/** The octets as they came: a sealed stanza's text around the base64 of its object made whole. */
function octetsOf(
  meta: EntryMeta | undefined,
  { content, recipients }: LeafOpening,
  wants: 'octets' | 'checks',
): Uint8Array | undefined {
  if (meta === undefined || content.state === 'erased' || content.object === undefined) return undefined;
  if (meta.kind !== 'sealed') return content.object;
  if (recipients.state === 'erased' || recipients.recipientInfos === undefined || meta.shell === undefined)
    return undefined;
  const { object } = content;
  const { buffer, byteOffset, length } = joinRecipientInfos({ object, recipientInfos: recipients.recipientInfos });
  if (wants === 'checks') return undefined; // that it can be made whole is one of them
  const base64 = Buffer.from(buffer, byteOffset, length).toString('base64');
  return concat(toUtf8(meta.shell.before), toUtf8(base64), toUtf8(meta.shell.after));
}
