/**
 * SQLite as this package uses it: one connection that nobody shares, a write-ahead log, every commit synchronised. The driver
 * is SQLite as WebAssembly over `node:fs` (decision 0009); it is in this file alone.
 *
 * The driver has no shared memory, so that a write-ahead log works in exclusive locking mode alone, and it does not
 * synchronise a directory in which it made a file: who opens does that, before anything is built on it.
 * @module
 */
import sqlite from 'node-sqlite3-wasm';
import { KeyStoreError } from '../keyStoreError.js';

/** A value of a column. */
export type SqliteValue = Uint8Array | string | number | bigint | null;

/** A row by column names. */
export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** What the driver makes beside a database while it is open: a directory for its lock, which a process that was killed leaves. */
export const DRIVER_LOCK = '.lock';

/** What SQLite keeps beside a database: its write-ahead log. */
export const WRITE_AHEAD_LOG = '-wal';

const SETTINGS = [
  ['locking_mode', 'exclusive'],
  ['journal_mode', 'wal'],
  ['synchronous', 2], // FULL: the log is synchronised with each commit
  ['wal_autocheckpoint', 0], // the writer brings the log in: SQLite would say nothing where that fails
  ['secure_delete', 1],
  ['trusted_schema', 0],
  ['cell_size_check', 1],
] as const;

/** An open database. @throws KeyStoreError `ERR_CORRUPT` from every method for a file that is no sound database; else the driver's errors */
export class SqliteDatabase {
  readonly #database: InstanceType<typeof sqlite.Database>;
  readonly #statements = new Map<string, ReturnType<InstanceType<typeof sqlite.Database>['prepare']>>();

  /** Opens a file, which is made where it is not there. */
  constructor(file: string) {
    this.#database = new sqlite.Database(file);
    try {
      for (const [name, value] of SETTINGS) {
        this.rows(`PRAGMA ${name} = ${value}`); // some of them answer, with what holds now
        const [row] = this.rows(`PRAGMA ${name}`);
        if (row?.[name] !== value) throw new TypeError(`SQLite does not take ${name} = ${value}`);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether a transaction was begun and not ended. */
  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Runs statements without values. */
  execute(sql: string): void {
    judged(() => this.#database.exec(sql));
  }

  /** Runs one statement that gives no rows; prepared once. */
  run(sql: string, values: SqliteValue[]): void {
    this.#with(sql, (statement) => statement.run(values));
  }

  /** All rows of a statement; prepared once. */
  rows(sql: string, values: SqliteValue[] = []): SqliteRow[] {
    return this.#with(sql, (statement) => statement.all(values)) as SqliteRow[];
  }

  /** The rows of a statement one after the other. Nothing else is to be done with the database until their end. */
  *each(sql: string): Generator<SqliteRow> {
    const statement = judged(() => this.#database.prepare(sql));
    try {
      const rows = statement.iterate([]);
      for (let next = judged(() => rows.next()); next.done !== true; next = judged(() => rows.next())) {
        yield next.value as SqliteRow;
      }
    } finally {
      finalize(statement);
    }
  }

  /** Closes it; the write-ahead log goes into the database where it can. */
  close(): void {
    for (const statement of this.#statements.values()) finalize(statement);
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #with<T>(sql: string, use: (statement: ReturnType<InstanceType<typeof sqlite.Database>['prepare']>) => T): T {
    const statement = this.#statements.get(sql) ?? judged(() => this.#database.prepare(sql));
    this.#statements.set(sql, statement);
    try {
      return judged(() => use(statement));
    } catch (error) {
      this.#statements.delete(sql); // the driver does not get over an error of a statement
      finalize(statement);
      throw error;
    }
  }
}

/** Gives an error that the statement ended in before once more, and that is known. */
function finalize(statement: { finalize(): void }): void {
  try {
    statement.finalize();
  } catch {}
}

/** The driver has no codes, so SQLite's own words must do: SQLITE_CORRUPT and SQLITE_NOTADB. */
function judged<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!/malformed|not a database|no such (table|column)/.test((cause as Error).message)) throw cause;
    throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged', { cause });
  }
}
