// The directory: what it gives away and what it leaves behind; who reads while another writes.
import { Buffer } from 'node:buffer';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { toBase64, toHex } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { namedIn } from '../src/directoryStorage.js';
import { createFileStorage, givenKeySecret, openFileStorage } from '../src/fileStorage.js';
import { type AccountRecord, type Change, createAccount, createKeyStore, openKeyStore } from '../src/index.js';
import { encodeRecord } from '../src/recordCodec.js';
import { clock, codeOf, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';
import { FILES } from './killing.js';
import { readMedium } from './thief.js';

const test = suite('fileStorage');

const directory = temporaryDirectory();
const changes = await createAccount({ owner, random, clock, crypto });
const created = await createKeyStore(await createFileStorage({ directory, passphrase, cost, random, crypto }), changes);
await created.commit([
  { table: 'requests', key: 'x', record: { from: 'romeo@montague.example', stanza: '<message/>', at: 1 } },
]);
await created.close();
const golden = FILES.map((name) => new Uint8Array(readFileSync(join(directory, name))));

test('a wrong passphrase is told from damage; a right one may be typed in another normal form (I10)', async () => {
  for (const wrong of ['', 'wherefore art thou ', 'Wherefore art thou']) {
    assert.is(
      await codeOf(() => openFileStorage({ directory, passphrase: wrong, random, crypto })),
      'ERR_PASSPHRASE',
      wrong,
    );
  }
  const other = temporaryDirectory();
  const storage = await createFileStorage({ directory: other, passphrase: 'caf\u00e9 \ufb01x', cost, random, crypto });
  await (await createKeyStore(storage, changes)).close();
  await (await openFileStorage({ directory: other, passphrase: async () => 'cafe\u0301 fix', random, crypto })).close();
});

test('the passphrase is not asked for where none could open', async () => {
  let asked = 0;
  const ask = async () => {
    asked++;
    return passphrase;
  };
  const nowhere = temporaryDirectory();
  assert.is(
    (await errorOf(() => openFileStorage({ directory: nowhere, passphrase: ask, random, crypto }))).code,
    'ENOENT',
  );
  mkdirSync(nowhere, { recursive: true });
  assert.is(
    (await errorOf(() => openFileStorage({ directory: nowhere, passphrase: ask, random, crypto }))).code,
    'ENOENT',
  );
  assert.equal(readdirSync(nowhere), []);
  const inUse = () => createFileStorage({ directory, passphrase: ask, cost, random, crypto });
  assert.is(await codeOf(inUse), 'ERR_IN_USE');
  assert.is(asked, 0);
  const cancelled = new Error('cancelled');
  const cancel = () => Promise.reject(cancelled);
  assert.is(await errorOf(() => openFileStorage({ directory, passphrase: cancel, random, crypto })), cancelled);
  assert.equal(readdirSync(directory), FILES); // the lock was given up each time
});

test('modes: the directory 0700, files 0600, also where a file was looser', async () => {
  const other = temporaryDirectory();
  const storage = await createFileStorage({ directory: other, passphrase, cost, random, crypto });
  await storage.commit(changes);
  const file = join(other, 'keystore');
  const modeOf = (name: string) => statSync(name).mode & 0o777;
  assert.is(modeOf(other), 0o700);
  for (const name of readdirSync(other)) assert.is(modeOf(join(other, name)), 0o600, name);
  chmodSync(file, 0o644);
  await storage.compact();
  assert.is(modeOf(file), 0o600);
  await storage.close();
});

test('every directory that was made for a store has a durable name', async () => {
  assert.equal(namedIn('/a/b', '/a/b'), ['/a']);
  assert.equal(namedIn('/a/b/c/d', '/a/b'), ['/a/b/c', '/a/b', '/a']);
  const other = join(temporaryDirectory(), 'one', 'two');
  const secret = givenKeySecret(random(32));
  const storage = await createFileStorage({ directory: other, secret, random, crypto });
  await storage.close();
  for (const each of [other, dirname(other)]) assert.is(statSync(each).mode & 0o777, 0o700);
});

test('what a crash left beside the file is removed at opening, and nothing else', async () => {
  const other = temporaryDirectory();
  mkdirSync(other);
  for (const name of FILES) copyFileSync(join(directory, name), join(other, name));
  const kept = ['keystore.backup', 'keystore.0123456789abcdef.news', 'notes.0123456789abcdef.new', ...FILES];
  for (const name of ['keystore.0123456789abcdef.new', 'keystore.fedcba9876543210.new', ...kept.slice(0, 3)])
    writeFileSync(join(other, name), 'x');
  const storage = await openFileStorage({ directory: other, passphrase, random, crypto });
  assert.equal(
    readdirSync(other)
      .filter((name) => !name.startsWith('lock.'))
      .sort(),
    kept.sort(),
  );
  await storage.close();
  assert.equal(readdirSync(other).sort(), kept.sort());
});

test('no secret and no name is on disk in the clear, in any spelling', () => {
  const spellings = [owner, passphrase, 'romeo', 'self', 'account', 'prekeys', 'octets'].map((text) =>
    Buffer.from(text),
  );
  for (const change of changes) {
    const record = change.record as { secret?: Uint8Array; deviceSecret?: Uint8Array; identitySecret?: Uint8Array };
    for (const secret of [record.secret, record.deviceSecret, record.identitySecret]) {
      if (secret === undefined) continue;
      spellings.push(Buffer.from(secret), Buffer.from(toHex(secret)), Buffer.from(toBase64(secret)));
    }
  }
  assert.is(spellings.length, 7 + 3 * 103);
  for (const spelling of spellings) {
    for (const file of golden) assert.is(Buffer.from(file).indexOf(spelling), -1);
  }
  const clear = Buffer.from(encodeRecord(changes[0] as Parameters<typeof encodeRecord>[0]));
  const { deviceSecret } = (changes[0] as Change).record as AccountRecord;
  assert.ok(clear.includes(toBase64(deviceSecret))); // the search can find
});

test('the file is what the specification says, by node:crypto alone', async () => {
  const [, file] = golden as [Uint8Array, Uint8Array];
  const view = new DataView(file.buffer);
  assert.equal(
    [16, 20, 24, 28, 112, 116, 120, 124].map((at) => view.getUint32(at)),
    [2, 1, 1, 12, cost.N, 8, 1, 0],
  );
  const { scryptSync } = await import('node:crypto');
  const storeKey = scryptSync(passphrase, file.subarray(32, 64), 32, { ...cost, maxmem: 2 ** 27 });
  const { lines, erasable, erasureKeys } = readMedium(golden, storeKey);
  assert.is(erasureKeys, 2); // one of them number 0, for an empty slot
  assert.is(lines.join('').split('\n').length, 1 + 1 + 1); // account, request
  assert.is(erasable.join('').split('\n').length, 101 + 1);
  const [table, key, account] = JSON.parse(lines[0] as string);
  assert.equal([table, key, account.owner, account.role], ['account', 'self', owner, 'primary']);
  assert.match(account.deviceSecret.octets, /^[A-Za-z0-9+/]{43}=$/);
});

test('to open a store and close it changes no octet of it', async () => {
  await (await openFileStorage({ directory, passphrase, random, crypto })).close();
  const after = FILES.map((name) => new Uint8Array(readFileSync(join(directory, name))));
  assert.equal(after, golden);
});

test('what holds keys does not print them (E10)', async () => {
  const storage = await openFileStorage({ directory, passphrase, random, crypto });
  const shown = inspect(storage, { depth: 9, showHidden: true }) + JSON.stringify(storage);
  assert.not.match(shown, /\d+, \d+|Uint8Array|wherefore|"\d+":/);
  await storage.close();
});

test('a reader sees what was committed while a writer holds the store, and cannot write (I15)', async () => {
  const other = temporaryDirectory();
  const writer = await createKeyStore(
    await createFileStorage({ directory: other, passphrase, cost, random, crypto }),
    changes,
  );
  const read = async () =>
    openKeyStore(await openFileStorage({ directory: other, passphrase, random, crypto, readOnly: true }));
  const reader = await read();
  const prekeys = await reader.entries('prekeys');
  assert.is(prekeys.length, 101);
  const seen: Change = { table: 'seen', key: 'a', record: { at: 1 } };
  assert.instance(await errorOf(() => reader.commit([seen])), TypeError);
  await writer.commit([seen, { table: 'prekeys', key: prekeys[0]?.[0] as string, record: undefined }]);
  assert.is(await codeOf(() => openFileStorage({ directory: other, passphrase, random, crypto })), 'ERR_IN_USE');
  assert.is(await reader.get('seen', 'a'), undefined); // as it was at that moment
  const later = await read();
  assert.equal(
    [await later.get('seen', 'a'), (await later.entries('prekeys')).length, later.epoch],
    [{ at: 1 }, 100, 2],
  );
  await Promise.all([reader.close(), later.close(), writer.close()]);
  assert.equal(readdirSync(other), FILES);
});

test('readers beside a writer that commits, erases and compacts find one state or another, whole', async () => {
  const other = temporaryDirectory();
  const secret = givenKeySecret(random(32));
  const storage = await createFileStorage({ directory: other, secret, random, crypto });
  const store = await createKeyStore(storage, changes.slice(0, 4));
  const [, prekey] = changes as [Change, Change];
  let writing = true;
  const writes = (async () => {
    for (let i = 0; i < 150; i++) {
      const record = prekey.record as Extract<Change, { table: 'prekeys' }>['record'];
      await store.commit([
        { table: 'prekeys', key: 'p', record: record && { ...record, secret: random(32), createdAt: i } },
        { table: 'seen', key: 'n', record: { at: i } },
      ]);
      if (i % 20 === 0) await storage.compact();
    }
    writing = false;
  })();
  let reads = 0;
  for (let last = -1; writing; reads++) {
    const reader = await openFileStorage({ directory: other, secret, random, crypto, readOnly: true });
    const found = await reader.load();
    const at = (found.find(({ table }) => table === 'seen')?.record as { at: number } | undefined)?.at ?? -1;
    const made = (found.find(({ key }) => key === 'p')?.record as { createdAt: number } | undefined)?.createdAt ?? -1;
    assert.is(at, made);
    assert.ok(at >= last);
    last = at;
    await reader.close();
  }
  await writes;
  await store.close();
  assert.ok(reads > 3, `${reads} reads`);
});

test('a journal that outgrows the snapshot gives way to a new one, and nothing is lost (I7)', async () => {
  const other = temporaryDirectory();
  const secret = givenKeySecret(random(32));
  const store = await createKeyStore(await createFileStorage({ directory: other, secret, random, crypto }), changes);
  const sizes: number[] = [];
  for (let i = 0; i < 60; i++) {
    const stanza = `${i} `.repeat(20_000);
    await store.commit([
      { table: 'requests', key: 'x', record: { from: 'a@b', stanza, at: i } },
      { table: 'seen', key: `${i}`, record: { at: i } },
    ]);
    sizes.push(statSync(join(other, 'keystore')).size);
  }
  await store.close();
  assert.ok(Math.max(...sizes) < 2 ** 20 + 400_000);
  const next = await openKeyStore(await openFileStorage({ directory: other, secret, random, crypto }));
  assert.is((await next.get('requests', 'x'))?.at, 59);
  assert.is((await next.entries('seen')).length, 60);
  assert.is(next.epoch, 61);
  await next.close();
  assert.equal(readdirSync(other), FILES);
});

test.run();
