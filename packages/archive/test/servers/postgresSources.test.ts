// Sources read into an archive in PostgreSQL, and tables of PostgreSQL as sources: what is written at once by many, and a server that goes away.
import { join } from 'node:path';
import { stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Archive, ejabberdArchive, follow, prosodyArchive, readSources, wakeUpSql } from '../../src/index.js';
import { bodyOf, codeOf, JULIET, opened, plain, START, temporaryDirectory } from '../fixture.js';
import { addSourceTests } from '../sourceTests.js';
import { type PostgresPlace, startPlace, within } from './postgresPlace.js';

const test = suite('sources and PostgreSQL');

let made: PostgresPlace | undefined;
test.before(async () => {
  made = await startPlace();
});
test.after(stopEverything);
const place = () => made as PostgresPlace;
const wrap = (body: (place: PostgresPlace) => Promise<void>) => within(place)(() => body(place()));

addSourceTests(test, within(place));

const TABLE = `CREATE TABLE prosodyarchive (sort_id SERIAL PRIMARY KEY, host TEXT NOT NULL, "user" TEXT NOT NULL, store TEXT NOT NULL,
  key TEXT NOT NULL, "when" INTEGER NOT NULL, "with" TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL)`;
const INSERT = `INSERT INTO prosodyarchive (host, "user", store, key, "when", "with", type, value)
  VALUES ('capulet.example', 'juliet', $1, $2, $3, '', 'xml', $4)`;

/** A database with Prosody's table, and what writes a row into it. */
async function prosodyTable({ server }: PostgresPlace, name: string) {
  const database = await server.createDatabase(name);
  const client = await server.connect(database);
  await client.query(TABLE);
  const values = (key: string, store = 'archive') => [store, key, Math.floor(START / 1000), plain(key)];
  return {
    database,
    client,
    url: `postgres://${database.user}@${database.host}:${database.port}/${name}`,
    values,
    insert: (key: string, store?: string) => client.query(INSERT, values(key, store)),
  };
}

async function bodies(archive: Archive): Promise<string[]> {
  return (await archive.page({ owner: JULIET })).entries.map(({ octets }) => bodyOf(octets));
}

/** Waits until an archive has so many entries. */
async function until(archive: Archive, count: number): Promise<void> {
  const end = performance.now() + 60_000;
  while ((await archive.page({ owner: JULIET })).entries.length < count) {
    if (performance.now() > end) throw new Error(`${count} entries did not come: ${await bodies(archive)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test(
  'a row that was numbered before others and committed after them is not passed over',
  wrap(async (at) => {
    const table = await prosodyTable(at, 'numbers');
    const { archive } = await opened(at);
    const slow = await at.server.connect(table.database);
    await slow.query('BEGIN');
    await slow.query(INSERT, table.values('one'));
    await table.insert('two');
    let isDone = false;
    const following = follow(archive, prosodyArchive({ url: table.url })).finally(() => {
      isDone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.not.ok(isDone, 'it waits for who may have drawn a smaller number');
    await table.insert('three');
    await slow.query('COMMIT');
    await following;
    assert.equal(await bodies(archive), ['one', 'two']);
    await table.insert('four', 'pep_nodes');
    assert.is((await follow(archive, prosodyArchive({ url: table.url }))).kept, 1);
    assert.equal(await bodies(archive), ['one', 'two', 'three']);
    for (const client of [slow, table.client]) await client.end();
    await archive.close();
  }),
);

test(
  'ten who write at once, some of whom give up: each row that is there is there once',
  wrap(async (at) => {
    const table = await prosodyTable(at, 'writers');
    const { archive } = await opened(at);
    const ending = new AbortController();
    const source = prosodyArchive({ url: table.url, live: true, interval: 20 });
    const following = follow(archive, source, { signal: ending.signal });
    const written: string[] = [];
    await Promise.all(
      Array.from({ length: 10 }, async (_, w) => {
        const client = await at.server.connect(table.database);
        for (let i = 0; i < 12; i++) {
          await client.query('BEGIN');
          await client.query(INSERT, table.values(`w${w} ${i}`));
          if ((w + i) % 3 === 0) await new Promise((resolve) => setTimeout(resolve, (w * i) % 17));
          const gives = (w * i) % 5 === 4;
          await client.query(gives ? 'ROLLBACK' : 'COMMIT');
          if (!gives) written.push(`w${w} ${i}`);
        }
        await client.end();
      }),
    );
    await until(archive, written.length);
    ending.abort();
    assert.is((await following).kept, written.length);
    assert.equal((await bodies(archive)).sort(), written.sort());
    await table.client.end();
    await archive.close();
  }),
);

test(
  'the trigger wakes a reader that would sleep for an hour; a server that is restarted is found again',
  wrap(async (at) => {
    const table = await prosodyTable(at, 'waking');
    await table.client.query(wakeUpSql('prosody'));
    await table.client.query(wakeUpSql('prosody')); // again, after an upgrade
    const { archive } = await opened(at, {}, `sqlite:${join(temporaryDirectory(), 'archive.db')}`);
    const ending = new AbortController();
    let away = 0;
    const source = prosodyArchive({ url: table.url, live: true, interval: 3_600_000, onAway: () => away++ });
    const following = follow(archive, source, { signal: ending.signal });
    await table.insert('one');
    await until(archive, 1);
    await table.insert('two');
    await until(archive, 2);
    await at.server.kill();
    await at.server.restart();
    const client = await at.server.connect(table.database);
    await client.query(INSERT, table.values('three'));
    await until(archive, 3);
    assert.ok(away > 0);
    ending.abort();
    assert.is((await following).kept, 3);
    await client.end();
    await archive.close();
  }),
);

test(
  'a table that was emptied and counts from one again, or was made anew, is read from its beginning, and nothing is twice',
  wrap(async (at) => {
    const table = await prosodyTable(at, 'anew');
    const { archive } = await opened(at);
    const read = () => follow(archive, prosodyArchive({ url: table.url }));
    for (const key of ['one', 'two']) await table.insert(key);
    assert.is((await read()).kept, 2);
    await table.client.query('TRUNCATE prosodyarchive RESTART IDENTITY');
    await table.insert('three');
    assert.is((await read()).kept, 1);
    await table.client.query(`DROP TABLE prosodyarchive; ${TABLE}`);
    for (const key of ['one', 'two', 'three', 'four']) await table.insert(key);
    assert.equal(await read(), { kept: 1, duplicates: 3, quarantined: 0, refused: 0 });
    // While it is followed, too.
    const ending = new AbortController();
    const live = prosodyArchive({ url: table.url, live: true, interval: 10 });
    const following = follow(archive, live, { signal: ending.signal });
    await table.client.query('TRUNCATE prosodyarchive RESTART IDENTITY');
    await table.insert('five');
    await until(archive, 5);
    await table.client.query(`DROP TABLE prosodyarchive; ${TABLE}`);
    await table.insert('six');
    await until(archive, 6);
    ending.abort();
    await following;
    assert.match((await readSources(archive))[0]?.name ?? '', /^prosody 127\.0\.0\.1:\d+\/anew$/);
    await table.client.end();
    await archive.close();
  }),
);

test(
  'a reader who may read the table alone is enough; one without the table, the right or the server is ERR_STORE',
  wrap(async (at) => {
    const table = await prosodyTable(at, 'rights');
    await table.insert('one');
    await table.client.query(
      'CREATE ROLE reader LOGIN; GRANT SELECT ON prosodyarchive TO reader; CREATE ROLE nobody LOGIN',
    );
    const { archive } = await opened(at);
    const as = (role: string) => table.url.replace('//postgres@', `//${role}@`);
    assert.is((await follow(archive, prosodyArchive({ url: as('reader') }))).kept, 1);
    await table.insert('two');
    assert.is((await follow(archive, prosodyArchive({ url: as('reader') }))).kept, 1);
    const bad = [
      prosodyArchive({ url: as('nobody') }),
      prosodyArchive({ url: as('missing'), live: true }),
      ejabberdArchive({ url: table.url }),
      prosodyArchive({ url: 'postgres://127.0.0.1:1/none', live: true }),
    ];
    for (const source of bad) assert.is(await codeOf(follow(archive, source)), 'ERR_STORE');
    assert.throws(() => prosodyArchive({ url: 'sqlite:x' }), RangeError);
    await table.client.end();
    await archive.close();
  }),
);

test.run();
