// The storage in IndexedDB, in a real Chromium: a page bundled from sources, reloads, restarts, a second tab.
import { Buffer } from 'node:buffer';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Chromium, findChromium, type Tab } from './browser/chromium.js';
import { servePage } from './browser/pageServer.js';

const test = suite('IndexedDB');

const command = findChromium();
const NAME = 'juliet@capulet.example';

if (command === undefined) {
  test('a storage in IndexedDB', () => {
    console.log('SKIPPED: chromium is not installed');
    assert.is(command, undefined);
  });
} else {
  const profile = mkdtempSync(join(tmpdir(), 'stanzaseal-chromium-'));
  const server = await servePage();
  let browser = new Chromium(command, profile);
  let tab: Tab = await browser.open(server.url);

  test.after(async () => {
    await browser.kill();
    server.close();
    rmSync(profile, { recursive: true });
  });

  for (const { name, error } of await tab.run<{ name: string; error?: string }[]>('runSuite')) {
    test(name, () => assert.is(error, undefined));
  }

  test('keys lie in it as handles that give no octets', async () => {
    assert.is(await tab.run('open', NAME), 'NotFoundError');
    const secrets = await tab.run<string[]>('create', NAME);
    assert.ok(secrets.every((secret) => /^[0-9a-f]{64}$/.test(secret)));
    assert.equal(await tab.run('keysWork'), { device: true, identity: true, prekeys: 101 });
    const { secrets: lengths, keys } = await tab.run<{ secrets: number[]; keys: object }>('rawContent', NAME);
    assert.equal(lengths, Array(102).fill(0)); // the device's and of 101 prekeys; the identity's is no member
    assert.equal(keys, {
      'Ed25519 private not extractable': ['InvalidAccessError'],
      'X25519 private not extractable': ['InvalidAccessError'],
    });
  });

  test('they work after a reload, and one that is erased is gone', async () => {
    await tab.reload();
    assert.is(await tab.run('createAgain', NAME), 'ERR_IN_USE');
    assert.is(await tab.run('open', NAME), 'done');
    assert.equal(await tab.run('keysWork'), { device: true, identity: true, prekeys: 101 });
    assert.equal(await tab.run('erasePrekey', NAME), [103, 102]);
    assert.equal(await tab.run('keysWork'), { device: true, identity: true, prekeys: 100 });
  });

  test('messages are sealed and opened by them, over a reload', async () => {
    const classes = ['one-time', 'reply', 'reply', 'reply', 'reply', 'reply'];
    assert.equal(
      await tab.run('converse', 'romeo@montague.example', 6),
      classes.map((each, turn) => `turn ${turn}: ${each}`),
    );
    await tab.reload();
    assert.is(await tab.run('open', NAME), 'done');
    assert.is((await tab.run<string[]>('converse', 'benvolio@montague.example', 4)).length, 4);
  });

  test('what was committed is there after the browser was ended at once, and after it was closed', async () => {
    for (const at of [1, 2]) assert.is(await tab.run('commit', at), 'done');
    const epoch = await tab.run<number>('epoch');
    await browser.kill();
    browser = new Chromium(command, profile);
    tab = await browser.open(server.url);
    assert.is(await tab.run('open', NAME), 'done');
    assert.is(await tab.run('epoch'), epoch);
    assert.is(await tab.run('commit', 3), 'done');
    await browser.close();
    browser = new Chromium(command, profile);
    tab = await browser.open(server.url);
    assert.is(await tab.run('open', NAME), 'done');
    assert.equal((await tab.run<number[]>('seen')).slice(0, 3), [1, 2, 3]);
    assert.is(await tab.run('epoch'), epoch + 1);
  });

  test('of two tabs one writes; the other is refused, reads, or waits (I15)', async () => {
    const other = await browser.open(server.url);
    assert.is(await other.run('open', NAME), 'ERR_IN_USE');
    assert.is(await other.run('open', NAME, { patience: 50 }), 'ERR_IN_USE');
    assert.is(await other.run('createAgain', NAME), 'ERR_IN_USE');
    assert.is(await other.run('remove', NAME), 'ERR_IN_USE');
    assert.is(await other.run('open', NAME, { readOnly: true }), 'done');
    assert.is(await tab.run('commit', 4), 'done');
    assert.is((await other.run<number[]>('seen')).includes(4), false); // as it was at that moment
    assert.is(await other.run('commit', 5), 'TypeError');
    await other.run('close');
    const waiting = other.run('open', NAME, { patience: 20_000 });
    await tab.close(); // as a tab is closed: nobody closes the store
    assert.is(await waiting, 'done');
    assert.ok((await other.run<number[]>('seen')).includes(4));
    await other.run('close');
    tab = other;
  });

  test('not promised: the browser writes octets of keys to its files, and leaves them there when they are erased', async () => {
    const secrets = await tab.run<string[]>('create', 'on disk');
    const found = () => {
      const files = readdirSync(profile, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /IndexedDB.*\.(log|ldb)$/.test(name),
      );
      const octets = Buffer.concat(
        files.map((name) => {
          const file = readFileSync(join(profile, name));
          return name.endsWith('.log') ? withoutFrames(file) : file;
        }),
      );
      return secrets.filter((secret) => octets.includes(Buffer.from(secret, 'hex'))).length;
    };
    assert.is(found(), 103);
    await tab.run('erasePrekey', 'on disk');
    assert.is(found(), 103);
    await tab.run('close');
  });

  test('a device key that is held elsewhere is not kept, nor any octets in its place', async () => {
    const expected = { without: 'ERR_LOCKED', isGiven: true, keys: 102 }; // the identity's and of 101 prekeys
    assert.equal(await tab.run('createHeld', 'held'), expected);
    assert.equal(await tab.run('keysWork'), { device: true, identity: true, prekeys: 101 });
    assert.equal((await tab.run<{ secrets: number[] }>('rawContent', 'held')).secrets, Array(102).fill(0));
    await tab.run('close');
  });

  test('who reads keeps nobody from deleting what was read', async () => {
    await tab.run('create', 'read');
    await tab.run('close');
    const other = await browser.open(server.url);
    assert.is(await other.run('open', 'read', { readOnly: true }), 'done');
    assert.is(await tab.run('remove', 'read'), 'done');
    assert.equal(await other.run('keysWork'), { device: true, identity: true, prekeys: 101 });
    await other.run('close');
    await other.close();
  });

  test('what is removed is gone', async () => {
    assert.is(await tab.run('remove', NAME), 'done');
    assert.is(await tab.run('open', NAME), 'NotFoundError');
    await tab.run('create', NAME);
    await tab.run('close');
  });

  test('replay memory is packed into few values, and read, changed and erased there as anywhere', async () => {
    const name = 'packed';
    const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    const again = async () => {
      await tab.run('close');
      assert.is(await tab.run('open', name), 'done');
      return tab.run<number[]>('remembered');
    };
    await tab.run('create', name);
    const { records } = await tab.run<{ records: number }>('countValues', name);
    assert.is(await tab.run('commitMany', 0, 9_999), 'done');
    assert.is(await tab.run('commitMany', 9_999, 1), 'done');
    assert.equal(await again(), numbers(0, 10_000));
    assert.equal(await tab.run('countValues', name), { records, packs: 1 });
    assert.is(await tab.run('commitMany', 0, 10, true), 'done');
    assert.is(await tab.run('commitMany', 4, 1), 'done');
    assert.equal(await again(), [4, ...numbers(10, 10_000)]);
    assert.equal(await tab.run('countValues', name), { records: records + 10, packs: 1 });
    assert.is(await tab.run('commitMany', 10_000, 11_000), 'done');
    assert.equal(await again(), [4, ...numbers(10, 21_000)]);
    assert.equal(await tab.run('countValues', name), { records, packs: 2 });
    assert.is(await tab.run('commitMany', 0, 20_990, true), 'done');
    assert.equal(await again(), numbers(20_990, 21_000));
    assert.equal(await tab.run('countValues', name), { records, packs: 1 });
    await tab.run('close');
  });

  test('a database of format version 1 opens, and is packed from then on', async () => {
    await tab.run('create', 'version two');
    assert.is(await tab.run('commitMany', 0, 9_990), 'done');
    await tab.run('close');
    await tab.run('copyAsVersionOne', 'version two', 'version one');
    assert.is(await tab.run('open', 'version one'), 'done');
    assert.equal(await tab.run('keysWork'), { device: true, identity: true, prekeys: 101 });
    assert.is(await tab.run('commitMany', 9_990, 10), 'done');
    assert.is((await tab.run<number[]>('remembered')).length, 10_000);
    await tab.run('close');
    assert.is((await tab.run<{ packs: number }>('countValues', 'version one')).packs, 1);
  });
}

/**
 * A log of LevelDB without what stands between the pieces of a record: blocks of 32 KiB, in each record's pieces with a head of 7
 * octets, the length in its fifth and sixth (LevelDB, doc/log_format.md). Octets that lie across a block's end are so found whole.
 */
function withoutFrames(file: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let block = 0; block < file.length; block += 32_768) {
    const end = Math.min(block + 32_768, file.length);
    for (let at = block; at + 7 <= end; ) {
      const length = file.readUInt16LE(at + 4);
      pieces.push(file.subarray(at + 7, Math.min(at + 7 + length, end)));
      at += 7 + length;
    }
  }
  return Buffer.concat(pieces);
}

test.run();
