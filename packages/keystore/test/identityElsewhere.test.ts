import { generatePrivateKey, type SigningKey } from '@stanzaseal/cms';
import { verifyDeviceList, verifyEndorsement } from '@stanzaseal/signer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AccountRecord, createAccount, createKeyStore, createMemoryStorage, openKeyStore } from '../src/index.js';
import { generatePkcs11Key, pkcs11SigningKey, pkcs11Token } from '../src/pkcs11/index.js';
import { clock, codeOf, crypto, errorOf, owner, random } from './fixture.js';
import { PIN, softHsm } from './softToken.js';

const test = suite('identity key held elsewhere');

/** An identity key in software that counts what it signs. */
async function held(): Promise<SigningKey & { count: number }> {
  const key = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  const counting = {
    publicKey: key.publicKey,
    count: 0,
    sign(octets: Uint8Array) {
      counting.count++;
      return key.sign(octets);
    },
  };
  return counting;
}

async function checkAccount({ endorsement, deviceList, identity }: AccountRecord, key: SigningKey): Promise<void> {
  assert.equal(identity, key.publicKey.raw);
  const list = await verifyDeviceList(deviceList as Uint8Array, crypto);
  assert.equal(list.identity, key.publicKey);
  const { endorsed } = await verifyEndorsement(endorsement as Uint8Array, key.publicKey, crypto);
  assert.equal([endorsed], list.deviceKeys);
}

test('an account is signed by it and holds no copy; the store opens with it alone', async () => {
  const identity = await held();
  const storage = createMemoryStorage();
  const changes = await createAccount({ owner, identity, random, clock, crypto });
  assert.is(identity.count, 2);
  const account = changes.find(({ table }) => table === 'account')?.record as AccountRecord;
  assert.is(account.identitySecret, undefined);
  assert.is(account.role, 'primary');
  await checkAccount(account, identity);
  const store = await createKeyStore(storage, changes, { identity });
  assert.is(await store.identityKey(crypto), identity);
  await store.commit([{ table: 'account', key: 'self', record: { ...account, bundleSequence: 1 } }]);

  assert.is(await codeOf(() => openKeyStore(storage)), 'ERR_LOCKED');
  assert.is(await codeOf(async () => openKeyStore(storage, { identity: await held() })), 'ERR_LOCKED');
  const again = await openKeyStore(storage, { identity });
  assert.is(await again.identityKey(crypto), identity);
});

test('a store that holds its own takes none, and no key of another algorithm is one', async () => {
  const storage = createMemoryStorage();
  await createKeyStore(storage, await createAccount({ owner, random, clock, crypto }));
  assert.instance(await errorOf(async () => openKeyStore(storage, { identity: await held() })), TypeError);
  const strange = await (await generatePrivateKey('P-256', random, crypto)).signingKey(crypto);
  assert.instance(await errorOf(() => createAccount({ owner, identity: strange, random, clock, crypto })), TypeError);
});

test('a token holds it', async () => {
  const hsm = await softHsm('juliet');
  if (hsm === undefined) return;
  const token = pkcs11Token({ library: hsm.library, label: 'juliet', pin: PIN });
  await generatePkcs11Key({ token, keyLabel: 'identity', algorithm: 'Ed25519', random, crypto });
  const identity = await pkcs11SigningKey({ token, keyLabel: 'identity', crypto });
  const changes = await createAccount({ owner, identity, random, clock, crypto });
  const store = await createKeyStore(createMemoryStorage(), changes, { identity });
  await checkAccount((await store.get('account', 'self')) as AccountRecord, identity);
  await token.close();
  assert.is(await codeOf(() => identity.sign(new Uint8Array(1))), 'ERR_LOCKED');
});

test.run();
