// Files of older format versions, as they were written by older code.
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromUtf8 } from '@stanzaseal/cms';
import { SimulatedDisk, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  erasureSlots,
  openFileStorage,
  openJournalStorage,
  passphraseSecret,
  readJournalStorage,
} from '../src/fileStorage.js';
import { decodeRecords, encodeRecord, type KeyStoreStorage, openKeyStore } from '../src/index.js';
import { codeOf, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';

const test = suite('migration');
const fixture = fileURLToPath(new URL('./fixtures/version1/keystore', import.meta.url));
const golden = new Uint8Array(readFileSync(fixture));
const expected = sorted(readFileSync(new URL('./fixtures/version1/records.jsonl', import.meta.url), 'utf8'));

function sorted(lines: string): string[] {
  return lines.split('\n').sort();
}

async function recordsOf(storage: KeyStoreStorage): Promise<string[]> {
  const records = decodeRecords(
    Uint8Array.from(
      (await storage.load()).flatMap((record) => [...encodeRecord(record as Parameters<typeof encodeRecord>[0])]),
    ),
  );
  return sorted(records.map((record) => fromUtf8(encodeRecord(record))).join(''));
}

function directoryWith(file: Uint8Array): string {
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'keystore'), file);
  return directory;
}

test('version 1 is read where it may not be changed, and replaced by version 2 where it may', async () => {
  const directory = temporaryDirectory();
  mkdirSync(directory, { recursive: true });
  copyFileSync(fixture, join(directory, 'keystore'));
  const version = () => new DataView(Uint8Array.from(readFileSync(join(directory, 'keystore'))).buffer).getUint32(16);
  const reading = await openFileStorage({ directory, passphrase, random, crypto, readOnly: true });
  assert.equal(await recordsOf(reading), expected);
  assert.match(reading.sealedBy, /N = 32768/);
  await reading.close();
  assert.is(version(), 1);
  const storage = await openFileStorage({ directory, passphrase, random, crypto });
  assert.is(version(), 2);
  assert.equal(await recordsOf(storage), expected);
  assert.is(storage.epoch, 1);
  await storage.close();
  assert.equal(readdirSync(directory), ['erasure', 'keystore']);
  const store = await openKeyStore(await openFileStorage({ directory, passphrase, random, crypto }));
  assert.is(store.owner, owner);
  const [key] = (await store.entries('prekeys'))[0] as [string, unknown];
  await store.commit([{ table: 'prekeys', key, record: undefined }]);
  await store.close();
  assert.is(await codeOf(() => openFileStorage({ directory, passphrase: 'wrong', random, crypto })), 'ERR_PASSPHRASE');
});

test('a file of version 2 from before tables were added has none of their records, and takes them', async () => {
  const directory = temporaryDirectory();
  cpSync(new URL('./fixtures/version2', import.meta.url), directory, { recursive: true });
  const added = ['outbox', 'cursors', 'runs', 'attempts', 'evidence', 'policy'] as const;
  const store = await openKeyStore(await openFileStorage({ directory, passphrase, random, crypto }));
  for (const table of added) assert.equal(await store.entries(table), [], table);
  await store.commit([{ table: 'policy', key: 'self', record: { rules: '{}' } }]);
  await store.commit([
    { table: 'runs', key: '00', record: { kind: 'sas', peer: 'a@b', state: golden, at: 1, expires: 2 } },
  ]);
  await store.close();
  const storage = await openFileStorage({ directory, passphrase, random, crypto });
  const found = await recordsOf(storage);
  assert.equal(
    found.filter((line) => expected.includes(line)),
    expected,
  );
  assert.equal(
    found.filter((line) => !expected.includes(line)).map((line) => line.slice(0, 9)),
    ['["policy"', '["runs","'],
  );
  await storage.close();
});

test('a power loss at any moment of it leaves version 1 or version 2, whole', async () => {
  const disk = new SimulatedDisk(unsafeSeededRandom('migration'));
  const file = await disk.files.open('keystore', 'make');
  await file.write(0, golden);
  await file.sync();
  await disk.files.syncDirectory();
  const asked = passphraseSecret({ passphrase });
  const derived = asked.open(golden.slice(32, 64), golden.slice(20, 32)); // once, not for each of these states
  const secret = { ...asked, open: async () => Uint8Array.from(await derived) };
  const parameters = { secret, erasure: erasureSlots, random, crypto };
  const crashes: SimulatedDisk[] = [];
  disk.onOperation = () =>
    void crashes.push(...(['nothing', 'all', 'any'] as const).map((survival) => disk.afterPowerLoss(survival)));
  await (await openJournalStorage({ ...parameters, files: disk.files })).close();
  assert.ok(crashes.length > 20);
  for (const crash of crashes) {
    const storage = await openJournalStorage({ ...parameters, files: crash.files });
    assert.equal(await recordsOf(storage), expected);
    await storage.close();
    const again = await readJournalStorage({ ...parameters, files: crash.files });
    assert.equal(await recordsOf(again), expected);
  }
});

test('a damaged file of version 1 is refused and left as it is', async () => {
  const changed = (at: number, value: number) => golden.map((octet, i) => (i === at ? value : octet));
  const cases: [Uint8Array, string][] = [
    [changed(22, 0x40), 'ERR_CORRUPT'], // N = 2^14 (G3)
    [changed(21, 0xff), 'ERR_CORRUPT'],
    [changed(27, 9), 'ERR_CORRUPT'],
    [changed(40, (golden[40] as number) ^ 1), 'ERR_PASSPHRASE'],
    [changed(70, (golden[70] as number) ^ 1), 'ERR_PASSPHRASE'],
    [changed(100, (golden[100] as number) ^ 1), 'ERR_CORRUPT'],
    [changed(golden.length - 1, (golden.at(-1) as number) ^ 1), 'ERR_CORRUPT'],
    [golden.slice(0, -1), 'ERR_CORRUPT'],
    [golden.slice(0, 60), 'ERR_CORRUPT'],
    [changed(19, 3), 'ERR_CORRUPT'], // a version to come
    [changed(19, 2), 'ERR_CORRUPT'], // I8: what is of version 1 is not of version 2
  ];
  for (const [i, [file, code]] of cases.entries()) {
    const directory = directoryWith(file);
    assert.is(await codeOf(() => openFileStorage({ directory, passphrase, random, crypto })), code, `${i}`);
    assert.equal(new Uint8Array(readFileSync(join(directory, 'keystore'))), file);
    assert.equal(readdirSync(directory), ['keystore']);
  }
  const broken = async () => {
    throw new Error('no passphrase');
  };
  const unread = directoryWith(golden);
  assert.is(
    (await errorOf(() => openFileStorage({ directory: unread, passphrase: broken, random, crypto }))).message,
    'no passphrase',
  );
});

test.run();
