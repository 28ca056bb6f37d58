// What is done to the files of a store: every octet changed, cut at every length, records moved about, older files put back.

import { SimulatedDisk, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createJournalStorage,
  erasureSlots,
  givenKeySecret,
  openJournalStorage,
  readJournalStorage,
  type StoreFiles,
} from '../src/fileStorage.js';
import type { Change } from '../src/index.js';
import { createAccount } from '../src/index.js';
import { clock, codeOf, crypto, owner, random } from './fixture.js';

const test = suite('damage');
const HEAD = 128;
const secret = givenKeySecret(random(32));
const seen = (key: string): Change => ({ table: 'seen', key, record: { at: 1 } });

async function open(files: StoreFiles) {
  const parameters = { files, secret, erasure: erasureSlots, random, crypto };
  return { parameters, storage: await openJournalStorage(parameters) };
}

async function octetsOf(files: StoreFiles, name: string): Promise<Uint8Array> {
  const file = await files.open(name, 'read');
  return file.read(0, await file.size());
}

/** A disk with these files. */
async function diskWith(contents: Record<string, Uint8Array>): Promise<StoreFiles> {
  const { files } = new SimulatedDisk(unsafeSeededRandom('damage'));
  for (const [name, octets] of Object.entries(contents)) await (await files.open(name, 'make')).write(0, octets);
  return files;
}

/** How many commits after the first a store has that was brought to this, or why it does not open. */
async function outcome(keystore: Uint8Array, erasure: Uint8Array = golden.erasure): Promise<number | string> {
  const files = await diskWith({ keystore, erasure });
  try {
    const { storage } = await open(files);
    const keys = (await storage.load()).filter(({ table }) => table === 'seen').map(({ key }) => key);
    assert.equal(keys, ['a', 'b', 'c', 'd'].slice(0, keys.length)); // never one without those before it
    await storage.close();
    return keys.length;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

// A store of a head, a snapshot of one record, and four records of commits, of which the second erases.
const { files } = new SimulatedDisk(unsafeSeededRandom('golden'));
const account = (await createAccount({ owner, random, clock, crypto })).slice(0, 5);
const parameters = { files, secret, erasure: erasureSlots, random, crypto };
const storage = await createJournalStorage(parameters);
await storage.commit(account);
const ends = [(await octetsOf(files, 'keystore')).length];
for (const key of ['a', 'b', 'c', 'd']) {
  const erased: Change[] = key === 'b' ? [{ table: 'prekeys', key: account[1]?.key as string, record: undefined }] : [];
  await storage.commit([seen(key), ...erased]);
  ends.push((await octetsOf(files, 'keystore')).length);
}
const golden = { keystore: await octetsOf(files, 'keystore'), erasure: await octetsOf(files, 'erasure') };
const [start, , , lastStart, end] = ends as [number, number, number, number, number];
const record = (i: number) => golden.keystore.slice(ends[i - 1], ends[i]);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

test('the golden store opens', async () => {
  assert.is(await outcome(golden.keystore), 4);
  assert.is(end, golden.keystore.length);
});

test('a change of any octet: of the head and of what was durable before the last record, the store is refused (I7, I8)', async () => {
  for (let at = 0; at < end; at++) {
    const octets = golden.keystore.slice();
    octets[at] = (octets[at] as number) ^ (1 << (at % 8));
    const found = await outcome(octets);
    if (at >= lastStart)
      assert.is(found, 3, `octet ${at}`); // cannot be told from a write that was cut short
    else if (at < HEAD && found === 'ERR_PASSPHRASE') assert.ok(at >= 20 && at < 96, `octet ${at}`);
    else assert.is(found, 'ERR_CORRUPT', `octet ${at}`);
  }
});

test('cut at any length: refused within the snapshot, else what is whole before it', async () => {
  for (let length = 0; length <= end; length += length < HEAD || length > end - 130 ? 1 : 7) {
    const whole = ends.filter((each) => each <= length).length - 1;
    const found = await outcome(golden.keystore.slice(0, length));
    assert.is(found, whole < 0 ? 'ERR_CORRUPT' : length < (ends[2] as number) ? 'ERR_ROLLBACK' : whole, `${length}`);
  }
});

test('what a torn write leaves behind the last record is dropped, and written over', async () => {
  for (const tail of [new Uint8Array(1), new Uint8Array(700), random(64), random(5000), record(4).slice(0, -1)]) {
    const files = await diskWith({
      keystore: joined(golden.keystore.slice(0, lastStart), tail),
      erasure: golden.erasure,
    });
    const { storage, parameters } = await open(files);
    await storage.commit([seen('e')]);
    await storage.close();
    const again = await openJournalStorage(parameters);
    const keys = (await again.load()).filter(({ table }) => table === 'seen').map(({ key }) => key);
    assert.equal(keys, ['a', 'b', 'c', 'e']);
    await again.close();
  }
});

test('records left out, moved, repeated or brought from elsewhere are refused', async () => {
  const head = golden.keystore.slice(0, start);
  const [a, b, c, d] = [record(1), record(2), record(3), record(4)] as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const orders = [
    [a, b, d],
    [a, c, d],
    [b, c, d],
    [d],
    [b, a, c, d],
    [a, b, d, c],
    [a, b, c, c],
    [a, b, c, d, d],
    [a, b, c, d, a],
  ];
  orders.push([a, b, random(64), d], [a, b, new Uint8Array(640), d], [random(64), random(64), d]);
  for (const [i, order] of orders.entries()) assert.is(await outcome(joined(head, ...order)), 'ERR_CORRUPT', `${i}`);
  const { storage } = await open(await diskWith(golden));
  await storage.compact();
  await storage.close();
  // Of another file there is no key any more: such a record is as good as noise.
  const { files: other } = new SimulatedDisk(unsafeSeededRandom('other'));
  const stranger = await createJournalStorage({ files: other, secret, erasure: erasureSlots, random, crypto });
  await stranger.commit(account);
  const from = (await octetsOf(other, 'keystore')).length;
  await stranger.commit([seen('x')]);
  assert.is(await outcome(joined(golden.keystore, (await octetsOf(other, 'keystore')).slice(from))), 4);
  await stranger.close();
});

test('an erasure key of another time, damaged or gone', async () => {
  const fresh = new SimulatedDisk(unsafeSeededRandom('fresh'));
  const before = await createJournalStorage({ ...parameters, files: fresh.files });
  await before.commit(account);
  const [old, slots] = [await octetsOf(fresh.files, 'keystore'), await octetsOf(fresh.files, 'erasure')];
  await before.commit([{ table: 'prekeys', key: account[1]?.key as string, record: undefined }]);
  const [now, newSlots] = [await octetsOf(fresh.files, 'keystore'), await octetsOf(fresh.files, 'erasure')];
  await before.close();
  assert.is(await outcome(old, slots), 0);
  assert.is(await outcome(now, newSlots), 0);
  assert.is(await outcome(old, newSlots), 'ERR_ROLLBACK'); // I6: an older file beside the erasure key of today
  assert.is(await outcome(now, slots), 'ERR_ROLLBACK');
  for (const bad of [new Uint8Array(0), new Uint8Array(8192), random(8192), golden.erasure]) {
    assert.is(await outcome(now, bad), 'ERR_CORRUPT');
  }
  const current = 2 % 2; // key number 2
  for (let at = 0; at < 68; at++) {
    const octets = newSlots.slice();
    octets[current * 4096 + at] = (octets[current * 4096 + at] as number) ^ 1;
    assert.is(await outcome(now, octets), 'ERR_CORRUPT', `octet ${at}`);
  }
  const swapped = joined(newSlots.slice(4096), newSlots.slice(0, 4096));
  assert.is(await outcome(now, swapped), 'ERR_CORRUPT');
  const { files: without } = { files: await diskWith({ keystore: now }) };
  assert.is(await codeOf(() => open(without)), 'ERR_CORRUPT');
  assert.is(await codeOf(() => readJournalStorage({ ...parameters, files: without })), 'ERR_CORRUPT');
});

test('frames that promise much are not decrypted without end (G2)', async () => {
  const size = 2 ** 18;
  const tail = new Uint8Array(size);
  const view = new DataView(tail.buffer);
  for (let at = 0; at + 64 <= size; at += 64) {
    view.setBigUint64(at, 9n);
    view.setUint32(at + 8, Math.floor((size - at) / 64) * 64 - 56);
  }
  const began = process.cpuUsage().user;
  assert.is(await outcome(joined(golden.keystore, tail)), 'ERR_CORRUPT');
  assert.ok(process.cpuUsage().user - began < 2_000_000); // all of them would be half a gibibyte
});

test('an epoch tells a state from one before it (I6)', async () => {
  const { storage } = await open(await diskWith(golden));
  const cut = await open(await diskWith({ ...golden, keystore: golden.keystore.slice(0, lastStart) }));
  assert.is(storage.epoch, 5);
  assert.is(cut.storage.epoch, 4);
  await Promise.all([storage.close(), cut.storage.close()]);
});

test.run();
