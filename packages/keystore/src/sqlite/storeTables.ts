/**
 * The tables of a key store in a database: `head` with what opens it, in the clear (row 1), and what holds for all rows,
 * sealed (row 2); `lasting` and `erasable` with a row for each record.
 *
 * ```
 * row 2, opened:   0   8  epoch: commits made until now
 *                  8   8  number of the erasure key in use
 *                 16  32  root of the tree over `lasting`
 *                 48  32  root of the tree over `erasable`
 * ```
 * @module
 */
import { KeyStoreError } from '../keyStoreError.js';
import { TAG_LENGTH } from './rowKeys.js';
import { boundsOf, bucketOf, type TreeRow } from './rowTree.js';
import type { SqliteDatabase } from './sqliteDatabase.js';

/** A table of records. */
export type RowTable = 'lasting' | 'erasable';

const TABLES = {
  head: 'CREATE TABLE head (number INTEGER PRIMARY KEY, octets BLOB NOT NULL)',
  lasting: 'CREATE TABLE lasting (name BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID',
  erasable: 'CREATE TABLE erasable (name BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID',
};

/** Makes the tables. */
export function makeTables(database: SqliteDatabase): void {
  for (const sql of Object.values(TABLES)) database.execute(sql);
}

/** Refuses a database that has anything but the tables: a trigger of somebody's is a program. @throws KeyStoreError `ERR_CORRUPT` */
export function checkTables(database: SqliteDatabase): void {
  const found = database.rows('SELECT name, sql FROM sqlite_schema').map(({ name, sql }) => `${name}: ${sql}`);
  const expected = Object.entries(TABLES).map(([name, sql]) => `${name}: ${sql}`);
  if (found.sort().join('\n') !== expected.sort().join('\n')) {
    throw new KeyStoreError('ERR_CORRUPT', 'database is not a key store');
  }
}

/** A row of the head. @throws KeyStoreError `ERR_CORRUPT` */
export function readHeadRow(database: SqliteDatabase, number: 1 | 2): Uint8Array {
  const [row] = database.rows('SELECT octets FROM head WHERE number = ?', [number]);
  if (row?.octets instanceof Uint8Array) return row.octets;
  throw new KeyStoreError('ERR_CORRUPT', 'database is not a key store');
}

/** Writes a row of the head. */
export function writeHeadRow(database: SqliteDatabase, number: 1 | 2, octets: Uint8Array): void {
  database.run('REPLACE INTO head (number, octets) VALUES (?, ?)', [number, octets]);
}

/** Puts a row, or removes it. */
export function writeRow(database: SqliteDatabase, table: RowTable, name: Uint8Array, sealed?: Uint8Array): void {
  if (sealed === undefined) database.run(`DELETE FROM ${table} WHERE name = ?`, [name]);
  else database.run(`REPLACE INTO ${table} (name, sealed) VALUES (?, ?)`, [name, sealed]);
}

/** The one bucket of the erasable rows, which are few and change together. */
export const ERASABLE_BUCKET = 0;

/** The bucket of a row. */
export function bucketIn(table: RowTable, name: Uint8Array): number {
  return table === 'erasable' ? ERASABLE_BUCKET : bucketOf(name);
}

const ROW = `name, substr(sealed, -${TAG_LENGTH}) AS tag`;

/** The lasting rows of a bucket in order, as the tree sees them. */
export function rowsOf(database: SqliteDatabase, bucket: number): TreeRow[] {
  const [first, end] = boundsOf(bucket);
  const rows =
    end === undefined
      ? database.rows(`SELECT ${ROW} FROM lasting WHERE name >= ? ORDER BY name`, [first])
      : database.rows(`SELECT ${ROW} FROM lasting WHERE name >= ? AND name < ? ORDER BY name`, [first, end]);
  return rows as unknown as TreeRow[];
}

/** The erasable rows, as the tree sees them. */
export function erasableRows(database: SqliteDatabase): TreeRow[] {
  return database.rows(`SELECT ${ROW} FROM erasable`) as unknown as TreeRow[];
}

/** All rows of a table in order. @throws KeyStoreError `ERR_CORRUPT` */
export function* allRows(
  database: SqliteDatabase,
  table: RowTable,
): Generator<{ readonly name: Uint8Array; readonly sealed: Uint8Array }> {
  for (const { name, sealed } of database.each(`SELECT name, sealed FROM ${table} ORDER BY name`)) {
    if (!(name instanceof Uint8Array) || !(sealed instanceof Uint8Array) || name.length < 2) {
      throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged');
    }
    yield { name, sealed };
  }
}

/** What holds for all rows. */
export interface HeadState {
  /** Commits made. */
  readonly epoch: number;
  /** Number of the erasure key in use. */
  readonly sequence: number;
  /** Roots over the two tables: 64 octets. */
  readonly roots: Uint8Array;
}

/** Its octets. */
export function encodeHeadState({ epoch, sequence, roots }: HeadState): Uint8Array {
  const octets = new Uint8Array(80);
  const view = new DataView(octets.buffer);
  view.setBigUint64(0, BigInt(epoch));
  view.setBigUint64(8, BigInt(sequence));
  octets.set(roots, 16);
  return octets;
}

/** Reads it. @throws KeyStoreError `ERR_CORRUPT` */
export function decodeHeadState(octets: Uint8Array): HeadState {
  if (octets.length !== 80) throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged');
  const view = new DataView(octets.buffer, octets.byteOffset);
  const [epoch, sequence] = [Number(view.getBigUint64(0)), Number(view.getBigUint64(8))];
  return { epoch, sequence, roots: octets.subarray(16) };
}
