// The one suite for storages, over those of this package; and the key store over any.
import { inspect } from 'node:util';
import { fromUtf8, isAllZero, toBase64, toHex, toUtf8 } from '@stanzaseal/cms';
import { SimulatedDisk, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createFileStorage,
  createJournalStorage,
  type ErasurePlace,
  erasureSlots,
  givenKeySecret,
  openFileStorage,
  openJournalStorage,
} from '../src/fileStorage.js';
import {
  type Change,
  createAccount,
  createKeyStore,
  createMemoryStorage,
  decodeRecords,
  encodeRecord,
  type KeyStoreStorage,
  openKeyStore,
  type PrekeyRecord,
  type StoredRecord,
} from '../src/index.js';
import { copyChange } from '../src/recordCodec.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { StoreState } from '../src/storeState.js';
import { clock, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';
import { addStorageTests } from './storageSuite.js';

const test = suite('storage');
const changes = await createAccount({ owner, random, clock, crypto });

/** Secrets of prekeys by key, in hexadecimal. */
function secretsOf(all: readonly Change[]): Map<string, string> {
  return new Map(
    all.flatMap(({ table, key, record }) => (table === 'prekeys' && record ? [[key, toHex(record.secret)]] : [])),
  );
}

addStorageTests(test, {
  kind: 'memory',
  lasts: false,
  async make() {
    const storage = createMemoryStorage();
    return { storage, again: async () => createMemoryStorage(await storage.load()) };
  },
});

addStorageTests(test, {
  kind: 'file',
  lasts: true,
  async make() {
    const directory = temporaryDirectory();
    const storage = await createFileStorage({ directory, passphrase, cost, random, crypto });
    return { storage, again: () => openFileStorage({ directory, passphrase, random, crypto }) };
  },
});

addStorageTests(test, {
  kind: 'SQLite',
  lasts: true,
  async make() {
    const directory = temporaryDirectory();
    const secret = givenKeySecret(random(32));
    const storage = await createSqliteStorage({ directory, secret, random, crypto });
    return { storage, again: () => openSqliteStorage({ directory, secret, random, crypto }) };
  },
});

addStorageTests(test, {
  kind: 'journal on a simulated disk',
  lasts: true,
  async make() {
    const { files } = new SimulatedDisk(unsafeSeededRandom('storage'));
    const parameters = { files, secret: givenKeySecret(random(32)), erasure: erasureSlots, random, crypto };
    return { storage: await createJournalStorage(parameters), again: () => openJournalStorage(parameters) };
  },
});

test('a commit that the storage refuses changes nothing in memory, and the next is made', async () => {
  const memory = createMemoryStorage();
  let refuse = false;
  const storage: KeyStoreStorage = {
    ...memory,
    async commit(given) {
      if (refuse) throw new Error('no space left on device');
      await memory.commit(given);
    },
  };
  const store = await createKeyStore(storage, changes);
  refuse = true;
  const refused = store.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
  assert.is((await errorOf(() => refused)).message, 'no space left on device');
  assert.is(await store.get('seen', 'a'), undefined);
  refuse = false;
  await store.commit([{ table: 'seen', key: 'b', record: { at: 1 } }]);
  assert.equal(await store.entries('seen'), [['b', { at: 1 }]]);
});

test('nothing shows before the storage has it', async () => {
  const memory = createMemoryStorage();
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store = await openKeyStore({
    ...createMemoryStorage(changes),
    commit: (given) => gate.then(() => memory.commit(given)),
  });
  const commit = store.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
  await new Promise(setImmediate);
  assert.is(await store.get('seen', 'a'), undefined);
  release();
  await commit;
  assert.equal(await store.get('seen', 'a'), { at: 1 });
});

test('keys are imported once, stay open when their record changes otherwise, and go with it', async () => {
  let imports = 0;
  const counting = {
    ...crypto,
    agreementKey(...args: Parameters<typeof crypto.agreementKey>) {
      imports++;
      return crypto.agreementKey(...args);
    },
  };
  const store = await createKeyStore(createMemoryStorage(), changes);
  const [key, record] = (await store.entries('prekeys'))[0] as [string, PrekeyRecord];
  const id = Uint8Array.from(key.match(/../g) as string[], (octet) => Number.parseInt(octet, 16));
  const [one, two] = await Promise.all([store.prekey(id, counting), store.prekey(id, counting)]);
  assert.is(one, two);
  await store.commit([{ table: 'prekeys', key, record: { ...record, uses: [{ device: 'd', at: 1 }] } }]);
  assert.is(store.prekey(id, counting), one); // and without a promise
  assert.is(imports, 1);
  assert.is.not(await store.prekey(id, crypto), one);
  await store.commit([{ table: 'prekeys', key, record: undefined }]);
  assert.is(await store.prekey(id, counting), undefined);
  await store.commit([{ table: 'prekeys', key, record: { ...record, secret: record.secret.slice() } }]);
  await store.prekey(id, counting);
  assert.is(imports, 2);
});

test('the secret of a prekey that is erased is overwritten, also in records that were given out; that of one that stays is not (J3)', async () => {
  const directory = temporaryDirectory();
  const slotKeys: Uint8Array[] = [];
  const erasure: ErasurePlace = {
    kind: 'slots',
    of(store) {
      slotKeys.push(store.slotKey);
      return erasureSlots.of(store);
    },
  };
  const parameters = { directory, secret: givenKeySecret(random(32)), erasure, random, crypto };
  const store = await createKeyStore(await createFileStorage(parameters), changes);
  const [[first, one], [second, two]] = (await store.entries('prekeys')) as [
    [string, PrekeyRecord],
    [string, PrekeyRecord],
  ];
  await store.commit([
    { table: 'prekeys', key: first, record: undefined },
    { table: 'prekeys', key: second, record: { ...two, uses: [{ device: 'd', at: 1 }] } },
  ]);
  assert.ok(isAllZero(one.secret));
  assert.not.ok(isAllZero(two.secret));
  assert.not.ok(isAllZero(slotKeys[0] as Uint8Array));
  await store.close();
  assert.ok(isAllZero(two.secret));
  assert.equal(slotKeys.map(isAllZero), [true]); // nor what erasure keys lie under
  const again = await openKeyStore(await openFileStorage(parameters));
  assert.is(toHex((await again.get('prekeys', second))?.secret as Uint8Array), secretsOf(changes).get(second));
  await again.close();
});

test('what a storage keeps of a record that goes, or is replaced, is overwritten; what stays is not (J3)', () => {
  const prekeys = changes.filter(({ table }) => table === 'prekeys').map((change) => copyChange(change));
  const [gone, replaced, kept] = prekeys.map(({ record }) => record as PrekeyRecord) as [
    PrekeyRecord,
    PrekeyRecord,
    PrekeyRecord,
  ];
  const state = new StoreState();
  state.apply(prekeys);
  const [first, second] = prekeys as [Change, Change];
  const made = [
    { ...first, record: undefined } as Change,
    copyChange({ ...second, record: { ...replaced, createdAt: 7 } } as Change),
  ];
  state.overwrite(made);
  state.apply(made);
  assert.equal(
    [gone, replaced, kept].map(({ secret }) => isAllZero(secret)),
    [true, true, false],
  );
  assert.not.ok(isAllZero((state.get(second) as PrekeyRecord).secret));
});

test('an error over damaged records has nothing of a secret in it, not in its causes either (J2)', () => {
  const [stored] = changes.filter(({ table }) => table === 'prekeys') as [StoredRecord];
  const line = fromUtf8(encodeRecord(stored));
  const secret = toBase64((stored.record as PrekeyRecord).secret);
  let refused = 0;
  for (let at = 0; at < line.length; at++) {
    for (const character of ['"', 'x', '\u0001', '}', '']) {
      const damaged = toUtf8(line.slice(0, at) + character + line.slice(at + 1));
      try {
        decodeRecords(damaged);
      } catch (error) {
        refused++;
        const shown = inspect(error, { depth: 9, showHidden: true });
        for (let i = 0; i + 6 <= secret.length; i++)
          assert.not.ok(shown.includes(secret.slice(i, i + 6)), `${at}: ${shown}`);
      }
    }
  }
  assert.ok(refused > 500, `${refused}`);
});

test('a key that fails to import is tried again', async () => {
  const store = await createKeyStore(createMemoryStorage(), changes);
  let fail = true;
  const failing = {
    ...crypto,
    signingKey: (...args: Parameters<typeof crypto.signingKey>) => {
      if (fail) throw new Error('not now');
      return crypto.signingKey(...args);
    },
  };
  assert.is((await errorOf(() => store.deviceKey(failing))).message, 'not now');
  fail = false;
  assert.ok(await store.deviceKey(failing));
});

test('commits that came while another was made are one; refused as one, each is tried on its own', async () => {
  const memory = createMemoryStorage(changes);
  const made: string[][] = [];
  const storage: KeyStoreStorage = {
    ...memory,
    async commit(given) {
      made.push(given.map(({ key }) => key));
      if (given.some(({ key }) => key === 'bad')) throw new Error('no');
      await memory.commit(given);
    },
  };
  const store = await openKeyStore(storage);
  const seen = (key: string) => store.commit([{ table: 'seen', key, record: { at: 1 } }]);
  const first = ['a', 'b', 'c'].map(seen);
  await first[0];
  const second = ['d', 'bad', 'e'].map(seen);
  const outcomes = await Promise.allSettled([...first, ...second]);
  assert.equal(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal(made, [['a', 'b', 'c'], ['d', 'bad', 'e'], ['d'], ['bad'], ['e']]);
  assert.equal(
    (await store.entries('seen')).map(([key]) => key),
    ['a', 'b', 'c', 'd', 'e'],
  );
});

test.run();
