// The storage in SQLite: what it gives away, what changes of its rows it sees, who reads beside a writer, what it synchronises.
import { Buffer } from 'node:buffer';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { toBase64, toHex } from '@stanzaseal/cms';
import sqlite from 'node-sqlite3-wasm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileStorage, givenKeySecret } from '../src/fileStorage.js';
import { type Change, createAccount, createKeyStore, openKeyStore, type PrekeyRecord } from '../src/index.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { clock, codeOf, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';
import { readSqliteMedium } from './sqliteThief.js';
import { diskStorage, STORE_KEY } from './storageKinds.js';

const test = suite('sqlite');

const FILES = ['keystore.db', 'keystore.db-erasure'];
const changes = await createAccount({ owner, random, clock, crypto });
const golden = temporaryDirectory();
const created = await createKeyStore(await diskStorage('sqlite', golden).create(), changes);
for (let at = 0; at < 3; at++) await created.commit([{ table: 'seen', key: 'a', record: { at } }]);
await created.commit([
  { table: 'seen', key: 'b', record: { at: 1 } },
  { table: 'requests', key: 'x', record: { from: 'romeo@montague.example', stanza: '<message/>', at: 1 } },
]);
await created.close();

/** A copy of the store, after somebody did something to its database. */
function changed(change: (database: InstanceType<typeof sqlite.Database>) => void): string {
  const directory = temporaryDirectory();
  cpSync(golden, directory, { recursive: true });
  const database = new sqlite.Database(join(directory, 'keystore.db'));
  database.exec('PRAGMA locking_mode = exclusive; PRAGMA writable_schema = on');
  change(database);
  database.close();
  return directory;
}

const opens = async (directory: string) => (await diskStorage('sqlite', directory).open()).close();

test('what is on disk: two files of mode 0600, and no secret or name in the clear in any spelling', async () => {
  assert.equal(readdirSync(golden).sort(), FILES);
  for (const name of FILES) assert.is(statSync(join(golden, name)).mode & 0o777, 0o600, name);
  const spellings = [owner, 'romeo', 'self', 'account', 'prekeys', '"octets"'].map((text) => Buffer.from(text));
  for (const { record } of changes) {
    const secrets = Object.entries(record ?? {}).flatMap(([name, octets]) => (/secret/i.test(name) ? [octets] : []));
    for (const secret of secrets)
      spellings.push(Buffer.from(secret), Buffer.from(toHex(secret)), Buffer.from(toBase64(secret)));
  }
  assert.is(spellings.length, 6 + 3 * 103);
  for (const name of FILES) {
    const file = readFileSync(join(golden, name));
    for (const spelling of spellings) assert.is(file.indexOf(spelling), -1);
  }
});

test('its rows are what their description says, by node:crypto alone', () => {
  const { lines, erasable } = readSqliteMedium(
    FILES.map((name) => readFileSync(join(golden, name))),
    STORE_KEY,
  );
  const records = [...lines, ...erasable].map((line) => JSON.parse(line) as [string, string, object]);
  const places = [...new Set(records.map(([table, key]) => `${table} ${key}`))];
  // The account's row is longer than a page takes, and the thief follows no chains of pages.
  assert.equal(places.filter((place) => !place.startsWith('prekeys')).sort(), ['requests x', 'seen a', 'seen b']);
  assert.is(places.filter((place) => place.startsWith('prekeys')).length, 101);
});

test('a row changed, exchanged, left out, put back, added or moved is seen, whichever it is', async () => {
  let before: Uint8Array | undefined;
  const older = temporaryDirectory();
  const store = await createKeyStore(await diskStorage('sqlite', older).create(), changes.slice(0, 2));
  await store.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
  const names = (database: InstanceType<typeof sqlite.Database>, table: string) =>
    database.all(`SELECT name, sealed FROM ${table} ORDER BY name`) as { name: Uint8Array; sealed: Uint8Array }[];
  const put = (database: InstanceType<typeof sqlite.Database>, table: string, name: Uint8Array, sealed: Uint8Array) =>
    database.run(`REPLACE INTO ${table} VALUES (?, ?)`, [name, sealed]);
  await store.close();
  const once = new sqlite.Database(join(older, 'keystore.db'));
  once.exec('PRAGMA locking_mode = exclusive');
  const then = names(once, 'lasting');
  once.close();
  const next = await openKeyStore(await diskStorage('sqlite', older).open());
  await next.commit([{ table: 'seen', key: 'a', record: { at: 2 } }]);
  await next.close();

  for (const table of ['lasting', 'erasable']) {
    const acts: ((database: InstanceType<typeof sqlite.Database>) => void)[] = [
      (database) =>
        database.run(`DELETE FROM ${table} WHERE name = ?`, [names(database, table)[1]?.name as Uint8Array]),
      (database) => database.exec(`DELETE FROM ${table}`),
      (database) => {
        const [first, second] = names(database, table) as [
          { name: Uint8Array; sealed: Uint8Array },
          { name: Uint8Array; sealed: Uint8Array },
        ];
        put(database, table, first.name, second.sealed);
        put(database, table, second.name, first.sealed);
      },
      (database) => {
        const [{ name, sealed }] = names(database, table) as [{ name: Uint8Array; sealed: Uint8Array }];
        put(
          database,
          table,
          name.map((octet) => octet ^ 1),
          sealed,
        );
      },
      (database) => {
        const [{ name, sealed }] = names(database, table) as [{ name: Uint8Array; sealed: Uint8Array }];
        for (const at of [0, 8, 20, sealed.length - 1])
          put(
            database,
            table,
            name,
            sealed.map((octet, i) => (i === at ? octet ^ 1 : octet)),
          );
      },
      (database) => {
        const [{ name }] = names(database, table) as [{ name: Uint8Array; sealed: Uint8Array }];
        put(database, table, name, new Uint8Array(3));
      },
      (database) => {
        const [{ name, sealed }] = names(database, table) as [{ name: Uint8Array; sealed: Uint8Array }];
        put(database, table === 'lasting' ? 'erasable' : 'lasting', name, sealed);
      },
    ];
    for (const act of acts) assert.is(await codeOf(() => opens(changed(act))), 'ERR_CORRUPT', act.toString());
  }
  for (const number of [1, 2]) {
    const act = (database: InstanceType<typeof sqlite.Database>) => {
      before = database.get('SELECT octets FROM head WHERE number = ?', [number])?.octets as Uint8Array;
      database.run('REPLACE INTO head VALUES (?, ?)', [
        number,
        before.map((octet, i) => (i === 70 ? octet ^ 1 : octet)),
      ]);
    };
    assert.is(await codeOf(() => opens(changed(act))), number === 1 ? 'ERR_PASSPHRASE' : 'ERR_CORRUPT');
  }

  const back = new sqlite.Database(join(older, 'keystore.db'));
  back.exec('PRAGMA locking_mode = exclusive');
  const now = names(back, 'lasting');
  const old = then.filter(({ sealed }) => !now.some((row) => Buffer.compare(row.sealed, sealed) === 0));
  assert.is(old.length, 1); // a row as it was, sealed under the keys that hold
  for (const { name, sealed } of old) put(back, 'lasting', name, sealed);
  back.close();
  assert.is(await codeOf(() => opens(older)), 'ERR_CORRUPT');
});

test('a database with anything else in it, and one that is none, is refused', async () => {
  const acts = [
    'CREATE TRIGGER t AFTER INSERT ON lasting BEGIN DELETE FROM lasting; END',
    'CREATE VIEW v AS SELECT 1',
    'CREATE TABLE more (x)',
    'CREATE INDEX i ON lasting (sealed)',
    'DROP TABLE erasable',
    'DELETE FROM head',
    'DELETE FROM head WHERE number = 2',
    "UPDATE head SET octets = 'x'",
  ];
  for (const sql of acts)
    assert.is(await codeOf(() => opens(changed((database) => database.exec(sql)))), 'ERR_CORRUPT', sql);
  const damaged = temporaryDirectory();
  const octets = readFileSync(join(golden, 'keystore.db'));
  mkdirSync(damaged);
  for (const file of [Buffer.from('not a database'.repeat(100)), octets.subarray(0, 5000), Buffer.alloc(0)]) {
    for (const name of FILES)
      writeFileSync(join(damaged, name), name === 'keystore.db' ? file : readFileSync(join(golden, name)));
    assert.is(await codeOf(() => opens(damaged)), 'ERR_CORRUPT');
  }
});

test('every octet of the database counts, or none of what it holds depends on it', async () => {
  const octets = readFileSync(join(golden, 'keystore.db'));
  const expected = await contentOf(golden);
  let refused = 0;
  for (let i = 0; i < 150; i++) {
    const directory = temporaryDirectory();
    cpSync(golden, directory, { recursive: true });
    const damaged = Uint8Array.from(octets);
    const at = new DataView(Uint8Array.from(random(4)).buffer).getUint32(0) % octets.length;
    damaged[at] = (damaged[at] as number) ^ (1 << (i % 8));
    writeFileSync(join(directory, 'keystore.db'), damaged);
    const content = await contentOf(directory).catch((error) => error as Error & { code?: string });
    if (typeof content === 'string') assert.is(content, expected, `octet ${at}`);
    else assert.ok(['ERR_CORRUPT', 'ERR_PASSPHRASE'].includes(content.code ?? ''), `octet ${at}: ${content}`);
    if (typeof content !== 'string') refused++;
    rmSync(directory, { recursive: true });
  }
  assert.ok(refused > 40, `${refused} of 150 were refused`); // half of the octets hold something: which are tried is chance
});

async function contentOf(directory: string): Promise<string> {
  const storage = await diskStorage('sqlite', directory).open();
  const records = await storage.load();
  await storage.close();
  return records
    .map((each) => inspect(each, { depth: 9 }))
    .sort()
    .join('\n');
}

test('a wrong key, another kind of secret, and an older database beside a newer erasure key', async () => {
  const parameters = { directory: golden, random, crypto };
  assert.is(
    await codeOf(() => openSqliteStorage({ ...parameters, secret: givenKeySecret(random(32)) })),
    'ERR_PASSPHRASE',
  );
  assert.is(await codeOf(() => openSqliteStorage({ ...parameters, passphrase })), 'ERR_PASSPHRASE');
  assert.is((await errorOf(() => opens(temporaryDirectory()))).code, 'ENOENT');
  const [older, newer] = [temporaryDirectory(), temporaryDirectory()];
  for (const directory of [older, newer]) cpSync(golden, directory, { recursive: true });
  const store = await openKeyStore(await diskStorage('sqlite', newer).open());
  const [[gone]] = (await store.entries('prekeys')) as [[string, PrekeyRecord]];
  for (let i = 0; i < 2; i++) await store.commit([{ table: 'prekeys', key: `${gone}`, record: undefined }]);
  const { epoch } = store;
  await store.close();
  cpSync(join(newer, FILES[1] as string), join(older, FILES[1] as string));
  assert.is(await codeOf(() => opens(older)), 'ERR_ROLLBACK');
  // Both put back are a true older state: the epoch alone tells.
  cpSync(join(golden, FILES[1] as string), join(older, FILES[1] as string));
  const back = await diskStorage('sqlite', older).open();
  assert.ok(back.epoch < epoch);
  await back.close();
});

test('by a passphrase, in one directory with a file storage, and neither is in the way of the other', async () => {
  const directory = temporaryDirectory();
  const file = await createFileStorage({ directory, passphrase, cost, random, crypto });
  await file.commit(changes);
  await file.close();
  const storage = await createSqliteStorage({ directory, passphrase, cost, random, crypto });
  assert.match(storage.sealedBy, /^a passphrase; scrypt/);
  await storage.commit(changes);
  await storage.close();
  assert.is(await codeOf(() => createSqliteStorage({ directory, passphrase, cost, random, crypto })), 'ERR_IN_USE');
  assert.equal(readdirSync(directory).sort(), ['erasure', 'keystore', ...FILES]);
  const again = await openSqliteStorage({ directory, passphrase, random, crypto });
  const shown = inspect(again, { depth: 9, showHidden: true }) + JSON.stringify(again);
  assert.not.match(shown, /\d+, \d+|Uint8Array|wherefore|"\d+":/); // what holds keys does not print them (E10)
  await again.close();
});

test('readers beside a writer that commits and erases find one state or another, whole; they cannot write (I15)', async () => {
  const directory = temporaryDirectory();
  const { create, open, parameters } = diskStorage('sqlite', directory);
  const store = await createKeyStore(await create(), changes.slice(0, 4));
  assert.is(await codeOf(open), 'ERR_IN_USE');
  const { record } = changes[1] as { record: PrekeyRecord };
  let writing = true;
  const writes = (async () => {
    for (let at = 0; at < 150; at++) {
      await store.commit([
        { table: 'prekeys', key: 'p', record: { ...record, secret: random(32), createdAt: at } },
        { table: 'requests', key: 'x', record: { from: 'a@b', stanza: 'x'.repeat(at * 200), at } },
        { table: 'seen', key: 'n', record: { at } },
      ]);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    writing = false;
  })();
  let reads = 0;
  for (let last = -1; writing; reads++) {
    const reader = await openSqliteStorage({ ...parameters, readOnly: true });
    const found = await reader.load();
    const at = found.flatMap((each) => (each.table === 'seen' ? [each.record?.at] : []))[0] ?? -1;
    const made = found.flatMap((each) => (each.key === 'p' ? [(each.record as PrekeyRecord).createdAt] : []))[0] ?? -1;
    assert.is(at, made);
    assert.ok(at >= last);
    last = at;
    assert.instance(await errorOf(() => reader.commit([{ table: 'seen', key: 'x', record: { at: 1 } }])), TypeError);
    await reader.close();
  }
  await writes;
  await store.close();
  assert.ok(reads > 3, `${reads} reads`);
  assert.equal(readdirSync(directory).sort(), FILES);
});

test('what a process that was killed left is put in order, and a database half made is none', async () => {
  const directory = temporaryDirectory();
  cpSync(golden, directory, { recursive: true });
  const beside = 'keystore.db.0123456789abcdef.new';
  for (const name of ['keystore.db.lock', `${beside}.lock`]) mkdirSync(join(directory, name));
  for (const name of [beside, `${beside}-wal`, 'keystore.db.backup']) writeFileSync(join(directory, name), 'x');
  await opens(directory);
  assert.equal(readdirSync(directory).sort(), ['keystore.db', 'keystore.db-erasure', 'keystore.db.backup']);
  const half = temporaryDirectory();
  mkdirSync(half);
  writeFileSync(join(half, beside), 'x');
  assert.is((await errorOf(() => opens(half))).code, 'ENOENT');
  const storage = await diskStorage('sqlite', half).create();
  await storage.commit(changes as Change[]);
  await storage.close();
  assert.equal(readdirSync(half).sort(), FILES);
});

test.run();
