// What opens a store: which kind of secret, at which cost, and never another.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createFileStorage,
  givenKeySecret,
  openFileStorage,
  passphraseSecret,
  type ScryptCost,
} from '../src/fileStorage.js';
import { codeOf, cost, crypto, errorOf, passphrase, random, temporaryDirectory } from './fixture.js';

const test = suite('storeSecret');
const key = random(32);

async function storeBy(secret: Parameters<typeof createFileStorage>[0]['secret']): Promise<string> {
  const directory = temporaryDirectory();
  const storage = await createFileStorage({ directory, ...(secret && { secret }), random, crypto });
  await storage.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
  await storage.close();
  return directory;
}

test('a key of the application opens the store that it sealed, and no other key does', async () => {
  const directory = await storeBy(givenKeySecret(key));
  const storage = await openFileStorage({ directory, secret: givenKeySecret(key), random, crypto });
  assert.is((await storage.load()).length, 1);
  assert.is(storage.sealedBy, 'a key that the application keeps');
  await storage.close();
  const other = () => openFileStorage({ directory, secret: givenKeySecret(random(32)), random, crypto });
  assert.is(await codeOf(other), 'ERR_PASSPHRASE');
  const given = Uint8Array.from(key);
  const secret = givenKeySecret(given);
  given.fill(0); // J6: the caller's octets are the caller's
  await (await openFileStorage({ directory, secret, random, crypto })).close();
  assert.throws(() => givenKeySecret(new Uint8Array(31)), RangeError);
});

test('a store is opened by the kind of secret that sealed it, whatever its head is changed to (I8)', async () => {
  const byKey = await storeBy(givenKeySecret(key));
  const byPassphrase = await storeBy(passphraseSecret({ passphrase, cost }));
  let asked = false;
  const ask = async () => {
    asked = true;
    return passphrase;
  };
  const wrongKind = await errorOf(() => openFileStorage({ directory: byKey, passphrase: ask, random, crypto }));
  assert.is((wrongKind as { code?: string }).code, 'ERR_PASSPHRASE');
  assert.match(wrongKind.message, /given-key/);
  assert.not.ok(asked);
  const secret = givenKeySecret(key);
  assert.is(await codeOf(() => openFileStorage({ directory: byPassphrase, secret, random, crypto })), 'ERR_PASSPHRASE');
  // The number of the kind is under the key: who changes it changes the key.
  const path = join(byPassphrase, 'keystore');
  const file = new Uint8Array(readFileSync(path));
  file[23] = 2;
  writeFileSync(path, file);
  assert.is(await codeOf(() => openFileStorage({ directory: byPassphrase, secret, random, crypto })), 'ERR_PASSPHRASE');
  assert.is(
    await codeOf(() => openFileStorage({ directory: byPassphrase, passphrase, random, crypto })),
    'ERR_PASSPHRASE',
  );
});

test('costs out of bounds are refused before anything is derived from them, and before anybody is asked (G2, G3, I8)', async () => {
  const directory = await storeBy(passphraseSecret({ passphrase, cost }));
  const path = join(directory, 'keystore');
  const golden = new Uint8Array(readFileSync(path));
  const [N, r, p] = [112, 116, 120];
  const outOfBounds: [number, number][] = [
    0,
    1,
    2,
    2 ** 14,
    2 ** 15 - 1,
    2 ** 15 + 1,
    2 ** 16 + 1,
    2 ** 21,
    2 ** 31,
    2 ** 32 - 1,
  ].map((n) => [N, n]);
  outOfBounds.push([r, 0], [r, 1], [r, 7], [r, 9], [r, 2 ** 16], [p, 0], [p, 2], [p, 2 ** 20]);
  for (const [at, number] of outOfBounds) {
    const file = golden.slice();
    new DataView(file.buffer).setUint32(at, number);
    writeFileSync(path, file);
    let asked = false;
    const ask = async () => {
      asked = true;
      return passphrase;
    };
    const opening = () => openFileStorage({ directory, passphrase: ask, random, crypto });
    assert.is(await codeOf(opening), 'ERR_CORRUPT', `${number} at ${at}`);
    assert.not.ok(asked);
  }
  const file = golden.slice();
  for (const other of [2 ** 15, 2 ** 17]) {
    new DataView(file.buffer).setUint32(N, other); // in bounds, but not the store's: lowered, and raised
    writeFileSync(path, file);
    assert.is(await codeOf(() => openFileStorage({ directory, passphrase, random, crypto })), 'ERR_PASSPHRASE');
  }
});

test('no store is made at a cost out of bounds, and what a guess costs is told', async () => {
  const costs: ScryptCost[] = [
    { N: 2 ** 14, r: 8, p: 1 },
    { N: 2 ** 15, r: 8, p: 1 }, // 0.07 s of a core: decision 0032
    { N: 2 ** 21, r: 8, p: 1 },
    { N: 40000, r: 8, p: 1 },
    { N: Number.NaN, r: 8, p: 1 },
    { N: 2 ** 16, r: 4, p: 1 },
    { N: 2 ** 16, r: 16, p: 1 },
    { N: 2 ** 16, r: 8, p: 0 },
    { N: 2 ** 16, r: 8, p: 2 },
  ];
  for (const bad of costs) assert.throws(() => passphraseSecret({ passphrase, cost: bad }), RangeError);
  const directory = await storeBy(passphraseSecret({ passphrase, cost }));
  const storage = await openFileStorage({ directory, passphrase, random, crypto });
  assert.is(storage.sealedBy, 'a passphrase; scrypt N = 65536, r = 8, p = 1: 64 MiB a guess');
  await storage.close();
});

test('one secret is given, not two and not none', async () => {
  const directory = temporaryDirectory();
  const secret = givenKeySecret(key);
  const both = () => openFileStorage({ directory, passphrase, secret, random, crypto });
  assert.instance(await errorOf(both), TypeError);
  assert.instance(await errorOf(() => openFileStorage({ directory, random, crypto })), TypeError);
  const noCost = () => createFileStorage({ directory, passphrase, random, crypto });
  assert.instance(await errorOf(noCost), TypeError);
});

test('secrets do not print what they hold (E10, J2)', () => {
  for (const secret of [givenKeySecret(key), passphraseSecret({ passphrase })]) {
    const shown = inspect(secret, { depth: 9, showHidden: true }) + JSON.stringify(secret);
    assert.not.match(shown, /wherefore|Uint8Array|\d+, \d+/);
  }
});

test.run();
