/**
 * Writing rows: one commit is one transaction, with the head and its digests over all rows.
 * @module
 */
import { concat, drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import { type ErasureKey, sealErasable } from '../erasureKey.js';
import type { CommitBatch, CommitWriter } from '../journal.js';
import { changeLine, placeOf, type StoredRecord } from '../recordCodec.js';
import type { Change } from '../records.js';
import { encodeHead } from '../storeHead.js';
import type { StoreKeys } from '../storeKeys.js';
import type { StoreState } from '../storeState.js';
import { bringInLog, makeDatabase, type StoreDatabase, writeLogOnceMore } from './databaseFiles.js';
import { HEAD_NAME } from './readRows.js';
import { padLine, RowKeys, TAG_LENGTH } from './rowKeys.js';
import { bucketOf, RowTree, type TreeRow } from './rowTree.js';
import type { SqliteDatabase } from './sqliteDatabase.js';
import {
  ERASABLE_BUCKET,
  encodeHeadState,
  erasableRows,
  makeTables,
  type RowTable,
  rowsOf,
  writeHeadRow,
  writeRow,
} from './storeTables.js';

/** A row to be put or removed. */
interface Row {
  readonly table: RowTable;
  readonly name: Uint8Array;
  readonly sealed: Uint8Array | undefined;
}

/** A database that is written. */
export interface WrittenDatabase {
  /** The open database. */
  readonly database: SqliteDatabase;
  /** The keys of its rows. */
  readonly keys: RowKeys;
  /** The digests over its rows. */
  readonly trees: Readonly<Record<RowTable, RowTree>>;
}

/** A log of so many pages, as far as they are counted here, is brought in. */
const MOST_LOGGED = 1000;

const PAGE = 4096;

/** The one writer of a database. */
export class RowWriter implements CommitWriter {
  /** A database is not outgrown by its log, which is brought in from here. */
  readonly isLong = false;
  readonly #store: StoreDatabase;
  readonly #random: RandomSource;
  #keys: StoreKeys;
  #written: WrittenDatabase | undefined;
  #inDoubt = false;
  /** Places that the last commit changed, which may be refused for what comes after it, or commits that failed would have. */
  readonly #unsettled = new Map<string, Pick<Change, 'table' | 'key'>>();
  /** Buckets of lasting rows whose digests may not be those of the rows, since then. */
  readonly #touched = new Set<number>();
  /** The erasable rows by their names in hexadecimal: they change together, and are not read for it. None while in doubt. */
  #erasable: Map<string, TreeRow> | undefined;
  /** Pages that the log may have. */
  #logged = 0;

  /** A writer that has no database yet, or goes on with one that was read. */
  constructor(store: StoreDatabase, random: RandomSource, keys: StoreKeys, written?: WrittenDatabase) {
    this.#store = store;
    this.#random = random;
    this.#keys = keys;
    this.#written = written;
  }

  /** Whether the log may hold a commit that was refused, which a power loss might bring back, or is not all on the disk. */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /** Makes one transaction; resolves when the log is synchronised. */
  async append(batch: CommitBatch): Promise<void> {
    if (this.#written === undefined) throw new TypeError('there is no database to write');
    if (!this.#inDoubt) this.#unsettled.clear();
    for (const change of batch.changes) this.#unsettled.set(placeOf(change), change);
    await this.#make(this.#written, batch);
  }

  /**
   * Makes the database, whole, under its name; or, where there is one under the same keys, writes what is unsettled as it is in
   * `state`, and all erasable records: the other rows are as they were.
   */
  async replace(state: StoreState, epoch: number, key: ErasureKey, storeKeys: StoreKeys = this.#keys): Promise<void> {
    const erasable = [...state.records('erasable')];
    if (this.#written !== undefined && storeKeys === this.#keys) {
      if (this.#inDoubt) await writeLogOnceMore(this.#store.files);
      const changes = [...this.#unsettled.values()].map((place) => ({ ...place, record: state.get(place) }) as Change);
      await this.#make(this.#written, { epoch, key, changes, erasable, mode: 'replaces' });
      return this.#unsettled.clear();
    }
    const fileId = drawOctets(this.#random, 16);
    const head = encodeHead(storeKeys.head, await storeKeys.commitment(), fileId);
    const { crypto } = this.#store;
    const keys = await RowKeys.of(await storeKeys.fileKey(fileId), crypto);
    const trees = { lasting: new RowTree(crypto), erasable: new RowTree(crypto) };
    let rows: Map<string, TreeRow> | undefined;
    const database = await makeDatabase(
      this.#store,
      async (made) => {
        made.execute('BEGIN');
        makeTables(made);
        writeHeadRow(made, 1, head);
        made.execute('COMMIT');
        const changes = [...state.records('lasting')];
        rows = await this.#write(
          { database: made, keys, trees },
          { epoch, key, changes, erasable, mode: 'replaces' },
          undefined,
          new Set(),
        );
      },
      () => this.#leave(),
    );
    this.#written = { database, keys, trees };
    this.#erasable = rows;
    this.#keys = storeKeys;
    this.#inDoubt = false;
    this.#logged = 0;
    this.#touched.clear();
    this.#unsettled.clear();
  }

  /** Nothing: on which blocks SQLite's pages and its log lay is not to be found out. */
  async forget(): Promise<void> {}

  /** Gives up the database, which another is about to take the place of: until that one is open, everything is to be written anew. */
  #leave(): void {
    if (this.#written === undefined) return;
    const { database, keys } = this.#written;
    this.#inDoubt = true;
    bringInLog(database);
    this.#written = undefined;
    keys.erase();
    database.close();
  }

  /** Closes the database and forgets its keys. */
  async close(): Promise<void> {
    this.#keys.erase();
    this.#written?.keys.erase();
    this.#written?.database.close();
  }

  async #make(written: WrittenDatabase, batch: CommitBatch): Promise<void> {
    this.#inDoubt = true; // until it is known what the log has
    const erasable = this.#erasable;
    this.#erasable = undefined;
    this.#erasable = await this.#write(written, batch, erasable);
    this.#touched.clear();
    this.#inDoubt = false;
    this.#bringInWhereLong(written.database);
  }

  /** The commit is made, and does not fail with this: but where it fails, the log may show what is not on the disk. */
  #bringInWhereLong(database: SqliteDatabase): void {
    if (this.#logged < MOST_LOGGED) return;
    try {
      bringInLog(database, 'PASSIVE');
      this.#logged = 0;
    } catch {
      this.#inDoubt = true;
    }
  }

  /** One transaction. Gives the erasable rows after it. */
  async #write(
    written: WrittenDatabase,
    batch: CommitBatch,
    known?: Map<string, TreeRow>,
    touched: Set<number> = this.#touched,
  ): Promise<Map<string, TreeRow>> {
    const { database, trees, keys } = written;
    const rows: Row[] = [];
    for (const change of batch.changes) rows.push(await this.#lasting(keys, change, batch.epoch));
    for (const record of batch.erasable) rows.push(await this.#dying(keys, record, batch.key));
    for (const { table, name } of rows) if (table === 'lasting') touched.add(bucketOf(name));
    if (database.inTransaction) database.execute('ROLLBACK'); // one that could not be rolled back when it failed
    const erasable = batch.mode === 'replaces' ? new Map<string, TreeRow>() : new Map(known ?? namedRows(database));
    database.execute('BEGIN IMMEDIATE');
    try {
      if (batch.mode === 'replaces') database.execute('DELETE FROM erasable');
      for (const { table, name, sealed } of rows) {
        writeRow(database, table, name, sealed);
        if (table === 'erasable' && sealed) erasable.set(toHex(name), { name, tag: sealed.slice(-TAG_LENGTH) });
      }
      await trees.lasting.set([...touched].map((bucket) => [bucket, rowsOf(database, bucket)] as const));
      await trees.erasable.set([[ERASABLE_BUCKET, inOrder(erasable)]]);
      const roots = concat(await trees.lasting.root(), await trees.erasable.root());
      const state = encodeHeadState({ epoch: batch.epoch, sequence: batch.key.sequence, roots });
      writeHeadRow(database, 2, await keys.seal(HEAD_NAME, batch.epoch, state, this.#random));
      database.execute('COMMIT');
      this.#logged += pagesOf(rows);
      return erasable;
    } catch (error) {
      rollBack(database);
      throw error;
    }
  }

  async #lasting(keys: RowKeys, change: Change, epoch: number): Promise<Row> {
    const name = await keys.nameOf(change);
    if (change.record === undefined) return { table: 'lasting', name, sealed: undefined };
    const line = padLine(changeLine(change));
    const sealed = await keys.seal(name, epoch, line, this.#random);
    line.fill(0);
    return { table: 'lasting', name, sealed };
  }

  async #dying(keys: RowKeys, record: StoredRecord, key: ErasureKey): Promise<Row> {
    const line = padLine(changeLine(record));
    const context = { salt: this.#keys.head.salt, random: this.#random, crypto: this.#store.crypto };
    const sealed = await sealErasable(key, line, context);
    line.fill(0);
    return { table: 'erasable', name: await keys.nameOf(record), sealed };
  }
}

/** Pages that a commit of rows changes, about: each lies on a page of its own, with the head and what the tables begin with. */
function pagesOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { sealed }) => sum + 1 + Math.floor((sealed?.length ?? 0) / PAGE), 4);
}

function namedRows(database: SqliteDatabase): [string, TreeRow][] {
  return erasableRows(database).map((row) => [toHex(row.name), row]);
}

function inOrder(rows: ReadonlyMap<string, TreeRow>): TreeRow[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** SQLite may have done it by itself; where it cannot be done, the next transaction begins with it. */
function rollBack(database: SqliteDatabase): void {
  try {
    if (database.inTransaction) database.execute('ROLLBACK');
  } catch {}
}
