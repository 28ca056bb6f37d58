/** Endorsements: both keys sign, the request is checked before it is completed, a revocation needs its endorser alone (C4). */
import {
  decodeEndorsement,
  type Endorsement,
  encodeEndorsement,
  exportPublicKey,
  generatePrivateKey,
  ID_CT_ENDORSEMENT,
} from '@stanzaseal/cms';
import { at, changed, GOLDEN_TIME, goldenWorld, refusal, SIGNED_PATH, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  completeEndorsement,
  endorse,
  requestEndorsement,
  revoke,
  sign,
  verifyEndorsement,
  verifyRevocation,
} from '../src/index.js';

const test = suite('endorsements');
const world = await goldenWorld();
const { crypto, keys } = world;
const timed = { signingTime: GOLDEN_TIME, crypto };
const endorsement: Endorsement = decodeEndorsement(world.object('Endorsement').der);
const identity = await keys.julietIdentity.signingKey(crypto);
const device = await keys.julietDevice.signingKey(crypto);
const mallory = await generatePrivateKey('Ed25519', unsafeSeededRandom('mallory'), crypto);
const malloryKey = await mallory.signingKey(crypto);

async function refused(call: () => Promise<unknown>, why: string): Promise<void> {
  assert.is((await refusal(call))?.code, 'ERR_VERIFY', why);
}

test("one who holds both keys endorses; the endorser's key verifies", async () => {
  const der = await endorse(endorsement, identity, device, timed);
  const verified = await verifyEndorsement(der, keys.julietIdentity.publicKey, crypto);
  assert.is(verified.endorsement.owner, 'juliet@capulet.example');
  assert.equal(verified.endorsed, keys.julietDevice.publicKey);
});

test('a request made by the new device is completed by the identity, to the same statement', async () => {
  const request = await requestEndorsement(endorsement, device, timed);
  const completed = await completeEndorsement(request, identity, timed);
  const verified = await verifyEndorsement(completed.der, keys.julietIdentity.publicKey, crypto);
  assert.equal(verified.endorsement, completed.endorsement);
  assert.equal(completed.endorsed, keys.julietDevice.publicKey);
  await refused(
    () => verifyEndorsement(request, keys.julietIdentity.publicKey, crypto),
    'a request is no endorsement yet',
  );
});

test('C4: nobody endorses a key without its holder: a third party cannot claim a device as its own', async () => {
  const claim: Endorsement = {
    ...endorsement,
    endorser: mallory.publicKey.keyIdentifier,
    owner: 'mallory@montague.example',
  };
  const alone = await sign(encodeEndorsement(claim), {
    ...timed,
    signers: [malloryKey],
    contentType: ID_CT_ENDORSEMENT,
  });
  await refused(() => verifyEndorsement(alone.der, mallory.publicKey, crypto), 'signed by the endorser alone');
  const falseProof = await sign(encodeEndorsement(claim), {
    ...timed,
    signers: [malloryKey, await keys.romeoDevice.signingKey(crypto)],
    contentType: ID_CT_ENDORSEMENT,
  });
  await refused(
    () => verifyEndorsement(falseProof.der, mallory.publicKey, crypto),
    "the second signature is another key's",
  );
  const theirs = await endorse(endorsement, identity, device, timed);
  await refused(() => verifyEndorsement(theirs, mallory.publicKey, crypto), "somebody else's endorsement");
  await refused(
    () => completeEndorsement(alone.der, malloryKey, timed),
    'a request that the endorsed key did not sign',
  );
  await refused(
    async () => completeEndorsement(await requestEndorsement(endorsement, device, timed), malloryKey, timed),
    'a request to another endorser',
  );
});

test('a key does not endorse itself, with or without a bystander', async () => {
  const self: Endorsement = { ...endorsement, endorsed: keys.julietIdentity.publicKey };
  for (const second of [identity, device]) {
    const der = (
      await sign(encodeEndorsement(self), { ...timed, signers: [identity, second], contentType: ID_CT_ENDORSEMENT })
    ).der;
    await refused(() => verifyEndorsement(der, keys.julietIdentity.publicKey, crypto), 'itself');
  }
});

test('what was signed is what is read: a changed owner, purpose, validity or key is refused', async () => {
  const der = await endorse(endorsement, identity, device, timed);
  const changes: Partial<Endorsement>[] = [
    { owner: 'romeo@montague.example' },
    { purpose: 'identity' },
    { notAfter: endorsement.notAfter + 1000 },
    { sequence: 2 },
    { endorsed: keys.romeoDevice.publicKey },
  ];
  for (const change of changes) {
    const forged = changed(der, (root) => {
      at(root, ...SIGNED_PATH.eContent).content = encodeEndorsement({ ...endorsement, ...change });
    });
    await refused(
      () => verifyEndorsement(forged, keys.julietIdentity.publicKey, crypto),
      JSON.stringify(Object.keys(change)),
    );
  }
});

test("a revocation is the endorser's alone, and neither passes for the other", async () => {
  const revocation = await revoke({ ...endorsement, sequence: 2 }, identity, timed);
  const verified = await verifyRevocation(revocation, keys.julietIdentity.publicKey, crypto);
  assert.is(verified.endorsement.purpose, 'revoked');
  assert.is(verified.endorsement.sequence, 2);
  await refused(
    () => verifyEndorsement(revocation, keys.julietIdentity.publicKey, crypto),
    'a revocation as endorsement',
  );
  await refused(
    async () =>
      verifyRevocation(await endorse(endorsement, identity, device, timed), keys.julietIdentity.publicKey, crypto),
    'an endorsement as revocation',
  );
  await refused(
    async () =>
      verifyRevocation(
        await revoke({ ...endorsement, sequence: 3 }, device, timed),
        keys.julietIdentity.publicKey,
        crypto,
      ),
    'revoked by another',
  );
  await refused(() => verifyRevocation(revocation, mallory.publicKey, crypto), 'another endorser asked for');
  const both = await endorse({ ...endorsement, purpose: 'revoked' }, identity, device, timed);
  await refused(() => verifyEndorsement(both, keys.julietIdentity.publicKey, crypto), 'signed by both, but revoked');
});

test('arguments: keys that are not those the endorsement names', async () => {
  assert.instance(await refusal(() => endorse(endorsement, malloryKey, device, timed)), TypeError);
  assert.instance(await refusal(() => endorse(endorsement, identity, malloryKey, timed)), TypeError);
});

test('octets that are no endorsement at all', async () => {
  for (const octets of [
    new Uint8Array(0),
    world.object('Endorsement').der,
    world.object('device list').der,
    exportPublicKey(mallory.publicKey),
    world.object('signed detached').der,
  ]) {
    await refused(() => verifyEndorsement(octets, keys.julietIdentity.publicKey, crypto), 'garbage');
    await refused(() => verifyRevocation(octets, keys.julietIdentity.publicKey, crypto), 'garbage');
    await refused(() => completeEndorsement(octets, identity, timed), 'garbage');
  }
});

test.run();
