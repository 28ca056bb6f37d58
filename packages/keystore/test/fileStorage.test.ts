// The file: what it gives away, what it refuses, and what it leaves behind.
import { Buffer } from 'node:buffer';
import { scryptSync } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { fromUtf8, toBase64, toHex } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileStorage, openFileStorage, type ScryptCost } from '../src/fileStorage.js';
import {
  type AccountRecord,
  type Change,
  createAccount,
  createKeyStore,
  type KeyStoreErrorCode,
  openKeyStore,
} from '../src/index.js';
import { encodeRecord } from '../src/recordCodec.js';
import { StoreSeal } from '../src/storeFile.js';
import { clock, codeOf, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';

const test = suite('fileStorage');
const HEADER = 108;

const directory = temporaryDirectory();
const path = join(directory, 'keystore');
const changes = await createAccount({ owner, random, clock, crypto });
const created = await createKeyStore(await createFileStorage({ directory, passphrase, cost, random, crypto }), changes);
await created.commit([
  { table: 'requests', key: 'x', record: { from: 'romeo@montague.example', stanza: '<message/>', at: 1 } },
]);
await created.close();
const golden = new Uint8Array(readFileSync(path));

/** Opens the golden file after a change, and puts the golden file back. */
async function codeOfChanged(change: (file: Uint8Array) => Uint8Array): Promise<KeyStoreErrorCode> {
  writeFileSync(path, change(golden.slice()));
  try {
    return await codeOf(() => openFileStorage({ directory, passphrase, random, crypto }));
  } finally {
    writeFileSync(path, golden);
  }
}

function withNumber(at: number, number: number): (file: Uint8Array) => Uint8Array {
  return (file) => {
    new DataView(file.buffer).setUint32(at, number);
    return file;
  };
}

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
  assert.equal(readdirSync(directory), ['keystore']); // the lock was given up each time
});

test('a change of any octet of the header is refused (I8)', async () => {
  for (let at = 0; at < HEADER; at++) {
    const code = await codeOfChanged((file) => {
      file[at] = (file[at] as number) ^ (1 << (at % 8));
      return file;
    });
    // A salt, commitment or cost in bounds that was changed cannot be told from a wrong passphrase.
    const expected = at >= 32 && at < 96 ? 'ERR_PASSPHRASE' : 'ERR_CORRUPT';
    assert.is(code, expected, `octet ${at}`);
  }
});

test('damage to the nonce, the records or the tag is refused', async () => {
  const seal = await StoreSeal.of(golden, async () => passphrase, crypto); // derived once: the header stays as it is
  await seal.open(golden);
  const places = new Set([
    ...Array.from({ length: 12 }, (_, i) => 96 + i),
    ...Array.from({ length: 16 }, (_, i) => golden.length - 1 - i),
  ]);
  for (let at = HEADER; at < golden.length; at += 97) places.add(at);
  for (const at of places) {
    for (const bit of [0, 3, 7]) {
      const file = golden.slice();
      file[at] = (file[at] as number) ^ (1 << bit);
      assert.is(await codeOf(() => seal.open(file)), 'ERR_CORRUPT', `octet ${at}`);
    }
  }
  assert.is(await codeOfChanged((file) => file.fill(0, 2000, 2512)), 'ERR_CORRUPT'); // a sector lost
});

test('a file cut short at any place, or longer, is refused', async () => {
  for (let length = 0; length < HEADER + 16; length++) {
    assert.is(
      await codeOf(() => StoreSeal.of(golden.slice(0, length), async () => passphrase, crypto)),
      'ERR_CORRUPT',
      `${length}`,
    );
  }
  const seal = await StoreSeal.of(golden, async () => passphrase, crypto);
  for (let length = HEADER + 16; length < golden.length; length += 251) {
    assert.is(await codeOf(() => seal.open(golden.slice(0, length))), 'ERR_CORRUPT', `${length}`);
  }
  assert.is(await codeOf(() => seal.open(Uint8Array.of(...golden, 0))), 'ERR_CORRUPT');
  for (const length of [0, 1, HEADER, golden.length - 1]) {
    assert.is(await codeOfChanged((file) => file.slice(0, length)), 'ERR_CORRUPT', `${length}`);
  }
});

test('costs out of bounds are refused before anything is derived (G2, G3, I8)', async () => {
  const outOfBounds: readonly (readonly [at: number, number])[] = [
    [20, 0],
    [20, 1],
    [20, 2],
    [20, 2 ** 14],
    [20, 2 ** 15 - 1],
    [20, 2 ** 15 + 1],
    [20, 2 ** 21],
    [20, 2 ** 31],
    [20, 2 ** 32 - 1],
    [24, 0],
    [24, 1],
    [24, 7],
    [24, 9],
    [24, 2 ** 16],
    [28, 0],
    [28, 2],
    [28, 2 ** 20],
  ];
  for (const [at, number] of outOfBounds) {
    let asked = false;
    const ask = async () => {
      asked = true;
      return passphrase;
    };
    assert.is(
      await codeOf(() => StoreSeal.of(withNumber(at, number)(golden.slice()), ask, crypto)),
      'ERR_CORRUPT',
      `${number} at ${at}`,
    );
    assert.not.ok(asked);
  }
  assert.is(await codeOfChanged(withNumber(20, 2 ** 16)), 'ERR_PASSPHRASE'); // in bounds, but not the file's
  assert.is(await codeOfChanged(withNumber(16, 0)), 'ERR_CORRUPT');
  assert.is(await codeOfChanged(withNumber(16, 2)), 'ERR_CORRUPT');
});

test('no store is made at a cost out of bounds, with an empty passphrase, or by a source that failed', async () => {
  const costs: ScryptCost[] = [
    { N: 2 ** 14, r: 8, p: 1 },
    { N: 2 ** 21, r: 8, p: 1 },
    { N: 40000, r: 8, p: 1 },
    { N: Number.NaN, r: 8, p: 1 },
    { N: 2 ** 15, r: 4, p: 1 },
    { N: 2 ** 15, r: 16, p: 1 },
    { N: 2 ** 15, r: 8, p: 0 },
    { N: 2 ** 15, r: 8, p: 2 },
  ];
  const other = temporaryDirectory();
  for (const bad of costs) {
    assert.instance(
      await errorOf(() => createFileStorage({ directory: other, passphrase, cost: bad, random, crypto })),
      RangeError,
    );
  }
  assert.instance(
    await errorOf(() => createFileStorage({ directory: other, passphrase: '', cost, random, crypto })),
    RangeError,
  );
  const zeros = (length: number) => new Uint8Array(length);
  assert.instance(
    await errorOf(() => createFileStorage({ directory: other, passphrase, cost, random: zeros, crypto })),
    RangeError,
  );
  assert.equal(readdirSync(other), []);
  await (await createFileStorage({ directory: other, passphrase, cost, random, crypto })).close();
});

test('the file is what the README says, by node:crypto alone', async () => {
  const view = new DataView(golden.buffer);
  assert.is(fromUtf8(golden.subarray(0, 16)), 'stanzaseal store');
  assert.equal(
    [16, 20, 24, 28].map((at) => view.getUint32(at)),
    [1, 2 ** 15, 8, 1],
  );
  const { createDecipheriv, hkdfSync } = await import('node:crypto');
  const secret = scryptSync(passphrase, golden.subarray(32, 64), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  const derived = (info: string) => new Uint8Array(hkdfSync('sha256', secret, golden.subarray(0, 64), info, 32));
  assert.equal(derived('stanzaseal/store/1 commitment'), golden.slice(64, 96));
  const key = derived('stanzaseal/store/1 key');
  const decipher = createDecipheriv('aes-256-gcm', key, golden.subarray(96, 108), { authTagLength: 16 });
  decipher.setAAD(golden.subarray(0, 108));
  decipher.setAuthTag(golden.subarray(-16));
  const lines = Buffer.concat([decipher.update(golden.subarray(108, -16)), decipher.final()]).toString('utf8');
  assert.is(lines.split('\n').length, 102 + 1 + 1);
  const [table, key0, account] = JSON.parse(lines.split('\n')[0] as string);
  assert.equal([table, key0, account.owner, account.role], ['account', 'self', owner, 'primary']);
  assert.match(account.deviceSecret.octets, /^[A-Za-z0-9+/]{43}=$/);
});

test('records that are authentic but no records of ours are refused', async () => {
  const seal = await StoreSeal.of(golden, async () => passphrase, crypto);
  const line = (row: unknown) => `${JSON.stringify(row)}\n`;
  const good = line(['seen', 'a', { at: 1 }]);
  const bad = [
    '\n',
    'x\n',
    '{}\n',
    'null\n',
    good.slice(0, -1),
    `${good}${good}`,
    line(['seen', 'a']),
    line(['seen', 'a', { at: 1 }, 1]),
    line(['unseen', 'a', { at: 1 }]),
    line(['__proto__', 'a', { at: 1 }]),
    line(['toString', 'a', {}]),
    line([['seen'], 'a', { at: 1 }]),
    line(['seen', 1, { at: 1 }]),
    line(['seen', 'a', {}]),
    line(['seen', 'a', null]),
    line(['seen', 'a', [1]]),
    line(['seen', 'a', { at: 1.5 }]),
    line(['seen', 'a', { at: '1' }]),
    '["seen","a",{"at":1,"__proto__":{}}]\n',
    line(['seen', 'a', { at: 1, octets: 1 }]),
    line(['received', 'a', { counter: 1, digest: 'AAAA' }]),
    line(['received', 'a', { counter: 1, digest: { octets: 'AAA' } }]),
    line(['received', 'a', { counter: 1, digest: { octets: 'AAAA', more: 1 } }]),
    line(['received', 'a', { counter: 1, digest: { 0: 1 } }]),
    '["requests","a",{"from":"a\uD800","stanza":"","at":1}]', // no line feed
  ];
  for (const records of bad) {
    const file = await seal.close(new TextEncoder().encode(records), random);
    assert.is(await codeOfChanged(() => file), 'ERR_CORRUPT', records);
  }
  const file = await seal.close(new TextEncoder().encode(good), random);
  writeFileSync(path, file);
  const storage = await openFileStorage({ directory, passphrase, random, crypto });
  assert.equal(await storage.load(), [{ table: 'seen', key: 'a', record: { at: 1 } }]);
  await storage.close();
  writeFileSync(path, golden);
});

test('no secret and no name is on disk in the clear, in any spelling', () => {
  const file = Buffer.from(golden);
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
  for (const spelling of spellings) assert.is(file.indexOf(spelling), -1);
  const clear = Buffer.from(encodeRecord(changes[0] as Parameters<typeof encodeRecord>[0]));
  const { deviceSecret } = (changes[0] as Change).record as AccountRecord;
  assert.ok(clear.includes(toBase64(deviceSecret))); // the search can find
});

test('what holds keys does not print them (E10)', async () => {
  const seal = await StoreSeal.of(golden, async () => passphrase, crypto);
  const storage = await openFileStorage({ directory, passphrase, random, crypto });
  const options = { depth: 9, showHidden: true };
  for (const shown of [seal, storage]) {
    assert.not.match(inspect(shown, options) + JSON.stringify(shown), /\d+, \d+|Uint8Array|wherefore|"\d+":/);
  }
  await storage.close();
});

test('every write has a nonce of its own, from the given source', async () => {
  const other = temporaryDirectory();
  const drawn = new Set<string>();
  const recording = (length: number) => {
    const octets = random(length);
    drawn.add(toHex(octets));
    return octets;
  };
  const storage = await createFileStorage({ directory: other, passphrase, cost, random: recording, crypto });
  const nonces = new Set<string>();
  for (let i = 0; i < 20; i++) {
    await storage.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
    nonces.add(toHex(new Uint8Array(readFileSync(join(other, 'keystore')).subarray(96, 108))));
  }
  assert.is(nonces.size, 20);
  for (const nonce of nonces) assert.ok(drawn.has(nonce));
  await storage.close();
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
  await storage.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
  assert.is(modeOf(file), 0o600);
  await storage.close();
});

test('what a crash left beside the file is removed at opening, and nothing else', async () => {
  const other = temporaryDirectory();
  mkdirSync(other);
  copyFileSync(path, join(other, 'keystore'));
  const kept = ['keystore.backup', 'keystore.0123456789abcdef.news', 'notes.0123456789abcdef.new', 'keystore'];
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

test('a write that fails leaves the old state in memory and on disk, and nothing beside it', async () => {
  const other = temporaryDirectory();
  const storage = await createFileStorage({ directory: other, passphrase, cost, random, crypto });
  const store = await createKeyStore(storage, changes);
  const [file, aside] = [join(other, 'keystore'), join(other, 'aside')];
  renameSync(file, aside);
  mkdirSync(file); // a file cannot be renamed over a directory, whoever asks
  const error = await errorOf(() => store.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]));
  assert.match(error.code as string, /^(EISDIR|ENOTEMPTY|EEXIST|EPERM)$/);
  assert.is(await store.get('seen', 'a'), undefined);
  assert.equal(
    readdirSync(other).filter((name) => name.endsWith('.new')),
    [],
  );
  const { rmdirSync } = await import('node:fs');
  rmdirSync(file);
  renameSync(aside, file);
  await store.commit([{ table: 'seen', key: 'b', record: { at: 1 } }]);
  await store.close();
  const next = await openKeyStore(await openFileStorage({ directory: other, passphrase, random, crypto }));
  assert.equal(await next.entries('seen'), [['b', { at: 1 }]]);
  await next.close();
  assert.not.ok(existsSync(aside));
});

test.run();
