// What every storage keeps to, and the key store over each: called by the test file of each kind of storage.
import * as assert from 'uvu/assert';
import {
  type AccountRecord,
  type Change,
  createAccount,
  createKeyStore,
  type KeyStore,
  type KeyStoreStorage,
  openKeyStore,
  type PrekeyRecord,
  withoutSecrets,
} from '../src/index.js';
import { clock, codeOf, crypto, errorOf, owner, random } from './fixture.js';

/** A new storage, and another look at what is stored. */
export interface MadeStorage {
  readonly storage: KeyStoreStorage;
  /** Opens it again: after `close` where what is stored outlasts that. */
  again(): Promise<KeyStoreStorage>;
}

/** A kind of storage. */
export interface StorageKind {
  readonly kind: string;
  /** Whether records are there after `close`. */
  readonly lasts: boolean;
  /** Whether it keeps private keys as handles, and gives no octets of them. */
  readonly keepsKeys?: boolean;
  make(): Promise<MadeStorage>;
}

const changes = await createAccount({ owner, random, clock, crypto });

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
  {
    table: 'outbox',
    key: '00000000000000ff',
    record: {
      stanza: '<message>\n\u2028"\\\u0000 \ud83d\ude00 é</message>',
      to: 'room@b',
      members: ['a@b', 'c@b'],
      messageId: digest.slice(0, 16),
      inReplyTo: digest.slice(16),
      at: 1,
      sentAt: 2,
      failed: 'not-allowed',
    },
  },
  {
    table: 'outbox',
    key: '0000000000000100',
    record: { stanza: '', to: 'a@b/c', messageId: digest.slice(0, 16), at: 0 },
  },
  { table: 'cursors', key: 'a@b', record: { id: '28482-98726-73623', at: 1 } },
  { table: 'runs', key: '00ff', record: { kind: 'sas', peer: 'a@b', state: digest, at: 1, expires: 2 } },
  { table: 'attempts', key: 'password a@b', record: { count: 1, since: 2 } },
  {
    table: 'evidence',
    key: 'a@b x509 00ff',
    record: {
      jid: 'a@b',
      identity: digest,
      kind: 'x509',
      by: 'CN=A',
      statement: digest,
      at: 1,
      notAfter: 2,
      sequence: 3,
      revokedAt: 4,
    },
  },
  { table: 'evidence', key: 'a@b sas 00', record: { jid: 'a@b', identity: digest, kind: 'sas', at: 1 } },
  { table: 'policy', key: 'self', record: { rules: '{"minimum":"vouched"}' } },
];

async function contentOf(store: KeyStore): Promise<Map<string, unknown>> {
  const content = new Map<string, unknown>();
  for (const table of ['account', ...new Set(records.map(({ table }) => table))] as const) {
    for (const [key, record] of await store.entries(table)) content.set(`${table} ${key}`, record);
  }
  return content;
}

/** Adds the tests of a kind of storage to a suite: `addStorageTests(test, { kind: 'file', lasts: true, make })`. */
export function addStorageTests(
  test: (name: string, run: () => Promise<void>) => void,
  { kind, lasts, keepsKeys = false, make }: StorageKind,
): void {
  const kept = (change: Change) => (keepsKeys ? withoutSecrets(change) : change);

  test(`${kind}: every record comes back as it went in, in this store and the next`, async () => {
    const { storage, again } = await make();
    const store = await createKeyStore(storage, changes);
    await store.commit(records);
    const expected = new Map<string, unknown>(
      [...changes, ...records].map(kept).map(({ table, key, record }) => [`${table} ${key}`, record]),
    );
    assert.equal(await contentOf(store), expected);
    if (lasts) await store.close();
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
    const sorted = async (from: KeyStore) => [...(await from.entries('seen'))].sort(([a], [b]) => (a < b ? -1 : 1));
    assert.equal(await sorted(store), expected);
    assert.is(await store.get('seen', 'a'), undefined);
    if (lasts) await store.close();
    const next = await openKeyStore(await again());
    assert.equal(await sorted(next), expected);
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
    const closed = lasts ? store.close() : undefined;
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
      { table: 'outbox', key: 'b', record: { stanza: '', to: 'a@b', members: [1], messageId: digest, at: 1 } },
      { table: 'runs', key: 'b', record: { kind: 'sas', peer: 'a@b', state: 'text', at: 1, expires: 2 } },
      { table: 'evidence', key: 'b', record: { jid: 'a@b', identity: digest, kind: 'rumour', at: 1 } },
      { table: 'policy', key: 'self', record: { rules: {} } },
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
    if (lasts) await store.close();
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
    if (!lasts) {
      const loaded = (await storage.load()).find(({ table }) => table === 'received')?.record as { digest: Uint8Array };
      loaded.digest.fill(9);
    }
    assert.throws(() => Object.assign(store.get('received', 'a') as object, { counter: 9 }), TypeError);
    if (lasts) await store.close();
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

  test(`${kind}: what is erased and what takes its place, prekeys before all`, async () => {
    const { storage, again } = await make();
    const store = await createKeyStore(storage, changes);
    const prekeys = await store.entries('prekeys');
    const [[gone], [replaced, record], [used, before]] = prekeys as [Entry, Entry, Entry];
    const secret = digest.slice().reverse();
    await store.commit([{ table: 'prekeys', key: used, record: { ...before, uses: [{ device: 'd', at: 1 }] } }]);
    await store.commit([
      { table: 'prekeys', key: gone, record: undefined },
      { table: 'prekeys', key: replaced, record: { ...record, secret } },
      { table: 'prekeys', key: 'never', record: undefined },
      { table: 'seen', key: 'a', record: { at: 1 } },
    ]);
    await store.commit([{ table: 'prekeys', key: 'new', record: { ...record, secret } }]);
    await store.commit([{ table: 'prekeys', key: 'new', record: undefined }]);
    const entries = await store.entries('prekeys');
    // Closing overwrites what was given out.
    const expected = new Map(entries.map(([key, each]) => [key, { ...each, secret: each.secret.slice() }]));
    assert.is(expected.size, prekeys.length - 1);
    assert.equal(expected.get(replaced)?.secret, keepsKeys ? new Uint8Array(0) : secret);
    assert.equal(expected.get(used)?.uses, [{ device: 'd', at: 1 }]);
    if (lasts) {
      await store.close();
      assert.ok(entries.every(([, each]) => each.secret.every((octet) => octet === 0)));
    }
    const next = await openKeyStore(await again());
    assert.equal(new Map(await next.entries('prekeys')), expected);
    assert.equal(await next.entries('seen'), [['a', { at: 1 }]]);
    await next.close();
  });

  test(`${kind}: the epoch rises with every commit, and is kept`, async () => {
    const { storage, again } = await make();
    assert.is(storage.epoch, 0);
    const store = await createKeyStore(storage, changes);
    assert.is(store.epoch, 1);
    for (let i = 0; i < 3; i++) await store.commit([{ table: 'seen', key: `${i}`, record: { at: i } }]);
    assert.is(store.epoch, 4);
    if (!lasts) return store.close();
    await store.close();
    const next = await openKeyStore(await again());
    assert.is(next.epoch, 4);
    await next.commit([
      { table: 'prekeys', key: (await next.entries('prekeys'))[0]?.[0] as string, record: undefined },
    ]);
    assert.is(next.epoch, 5);
    await next.close();
  });
}

type Entry = readonly [string, PrekeyRecord];
