/**
 * The archive's tables in a file of SQLite.
 * @module
 */
import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { RandomSource } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { Database, Row, Rows, Table, Value } from './database.js';
import { claimFile } from './fileLock.js';
import { DRIVER_LOCK, SqliteConnection } from './sqliteDriver.js';
import { synchronise } from './synchronise.js';
import { Turns } from './turns.js';

/** Rows that one statement inserts: a call of the driver costs as much as the row. */
const ROWS_AT_ONCE = 16;
/** Keys that one statement looks for. */
const KEYS_AT_ONCE = 64;

/**
 * Opens a file, which is made where it is not there. What its write-ahead log has is brought into it and onto the disk first: a process that was
 * killed may have left it in memory alone.
 * @throws ArchiveError `ERR_STORE` where another process has it open, or it is no sound database
 */
export async function openSqliteDatabase(path: string, random: RandomSource): Promise<Database> {
  const file = resolve(path);
  let release: (() => Promise<void>) | undefined;
  let connection: SqliteConnection | undefined;
  try {
    release = await claimFile(file, random);
    await rm(file + DRIVER_LOCK, { force: true, recursive: true });
    connection = new SqliteConnection(file);
    connection.bringInLog();
    await synchronise(file);
    await synchronise(dirname(file)); // the driver leaves the names of its files to us
    return new SqliteDatabase(connection, release);
  } catch (cause) {
    connection?.close();
    await release?.();
    if (cause instanceof ArchiveError) throw cause;
    throw new ArchiveError('ERR_STORE', 'archive cannot be opened', { cause });
  }
}

class SqliteDatabase implements Database {
  readonly engine = 'sqlite';
  readonly #connection: SqliteConnection;
  readonly #release: () => Promise<void>;
  readonly #turns = new Turns();
  readonly #direct: Rows;
  #failure: unknown;
  #closed = false;

  constructor(connection: SqliteConnection, release: () => Promise<void>) {
    this.#connection = connection;
    this.#release = release;
    this.#direct = rowsOf(connection);
  }

  rows(sql: string, values?: readonly Value[]): Promise<Row[]> {
    return this.#turn(() => this.#direct.rows(sql, values));
  }

  run(sql: string, values?: readonly Value[]): Promise<number> {
    return this.transaction((rows) => rows.run(sql, values));
  }

  insert(table: Table, rows: readonly (readonly Value[])[]): Promise<void> {
    return this.transaction((inside) => inside.insert(table, rows));
  }

  insertNew(table: Table, rows: readonly (readonly Value[])[]): Promise<number> {
    return this.transaction((inside) => inside.insertNew(table, rows));
  }

  upsert(table: Table, rows: readonly (readonly Value[])[]): Promise<void> {
    return this.transaction((inside) => inside.upsert(table, rows));
  }

  find(table: Table, columns: readonly string[], keys: readonly (readonly Value[])[]): Promise<Row[]> {
    return this.#turn(() => this.#direct.find(table, columns, keys));
  }

  async hasTable({ name }: Table): Promise<boolean> {
    return (await this.rows('SELECT 1 FROM sqlite_schema WHERE name = $1', [name])).length > 0;
  }

  createTables(tables: readonly Table[]): Promise<void> {
    return this.#turn(() => {
      for (const sql of tables.flatMap(definitionsOf)) this.#connection.execute(sql);
    });
  }

  transaction<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#turn(async () => {
      this.#connection.execute('BEGIN IMMEDIATE');
      try {
        const result = await work(this.#direct);
        this.#commit();
        return result;
      } finally {
        this.#rollBack();
      }
    });
  }

  snapshot<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#turn(() => work(this.#direct)); // nobody else has a turn meanwhile
  }

  purge(): Promise<void> {
    return this.#turn(() => this.#connection.bringInLog());
  }

  size(): Promise<number> {
    return this.#turn(() => {
      const [[pages], [size]] = [this.#connection.rows('PRAGMA page_count'), this.#connection.rows('PRAGMA page_size')];
      return Number(pages?.page_count) * Number(size?.page_size);
    });
  }

  close(): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#closed) return;
      this.#closed = true;
      try {
        if (this.#failure === undefined) this.#connection.bringInLog(); // closing would, and not say that it failed
      } finally {
        this.#connection.close();
        await this.#release();
      }
    });
  }

  #turn<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      if (this.#closed) throw new ArchiveError('ERR_STORE', 'archive is closed');
      if (this.#failure !== undefined) throw this.#failure;
      return work();
    });
  }

  /** After a commit that failed nobody knows what is on the disk: only opening the file anew tells. */
  #commit(): void {
    try {
      this.#connection.execute('COMMIT');
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #rollBack(): void {
    if (!this.#connection.inTransaction) return;
    try {
      this.#connection.execute('ROLLBACK');
    } catch (error) {
      this.#failure ??= error;
    }
  }
}

/** The driver answers at once; promises are the port's. */
function rowsOf(connection: SqliteConnection): Rows {
  const insertRows = insertionsOver(connection);
  return {
    rows: async (sql, values = []) => connection.rows(numbered(sql), values),
    run: async (sql, values = []) => connection.run(numbered(sql), values),
    insert: async (table, rows) => void insertRows('INSERT', table, rows),
    insertNew: async (table, rows) => insertRows('INSERT OR IGNORE', table, rows),
    upsert: async (table, rows) => void insertRows('REPLACE', table, rows),
    find: async (table, columns, keys) => {
      const found: Row[] = [];
      for (const some of inPieces(keys, KEYS_AT_ONCE)) {
        const tuples = some.map(() => `(${columns.map(() => '?').join()})`).join();
        const on = columns.map((column, i) => `t.${column} = k.column${i + 1}`).join(' AND ');
        // CROSS keeps the order: a key, then its row.
        const sql = `SELECT t.* FROM (VALUES ${tuples}) k CROSS JOIN ${table.name} t ON ${on}`;
        found.push(...connection.rows(sql, some.flat()));
      }
      return found;
    },
  };
}

type Insertion = 'INSERT' | 'INSERT OR IGNORE' | 'REPLACE';

/** Inserts many rows with few statements, and tells how many it changed. Their texts are kept: writing one costs as much as running it. */
function insertionsOver(
  connection: SqliteConnection,
): (verb: Insertion, table: Table, rows: readonly (readonly Value[])[]) => number {
  const texts = new Map<string, string>();
  const textOf = (verb: Insertion, { name, columns }: Table, count: number) => {
    const key = `${verb} ${name} ${count}`;
    const known = texts.get(key);
    if (known !== undefined) return known;
    const tuple = `(${Array(Object.keys(columns).length).fill('?').join()})`;
    const text = `${verb} INTO ${name} VALUES ${Array(count).fill(tuple).join()}`;
    texts.set(key, text);
    return text;
  };
  return (verb, table, rows) => {
    let changed = 0;
    for (let first = 0; first < rows.length; first += ROWS_AT_ONCE) {
      const end = Math.min(rows.length, first + ROWS_AT_ONCE);
      const values = new Array<Value>((end - first) * Object.keys(table.columns).length);
      let at = 0;
      for (let i = first; i < end; i++) for (const value of rows[i] as readonly Value[]) values[at++] = value;
      changed += connection.run(textOf(verb, table, end - first), values);
    }
    return changed;
  };
}

function definitionsOf({ name, columns, key, indexes = [], clustered }: Table): string[] {
  const list = Object.entries(columns).map(([column, type]) => {
    const [, base, optional] = /^(int|text|blob)(\??)$/.exec(type) as unknown as [
      string,
      'int' | 'text' | 'blob',
      string,
    ];
    const isRowId = base === 'int' && key.length === 1 && key[0] === column;
    return `${column} ${TYPES[base]}${isRowId ? ' PRIMARY KEY' : ''}${optional === '' ? ' NOT NULL' : ''}`;
  });
  if (!list.some((column) => column.includes('PRIMARY KEY'))) list.push(`PRIMARY KEY (${key.join()})`);
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (${list.join()}) STRICT${clustered ? ', WITHOUT ROWID' : ''}`,
    ...indexes.map((on) => `CREATE INDEX IF NOT EXISTS ${name}_${on.join('_')} ON ${name} (${on.join()})`),
  ];
}

const TYPES = { int: 'INTEGER', text: 'TEXT', blob: 'BLOB' } as const;

/** `$1` is a name to SQLite and a number to PostgreSQL. */
function numbered(sql: string): string {
  return sql.replace(/\$(\d+)/g, '?$1');
}

function* inPieces<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
