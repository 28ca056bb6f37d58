// One suite for every storage, and for the key store over each.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileStorage, openFileStorage } from '../src/fileStorage.js';
import {
  type AccountRecord,
  type Change,
  createAccount,
  createKeyStore,
  createMemoryStorage,
  type KeyStore,
  type KeyStoreStorage,
  openKeyStore,
  type PrekeyRecord,
} from '../src/index.js';
import { clock, codeOf, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';

const test = suite('storage');
const changes = await createAccount({ owner, random, clock, crypto });

/** Each kind of storage: how to make one, and how to have another look at what is stored after the first was closed. */
const kinds: Record<string, () => Promise<{ storage: KeyStoreStorage; again(): Promise<KeyStoreStorage> }>> = {
  async memory() {
    const storage = createMemoryStorage();
    return { storage, again: async () => createMemoryStorage(await storage.load()) };
  },
  async file() {
    const directory = temporaryDirectory();
    const storage = await createFileStorage({ directory, passphrase, cost, random, crypto });
    return { storage, again: () => openFileStorage({ directory, passphrase, random, crypto }) };
  },
};

/** A record of each table with all its members, and with those alone that must be there. */
const digest = Uint8Array.from({ length: 32 }, (_, i) => i);
const peerPrekey = { publicKey: digest, class: 'reply', notAfter: 5, at: 4 } as const;
const records: readonly Change[] = [
  {
    table: 'prekeys',
    key: 'full',
    record: {
      class: 'reply',
      publicKey: digest,
      secret: digest,
      createdAt: 1,
      notAfter: 2,
      conversation: 'a@b',
      replacedAt: 3,
      uses: [
        { device: 'd', at: 1 },
        { device: 'e', at: 1, movedOnAt: 2 },
      ],
    },
  },
  {
    table: 'prekeys',
    key: 'bare',
    record: { class: 'one-time', publicKey: digest, secret: digest, createdAt: 1, notAfter: 2, uses: [] },
  },
  {
    table: 'contacts',
    key: 'romeo@montague.example',
    record: {
      identity: digest,
      trust: 'verified',
      evidence: 'fingerprint',
      pinnedAt: 1,
      deviceList: digest,
      listVersion: 2,
      listDigest: digest,
      listAt: 3,
      changedIdentity: digest,
    },
  },
  {
    table: 'contacts',
    key: '__proto__',
    record: { identity: digest, trust: 'unverified', pinnedAt: 0, listVersion: 0 },
  },
  {
    table: 'devices',
    key: 'full',
    record: {
      owner: 'a@b',
      device: digest,
      endorsed: true,
      bundleSequence: 1,
      bundleAt: 2,
      bundleNotAfter: 3,
      oneTime: [digest, digest.slice().reverse()],
      lastResort: digest,
      choice: peerPrekey,
      reply: peerPrekey,
    },
  },
  {
    table: 'devices',
    key: 'constructor',
    record: { owner: 'a@b', device: digest, endorsed: false, bundleSequence: 0, bundleNotAfter: 0, oneTime: [] },
  },
  {
    table: 'conversations',
    key: 'full',
    record: { counter: Number.MAX_SAFE_INTEGER, previous: digest, replyPrekey: '00' },
  },
  { table: 'conversations', key: '', record: { counter: 0 } },
  { table: 'received', key: 'd a@b', record: { counter: 1, digest: new Uint8Array(0) } },
  { table: 'seen', key: 'toString', record: { at: 1 } },
  { table: 'accepted', key: 'd m', record: { at: 1 } },
  {
    table: 'requests',
    key: 'x',
    record: { from: 'a@b', stanza: '<message>\n\u2028"\\\u0000 \ud83d\ude00 é</message>', at: 1 },
  },
  { table: 'strangers', key: '2026-01-31', record: { pins: 1, oneTimePrekeys: 2 } },
];

async function contentOf(store: KeyStore): Promise<Map<string, unknown>> {
  const content = new Map<string, unknown>();
  for (const table of ['account', ...new Set(records.map(({ table }) => table))] as const) {
    for (const [key, record] of await store.entries(table)) content.set(`${table} ${key}`, record);
  }
  return content;
}

for (const [kind, make] of Object.entries(kinds)) {
  test(`${kind}: every record comes back as it went in, in this store and the next`, async () => {
    const { storage, again } = await make();
    const store = await createKeyStore(storage, changes);
    await store.commit(records);
    const expected = new Map<string, unknown>(
      [...changes, ...records].map(({ table, key, record }) => [`${table} ${key}`, record]),
    );
    assert.equal(await contentOf(store), expected);
    if (kind === 'file') await store.close();
    const next = await openKeyStore(await again());
    assert.equal(await contentOf(next), expected);
    assert.is(({} as Record<string, unknown>).trust, undefined);
    await next.close();
  });

  test(`${kind}: a commit puts and erases, and the last change of a record holds`, async () => {
    const { storage, again } = await make();
    const store = await createKeyStore(storage, changes);
    await store.commit([
      { table: 'seen', key: 'a', record: { at: 1 } },
      { table: 'seen', key: 'b', record: { at: 1 } },
    ]);
    await store.commit([
      { table: 'seen', key: 'a', record: undefined },
      { table: 'seen', key: 'b', record: { at: 2 } },
      { table: 'seen', key: 'c', record: { at: 1 } },
      { table: 'seen', key: 'c', record: { at: 3 } },
      { table: 'seen', key: 'never', record: undefined },
    ]);
    await store.commit([]);
    const expected = [
      ['b', { at: 2 }],
      ['c', { at: 3 }],
    ];
    assert.equal(await store.entries('seen'), expected);
    assert.is(await store.get('seen', 'a'), undefined);
    await (kind === 'file' ? store.close() : undefined);
    const next = await openKeyStore(await again());
    assert.equal(await next.entries('seen'), expected);
    await next.close();
  });

  test(`${kind}: concurrent commits are made in the order of their calls`, async () => {
    const { storage, again } = await make();
    const store = await createKeyStore(storage, changes);
    const done: number[] = [];
    const commits = Array.from({ length: 20 }, (_, i) =>
      store
        .commit([
          { table: 'seen', key: 'x', record: { at: i } },
          { table: 'seen', key: `${i}`, record: { at: i } },
        ])
        .then(() => done.push(i)),
    );
    const closed = kind === 'file' ? store.close() : undefined;
    await Promise.all(commits);
    await closed;
    assert.equal(
      done,
      [...done].sort((a, b) => a - b),
    );
    const next = await openKeyStore(await again());
    assert.equal(await next.get('seen', 'x'), { at: 19 });
    assert.is((await next.entries('seen')).length, 21);
    await next.close();
  });

  test(`${kind}: a commit with a record of another shape changes nothing`, async () => {
    const { storage, again } = await make();
    const store = await createKeyStore(storage, changes);
    const good = { table: 'seen', key: 'a', record: { at: 1 } } as const;
    const account = (await store.get('account', 'self')) as AccountRecord;
    const bad = [
      { table: 'seen', key: 'b', record: {} },
      { table: 'seen', key: 'b', record: { at: 1, more: 1 } },
      { table: 'seen', key: 'b', record: { at: Number.NaN } },
      { table: 'seen', key: 'b', record: { at: -1 } },
      { table: 'seen', key: 'b', record: { at: '1' } },
      { table: 'seen', key: 'b', record: 1 },
      { table: 'seen', key: 'b', record: null },
      { table: 'seen', key: 1, record: { at: 1 } },
      { table: '__proto__', key: 'b', record: { at: 1 } },
      { table: 'constructor', key: 'b', record: undefined },
      { table: 'account', key: 'self', record: { ...account, role: 'tertiary' } },
      { table: 'account', key: 'self', record: { ...account, device: [...account.device] } },
      {
        table: 'prekeys',
        key: 'b',
        record: { class: 'archive', publicKey: digest, secret: digest, createdAt: 1, notAfter: 2, uses: [] },
      },
      {
        table: 'prekeys',
        key: 'b',
        record: { class: 'reply', publicKey: digest, secret: digest, createdAt: 1, notAfter: 2, uses: [{}] },
      },
    ];
    for (const change of bad) {
      assert.instance(
        await errorOf(() => store.commit([good, change as unknown as Change])),
        TypeError,
        JSON.stringify(change),
      );
    }
    assert.equal(await store.entries('seen'), []);
    await store.commit([{ table: 'seen', key: 'z', record: { at: 1 } }]);
    await (kind === 'file' ? store.close() : undefined);
    const next = await openKeyStore(await again());
    assert.equal(await next.entries('seen'), [['z', { at: 1 }]]);
    await next.close();
  });

  test(`${kind}: changing a record that was given or got changes nothing stored`, async () => {
    const { storage, again } = await make();
    const store = await createKeyStore(storage, changes);
    const given = { counter: 1, digest: digest.slice() };
    await store.commit([{ table: 'received', key: 'a', record: given }]);
    given.counter = 9;
    given.digest.fill(9);
    assert.equal(await store.get('received', 'a'), { counter: 1, digest });
    if (kind === 'memory') {
      const loaded = (await storage.load()).find(({ table }) => table === 'received')?.record as { digest: Uint8Array };
      loaded.digest.fill(9);
    }
    assert.throws(() => Object.assign(store.get('received', 'a') as object, { counter: 9 }), TypeError);
    await (kind === 'file' ? store.close() : undefined);
    const next = await openKeyStore(await again());
    assert.equal(await next.get('received', 'a'), { counter: 1, digest });
    await next.close();
  });

  test(`${kind}: an empty storage is no key store`, async () => {
    const { storage } = await make();
    assert.is(await codeOf(() => openKeyStore(storage)), 'ERR_CORRUPT');
    await storage.close();
  });

  test(`${kind}: after close everything is refused`, async () => {
    const { storage } = await make();
    const store = await createKeyStore(storage, changes);
    const commit = store.commit([{ table: 'seen', key: 'a', record: { at: 1 } }]);
    const closed = store.close();
    await commit; // asked for before: made
    await Promise.all([closed, store.close()]);
    const uses: (() => unknown)[] = [
      () => store.get('seen', 'a'),
      () => store.entries('seen'),
      () => store.commit([]),
      () => store.deviceKey(crypto),
      () => store.identityKey(crypto),
      () => store.prekey(new Uint8Array(32), crypto),
    ];
    for (const use of uses) assert.is(await codeOf(use), 'ERR_LOCKED', use.toString());
  });
}

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

test.run();
