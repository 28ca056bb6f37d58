// Claim 2: bare keys. An endorsement binds a device key to the account's; no certificate and no third party is needed.
import { findAttribute, ID_AA_SENDER_KEYS, publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { decrypt, readObject } from '@stanzaseal/envelope';
import { readSignedData, verifyEndorsement } from '@stanzaseal/signer';
import {
  accepts,
  accountOf,
  createPerson,
  createWorld,
  introduce,
  objectIn,
  parseBadPeer,
  say,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('claim 2: bare keys, which an endorsement binds together');

test('two people talk with four bare keys each and no certificate anywhere', async () => {
  const world = createWorld('bare keys');
  const [romeo, juliet] = [
    await createPerson('romeo@montague.example', world),
    await createPerson('juliet@capulet.example', world),
  ];
  await introduce(juliet, romeo);
  const stanza = await say(romeo, juliet, 'Ay me!');
  const object = await readObject(objectIn(stanza), { crypto: world.crypto });
  const [rKeyId] = object.data.kari.recipientEncryptedKeys.map((recipient) => recipient.rKeyId);
  const key = await juliet.store.prekey(rKeyId as Uint8Array, world.crypto);
  const { content } = await decrypt(object, { keys: { find: () => key }, crypto: world.crypto });
  // SignedData without certificates [0] and crls [1] (RFC 5652 §5.1): version, digests, content, signers.
  const signedData = parseBadPeer(content);
  assert.equal(
    (signedData.content as { tag: number }[]).map(({ tag }) => tag),
    [0x02, 0x31, 0x30, 0x31],
  );
  const [signer] = readSignedData(content, undefined, 'SignedData').signerInfos;
  assert.is(
    toHex(signer?.sid ?? new Uint8Array()),
    toHex((await romeo.store.deviceKey(world.crypto)).publicKey.keyIdentifier),
  );
  assert.ok(findAttribute(signer?.signedAttrs ?? [], ID_AA_SENDER_KEYS), 'the first message brings its keys along');
});

test('the device key is the account’s by an endorsement that both keys signed', async () => {
  const world = createWorld('endorsed');
  const romeo = await createPerson('romeo@montague.example', world);
  const { identity, device, endorsement } = await accountOf(romeo);
  const key = await publicKeyFromRaw('Ed25519', identity, world.crypto);
  const verified = await verifyEndorsement(endorsement as Uint8Array, key, world.crypto);
  assert.equal(verified.endorsed.raw, device);
  assert.equal([verified.endorsement.owner, verified.endorsement.purpose], [romeo.jid, 'device']);
  assert.is(readSignedData(endorsement as Uint8Array).signerInfos.length, 2);
});

test('a key is its SHA-256: the fingerprint that people compare is the name that objects use', async () => {
  const world = createWorld('fingerprint');
  const [romeo, juliet] = [
    await createPerson('romeo@montague.example', world),
    await createPerson('juliet@capulet.example', world),
  ];
  await introduce(juliet, romeo);
  await tell(romeo, juliet, 'Ay me!');
  const [contact] = await juliet.messenger.contacts();
  assert.equal(contact?.fingerprint, await romeo.messenger.fingerprint());
  const answer = await accepts(romeo, await say(juliet, romeo, 'Romeo?'));
  assert.equal(
    (await publicKeyFromRaw('Ed25519', answer.sender.identity, world.crypto)).keyIdentifier,
    await juliet.messenger.fingerprint(),
  );
});

test.run();
