// An archive in PostgreSQL: what it keeps and proves, as every archive does, and what is its own.
import { needing, startPostgres, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { coreOf } from '../../src/archive.js';
import { codeOf, JULIET, opened, plain, START } from '../fixture.js';
import { addIntegrityTests } from '../integrityTests.js';
import { type PostgresPlace, startPlace, within } from './postgresPlace.js';

const test = suite('archive in PostgreSQL');

let made: PostgresPlace | undefined;
test.before(async () => {
  made = await startPlace();
});
test.after(stopEverything);
const wrap = (body: (place: PostgresPlace) => Promise<void>) =>
  within(() => made as PostgresPlace)(() => body(made as PostgresPlace));

addIntegrityTests(
  test,
  within(() => made as PostgresPlace),
);

test(
  'what must exist is opened, and where there is none the database is left as it was',
  wrap(async (place) => {
    const mustExist = { mustExist: true };
    const url = place.url();
    const schema = new URL(url).searchParams.get('schema') as string;
    const relations = async () => {
      const sql = `SELECT nspname, relname FROM pg_namespace s LEFT JOIN pg_class c ON c.relnamespace = s.oid WHERE nspname LIKE '${schema}%' ORDER BY 1, 2`;
      return (await place.tamper(url, 'content', sql)).map(({ nspname, relname }) => `${nspname}.${relname}`);
    };
    assert.is(await codeOf(opened(place, mustExist, url)), 'ERR_NOT_FOUND');
    assert.equal(await relations(), []);
    await place.tamper(url, 'content', `CREATE SCHEMA ${schema}`);
    await place.tamper(url, 'content', 'CREATE TABLE others (number integer)');
    assert.is(await codeOf(opened(place, mustExist, url)), 'ERR_NOT_FOUND');
    assert.equal(await relations(), [`${schema}.others`]);
    await (await opened(place, {}, url)).archive.close();
    await (await opened(place, mustExist, url)).archive.close();
    await place.tamper(url, 'content', `DROP SCHEMA ${schema}_keys CASCADE`);
    assert.is(await codeOf(opened(place, mustExist, url)), 'ERR_STORE');
    const ofKeys = async () => (await relations()).filter((name) => name.startsWith(`${schema}_keys.`));
    assert.equal(await ofKeys(), []);
    await place.tamper(url, 'content', `CREATE SCHEMA ${schema}_keys`);
    assert.is(await codeOf(opened(place, mustExist, url)), 'ERR_STORE');
    assert.equal(await ofKeys(), [`${schema}_keys.null`], 'an empty schema stays one');
  }),
);

test(
  'two processes on one archive write one log, and nothing twice (K9)',
  wrap(async (place) => {
    const one = await opened(place);
    const two = await opened(place, {}, one.url);
    const writers = [one.archive, two.archive];
    const item = (i: number) => ({
      stanza: plain(`body ${i}`),
      owner: JULIET,
      receivedAt: START + i,
      stanzaId: `id${i}`,
    });
    const receipts = await Promise.all(
      Array.from({ length: 400 }, (_, i) => {
        const { stanza, ...context } = item(i % 200);
        return (writers[i % 2 === Math.floor(i / 200) ? 0 : 1] as typeof one.archive).put(stanza, context);
      }),
    );
    assert.is(receipts.filter(({ duplicate }) => !duplicate).length, 200);
    assert.equal(new Set(receipts.map(({ leafIndex }) => leafIndex)).size, 200);
    const [state] = await coreOf(one.archive).content.rows('SELECT size FROM state');
    assert.is(state?.size, 200);
    const pages = await Promise.all(writers.map((archive) => archive.page({ owner: JULIET })));
    assert.equal(
      pages[0]?.entries.map(({ id }) => id),
      pages[1]?.entries.map(({ id }) => id),
    );
    assert.is(pages[0]?.entries.length, 200);
    await two.archive.close();
    await one.archive.close();
  }),
);

test(
  'rows are in the partition of their owner and month; a query of one month looks at no other',
  wrap(async (place) => {
    const { archive } = await opened(place);
    for (const month of [0, 1, 2]) {
      const receivedAt = Date.UTC(2026, month, 3);
      await archive.put(plain(`month ${month}`), { owner: JULIET, receivedAt, stanzaId: `id${month}` });
    }
    const { content, vault } = coreOf(archive);
    const shard = (await vault.owner(JULIET))?.shard as number;
    const tables = await content.rows('SELECT tableoid::regclass::text AS name FROM entries ORDER BY seq');
    assert.equal(
      tables.map(({ name }) => name),
      [0, 1, 2].map((month) => `entries_${shard}_${2026 * 12 + month}`),
    );
    const plan = await content.rows(
      `EXPLAIN SELECT * FROM entries WHERE shard = ${shard} AND owner = 1 AND month >= ${2026 * 12 + 1} AND month <= ${2026 * 12 + 1} ORDER BY clock, seq LIMIT 5`,
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    assert.match(text, new RegExp(`entries_${shard}_${2026 * 12 + 1}`));
    assert.not.match(text, new RegExp(`entries_${shard}_${2026 * 12}\\b`));
    await archive.close();
  }),
);

test(
  'a server that does not wait for its disk is told of',
  needing(['postgres'], async () => {
    const careless = await startPostgres();
    const { user, host, port, database } = await careless.createDatabase('archive');
    const elsewhere = made as PostgresPlace;
    const { archive, events } = await opened(elsewhere, {}, `postgresql://${user}@${host}:${port}/${database}`);
    assert.equal(events, [{ type: 'not-durable', setting: 'fsync' }]);
    await archive.close();
    await careless.stop();
  }),
);

test(
  'a server that goes away in the middle is ERR_STORE, and what was acknowledged is there when it is back (K10)',
  wrap(async (place) => {
    const { archive } = await opened(place);
    const acknowledged: string[] = [];
    const failures: string[] = [];
    const writing = (async () => {
      for (let i = 0; i < 400; i++) {
        const stanzaId = `id${i}`;
        await archive.put(plain(stanzaId), { owner: JULIET, receivedAt: START + i, stanzaId }).then(
          () => acknowledged.push(stanzaId),
          (error) => failures.push(error.code),
        );
        if (i === 100) void place.server.kill();
        if (failures.length === 3) {
          await place.server.restart();
          failures.push('ERR_STORE'); // once
        }
      }
    })();
    await writing;
    assert.ok(failures.length >= 3 && failures.every((code) => code === 'ERR_STORE'), failures.join());
    const seen = new Set<string>();
    let page = await archive.page({ owner: JULIET });
    for (;;) {
      for (const { id } of page.entries) {
        assert.not.ok(seen.has(id));
        seen.add(id);
      }
      if (page.complete) break;
      page = await archive.page({ owner: JULIET, after: page.last as string });
    }
    assert.equal(
      acknowledged.filter((id) => !seen.has(id)),
      [],
    );
    await archive.close();
  }),
);

test.run();
