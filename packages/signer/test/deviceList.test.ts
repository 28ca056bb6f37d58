/** Device lists, signed by the identity that they name. */
import { decodeDeviceList, encodeDeviceList, ID_CT_DEVICE_LIST, toHex } from '@stanzaseal/cms';
import { at, changed, GOLDEN_TIME, goldenWorld, refusal, SIGNED_PATH } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sign, signDeviceList, verifyDeviceList } from '../src/index.js';

const test = suite('device lists');
const world = await goldenWorld();
const { crypto, keys } = world;
const list = decodeDeviceList(world.object('DeviceList').der);
const identity = await keys.julietIdentity.signingKey(crypto);
const mallory = await keys.romeoIdentity.signingKey(crypto);

test("a signed list gives its identity, its devices' keys in order, and the digest that the next one names", async () => {
  const verified = await verifyDeviceList(await signDeviceList(list, identity, crypto), crypto);
  assert.equal(verified.list, list);
  assert.equal(verified.identity, keys.julietIdentity.publicKey);
  assert.equal(
    verified.deviceKeys.map(({ keyIdentifier }) => toHex(keyIdentifier)),
    [keys.julietDevice, keys.romeoDevice].map((key) => toHex(key.publicKey.keyIdentifier)),
  );
  assert.equal(verified.digest, await crypto.sha256(encodeDeviceList(list)));
});

test('a list signed by another key, or by a device instead of the identity', async () => {
  for (const signer of [mallory, await keys.julietDevice.signingKey(crypto)]) {
    assert.is(
      (await refusal(async () => verifyDeviceList(await signDeviceList(list, signer, crypto), crypto)))?.code,
      'ERR_VERIFY',
    );
  }
});

test("C4: a stranger may list somebody's device, but then the list is the stranger's: it names and is signed by that identity", async () => {
  const stolen = { ...list, owner: 'mallory@montague.example', identity: keys.romeoIdentity.publicKey };
  const verified = await verifyDeviceList(await signDeviceList(stolen, mallory, crypto), crypto);
  assert.not.equal(verified.identity.keyIdentifier, keys.julietIdentity.publicKey.keyIdentifier);
  // With the owner's identity in it, the stranger's signature does not do.
  assert.is(
    (
      await refusal(async () =>
        verifyDeviceList(await signDeviceList({ ...list, owner: 'mallory@montague.example' }, mallory, crypto), crypto),
      )
    )?.code,
    'ERR_VERIFY',
  );
});

test('a changed list, two signers, detached content, and what is no list', async () => {
  const der = await signDeviceList(list, identity, crypto);
  const forged = changed(der, (root) => {
    at(root, ...SIGNED_PATH.eContent).content = encodeDeviceList({ ...list, listVersion: 3 });
  });
  const parameters = { contentType: ID_CT_DEVICE_LIST, signingTime: GOLDEN_TIME, crypto };
  const two = (await sign(encodeDeviceList(list), { ...parameters, signers: [identity, mallory] })).der;
  const detached = (await sign(encodeDeviceList(list), { ...parameters, signers: [identity], detached: true })).der;
  for (const octets of [
    forged,
    two,
    detached,
    encodeDeviceList(list),
    world.object('prekey bundle').der,
    new Uint8Array(0),
  ]) {
    assert.is((await refusal(() => verifyDeviceList(octets, crypto)))?.code, 'ERR_VERIFY');
  }
});

test.run();
