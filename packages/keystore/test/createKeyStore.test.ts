// New accounts and devices: what they hold verifies by the functions others judge it with.
import { inspect } from 'node:util';
import {
  decodeDeviceList,
  decodeSignedData,
  generatePrivateKey,
  publicKeyFromRaw,
  toBase64,
  toHex,
} from '@stanzaseal/cms';
import { completeEndorsement, verifyDeviceList, verifyEndorsement } from '@stanzaseal/signer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type AccountRecord,
  type Change,
  createAccount,
  createJoiningDevice,
  createKeyStore,
  createMemoryStorage,
  ENDORSEMENT_VALIDITY,
  generatePrekeys,
  openKeyStore,
  type PrekeyRecord,
  PUBLISHED_VALIDITY,
} from '../src/index.js';
import { clock, codeOf, crypto, errorOf, NOW, owner, random } from './fixture.js';

const test = suite('createKeyStore');

function accountOf(changes: readonly Change[]): AccountRecord {
  return changes.find(({ table }) => table === 'account')?.record as AccountRecord;
}

function prekeysOf(changes: readonly Change[]): [string, PrekeyRecord][] {
  return changes.filter(({ table }) => table === 'prekeys').map(({ key, record }) => [key, record as PrekeyRecord]);
}

test('a new account has an endorsed primary device, a device list and prekeys', async () => {
  const changes = await createAccount({ owner, random, clock, crypto });
  const account = accountOf(changes);
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const { endorsement, endorsed } = await verifyEndorsement(account.endorsement as Uint8Array, identity, crypto);
  assert.equal(endorsed.raw, account.device);
  assert.is(endorsement.purpose, 'device');
  assert.is(endorsement.owner, owner);
  assert.is(endorsement.notBefore, NOW);
  assert.is(endorsement.notAfter, NOW + ENDORSEMENT_VALIDITY);
  const { list } = await verifyDeviceList(account.deviceList as Uint8Array, crypto);
  assert.is(list.owner, owner);
  assert.is(list.listVersion, 1);
  assert.is(list.expires - list.issued, 35 * 86_400_000);
  assert.equal(list.identity.raw, account.identity);
  assert.equal(
    list.devices.map(({ key, role, suites }) => [toHex(key.raw), role, suites]),
    [[toHex(account.device), 'primary', [1]]],
  );
  const prekeys = prekeysOf(changes);
  assert.is(prekeys.filter(([, { class: name }]) => name === 'one-time').length, 100);
  assert.is(prekeys.filter(([, { class: name }]) => name === 'last-resort').length, 1);
  assert.is(changes.length, 102);
  for (const [key, { publicKey, secret, createdAt, notAfter }] of prekeys) {
    assert.is(key, toHex((await publicKeyFromRaw('X25519', publicKey, crypto)).keyIdentifier));
    assert.equal(await crypto.rawPublicKey('X25519', secret), publicKey);
    assert.is(createdAt, NOW);
    assert.is(notAfter, NOW + PUBLISHED_VALIDITY);
  }
});

test('the endorsement lives as long as was asked for', async () => {
  const account = accountOf(await createAccount({ owner, random, clock, crypto, validity: 86_400_000 }));
  const identity = await publicKeyFromRaw('Ed25519', account.identity, crypto);
  const { endorsement } = await verifyEndorsement(account.endorsement as Uint8Array, identity, crypto);
  assert.is(endorsement.notAfter, NOW + 86_400_000);
});

test('a joining device is admitted by the identity key and by no other', async () => {
  const identity = await generatePrivateKey('Ed25519', random, crypto);
  const { changes, request } = await createJoiningDevice({
    owner,
    identity: identity.publicKey,
    random,
    clock,
    crypto,
  });
  const account = accountOf(changes);
  assert.is(account.role, 'secondary');
  assert.is(account.identitySecret, undefined);
  assert.is(account.endorsement, undefined);
  assert.is(account.deviceList, undefined);
  assert.is(prekeysOf(changes).length, 101);
  const parameters = { signingTime: NOW, crypto };
  const { der, endorsed } = await completeEndorsement(request, await identity.signingKey(crypto), parameters);
  assert.equal(endorsed.raw, account.device);
  assert.is((await verifyEndorsement(der, identity.publicKey, crypto)).endorsement.owner, owner);
  const other = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  assert.is((await errorOf(() => completeEndorsement(request, other, parameters))).code, 'ERR_VERIFY');
  const store = await createKeyStore(createMemoryStorage(), changes);
  assert.is(await store.identityKey(crypto), undefined);
  assert.equal((await store.deviceKey(crypto)).publicKey.raw, account.device);
});

test('keys of a store sign and agree as the keys they were made as', async () => {
  const changes = await createAccount({ owner, random, clock, crypto });
  const account = accountOf(changes);
  const store = await createKeyStore(createMemoryStorage(), changes);
  assert.is(store.owner, owner);
  const octets = Uint8Array.of(1, 2, 3);
  const signers = [await store.deviceKey(crypto), await store.identityKey(crypto)];
  for (const [i, raw] of [account.device, account.identity].entries()) {
    const signature = (await signers[i]?.sign(octets)) as Uint8Array;
    assert.ok(await crypto.verify({ algorithm: 'Ed25519', raw }, octets, signature));
  }
  const [key, { publicKey }] = prekeysOf(changes)[7] as [string, PrekeyRecord];
  const peer = await crypto.agreementKey(random(32));
  const agreement = await store.prekey(
    Uint8Array.from(key.match(/../g) as string[], (octet) => Number.parseInt(octet, 16)),
    crypto,
  );
  assert.equal(await agreement?.agree(peer.publicKey), await peer.agree({ algorithm: 'X25519', raw: publicKey }));
  assert.is(await store.prekey(new Uint8Array(32), crypto), undefined);
});

test('a storage with anything in it is not written over', async () => {
  const changes = await createAccount({ owner, random, clock, crypto });
  const storage = createMemoryStorage(changes);
  assert.is(
    await codeOf(async () => createKeyStore(storage, await createAccount({ owner, random, clock, crypto }))),
    'ERR_IN_USE',
  );
  assert.equal((await (await openKeyStore(storage)).get('account', 'self'))?.device, accountOf(changes).device);
  const seen = createMemoryStorage([{ table: 'seen', key: '00', record: { at: 1 } }]);
  assert.is(await codeOf(() => createKeyStore(seen, changes)), 'ERR_IN_USE');
});

test('changes without an account make no store', async () => {
  const storage = createMemoryStorage();
  const changes = await generatePrekeys(1, 'one-time', { random, clock, crypto });
  assert.instance(await errorOf(() => createKeyStore(storage, changes)), TypeError);
  assert.is((await storage.load()).length, 0);
});

test('prekeys are of the count, class, end and conversation asked for, and all different', async () => {
  const conversation = 'romeo@montague.example';
  const changes = await generatePrekeys(5, 'reply', { random, clock, crypto, notAfter: NOW + 5, conversation });
  assert.is(new Set(changes.map(({ key }) => key)).size, 5);
  for (const { record } of changes) {
    assert.is(record.class, 'reply');
    assert.is(record.notAfter, NOW + 5);
    assert.is(record.conversation, conversation);
    assert.equal(record.uses, []);
  }
  for (const count of [0, -1, 1.5, Number.NaN]) {
    assert.instance(await errorOf(() => generatePrekeys(count, 'reply', { random, clock, crypto })), RangeError);
  }
});

test('a source of randomness that gives zeros makes no account (E8)', async () => {
  const zeros = (length: number) => new Uint8Array(length);
  assert.instance(await errorOf(() => createAccount({ owner, random: zeros, clock, crypto })), RangeError);
});

test('secrets do not print nor serialise, in records fresh, stored or spread from another (E10)', async () => {
  const changes = await createAccount({ owner, random, clock, crypto });
  const store = await createKeyStore(createMemoryStorage(), changes);
  const account = (await store.get('account', 'self')) as AccountRecord;
  const prekeys = await store.entries('prekeys');
  const spread = { ...account, bundleSequence: 1 };
  await store.deviceKey(crypto);
  const secrets = [
    account.deviceSecret,
    account.identitySecret as Uint8Array,
    ...prekeys.map(([, { secret }]) => secret),
  ];
  assert.is(secrets.length, 103);
  for (const shown of [changes, store, account, prekeys, spread]) {
    const options = { depth: 9, maxArrayLength: null, maxStringLength: null, showHidden: true };
    const printed = inspect(shown, options).replace(/\s+/g, '') + JSON.stringify(shown);
    for (const secret of secrets) {
      assert.not.ok(printed.includes(secret.join(',')));
      assert.not.ok(printed.includes(JSON.stringify([...secret]).slice(1, -1)));
      assert.not.ok(printed.includes(toHex(secret)));
      assert.not.ok(printed.includes(toBase64(secret)));
      assert.not.ok(printed.includes(JSON.stringify(Object.fromEntries(secret.entries())).slice(1, -1)));
    }
  }
  assert.ok(inspect(account).includes('[redacted]'));
  assert.is(`${account.deviceSecret}`, '[redacted]');
});

test('the list is what a decoder of RFC 5652 finds inside', async () => {
  const account = accountOf(await createAccount({ owner, random, clock, crypto }));
  const { eContent } = decodeSignedData(account.deviceList as Uint8Array);
  assert.is(decodeDeviceList(eContent as Uint8Array).owner, owner);
});

test.run();
