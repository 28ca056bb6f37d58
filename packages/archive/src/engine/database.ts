/**
 * What the archive asks of a database. Two engines stand behind it, SQLite and PostgreSQL, and one suite of tests is for both.
 * SQL here is the subset that both speak; what they do not share (many rows at once) is a method.
 * @module
 */

/** A value of a column. Integers stay below 2^53. */
export type Value = Uint8Array | string | number | null;

/** A row by column names. */
export type Row = Readonly<Record<string, Value>>;

/** Types of columns; with `?` they may be empty. */
export type ColumnType = 'int' | 'text' | 'blob' | 'int?' | 'text?' | 'blob?';

/** A table, as data: the engines write their own DDL from it. */
export interface Table {
  /** Name. */
  readonly name: string;
  /** Columns in their order. */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Further indexes, by their columns. */
  readonly indexes?: readonly (readonly string[])[];
  /** Small rows that are found by their key alone: SQLite keeps them in the key's own tree. */
  readonly clustered?: boolean;
  /** Columns `shard` and `month` say in which partition a row is, where the engine has any; both are part of the primary key there. */
  readonly partitioned?: boolean;
}

/** Reading and writing rows, inside a transaction or outside. */
export interface Rows {
  /** All rows of a SELECT. Values are named `$1`, `$2`, … */
  rows(sql: string, values?: readonly Value[]): Promise<Row[]>;
  /** Runs a statement and tells how many rows it changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
  /** Inserts rows, values in the order of the table's columns. A key that is there already is an error. */
  insert(table: Table, rows: readonly (readonly Value[])[]): Promise<void>;
  /** Inserts rows whose keys are not there yet, and tells how many those were. */
  insertNew(table: Table, rows: readonly (readonly Value[])[]): Promise<number>;
  /** Inserts rows, or replaces those that have their key. */
  upsert(table: Table, rows: readonly (readonly Value[])[]): Promise<void>;
  /** Rows whose columns have one of the given combinations of values; in no order. */
  find(table: Table, columns: readonly string[], keys: readonly (readonly Value[])[]): Promise<Row[]>;
}

/** An open database. Every failure of it is an ArchiveError `ERR_STORE`, its `cause` the driver's. */
export interface Database extends Rows {
  /** Which engine. */
  readonly engine: 'sqlite' | 'postgres';
  /** Whether it has a table. */
  hasTable(table: Table): Promise<boolean>;
  /** Makes the tables that are not there yet. */
  createTables(tables: readonly Table[]): Promise<void>;
  /**
   * Runs work as one transaction. Transactions of one archive run one after another, in all processes: who is inside is the
   * sequencer. It is durable when the promise resolves; when it is rejected nothing of it is there.
   */
  transaction<T>(work: (rows: Rows) => Promise<T>): Promise<T>;
  /** Reads one state of the database, whatever is written meanwhile. */
  snapshot<T>(work: (rows: Rows) => Promise<T>): Promise<T>;
  /**
   * Sees to it that what was deleted is no longer in the files of this database, as far as an engine can: SQLite has overwritten it and empties
   * its write-ahead log; PostgreSQL writes the tables anew, and its write-ahead log forgets later.
   */
  purge(tables: readonly Table[]): Promise<void>;
  /** Octets that the database takes, where it tells. */
  size(): Promise<number>;
  /** Closes it. */
  close(): Promise<void>;
}
