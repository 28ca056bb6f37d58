/**
 * Follows a table of PostgreSQL that only grows, by a number that a sequence gives. Numbers are drawn before transactions end, so 6 may be there before 5 is:
 * who went on from 6 would never see 5. Here nothing above a number is read before all who may have drawn a smaller one have ended. That asks for no
 * right but to read, and locks nobody out.
 * @module
 */
import type { Client } from 'pg';
import { ArchiveError } from '../../archiveError.js';
import type { Row } from '../../engine/database.js';
import { connected, rowsOf, ServerAway } from './connection.js';
import { WakeUps } from './wakeUps.js';

/** A table to follow. */
export interface TailedTable {
  /** Where it is: `postgres://…`. */
  readonly url: string;
  /** Its name, as the `search_path` of the connection finds it. */
  readonly table: string;
  /** The column that the sequence fills. */
  readonly number: string;
  /** Which of its rows, as a condition in SQL; all if absent. */
  readonly where?: string;
  /** What triggers notify. */
  readonly channel: string;
  /** Whether it goes on at the end, with what comes. */
  readonly live: boolean;
  /** How long it waits without being woken, in ms. */
  readonly interval: number;
  /** The server went away, and is asked again in a while. */
  readonly onAway: (cause: unknown) => void;
}

/** A row, and the place behind it. */
export interface TailedRow {
  readonly row: Row;
  readonly cursor: string;
}

/** Rows of one query: between two of them nothing is held open, so that the server may clean up. */
const ROWS_A_QUERY = 20_000;
/** Rows that are fetched at a time: a stanza may have 256 KiB. */
const ROWS_A_FETCH = 200;
/** How long it waits before it asks a server again that went away, in ms: twice as long each time. */
const [FIRST_PAUSE, LAST_PAUSE] = [250, 30_000];

/**
 * Rows behind a cursor in the order of their numbers. A cursor names the table besides the number: of a table that was made anew all is read.
 * @throws ArchiveError `ERR_STORE`
 */
export async function* tailTable(
  tailed: TailedTable,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<TailedRow, void, undefined> {
  let cursor = after;
  let pause = 0;
  for (;;) {
    try {
      for await (const row of tailOnce(tailed, cursor, signal)) {
        yield row;
        cursor = row.cursor;
        pause = FIRST_PAUSE;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      // Who never got through has another trouble than a server that is restarted.
      if (!(error instanceof ServerAway) || !tailed.live || (pause === 0 && !error.wasThere)) throw storeError(error);
      pause = Math.min(LAST_PAUSE, Math.max(FIRST_PAUSE, pause * 2));
      tailed.onAway(error.cause);
      await new WakeUps().wait(pause, signal);
    }
  }
}

async function* tailOnce(
  tailed: TailedTable,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<TailedRow, void, undefined> {
  const { table, number, where = 'true', live, interval } = tailed;
  const wakeUps = new WakeUps();
  const client = await connected(tailed.url, () => wakeUps.wake());
  try {
    if (live) {
      client.on('notification', () => wakeUps.wake());
      await rowsOf(client, `LISTEN ${tailed.channel}`);
    }
    for (let cursor = after; ; ) {
      // Each time: it may be made anew, or emptied and numbered from one, while it is followed.
      const { oid, sequence } = await identify(client, table, number);
      let last = await startOf(client, cursor, oid, sequence);
      const edge = await settledEdge(client, { oid, sequence, table, number, signal });
      while (last < edge) {
        let rows = 0;
        const sql = `SELECT * FROM ${table} WHERE ${number} > ${last} AND ${number} <= ${edge} AND ${where} ORDER BY ${number} LIMIT ${ROWS_A_QUERY}`;
        await rowsOf(client, `BEGIN READ ONLY; DECLARE tail NO SCROLL CURSOR FOR ${sql}`);
        for (;;) {
          const fetched = await rowsOf(client, `FETCH ${ROWS_A_FETCH} FROM tail`);
          for (const row of fetched) {
            last = Number(row[number]);
            yield { row, cursor: `${oid}.${last}` };
          }
          rows += fetched.length;
          signal.throwIfAborted();
          if (fetched.length < ROWS_A_FETCH) break;
        }
        await rowsOf(client, 'COMMIT');
        if (rows < ROWS_A_QUERY) last = edge;
      }
      if (!live) return;
      cursor = `${oid}.${last}`;
      await wakeUps.wait(interval, signal);
      signal.throwIfAborted();
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Identity {
  /** Of the table: another one once it was made anew. */
  readonly oid: number;
  /** The sequence's name, where we may see how far it is. */
  readonly sequence: string | undefined;
}

async function identify(client: Client, table: string, number: string): Promise<Identity> {
  const [state] = await rowsOf(client, 'SELECT pg_is_in_recovery() AS standby, to_regclass($1)::oid AS oid', [table]);
  if (state?.oid === null) throw new ArchiveError('ERR_STORE', `source has no table ${table}`);
  // There nobody sees who is writing.
  if (state?.standby) throw new ArchiveError('ERR_STORE', 'source is a standby: rows would be passed over');
  const [found] = await rowsOf(client, 'SELECT pg_get_serial_sequence($1, $2) AS name', [table, number]);
  const sequence = (found?.name ?? undefined) as string | undefined;
  const readable = sequence !== undefined && (await lastDrawn(client, sequence)) !== undefined;
  return { oid: Number(state?.oid), sequence: readable ? sequence : undefined };
}

/** From where to read: from the beginning, where the table or its numbering is another one. What is read again is recognised by its ids. */
async function startOf(client: Client, after: string | undefined, oid: number, sequence: string | undefined) {
  const [table, last] = (after ?? '').split('.').map(Number);
  if (table !== oid || !Number.isSafeInteger(last)) return 0;
  const drawn = sequence === undefined ? undefined : await lastDrawn(client, sequence);
  return drawn !== undefined && drawn < (last as number) ? 0 : (last as number);
}

/** The greatest number up to which no row is to come any more. */
async function settledEdge(
  client: Client,
  parameters: Identity & {
    readonly table: string;
    readonly number: string;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { oid, sequence, table, number, signal } = parameters;
  const greatest = async () => Number((await rowsOf(client, `SELECT max(${number}) AS n FROM ${table}`))[0]?.n ?? 0);
  const edge = sequence === undefined ? await greatest() : ((await lastDrawn(client, sequence)) ?? (await greatest()));
  // Whoever drew a number up to here is among those who are writing now, or has ended. A lock is given up after what was written can be seen.
  let writers = await writersOf(client, oid);
  for (let pause = 2; writers.length > 0; pause = Math.min(100, pause * 2)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
    const now = new Set(await writersOf(client, oid));
    writers = writers.filter((writer) => now.has(writer));
  }
  return edge;
}

async function writersOf(client: Client, oid: number): Promise<string[]> {
  const sql = `SELECT virtualtransaction AS writer FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
    AND relation = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  return (await rowsOf(client, sql, [oid])).map(({ writer }) => String(writer));
}

async function lastDrawn(client: Client, sequence: string): Promise<number | undefined> {
  const sql = "SELECT last_value AS n FROM pg_sequences WHERE format('%I.%I', schemaname, sequencename) = $1";
  const n = (await rowsOf(client, sql, [sequence]))[0]?.n;
  return n === undefined || n === null ? undefined : Number(n);
}

function storeError(error: unknown): unknown {
  if (!(error instanceof ServerAway)) return error;
  return new ArchiveError('ERR_STORE', 'source cannot be read', { cause: error.cause });
}
