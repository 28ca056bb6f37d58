/**
 * Reading all rows of a database.
 * @module
 */
import { type CryptoProvider, concat, equalConstantTime, toUtf8 } from '@stanzaseal/cms';
import { type ErasureKey, isErasable, openErasable } from '../erasureKey.js';
import { KeyStoreError } from '../keyStoreError.js';
import { decodeRecords } from '../recordCodec.js';
import { StoreState } from '../storeState.js';
import { type RowKeys, TAG_LENGTH } from './rowKeys.js';
import { RowTree, type TreeRow } from './rowTree.js';
import type { SqliteDatabase } from './sqliteDatabase.js';
import { allRows, bucketIn, decodeHeadState, type RowTable, readHeadRow } from './storeTables.js';

/** Lines decoded at once. */
const BATCH = 1000;

/** Name under which the sealed row of the head is bound. */
export const HEAD_NAME: Uint8Array = toUtf8('head');

/** What a database holds. */
export interface ReadRows {
  /** Its records. */
  readonly state: StoreState;
  /** Commits ever made. */
  readonly epoch: number;
  /** The erasure key in use. */
  readonly key: ErasureKey;
  /** The digests over its rows. */
  readonly trees: Readonly<Record<RowTable, RowTree>>;
}

/**
 * Reads all rows and compares their digests with the head's.
 * @param held the erasure keys that there are
 * @throws KeyStoreError `ERR_CORRUPT`; `ERR_ROLLBACK` when the erasure key of this database was replaced since
 */
export async function readRows(
  database: SqliteDatabase,
  keys: RowKeys,
  held: readonly ErasureKey[],
  context: { readonly salt: Uint8Array; readonly crypto: CryptoProvider },
): Promise<ReadRows> {
  const { crypto } = context;
  const { epoch, sequence, roots } = decodeHeadState(await keys.open(HEAD_NAME, readHeadRow(database, 2)));
  const key = held.find((each) => each.sequence === sequence);
  if (key === undefined && held.length === 0) {
    throw new KeyStoreError('ERR_CORRUPT', 'erasure key of the key store is damaged or gone');
  }
  if (key === undefined)
    throw new KeyStoreError('ERR_ROLLBACK', 'key store and its erasure key are of different times');
  const state = new StoreState();
  const trees = { lasting: new RowTree(crypto), erasable: new RowTree(crypto) };
  await readTable(database, 'lasting', trees.lasting, state, (name, sealed) => keys.open(name, sealed));
  await readTable(database, 'erasable', trees.erasable, state, (_, sealed) => openErasable(key, sealed, context));
  const found = concat(await trees.lasting.root(), await trees.erasable.root());
  for (const other of held) if (other !== key) other.key.fill(0);
  if (equalConstantTime(found, roots)) return { state, epoch, key, trees };
  throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged');
}

async function readTable(
  database: SqliteDatabase,
  table: RowTable,
  tree: RowTree,
  state: StoreState,
  open: (name: Uint8Array, sealed: Uint8Array) => Promise<Uint8Array>,
): Promise<void> {
  const buckets: [number, TreeRow[]][] = [];
  let lines: Uint8Array[] = [];

  function take(): void {
    const all = concat(...lines);
    const records = decodeRecords(all);
    all.fill(0);
    if (records.some((record) => isErasable(record.table) !== (table === 'erasable'))) {
      throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged');
    }
    state.apply(records);
    for (const line of lines) line.fill(0);
    lines = [];
  }

  async function digest(): Promise<void> {
    await tree.set(buckets.splice(0));
  }

  for (const { name, sealed } of allRows(database, table)) {
    lines.push(await open(name, sealed));
    if (lines.length === BATCH) take();
    const bucket = bucketIn(table, name);
    const last = buckets.at(-1);
    const row = { name, tag: sealed.slice(-TAG_LENGTH) };
    if (last?.[0] === bucket) last[1].push(row);
    else {
      if (last !== undefined && last[0] >> 8 !== bucket >> 8) await digest(); // groups come whole
      buckets.push([bucket, [row]]);
    }
  }
  take();
  await digest();
}
