import { generatePrivateKey, publicKeyFromRaw, type SigningKey } from '@stanzaseal/cms';
import { completeEndorsement, verifyDeviceList, verifyEndorsement } from '@stanzaseal/signer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createFileStorage, openFileStorage, passphraseSecret } from '../src/fileStorage.js';
import {
  type AccountRecord,
  type Change,
  createAccount,
  createJoiningDevice,
  createKeyStore,
  createMemoryStorage,
  encodeRecord,
  type HeldKey,
  type HeldKeysWanted,
  KeyStoreError,
  type KeyStoreStorage,
  openKeyStore,
  type StoredRecord,
} from '../src/index.js';
import { destroyPkcs11Key, generatePkcs11Key, pkcs11SigningKey, pkcs11Token } from '../src/pkcs11/index.js';
import { clock, codeOf, cost, crypto, errorOf, owner, passphrase, random, temporaryDirectory } from './fixture.js';
import { PIN, softHsm } from './softToken.js';

const test = suite('device key held elsewhere');

/** A key in software that is held elsewhere. */
async function held(name?: string): Promise<HeldKey> {
  const key = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  return { publicKey: key.publicKey, sign: (octets) => key.sign(octets), ...(name === undefined ? {} : { name }) };
}

function accountIn(changes: readonly Change[]): AccountRecord {
  return changes.find(({ table }) => table === 'account')?.record as AccountRecord;
}

async function checkAccount({ endorsement, deviceList, identity }: AccountRecord, device: SigningKey): Promise<void> {
  const { deviceKeys } = await verifyDeviceList(deviceList as Uint8Array, crypto);
  assert.equal(deviceKeys, [device.publicKey]);
  const { endorsed } = await verifyEndorsement(
    endorsement as Uint8Array,
    await publicKeyFromRaw('Ed25519', identity, crypto),
    crypto,
  );
  assert.equal(endorsed, device.publicKey);
}

test('the record has the public half and the name alone; the store opens with the key, and with no other', async () => {
  const device = await held('device 1');
  const changes = await createAccount({ owner, device, random, clock, crypto });
  const account = accountIn(changes);
  assert.equal(account.device, device.publicKey.raw);
  assert.is(account.deviceSecret.length, 0);
  assert.is(account.deviceName, 'device 1');
  assert.is(account.localSecret?.length, 32);
  assert.is(`${account.localSecret}`, '[redacted]');
  await checkAccount(account, device);

  const directory = temporaryDirectory();
  const storage = await createFileStorage({ directory, passphrase, cost, random, crypto });
  const store = await createKeyStore(storage, changes, { device });
  assert.is(await store.deviceKey(crypto), device);
  assert.is((await store.identityKey(crypto))?.publicKey.algorithm, 'Ed25519');
  await store.commit([{ table: 'account', key: 'self', record: { ...account, bundleSequence: 1 } }]);
  await store.close();

  const reading = await openFileStorage({ directory, passphrase, random, crypto, readOnly: true });
  assert.is(await codeOf(() => openKeyStore(reading)), 'ERR_LOCKED');
  assert.is(await codeOf(async () => openKeyStore(reading, { device: await held() })), 'ERR_LOCKED');
  assert.instance(await errorOf(() => openKeyStore(reading, { device, identity: device })), TypeError);
  const wanted: HeldKeysWanted[] = [];
  const again = await openKeyStore(reading, async (asked) => {
    wanted.push(asked);
    return { device };
  });
  assert.is(await again.deviceKey(crypto), device);
  const { identity } = account;
  assert.equal(wanted, [{ identity, device: device.publicKey.raw, deviceElsewhere: true, deviceName: 'device 1' }]);
  assert.equal(await again.get('account', 'self'), { ...account, bundleSequence: 1 });
  const failing = async () => openKeyStore(reading, () => Promise.reject(new KeyStoreError('ERR_PASSPHRASE', 'wrong')));
  assert.is(await codeOf(failing), 'ERR_PASSPHRASE');
  await again.close();
  assert.is(await codeOf(() => again.deviceKey(crypto)), 'ERR_LOCKED');
});

test('nothing is stored where the key is not given, is another, or is no device key', async () => {
  const device = await held();
  const changes = await createAccount({ owner, device, random, clock, crypto });
  assert.is(accountIn(changes).deviceName, undefined);
  const storage = createMemoryStorage();
  assert.is(await codeOf(() => createKeyStore(storage, changes)), 'ERR_LOCKED');
  assert.is(await codeOf(async () => createKeyStore(storage, changes, { device: await held() })), 'ERR_LOCKED');
  assert.equal(await storage.load(), []);
  const plain = await createAccount({ owner, random, clock, crypto });
  assert.instance(await errorOf(() => createKeyStore(storage, plain, { device })), TypeError);

  const strange = await (await generatePrivateKey('P-256', random, crypto)).signingKey(crypto);
  const make = (given: HeldKey, identity?: HeldKey) =>
    createAccount({ owner, device: given, ...(identity && { identity }), random, clock, crypto });
  assert.instance(await errorOf(() => make(strange)), TypeError);
  assert.match((await errorOf(() => make(device, device))).message, 'device is the identity key');
});

test('both keys are held elsewhere; each is asked for by its own name', async () => {
  const [identity, device] = [await held('root'), await held('laptop')];
  const storage = createMemoryStorage();
  const changes = await createAccount({ owner, identity, device, random, clock, crypto });
  await createKeyStore(storage, changes, { identity, device });
  assert.is(await codeOf(() => openKeyStore(storage, { device })), 'ERR_LOCKED');
  assert.is(await codeOf(() => openKeyStore(storage, { identity })), 'ERR_LOCKED');
  assert.is(await codeOf(() => openKeyStore(storage, { identity: device, device: identity })), 'ERR_LOCKED');
  const keys: { readonly [name: string]: HeldKey } = { root: identity, laptop: device };
  const store = await openKeyStore(storage, ({ identityName = '', deviceName = '' }) => ({
    identity: keys[identityName] as HeldKey,
    device: keys[deviceName] as HeldKey,
  }));
  assert.is(await store.identityKey(crypto), identity);
  assert.is(await store.deviceKey(crypto), device);
});

test('a joining device asks with a key held elsewhere', async () => {
  const device = await held();
  const account = await held();
  const identity = account.publicKey;
  const { changes, request } = await createJoiningDevice({ owner, identity, device, random, clock, crypto });
  const store = await createKeyStore(createMemoryStorage(), changes, { device });
  assert.is(await store.deviceKey(crypto), device);
  const { endorsed } = await completeEndorsement(request, account, { signingTime: clock(), crypto });
  assert.equal(endorsed, device.publicKey);
});

test('a commit brings in another held key, which it has to name; one that fails brings in none', async () => {
  const [first, second] = [await held(), await held()];
  const memory = createMemoryStorage();
  let isFull = false;
  const storage: KeyStoreStorage = {
    ...memory,
    commit: (changes) => (isFull ? Promise.reject(new Error('disk full')) : memory.commit(changes)),
  };
  const changes = await createAccount({ owner, device: first, random, clock, crypto });
  const account = accountIn(changes);
  const store = await createKeyStore(storage, changes, { device: first });
  const next: Change = { table: 'account', key: 'self', record: { ...account, device: second.publicKey.raw } };
  assert.is(await codeOf(() => store.commit([next], { device: first })), 'ERR_LOCKED');
  assert.instance(await errorOf(() => store.commit([], { device: second })), TypeError);
  assert.instance(await errorOf(() => store.commit([next], { device: second, identity: first })), TypeError);
  isFull = true;
  assert.match((await errorOf(() => store.commit([next], { device: second }))).message, 'disk full');
  assert.is(await store.deviceKey(crypto), first);
  isFull = false;
  await store.commit([next], { device: second });
  assert.is(await store.deviceKey(crypto), second);
  assert.is(await codeOf(() => openKeyStore(memory, { device: first })), 'ERR_LOCKED');
  assert.is(await (await openKeyStore(memory, { device: second })).deviceKey(crypto), second);
  // Named by nobody who gave it: no signature by a key that was given up.
  await store.commit([{ table: 'account', key: 'self', record: account }]);
  assert.is(await codeOf(() => store.deviceKey(crypto)), 'ERR_LOCKED');
});

test('another secret of the store changes nothing about it', async () => {
  const device = await held();
  const directory = temporaryDirectory();
  const storage = await createFileStorage({ directory, passphrase, cost, random, crypto });
  const changes = await createAccount({ owner, device, random, clock, crypto });
  const store = await createKeyStore(storage, changes, { device });
  await storage.changeSecret(passphraseSecret({ passphrase: 'another', cost }));
  await store.close();
  const opened = await openFileStorage({ directory, passphrase: 'another', random, crypto });
  const again = await openKeyStore(opened, { device });
  assert.equal(await again.get('account', 'self'), accountIn(changes));
  await again.close();
});

test('its record has the members of the specification', async () => {
  const changes = await createAccount({ owner, device: await held('label'), random, clock, crypto });
  const line = new TextDecoder().decode(
    encodeRecord({ table: 'account', key: 'self', record: accountIn(changes) } as StoredRecord),
  );
  const members = (JSON.parse(line) as [string, string, { [member: string]: unknown }])[2];
  assert.equal(members.deviceSecret, { octets: '' });
  assert.is(members.deviceElsewhere, true);
  assert.is(members.deviceName, 'label');
  assert.match((members.localSecret as { octets: string }).octets, /^[A-Za-z0-9+/]{43}=$/);
});

test('a token holds both keys, which are found again by the names in the record; a destroyed one is gone', async () => {
  const hsm = await softHsm('juliet');
  if (hsm === undefined) return;
  const token = pkcs11Token({ library: hsm.library, label: 'juliet', pin: PIN });
  const open = (keyLabel: string) => pkcs11SigningKey({ token, keyLabel, crypto });
  for (const keyLabel of ['identity', 'device', 'other'])
    await generatePkcs11Key({ token, keyLabel, algorithm: 'Ed25519', random, crypto });
  const [identity, device] = [await open('identity'), await open('device')];
  const storage = createMemoryStorage();
  const changes = await createAccount({ owner, identity, device, random, clock, crypto });
  const store = await createKeyStore(storage, changes, { identity, device });
  await checkAccount((await store.get('account', 'self')) as AccountRecord, device);

  const again = await openKeyStore(storage, async ({ identityName, deviceName }) => ({
    identity: await open(identityName as string),
    device: await open(deviceName as string),
  }));
  assert.equal((await again.deviceKey(crypto)).publicKey, device.publicKey);
  const other = await open('other');
  assert.is(await codeOf(() => openKeyStore(storage, { identity, device: other })), 'ERR_LOCKED');

  await destroyPkcs11Key({ token, keyLabel: 'device' });
  assert.is(await codeOf(() => open('device')), 'ERR_PASSPHRASE');
  assert.is(await codeOf(() => destroyPkcs11Key({ token, keyLabel: 'device' })), 'ERR_PASSPHRASE');
  assert.equal((await open('other')).publicKey, other.publicKey); // and no other went with it
  await generatePkcs11Key({ token, keyLabel: 'device', algorithm: 'Ed25519', random, crypto });
  const named = () => openKeyStore(storage, async () => ({ identity, device: await open('device') }));
  assert.is(await codeOf(named), 'ERR_LOCKED'); // another key of the same label
  await token.close();
});

test.run();
