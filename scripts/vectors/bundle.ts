/** Makes `test-vectors/bundle`: published device lists and prekey bundles taken in and refused. */
import { type DeviceList, fromUtf8, type PrekeyBundle, type SigningKey, toHex } from '@stanzaseal/cms';
import { createAccount, encodeRecord, type StoredRecord } from '@stanzaseal/keystore';
import { signDeviceList, signPrekeyBundle, verifyDeviceList } from '@stanzaseal/signer';
import { JULIET, julietDevice, julietTablet, keyOf, NOW, ROMEO } from './people.js';
import { crypto, type Draft, octets, writeVectors } from './vectorWriter.js';

const DAY = 86_400_000;
const ISSUED = NOW - (NOW % 1000);
const julietIdentity = await keyOf('Ed25519', 'juliet identity');
const paris = await keyOf('Ed25519', 'paris identity');

/** The records of Romeo's new store, drawn from labels. */
let drawn = 0;
const account = await createAccount({
  owner: ROMEO,
  random: (length) => Uint8Array.from(Buffer.from(octets(`romeo account ${drawn++}`, length), 'hex')),
  clock: () => NOW,
  crypto,
});
export const store = account
  .filter(({ table, record }) => table === 'account' || (record as { class?: string }).class === 'last-resort')
  .map((change) => fromUtf8(encodeRecord(change as StoredRecord)))
  .join('');

const devices = [{ key: julietDevice.key.publicKey, role: 'primary' as const, suites: [1] }];
const list = (changes: Partial<DeviceList> = {}): DeviceList => ({
  owner: JULIET,
  identity: julietIdentity.key.publicKey,
  listVersion: 1,
  issued: ISSUED,
  expires: ISSUED + 35 * DAY,
  devices,
  archiveKeys: [],
  ...changes,
});
const bundle = (changes: Partial<PrekeyBundle> = {}): PrekeyBundle => ({
  owner: JULIET,
  identity: julietIdentity.key.publicKey.keyIdentifier,
  device: julietDevice.key.publicKey.keyIdentifier,
  sequence: 1,
  notBefore: ISSUED,
  notAfter: ISSUED + 35 * DAY,
  lastResort: prekeys[0] as Uint8Array,
  oneTime: prekeys.slice(1),
  ...changes,
});
const prekeys: Uint8Array[] = [];
for (let i = 0; i < 4; i++) prekeys.push((await keyOf('X25519', `juliet prekey ${i}`)).key.publicKey.raw);

const identityKey = await julietIdentity.key.signingKey(crypto);
const deviceKey = await julietDevice.key.signingKey(crypto);
const tabletKey = await julietTablet.key.signingKey(crypto);
const parisKey = await paris.key.signingKey(crypto);
const signList = async (value: DeviceList, key: SigningKey = identityKey): Promise<string> =>
  toHex(await signDeviceList(value, key, crypto));
const signBundle = async (value: PrekeyBundle, key: SigningKey = deviceKey): Promise<string> =>
  toHex(await signPrekeyBundle(value, key, { signingTime: NOW, crypto }));

const first = await signList(list());
const { digest } = await verifyDeviceList(Buffer.from(first, 'hex'), crypto);
const second = await signList(list({ listVersion: 2, previous: digest, issued: ISSUED + 1000 }));
const good = await signBundle(bundle());

const vector = (file: string, title: string, published: string[], expect: string): Draft => ({
  file,
  title,
  source: 'docs/specification.md, device lists and prekey bundles',
  operation: 'bundle.import',
  expect,
  input: { store, now: NOW, published },
});

await writeVectors('bundle', [
  vector('list-and-bundle', 'a new contact: list and bundle', [first, good], 'success'),
  vector('bundle-before-list', 'the order does not matter', [good, first], 'success'),
  vector('list-alone', 'a list without a bundle', [first], 'success'),
  vector('next-list', 'the next version of a list', [first, second], 'success'),
  vector('same-list-twice', 'the same list again', [first, first], 'success'),
  vector(
    'list-by-another-key',
    'a list not signed by the identity in it',
    [await signList(list(), parisKey)],
    'ERR_VERIFY',
  ),
  vector('list-rollback', 'an older version after a newer one', [second, first], 'ERR_VERIFY'),
  vector(
    'list-fork',
    'the same version with other content: kept beside the first, with an alarm',
    [first, await signList(list({ issued: ISSUED + 1000 }))],
    'success',
  ),
  vector(
    'list-not-following',
    'the next version does not name the one before: taken, with an alarm',
    [first, await signList(list({ listVersion: 2, previous: new Uint8Array(32).fill(1) }))],
    'success',
  ),
  vector(
    'identity-changed',
    'another identity under a known address',
    [first, await signList(list({ identity: paris.key.publicKey }), parisKey)],
    'ERR_KEY_CHANGED',
  ),
  vector('bundle-without-list', 'a bundle of a device that is not known', [good], 'ERR_VERIFY'),
  vector(
    'bundle-by-another-device',
    'a bundle signed by a device that is in no list',
    [first, await signBundle(bundle({ device: julietTablet.key.publicKey.keyIdentifier }), tabletKey)],
    'ERR_VERIFY',
  ),
  vector(
    'bundle-of-another-owner',
    'a bundle that names another owner',
    [first, await signBundle(bundle({ owner: 'paris@verona.example' }))],
    'ERR_VERIFY',
  ),
  vector(
    'bundle-of-another-identity',
    'a bundle that names another identity',
    [first, await signBundle(bundle({ identity: paris.key.publicKey.keyIdentifier }))],
    'ERR_VERIFY',
  ),
  vector(
    'bundle-expired',
    'a bundle whose time is over',
    [first, await signBundle(bundle({ notBefore: ISSUED - 40 * DAY, notAfter: ISSUED - 5 * DAY }))],
    'ERR_VERIFY',
  ),
  vector(
    'bundle-of-low-order',
    'a prekey of low order',
    [first, await signBundle(bundle({ lastResort: new Uint8Array(32) }))],
    'ERR_VERIFY',
  ),
  vector(
    'bundle-key-twice',
    'a prekey twice',
    [first, await signBundle(bundle({ oneTime: [prekeys[1] as Uint8Array, prekeys[1] as Uint8Array] }))],
    'ERR_VERIFY',
  ),
]);
