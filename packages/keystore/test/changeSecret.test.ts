// Another secret for a store that is there: of any kind, at once or not at all, and the old one good for nothing. Power losses and
// failing operations amid it are in powerLoss.test.ts and sqlitePowerLoss.test.ts.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { toBase64 } from '@stanzaseal/cms';
import { bundledProgram } from '@stanzaseal/testkit/programs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createFileStorage,
  givenKeySecret,
  type JournalStorage,
  openFileStorage,
  passphraseSecret,
  readStoreKinds,
  type StoreSecret,
} from '../src/fileStorage.js';
import { createAccount, createKeyStore, openKeyStore, type PrekeyRecord } from '../src/index.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { clock, codeOf, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';
import { LoopDisk, usedParts, whyNoLoopDisk } from './loopDisk.js';
import { readSqliteMedium } from './sqliteThief.js';
import { type DiskKind, diskStorage, STORE_KEY } from './storageKinds.js';
import { readMedium } from './thief.js';

const child = await bundledProgram(new URL('./secretChild.ts', import.meta.url));
const test = suite('change of secret');
const KINDS = {
  file: { create: createFileStorage, open: openFileStorage },
  sqlite: { create: createSqliteStorage, open: openSqliteStorage },
};
const words = 'a rose by any other name';

for (const kind of ['file', 'sqlite'] as const) {
  const { create, open } = KINDS[kind];

  test(`${kind}: the new passphrase opens it, the old one no more; nothing else changed`, async () => {
    const directory = temporaryDirectory();
    const place = { directory, random, crypto };
    const storage = await create({ ...place, passphrase, cost });
    const next = passphraseSecret({ passphrase: words, cost: { ...cost, N: 2 ** 17 } });
    assert.instance(await errorOf(() => storage.changeSecret(next)), TypeError); // there is nothing yet
    const store = await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }));
    const before = await storage.load();
    const { epoch } = storage;
    const [first, , changed, , last] = await Promise.all([
      store.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]),
      storage.load(),
      storage.changeSecret(next),
      storage.load(),
      store.commit([{ table: 'prekeys', key: (await store.entries('prekeys'))[0]?.[0] as string, record: undefined }]),
    ]);
    assert.equal([first, changed, last], [undefined, undefined, undefined]);
    assert.match(storage.sealedBy, /N = 131072/);
    assert.is(storage.epoch, epoch + 2);
    const after = await storage.load();
    assert.is(after.length, before.length);
    await store.close();
    assert.is(await codeOf(() => open({ ...place, passphrase })), 'ERR_PASSPHRASE');
    assert.is(await codeOf(() => open({ ...place, passphrase, readOnly: true })), 'ERR_PASSPHRASE');
    const again = await open({ ...place, passphrase: words });
    assert.match(again.sealedBy, /N = 131072/);
    const keyed = (changes: typeof after) =>
      new Map(changes.map((change) => [`${change.table} ${change.key}`, change.record]));
    assert.equal(keyed(await again.load()), keyed(after));
    await (await openKeyStore(again)).close();
    const reading = await open({ ...place, passphrase: words, readOnly: true });
    assert.instance(await errorOf(() => reading.changeSecret(next)), TypeError);
    await reading.close();
    const files = kind === 'file' ? ['erasure', 'keystore'] : ['keystore.db', 'keystore.db-erasure'];
    assert.equal(readdirSync(directory), files);
  });

  test(`${kind}: to another kind of secret and back; a secret that fails changes nothing`, async () => {
    const directory = temporaryDirectory();
    const place = { directory, random, crypto };
    const [one, two] = [givenKeySecret(random(32)), passphraseSecret({ passphrase: words, cost })];
    let storage = await create({ ...place, secret: one });
    await storage.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
    const failing: StoreSecret = { ...two, create: () => Promise.reject(new RangeError('no passphrase')) };
    assert.instance(await errorOf(() => storage.changeSecret(failing)), RangeError);
    assert.match(storage.sealedBy, /application/);
    await storage.changeSecret(two);
    await storage.commit([{ table: 'seen', key: 'b', record: { at: 1 } }]);
    await storage.close();
    if (kind === 'file') assert.is((await readStoreKinds(directory)).secret, 'passphrase');
    assert.is(await codeOf(() => open({ ...place, secret: one })), 'ERR_PASSPHRASE');
    storage = await open({ ...place, secret: two });
    await storage.changeSecret(one);
    await storage.close();
    storage = await open({ ...place, secret: one });
    assert.is((await storage.load()).length, 2);
    await storage.close();
  });

  test(`${kind}: a reader during whose opening the secret is changed is told so, or reads on by the new one; nothing is called damaged`, async () => {
    for (const knowsBoth of [false, true]) {
      const place = { directory: temporaryDirectory(), random, crypto };
      const [before, after] = [givenKeySecret(random(32)), givenKeySecret(random(32))];
      const writer = await create({ ...place, secret: before });
      await writer.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
      let asked = 0;
      const secret: StoreSecret = {
        ...before,
        async open(salt, parameters) {
          if (asked++ === 0) {
            const key = await before.open(salt, parameters);
            await writer.changeSecret(after);
            return key;
          }
          return (knowsBoth ? after : before).open(salt, parameters);
        },
      };
      const reading = () => open({ ...place, secret, readOnly: true });
      if (knowsBoth) {
        const reader = await reading();
        assert.is((await reader.load()).length, 1);
        await reader.close();
      } else assert.is(await codeOf(reading), 'ERR_PASSPHRASE');
      assert.is(asked, 2);
      await writer.close();
    }
  });

  test(`${kind}: kill -9 amid changes, ten times: what was said last opens it, or the next`, async () => {
    for (let round = 0; round < 10; round++) {
      const directory = temporaryDirectory();
      const working = spawn(process.execPath, [child, kind, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = new Promise((resolve) => working.once('exit', resolve));
      let told = 0;
      for await (const line of createInterface({ input: working.stdout })) {
        told = Number(line);
        if (told === 2) setTimeout(() => working.kill('SIGKILL'), ((random(1)[0] as number) / 256) * 60);
      }
      await ended;
      const { parameters } = diskStorage(kind, directory);
      const opened: number[] = [];
      for (const number of [told - 1, told, told + 1]) {
        const secret = givenKeySecret(STORE_KEY.map((octet) => octet ^ (number % 256)));
        try {
          const storage = await open({ ...parameters, secret, patience: 1000 });
          assert.is((await storage.load()).length, 2);
          await storage.close();
          opened.push(number);
        } catch (error) {
          assert.is((error as { code?: string }).code, 'ERR_PASSPHRASE', `${error}`);
        }
      }
      assert.is(opened.length, 1);
      assert.ok(opened[0] === told || opened[0] === told + 1, `told ${told}, opened by ${opened}`);
      assert.equal(readdirSync(directory).length, 2, readdirSync(directory).join(' '));
    }
  });

  test(`${kind}: on the raw disk the old key opens no prekey, and of a file nothing else`, async () => {
    const reason = whyNoLoopDisk();
    if (reason !== undefined) return console.log(`SKIPPED: ${reason}`);
    const disk = new LoopDisk(24);
    const secret = random(32);
    const record: PrekeyRecord = { class: 'reply', publicKey: random(32), secret, createdAt: 1, notAfter: 2, uses: [] };
    const { create: createHere } = diskStorage(kind as DiskKind, join(disk.path, 'store'));
    const storage = await createHere();
    try {
      for (let at = 0; at < 30; at++) {
        const request = { from: owner, stanza: `${at} `.repeat(200), at };
        await storage.commit([{ table: 'requests', key: `${at % 5}`, record: request }]);
      }
      await storage.commit([{ table: 'prekeys', key: 'p', record }]);
      if ('compact' in storage) await (storage as JournalStorage).compact();
      const look = (key: Uint8Array) => {
        disk.synchronise();
        const parts = usedParts(disk.octets());
        return kind === 'file' ? readMedium(parts, key, 64) : readSqliteMedium(parts, key);
      };
      const before = look(STORE_KEY);
      assert.ok(before.erasable.join('').includes(toBase64(secret)));
      const next = random(32);
      await storage.changeSecret(givenKeySecret(next));
      const [old, after] = [look(STORE_KEY), look(next)];
      assert.ok(after.erasable.join('').includes(toBase64(secret)));
      assert.ok(after.lines.join('').includes(owner));
      assert.equal([old.erasable, old.erasureKeys], [[], 0]);
      if (kind === 'file') assert.equal(old.lines, []);
      else assert.ok(old.lines.length > 0); // not promised: SQLite leaves pages where it will
    } finally {
      await storage.close();
      disk.remove();
    }
  });
}

test.run();
