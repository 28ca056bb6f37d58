// The page of indexeddb.test.ts: what the tests call in it, by values of JSON.
import { equal, generatePrivateKey, publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { element, NS } from '@stanzaseal/stanza';
import {
  type AccountRecord,
  createAccount,
  createKeyStore,
  createMemoryStorage,
  generatePrekeys,
  type KeyStore,
  KeyStoreError,
  openKeyStore,
} from '../../src/index.js';
import {
  createIndexedDbStorage,
  deleteIndexedDbStorage,
  type IndexedDbParameters,
  openIndexedDbStorage,
} from '../../src/indexeddb/index.js';
import { addStorageTests } from '../storageSuite.js';
import { crypto, owner, random } from './browserFixture.js';

const clock = Date.now;
let store: KeyStore | undefined;
let messenger: Messenger | undefined;

const held = () => store as KeyStore;
const account = async () => (await held().get('account', 'self')) as AccountRecord;

/** The suite of all storages: what each test ended in. */
async function runSuite(): Promise<{ name: string; error?: string }[]> {
  const tests: { name: string; run: () => Promise<void> }[] = [];
  let number = 0;
  addStorageTests((name, run) => tests.push({ name, run }), {
    kind: 'IndexedDB',
    lasts: true,
    keepsKeys: true,
    async make() {
      const name = `suite ${number++}`;
      const storage = await createIndexedDbStorage({ name, crypto });
      return { storage, again: () => openIndexedDbStorage({ name, crypto }) };
    },
  });
  const outcomes = [];
  for (const { name, run } of tests) {
    const error = await run().then(
      () => undefined,
      (thrown: Error) => `${thrown.stack ?? thrown}`,
    );
    outcomes.push(error === undefined ? { name } : { name, error });
  }
  return outcomes;
}

/** What something ends in: `done`, the code of a KeyStoreError, or another error's name. */
async function endOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'done';
  } catch (error) {
    return error instanceof KeyStoreError ? error.code : (error as Error).name;
  }
}

/** Makes an account in a new store; gives the octets of its secrets, in hexadecimal, as nobody would have them later. */
async function create(name: string): Promise<string[]> {
  const changes = await createAccount({ owner, random, clock, crypto });
  store = await createKeyStore(await createIndexedDbStorage({ name, crypto }), changes);
  const secrets: Uint8Array[] = [];
  for (const { table, record } of changes) {
    if (table === 'prekeys' && record) secrets.push(record.secret);
    if (table === 'account' && record) secrets.push(record.deviceSecret, record.identitySecret as Uint8Array);
  }
  return secrets.map(toHex);
}

const open = (name: string, options: Partial<IndexedDbParameters> & { readOnly?: boolean } = {}) =>
  endOf(async () => {
    store = await openKeyStore(await openIndexedDbStorage({ name, crypto, ...options }));
  });

/** A store whose device key is held elsewhere: what opening it ends in without the key, whose key it gives, and what it keeps. */
async function createHeld(name: string): Promise<{ without: string; isGiven: boolean; keys: number }> {
  const device = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  const changes = await createAccount({ owner, device, random, clock, crypto });
  await (await createKeyStore(await createIndexedDbStorage({ name, crypto }), changes, { device })).close();
  const storage = await openIndexedDbStorage({ name, crypto });
  const without = await endOf(() => openKeyStore(storage));
  store = await openKeyStore(storage, { device });
  return { without, isGiven: (await store.deviceKey(crypto)) === device, ...(await countKeys(name)) };
}

const createAgain = (name: string) => endOf(() => createIndexedDbStorage({ name, crypto }));
const remove = (name: string) => endOf(() => deleteIndexedDbStorage(name));
const close = () => held().close();
const commit = (at: number) => endOf(() => held().commit([{ table: 'seen', key: `${at}`, record: { at } }]));
/** Commits entries of replay memory, or takes them out, all at once. */
const commitMany = (from: number, count: number, isErasing = false) =>
  endOf(() =>
    held().commit(
      Array.from({ length: count }, (_, i) => ({
        table: (from + i) % 2 === 0 ? ('seen' as const) : ('accepted' as const),
        key: `${from + i}`,
        record: isErasing ? undefined : { at: from + i },
      })),
    ),
  );
const remembered = async () =>
  [...(await held().entries('seen')), ...(await held().entries('accepted'))]
    .map(([, { at }]) => at)
    .sort((a, b) => a - b);

/** How many values lie in a database, by IndexedDB alone. */
async function countValues(name: string): Promise<{ records: number; packs: number }> {
  const database = await rawDatabase(name);
  const count = (store: string) =>
    new Promise<number>((resolve) => {
      const found = database.transaction(store).objectStore(store).count();
      found.onsuccess = () => resolve(found.result);
    });
  const counts = { records: await count('records'), packs: await count('packs') };
  database.close();
  return counts;
}

/** Makes a copy of a database as format version 1 had it. */
async function copyAsVersionOne(from: string, to: string): Promise<void> {
  const [source, request] = [await rawDatabase(from), indexedDB.open(to, 1)];
  const stores = ['records', 'keys', 'head'];
  request.onupgradeneeded = () => {
    for (const store of stores) request.result.createObjectStore(store);
  };
  const target = await new Promise<IDBDatabase>((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  for (const store of stores) {
    const entries = await new Promise<[IDBValidKey, unknown][]>((resolve) => {
      const all = source.transaction(store).objectStore(store);
      const [keys, values] = [all.getAllKeys(), all.getAll()];
      values.onsuccess = () => resolve(keys.result.map((key, i) => [key, values.result[i]]));
    });
    const transaction = target.transaction(store, 'readwrite');
    for (const [key, value] of entries) transaction.objectStore(store).put(value, key);
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });
  }
  source.close();
  target.close();
}

function rawDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name);
  return new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
}

const seen = async () => (await held().entries('seen')).map(([, { at }]) => at).sort((a, b) => a - b);
const epoch = async () => held().epoch;

/** Whether every private key of the open store works, and belongs to its public half. */
async function keysWork(): Promise<{ device: boolean; identity: boolean; prekeys: number }> {
  const octets = random(100);
  const { device, identity } = await account();
  const signs = async (raw: Uint8Array, key: Awaited<ReturnType<KeyStore['identityKey']>>) => {
    if (key === undefined || !equal(key.publicKey.raw, raw)) return false;
    return crypto.verify(await publicKeyFromRaw('Ed25519', raw, crypto), octets, await key.sign(octets));
  };
  const peer = await (await generatePrivateKey('X25519', random, crypto)).agreementKey(crypto);
  let prekeys = 0;
  for (const [, { publicKey }] of await held().entries('prekeys')) {
    const { keyIdentifier } = await publicKeyFromRaw('X25519', publicKey, crypto);
    const own = await held().prekey(keyIdentifier, crypto);
    if (own === undefined) continue;
    const one = await own.agree(peer.publicKey);
    if (equal(one, await peer.agree({ algorithm: 'X25519', raw: publicKey }))) prekeys++;
  }
  return {
    device: await signs(device, await held().deviceKey(crypto)),
    identity: await signs(identity, await held().identityKey(crypto)),
    prekeys,
  };
}

/** What is in a database, by IndexedDB alone: lengths of secrets in records, and what exporting each key ends in. */
async function rawContent(name: string): Promise<{ secrets: number[]; keys: Record<string, string[]> }> {
  const request = indexedDB.open(name);
  const database = await new Promise<IDBDatabase>((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const all = (store: string) =>
    new Promise<unknown[]>((resolve) => {
      const found = database.transaction(store).objectStore(store).getAll();
      found.onsuccess = () => resolve(found.result);
    });
  const secrets = (await all('records')).flatMap((record) =>
    Object.entries(record as object)
      .filter(([member]) => /secret/i.test(member))
      .map(([, octets]) => (octets as Uint8Array).length),
  );
  const keys: Record<string, string[]> = {};
  for (const { key } of (await all('keys')) as { key: CryptoKey }[]) {
    const ends = await Promise.all(
      (['pkcs8', 'jwk', 'raw'] as const).map((format) => endOf(() => globalThis.crypto.subtle.exportKey(format, key))),
    );
    const what = `${key.algorithm.name} ${key.type} ${key.extractable ? 'extractable' : 'not extractable'}`;
    keys[what] = [...new Set([...(keys[what] ?? []), ...ends])];
  }
  database.close();
  return { secrets, keys };
}

/** Deletes one prekey; gives how many keys were in the database before and after. */
async function erasePrekey(name: string): Promise<[number, number]> {
  const count = async () => Object.values(await countKeys(name))[0] as number;
  const before = await count();
  const [key] = (await held().entries('prekeys'))[0] as [string, unknown];
  await held().commit([{ table: 'prekeys', key, record: undefined }]);
  return [before, await count()];
}

async function countKeys(name: string): Promise<{ keys: number }> {
  const request = indexedDB.open(name);
  const database = await new Promise<IDBDatabase>((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const keys = await new Promise<number>((resolve) => {
    const found = database.transaction('keys').objectStore('keys').count();
    found.onsuccess = () => resolve(found.result);
  });
  database.close();
  return { keys };
}

const chat = (body: string) =>
  element(NS.CLIENT, 'message', { type: 'chat' }, [element(NS.CLIENT, 'body', {}, [body])]);

const messengerOver = (from: KeyStore) =>
  createMessenger({ store: from, crypto, random, clock, onEvent: () => undefined });

/** Somebody in memory, and Juliet, in the open store, write to each other; gives what arrived and by which class of key. */
async function converse(jid: string, turns: number): Promise<string[]> {
  const changes = await createAccount({ owner: jid, random, clock, crypto });
  const his = messengerOver(await createKeyStore(createMemoryStorage(), changes));
  messenger ??= messengerOver(held());
  for (const [from, to] of [
    [his, messenger],
    [messenger, his],
  ] as const) {
    const { deviceList, prekeyBundle } = await from.publish();
    await to.importKeys([deviceList, prekeyBundle]);
  }
  const told: string[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const [from, to, recipient] = turn % 2 === 0 ? [his, messenger, owner] : [messenger, his, jid];
    const { stanza } = await from.seal(chat(`turn ${turn}`), { to: recipient });
    const opened = await to.open(stanza);
    if (opened.status !== 'opened') throw new Error(opened.status);
    await opened.accept();
    const body = opened.stanza.children.find((node) => typeof node !== 'string' && node.name === 'body');
    told.push(`${typeof body === 'object' ? body.children.join('') : ''}: ${opened.class}`);
  }
  return told;
}

/** Milliseconds a commit took, in the middle, with a number of entries there; and to open the store then. */
async function measure(name: string, entries: number): Promise<{ commit: number; open: number }> {
  const changes = await createAccount({ owner, random, clock, crypto });
  store = await createKeyStore(await createIndexedDbStorage({ name, crypto }), changes);
  for (let made = 0; made < entries; made += 10_000) {
    const count = Math.min(10_000, entries - made);
    await store.commit(
      Array.from({ length: count }, (_, i) => ({ table: 'seen', key: `${made + i}`, record: { at: made + i } })),
    );
  }
  const times: number[] = [];
  for (let i = 0; i < 100; i++) {
    const prekeys = await generatePrekeys(1, 'reply', { random, clock, crypto });
    const start = performance.now();
    await store.commit([...prekeys, { table: 'seen', key: `new ${i}`, record: { at: i } }]);
    times.push(performance.now() - start);
  }
  await store.close();
  const start = performance.now();
  store = await openKeyStore(await openIndexedDbStorage({ name, crypto }));
  const opened = performance.now() - start;
  await store.close();
  await deleteIndexedDbStorage(name);
  return { commit: times.sort((a, b) => a - b)[50] as number, open: opened };
}

Object.assign(globalThis, {
  stanzaseal: {
    runSuite,
    create,
    createHeld,
    open,
    createAgain,
    remove,
    close,
    commit,
    seen,
    epoch,
    commitMany,
    remembered,
    countValues,
    copyAsVersionOne,
    keysWork,
    rawContent,
    erasePrekey,
    converse,
    measure,
  },
});
