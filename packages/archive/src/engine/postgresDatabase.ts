/**
 * The archive's tables in a schema of PostgreSQL. A transaction waits for the disk (`synchronous_commit`), and for the transactions of all
 * other processes on this archive: an advisory lock is the sequencer.
 * @module
 */
import pg from 'pg';
import { ArchiveError } from '../archiveError.js';
import type { Database, Row, Rows, Table, Value } from './database.js';
import { definitionsOf, partitionOf } from './postgresDefinitions.js';
import { relationOf } from './postgresRelation.js';
import { Turns } from './turns.js';

/** Connections for reading, beside the one that writes. */
const READERS = 4;
/** First half of the lock's number: `stan` in ASCII. */
const LOCK = 0x7374616e;

/**
 * Begins to read. A plan for any values is one for all partitions: it takes 0.1 to 0.3 s to make, and is never the cheaper one; what is compiled
 * (JIT) runs no longer than the compiler.
 */
const SNAPSHOT = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off`;

/** Opens a schema. @param makes whether it is made where it is not there. @throws ArchiveError `ERR_STORE` */
export async function openPostgresDatabase(
  connectionString: string,
  schema: string,
  makes: boolean,
): Promise<Database> {
  if (!/^[a-z_][a-z0-9_]{0,47}$/.test(schema)) throw new RangeError('schema is no plain name in lower case');
  const pool = new pg.Pool({
    connectionString,
    max: READERS + 1,
    application_name: 'stanzaseal',
    options: `-c search_path=${schema} -c synchronous_commit=on`,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  pool.on('error', () => undefined); // of an idle connection: the next query finds out
  const database = new PostgresDatabase(pool, schema);
  try {
    if (makes) await database.createSchema();
    return database;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

class PostgresDatabase implements Database {
  readonly engine = 'postgres';
  readonly #pool: pg.Pool;
  readonly #schema: string;
  readonly #partitions = new Set<string>();
  readonly #names = new Map<string, string>();
  #closed = false;

  constructor(pool: pg.Pool, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
  }

  rows(sql: string, values?: readonly Value[]): Promise<Row[]> {
    return this.#with((client) => this.#rowsOf(client).rows(sql, values));
  }

  run(sql: string, values?: readonly Value[]): Promise<number> {
    return this.#with((client) => this.#rowsOf(client).run(sql, values));
  }

  insert(table: Table, rows: readonly (readonly Value[])[]): Promise<void> {
    return this.transaction((inside) => inside.insert(table, rows));
  }

  insertNew(table: Table, rows: readonly (readonly Value[])[]): Promise<number> {
    return this.#with((client) => this.#rowsOf(client).insertNew(table, rows));
  }

  upsert(table: Table, rows: readonly (readonly Value[])[]): Promise<void> {
    return this.#with((client) => this.#rowsOf(client).upsert(table, rows));
  }

  find(table: Table, columns: readonly string[], keys: readonly (readonly Value[])[]): Promise<Row[]> {
    return this.#with((client) => this.#rowsOf(client).find(table, columns, keys));
  }

  createSchema(): Promise<void> {
    return this.#with(async (client) => {
      const [row] = await query(client, 'SELECT count(*) AS n FROM pg_namespace WHERE nspname = $1', [this.#schema]);
      if (row?.n === 0) await query(client, `CREATE SCHEMA IF NOT EXISTS ${this.#schema}`);
    });
  }

  async hasTable({ name }: Table): Promise<boolean> {
    return (await this.rows('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [`${this.#schema}.${name}`])).length > 0;
  }

  createTables(tables: readonly Table[]): Promise<void> {
    return this.transaction(async (inside) => {
      const sql = `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1`;
      const known = new Set((await inside.rows(sql, [this.#schema])).map(({ name }) => name));
      const missing = tables.filter(({ name }) => !known.has(name));
      for (const definition of missing.flatMap(definitionsOf)) await inside.run(definition);
    });
  }

  transaction<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#with(async (client, discard) => {
      const lock = `SELECT pg_advisory_xact_lock(${LOCK}, hashtext('${this.#schema}'))`;
      const made: string[] = [];
      try {
        await query(client, `BEGIN; ${lock}`);
        const result = await work(this.#rowsOf(client, made));
        await query(client, 'COMMIT');
        for (const partition of made) this.#partitions.add(partition);
        return result;
      } catch (error) {
        await query(client, 'ROLLBACK').catch(discard);
        throw error;
      }
    });
  }

  snapshot<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#with(async (client, discard) => {
      try {
        await query(client, SNAPSHOT);
        const result = await work(this.#rowsOf(client));
        await query(client, 'COMMIT');
        return result;
      } catch (error) {
        await query(client, 'ROLLBACK').catch(discard);
        throw error;
      }
    });
  }

  purge(tables: readonly Table[]): Promise<void> {
    return this.#with(async (client) => {
      for (const { name } of tables) await query(client, `VACUUM (FULL) ${name}`);
    });
  }

  async size(): Promise<number> {
    const sql = `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS n
      FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1 AND c.relkind = 'r'`;
    return Number((await this.rows(sql, [this.#schema]))[0]?.n);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  /** A connection for a while. One that is broken is not used again. */
  async #with<T>(work: (client: pg.PoolClient, discard: (error: Error) => void) => Promise<T>): Promise<T> {
    if (this.#closed) throw new ArchiveError('ERR_STORE', 'archive is closed');
    const client = await judged(() => this.#pool.connect());
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      return await work(client, onError);
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  #rowsOf(client: pg.PoolClient, made: string[] = []): Rows {
    const turns = new Turns(); // a connection takes one query at a time
    const run = (sql: string, values: readonly Value[] = []) => {
      const command = values.length === 0 ? sql : { name: this.#nameOf(sql), text: sql, values: values.map(sent) };
      return turns.take(() => judged(() => client.query(command)));
    };
    const put = async (table: Table, rows: readonly (readonly Value[])[], suffix: string) => {
      if (rows.length === 0) return 0;
      if (table.partitioned === true) await this.#makePartitions(run, table, rows, made);
      const { sql, values } = relationOf(Object.entries(table.columns), rows);
      return (await run(`INSERT INTO ${table.name} ${sql}${suffix}`, values)).rowCount ?? 0;
    };
    return {
      rows: async (sql, values) => (await run(sql, values)).rows as Row[],
      run: async (sql, values) => (await run(sql, values)).rowCount ?? 0,
      insert: async (table, rows) => void (await put(table, rows, '')),
      insertNew: (table, rows) => put(table, rows, ' ON CONFLICT DO NOTHING'),
      upsert: async (table, rows) => void (await put(table, rows, replacing(table))),
      find: async (table, columns, keys) => {
        if (keys.length === 0) return [];
        const types = columns.map((column): [string, string] => [column, table.columns[column] as string]);
        const { sql, values } = relationOf(types, keys);
        const on = columns.map((column) => `t.${column} = k.${column}`).join(' AND ');
        return (await run(`SELECT t.* FROM (${sql}) k JOIN ${table.name} t ON ${on}`, values)).rows as Row[];
      },
    };
  }

  async #makePartitions(
    run: (sql: string) => Promise<unknown>,
    table: Table,
    rows: readonly (readonly Value[])[],
    made: string[],
  ): Promise<void> {
    const columns = Object.keys(table.columns);
    const [shard, month] = [columns.indexOf('shard'), columns.indexOf('month')];
    for (const [i, row] of rows.entries()) {
      const before = rows[i - 1];
      if (before?.[shard] === row[shard] && before?.[month] === row[month]) continue; // mostly
      const { name, sql } = partitionOf(table, Number(row[shard]), Number(row[month]));
      if (this.#partitions.has(name) || made.includes(name)) continue;
      await run(sql);
      made.push(name);
    }
  }

  #nameOf(sql: string): string {
    let name = this.#names.get(sql);
    if (name === undefined) {
      name = `s${this.#names.size}`;
      this.#names.set(sql, name);
    }
    return name;
  }
}

async function query(client: pg.PoolClient, sql: string, values: readonly Value[] = []): Promise<Row[]> {
  const { rows } = await judged(() => (values.length === 0 ? client.query(sql) : client.query(sql, [...values])));
  return rows ?? [];
}

async function judged<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw new ArchiveError('ERR_STORE', 'archive cannot be read or written', { cause });
  }
}

function replacing({ columns, key }: Table): string {
  const others = Object.keys(columns).filter((column) => !key.includes(column));
  const change = others.map((column) => `${column} = excluded.${column}`).join();
  return ` ON CONFLICT (${key.join()}) DO ${change === '' ? 'NOTHING' : `UPDATE SET ${change}`}`;
}

/** The driver sends a view of octets as such when it is a Buffer. */
function sent(value: Value | readonly Value[]): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value;
}

/** int8 as a number: all that is stored is below 2^53. bytea as plain octets. */
function parserOf(oid: number, format?: string): (text: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  const parse = pg.types.getTypeParser(oid, format as 'text');
  if (oid !== pg.types.builtins.BYTEA) return parse as (text: string) => unknown;
  return (text) => new Uint8Array(parse(text) as Uint8Array);
}
