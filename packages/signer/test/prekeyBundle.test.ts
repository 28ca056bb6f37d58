/** Prekey bundles, signed by the device they name, for the owner and identity they name (C4). */
import { decodePrekeyBundle, encodePrekeyBundle, ID_CT_PREKEY_BUNDLE, type PublicKey } from '@stanzaseal/cms';
import { at, changed, GOLDEN_TIME, goldenWorld, refusal, SIGNED_PATH } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sign, signPrekeyBundle, verifyDeviceList, verifyPrekeyBundle } from '../src/index.js';

const test = suite('prekey bundles');
const world = await goldenWorld();
const { crypto, keys } = world;
const bundle = decodePrekeyBundle(world.object('PrekeyBundle').der);
const timed = { signingTime: GOLDEN_TIME, crypto };
const device = await keys.julietDevice.signingKey(crypto);

async function refused(octets: Uint8Array, deviceKeys: readonly PublicKey[], why: string): Promise<void> {
  assert.is((await refusal(() => verifyPrekeyBundle(octets, deviceKeys, crypto)))?.code, 'ERR_VERIFY', why);
}

test('a bundle is verified by the one of the devices that it names', async () => {
  const der = await signPrekeyBundle(bundle, device, timed);
  const { deviceKeys } = await verifyDeviceList(world.object('device list').der, crypto);
  const verified = await verifyPrekeyBundle(der, deviceKeys, crypto);
  assert.equal(verified.bundle, bundle);
  assert.equal(verified.device, keys.julietDevice.publicKey);
  await refused(der, [], 'no devices');
  await refused(der, [keys.romeoDevice.publicKey], 'not among the devices');
});

test('C4: a device listed by a stranger: its own bundle says whose it is, and nobody else can make one that says otherwise', async () => {
  const listedByStranger = [keys.julietDevice.publicKey];
  const { bundle: read } = await verifyPrekeyBundle(
    await signPrekeyBundle(bundle, device, timed),
    listedByStranger,
    crypto,
  );
  assert.is(read.owner, 'juliet@capulet.example');
  assert.equal(read.identity, keys.julietIdentity.publicKey.keyIdentifier);
  const stolen = { ...bundle, owner: 'mallory@montague.example', identity: keys.romeoIdentity.publicKey.keyIdentifier };
  await refused(
    await signPrekeyBundle(stolen, await keys.romeoIdentity.signingKey(crypto), timed),
    listedByStranger,
    'signed by the stranger',
  );
  const relabelled = changed(await signPrekeyBundle(bundle, device, timed), (root) => {
    at(root, ...SIGNED_PATH.eContent).content = encodePrekeyBundle(stolen);
  });
  await refused(relabelled, listedByStranger, 'relabelled');
});

test('prekeys exchanged by a server, a second signer, a bundle that names another device, garbage', async () => {
  const der = await signPrekeyBundle(bundle, device, timed);
  const listed = [keys.julietDevice.publicKey, keys.romeoDevice.publicKey];
  const swapped = changed(der, (root) => {
    at(root, ...SIGNED_PATH.eContent).content = encodePrekeyBundle({
      ...bundle,
      oneTime: [...bundle.oneTime].reverse(),
    });
  });
  const content = encodePrekeyBundle(bundle);
  const two = (
    await sign(content, {
      ...timed,
      contentType: ID_CT_PREKEY_BUNDLE,
      signers: [device, await keys.romeoDevice.signingKey(crypto)],
    })
  ).der;
  const other = await signPrekeyBundle({ ...bundle, device: keys.romeoDevice.publicKey.keyIdentifier }, device, timed);
  const detached = (
    await sign(content, { ...timed, contentType: ID_CT_PREKEY_BUNDLE, signers: [device], detached: true })
  ).der;
  for (const [octets, why] of [
    [swapped, 'swapped'],
    [two, 'two signers'],
    [other, 'another device'],
    [detached, 'detached'],
    [content, 'not signed'],
    [new Uint8Array(0), 'nothing'],
  ] as const) {
    await refused(octets, listed, why);
  }
});

test.run();
