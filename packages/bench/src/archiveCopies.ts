/**
 * An archive of many rows in short time: one owner's are put by the archive itself, and copied for further owners by SQL, along the layout
 * of docs/decisions/0013-archive-layout.md.
 * @module
 */
import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, fsyncSync, openSync } from 'node:fs';
import type { StanzaItem } from '@stanzaseal/archive';
import { HASH_LENGTH, nodeHash } from '@stanzaseal/archive/evidence';
import sqlite from 'node-sqlite3-wasm';
import pg from 'pg';
import { benchArchive } from './archiveJobs.js';
import type { ArchiveSite } from './archiveReport.js';

/** An archive with copies. */
export interface Copies {
  readonly url: string;
  /** Owners, `juliet0@capulet.example` and so on. */
  readonly owners: number;
  /** That copying took. */
  readonly seconds: number;
}

/** One owner's copies: rows of `seq` are at `seq * owners + place`. */
interface CopyOwner {
  readonly place: number;
  readonly owner: number;
  readonly jid: string;
  readonly shard: number;
}

const TILE = 256;

/** Puts items, all of `juliet0@capulet.example`, and copies their rows for so many owners in all. */
export async function copiesOf(site: ArchiveSite, items: readonly StanzaItem[], owners: number): Promise<Copies> {
  const pool = site.url('pool');
  const archive = await benchArchive(pool, { limits: { checkpointEntries: items.length } });
  for (let at = 0; at < items.length; at += 1024) await archive.putMany(items.slice(at, at + 1024));
  await archive.close();
  const url = site.url('pages');
  const start = performance.now();
  if (site.engine === 'SQLite') copySqlite(fileOf(pool), fileOf(url), owners);
  else {
    await (await benchArchive(url)).close();
    await copyPostgres(pool, url, owners);
  }
  return { url, owners, seconds: (performance.now() - start) / 1000 };
}

function copySqlite(from: string, to: string, owners: number): void {
  copyFileSync(`${from}.keys`, `${to}.keys`);
  const keys = new sqlite.Database(`${to}.keys`);
  keys.all('PRAGMA locking_mode=exclusive'); // its log has no shared memory here
  const [first] = keys.all('SELECT owner, secret FROM owners ORDER BY owner LIMIT 1') as unknown as [Owner];
  const copies = copyOwners(first.owner, owners);
  for (const { place, owner, jid } of copies)
    if (place > 0) keys.run('INSERT INTO owners VALUES (?, ?, ?)', [owner, jid, first.secret]);
  keys.close();

  const database = new sqlite.Database(to);
  for (const setting of [
    'page_size=16384',
    'locking_mode=exclusive',
    'journal_mode=off',
    'synchronous=off',
    'cache_size=-524288',
  ])
    database.all(`PRAGMA ${setting}`);
  database.exec(`ATTACH '${from}' AS pool`);
  for (const { sql } of database.all('SELECT sql FROM pool.sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC'))
    database.exec(sql as string);
  database.exec('CREATE TEMP TABLE copies (place INTEGER PRIMARY KEY, owner INTEGER, shard INTEGER)');
  for (const { place, owner, shard } of copies)
    database.run('INSERT INTO copies VALUES (?, ?, ?)', [place, owner, shard]);
  const columns = database.all("SELECT name FROM pragma_table_info('entries')").map(({ name }) => name as string);
  database.exec('BEGIN');
  for (const sql of copyingSql('pool', columns, owners, 'CROSS JOIN')) database.exec(sql);
  const leaves = database.all('SELECT hashes FROM pool.log_tiles WHERE level = 0 ORDER BY tile');
  for (const tile of tilesOf(
    leaves.map(({ hashes }) => hashes as Uint8Array),
    owners,
  ))
    database.run('INSERT INTO log_tiles VALUES (?, ?, ?)', tile);
  database.exec('COMMIT');
  database.exec('DETACH pool');
  database.close();
  const file = openSync(to, 'r+');
  fsyncSync(file); // else the system writes it while pages are timed
  closeSync(file);
}

async function copyPostgres(from: string, to: string, owners: number): Promise<void> {
  const [pool, pages] = [schemaOf(from), schemaOf(to)];
  const client = new pg.Client({ connectionString: to.slice(0, to.indexOf('?')) });
  await client.connect();
  await client.query(`SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET search_path = ${pages}`);
  for (const table of ['owners', 'keks', 'key_state'])
    await client.query(
      `DELETE FROM ${pages}_keys.${table}; INSERT INTO ${pages}_keys.${table} SELECT * FROM ${pool}_keys.${table}`,
    );
  const { rows } = await client.query(`SELECT owner, secret FROM ${pages}_keys.owners ORDER BY owner LIMIT 1`);
  const first = { owner: Number(rows[0].owner), secret: rows[0].secret as Uint8Array };
  const copies = copyOwners(first.owner, owners);
  await client.query('CREATE TEMP TABLE copies (place BIGINT PRIMARY KEY, owner BIGINT, shard BIGINT)');
  for (const { place, owner, jid, shard } of copies) {
    await client.query('INSERT INTO copies VALUES ($1, $2, $3)', [place, owner, shard]);
    if (place > 0)
      await client.query(`INSERT INTO ${pages}_keys.owners VALUES ($1, $2, $3)`, [owner, jid, first.secret]);
  }
  const months = await client.query(`SELECT DISTINCT month FROM ${pool}.entries`);
  for (const shard of new Set(copies.map((copy) => copy.shard)))
    for (const month of months.rows.map((row) => Number(row.month)))
      await client.query(
        `CREATE TABLE entries_${shard}_${month} PARTITION OF entries_${shard} FOR VALUES FROM (${month}) TO (${month + 1})
         WITH (toast_tuple_target = 8160)`,
      );
  const columns = await client.query(
    'SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position',
    [pages, 'entries'],
  );
  const names = columns.rows.map((row) => row.column_name as string);
  await client.query('DELETE FROM state');
  const indexes = await withoutIndexes(client, ['entries', 'names']);
  for (const sql of copyingSql(pool, names, owners, 'CROSS JOIN')) await client.query(sql);
  for (const sql of indexes) await client.query(sql);
  const leaves = await client.query(`SELECT hashes FROM ${pool}.log_tiles WHERE level = 0 ORDER BY tile`);
  await client.query('BEGIN');
  for (const [level, tile, hashes] of tilesOf(
    leaves.rows.map((row) => row.hashes as Uint8Array),
    owners,
  ))
    await client.query({
      name: 'tile',
      text: 'INSERT INTO log_tiles VALUES ($1, $2, $3)',
      values: [level, tile, Buffer.from(hashes)],
    });
  await client.query('COMMIT');
  // As a database is that has been up for a while: else the first pages write what VACUUM does, and it begins in the middle of them.
  await client.query('VACUUM (ANALYZE) entries, names, owner_states, log_tiles');
  await client.query('CHECKPOINT');
  await client.end();
}

/** Drops what finds rows of tables, and tells what makes it again: of rows that are there it takes a third of the time. */
async function withoutIndexes(client: pg.Client, tables: readonly string[]): Promise<string[]> {
  const making: string[] = [];
  for (const table of tables) {
    const { rows } = await client.query(
      `SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS index, pg_get_constraintdef(c.oid) AS key
       FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid WHERE i.indrelid = $1::regclass`,
      [table],
    );
    for (const { name, index, key } of rows) {
      await client.query(key === null ? `DROP INDEX ${name}` : `ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
      making.push(
        key === null ? index.replace(' ON ONLY ', ' ON ') : `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${key}`,
      );
    }
  }
  return making;
}

/** What copies entries, names, owners' clocks and the state, in an order that suits the trees that they are written to. */
function copyingSql(pool: string, columns: readonly string[], owners: number, join: string): string[] {
  const others: Record<string, string> = { seq: `e.seq * ${owners} + c.place`, shard: 'c.shard', owner: 'c.owner' };
  const selected = columns.map((column) => others[column] ?? `e.${column}`).join();
  return [
    `INSERT INTO entries SELECT ${selected} FROM ${pool}.entries e ${join} copies c ORDER BY e.seq, c.place`,
    `INSERT INTO names SELECT c.owner, n.tag, n.seq * ${owners} + c.place, n.clock
       FROM copies c ${join} ${pool}.names n ORDER BY c.owner, n.tag`,
    `INSERT INTO owner_states SELECT c.owner, s.clock, s.lateness FROM ${pool}.owner_states s ${join} copies c`,
    `INSERT INTO state SELECT number, size * ${owners}, erasures, version, archive, peers FROM ${pool}.state`,
  ];
}

/** Rows of the Merkle log in which each leaf stands so often: levels 0, 8, 16 and so on in tiles of 256. */
function* tilesOf(
  tiles: readonly Uint8Array[],
  times: number,
): Generator<[level: number, tile: number, hashes: Uint8Array]> {
  const count = tiles.reduce((sum, { length }) => sum + length / HASH_LENGTH, 0);
  let nodes: Uint8Array = new Uint8Array(count * times * HASH_LENGTH);
  let at = 0;
  for (const tile of tiles)
    for (let leaf = 0; leaf < tile.length; leaf += HASH_LENGTH)
      for (let i = 0; i < times; i++, at += HASH_LENGTH) nodes.set(tile.subarray(leaf, leaf + HASH_LENGTH), at);
  for (let level = 0; nodes.length > 0; level++) {
    if (level % 8 === 0)
      for (let tile = 0; tile * TILE * HASH_LENGTH < nodes.length; tile++)
        yield [level / 8, tile, nodes.subarray(tile * TILE * HASH_LENGTH, (tile + 1) * TILE * HASH_LENGTH)];
    nodes = parentsOf(nodes);
  }
}

/** Neighbours are mostly copies of each other, so that most parents are the one before. */
function parentsOf(nodes: Uint8Array): Uint8Array {
  const pair = 2 * HASH_LENGTH;
  const parents = new Uint8Array(Math.floor(nodes.length / pair) * HASH_LENGTH);
  let known: Uint8Array = new Uint8Array(0);
  let parent = known;
  for (let i = 0; i < parents.length / HASH_LENGTH; i++) {
    const both = nodes.subarray(i * pair, (i + 1) * pair);
    if (Buffer.compare(both, known) !== 0) {
      known = both;
      parent = nodeHash(both.subarray(0, HASH_LENGTH), both.subarray(HASH_LENGTH));
    }
    parents.set(parent, i * HASH_LENGTH);
  }
  return parents;
}

interface Owner {
  readonly owner: number;
  readonly secret: Uint8Array;
}

function copyOwners(first: number, owners: number): CopyOwner[] {
  return Array.from({ length: owners }, (_, place) => {
    const jid = `juliet${place}@capulet.example`;
    const shard = (createHash('sha256').update(jid).digest()[0] as number) % 16;
    return { place, owner: first + place, jid, shard };
  });
}

function fileOf(url: string): string {
  return url.slice('sqlite:'.length);
}

function schemaOf(url: string): string {
  return new URL(url).searchParams.get('schema') as string;
}
