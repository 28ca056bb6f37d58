/**
 * SQLite as the archive uses it: one connection that nobody shares, a write-ahead log, every commit synchronised (decision 0010). The
 * driver is SQLite as WebAssembly over `node:fs`; it is in this file alone.
 *
 * It has no shared memory, so that a write-ahead log works in exclusive locking mode alone; it does not synchronise a directory in which it
 * made a file; it leaves its lock, a directory, when the process is killed; and a statement does not get over an error.
 * @module
 */
import sqlite from 'node-sqlite3-wasm';
import { ArchiveError } from '../archiveError.js';
import type { Row, Value } from './database.js';

/** What stands beside a database while it is open: the driver's lock. */
export const DRIVER_LOCK = '.lock';

/** SQLite's write-ahead log. */
export const WRITE_AHEAD_LOG = '-wal';

const SETTINGS = [
  ['page_size', 16384], // of a new file: the driver's cost is that of a call for each page, and five entries share one
  ['locking_mode', 'exclusive'],
  ['journal_mode', 'wal'],
  ['synchronous', 2], // FULL: the log is synchronised with each commit
  ['secure_delete', 1],
  ['trusted_schema', 0],
  ['cell_size_check', 1],
  ['wal_autocheckpoint', 1000], // 16 MiB
  ['cache_size', -65536], // 64 MiB: the trees of tags are met in no order
] as const;

type Statement = ReturnType<InstanceType<typeof sqlite.Database>['prepare']>;

/** A connection. @throws ArchiveError `ERR_STORE` from every method, the driver's error as its cause */
export class SqliteConnection {
  readonly #database: InstanceType<typeof sqlite.Database>;
  readonly #statements = new Map<string, Statement>();

  /** Opens a file, which is made where it is not there. */
  constructor(file: string) {
    this.#database = judged(() => new sqlite.Database(file));
    try {
      for (const [name, value] of SETTINGS) {
        this.rows(`PRAGMA ${name} = ${value}`); // some of them answer, with what holds now
        const [row] = this.rows(`PRAGMA ${name}`);
        if (name !== 'page_size' && Object.values(row ?? {})[0] !== value)
          throw new ArchiveError('ERR_STORE', `SQLite does not take ${name} = ${value}`);
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

  /** Runs one statement, prepared once; tells how many rows it changed. */
  run(sql: string, values: readonly Value[]): number {
    return this.#with(sql, (statement) => statement.run(values as Value[]).changes);
  }

  /** All rows of a statement, prepared once. */
  rows(sql: string, values: readonly Value[] = []): Row[] {
    return this.#with(sql, (statement) => statement.all(values as Value[])) as Row[];
  }

  /** Writes all of the write-ahead log into the database, and makes it empty. */
  bringInLog(): void {
    this.#finalizeAll(); // a statement that is not at its end would be in the way
    const [row] = this.rows('PRAGMA wal_checkpoint(TRUNCATE)');
    if (row?.busy !== 0) throw new ArchiveError('ERR_STORE', 'SQLite did not bring its log in');
  }

  /** Closes it; the write-ahead log goes into the database where it can. */
  close(): void {
    this.#finalizeAll();
    if (this.#database.isOpen) judged(() => this.#database.close());
  }

  #finalizeAll(): void {
    for (const statement of this.#statements.values()) finalize(statement);
    this.#statements.clear();
  }

  #with<T>(sql: string, use: (statement: Statement) => T): T {
    const statement = this.#statements.get(sql) ?? judged(() => this.#database.prepare(sql));
    this.#statements.set(sql, statement);
    try {
      return judged(() => use(statement));
    } catch (error) {
      this.#statements.delete(sql);
      finalize(statement);
      throw error;
    }
  }
}

function judged<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new ArchiveError('ERR_STORE', 'archive cannot be read or written', { cause });
  }
}

/** Gives an error that the statement ended in before once more, and that is known. */
function finalize(statement: Statement): void {
  try {
    statement.finalize();
  } catch {}
}
