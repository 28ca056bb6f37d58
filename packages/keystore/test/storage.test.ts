// The one suite for storages, over those of this package; and the key store over any.
import { SimulatedDisk, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createFileStorage,
  createJournalStorage,
  erasureSlots,
  givenKeySecret,
  openFileStorage,
  openJournalStorage,
} from '../src/fileStorage.js';
import {
  createAccount,
  createKeyStore,
  createMemoryStorage,
  type KeyStoreStorage,
  openKeyStore,
  type PrekeyRecord,
} from '../src/index.js';
import { createSqliteStorage, openSqliteStorage } from '../src/sqlite/index.js';
import { clock, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';
import { addStorageTests } from './storageSuite.js';

const test = suite('storage');
const changes = await createAccount({ owner, random, clock, crypto });

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
