// Who publishes somebody's prekeys as their own keeps nobody from being sealed to, nor from opening (C4, D4).
import { decodePrekeyBundle, toHex } from '@stanzaseal/cms';
import { readObject } from '@stanzaseal/envelope';
import type { Sealed } from '@stanzaseal/messenger';
import { readSignedData, signPrekeyBundle } from '@stanzaseal/signer';
import { withAttributes } from '@stanzaseal/stanza';
import {
  accepts,
  accountOf,
  addDevice,
  chat,
  createPair,
  createPerson,
  DAY,
  deviceKnownTo,
  deviceOf,
  introduce,
  objectIn,
  opens,
  type Person,
  refusal,
  say,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('copied prekeys');
const ROOM = 'coven@chat.shakespeare.example';
const said = () => chat('x', { type: 'groupchat' });
const seat = { occupant: () => 'romeo@montague.example' };
const at = ({ stanza }: Sealed, to: Person) => withAttributes(stanza, { from: `${ROOM}/Rom`, to: to.jid });

/** What one published, published again by another under their own name, and taken in by a third. */
async function copies(mallory: Person, victim: Person, to: Person, keep: 'all' | 'last-resort'): Promise<void> {
  const { crypto, now } = mallory.world;
  const { prekeyBundle } = await victim.messenger.publish();
  const { lastResort, oneTime } = decodePrekeyBundle(readSignedData(prekeyBundle).content as Uint8Array);
  const device = await mallory.store.deviceKey(crypto);
  const bundle = {
    owner: mallory.jid,
    identity: await mallory.messenger.fingerprint(),
    device: device.publicKey.keyIdentifier,
    sequence: 50,
    notBefore: now,
    notAfter: now + DAY,
    lastResort,
    oneTime: keep === 'all' ? oneTime : [],
  };
  await to.messenger.importKeys([
    (await accountOf(mallory)).deviceList as Uint8Array,
    await signPrekeyBundle(bundle, device, { signingTime: now, crypto }),
  ]);
}

/** Leaves one of somebody's device nothing but the last-resort prekey, in another's store. */
async function drain(who: Person, inStoreOf: Person): Promise<void> {
  const [key, record] = await deviceKnownTo(inStoreOf, who);
  await inStoreOf.store.commit([{ table: 'devices', key, record: { ...record, oneTime: [] } }]);
}

const sealToBoth = ({ messenger }: Person, ...members: Person[]): Promise<Sealed> =>
  messenger.seal(said(), { room: ROOM, members: members.map(({ jid }) => jid) });
const named = async ({ recipients }: Sealed): Promise<string[]> => recipients.map(({ jid }) => jid).sort();

async function coven(seed: string): Promise<[romeo: Person, juliet: Person, mallory: Person]> {
  const [romeo, juliet] = await createPair(seed);
  juliet.world.now += 1000;
  return [romeo, juliet, await createPerson('mallory@verona.example', romeo.world)];
}

test('a member who copies another’s whole bundle is sealed to in vain, and the other opens whatever is drawn', async () => {
  const [romeo, juliet, mallory] = await coven('whole bundle');
  await copies(mallory, juliet, romeo, 'all');
  let twice = 0;
  for (let i = 0; i < 40; i++) {
    const sealed = await sealToBoth(romeo, juliet, mallory);
    assert.equal(await named(sealed), [juliet.jid, mallory.jid]);
    const { data } = await readObject(objectIn(sealed.stanza), { crypto: romeo.world.crypto });
    const [first] = data.kari.recipientEncryptedKeys.map(({ rKeyId }) => toHex(rKeyId));
    const opened = await opens(juliet, at(sealed, juliet), seat);
    const own = opened.recipients.find(
      ({ deviceKey }) =>
        toHex(deviceKey) === toHex(sealed.recipients.find(({ jid }) => jid === juliet.jid)?.deviceKey as Uint8Array),
    );
    if (first !== toHex(own?.rKeyId as Uint8Array)) twice++;
    assert.is(opened.class, 'one-time');
    // Another choice for both, next time.
    for (const who of [juliet, mallory]) {
      const [key, { choice: _, ...record }] = await deviceKnownTo(romeo, who);
      await romeo.store.commit([{ table: 'devices', key, record }]);
    }
  }
  assert.ok(twice > 5, 'the copied key stood first often enough');
});

test('where one of two with the same prekey has another one, it is sealed to that; the choice sticks', async () => {
  const [romeo, juliet, mallory] = await coven('same key');
  await copies(mallory, juliet, romeo, 'last-resort');
  const both = async (): Promise<[string, string][]> => {
    const sealed = await sealToBoth(romeo, juliet, mallory);
    await opens(juliet, at(sealed, juliet), seat);
    return sealed.recipients.map((one): [string, string] => [one.jid, one.class]).sort();
  };
  // Juliet's choice is made to be the copied one, though she has others.
  const [key, record] = await deviceKnownTo(romeo, juliet);
  const [, { lastResort }] = await deviceKnownTo(romeo, mallory);
  const choice = {
    publicKey: lastResort as Uint8Array,
    class: 'last-resort' as const,
    notAfter: record.bundleNotAfter,
    at: romeo.world.now,
  };
  await romeo.store.commit([{ table: 'devices', key, record: { ...record, choice } }]);
  const expected = [
    [juliet.jid, 'one-time'],
    [mallory.jid, 'last-resort'],
  ];
  assert.equal(await both(), expected);
  assert.equal(await both(), expected);
});

test('where neither has another, who was pinned first keeps it and the other is left out by name', async () => {
  const [romeo, juliet, mallory] = await coven('neither');
  await copies(mallory, juliet, romeo, 'last-resort');
  await drain(juliet, romeo);
  for (const members of [
    [juliet, mallory],
    [mallory, juliet],
  ]) {
    const sealed = await sealToBoth(romeo, ...members);
    assert.equal(
      [await named(sealed), sealed.skipped],
      [[juliet.jid], [{ jid: mallory.jid, device: await deviceOf(mallory) }]],
    );
    await opens(juliet, at(sealed, juliet), seat);
  }
  // Alone, each is sealed to as ever: what Mallory cannot open is hers to explain.
  assert.equal(await named(await romeo.messenger.seal(chat('x'), { to: mallory.jid })), [mallory.jid]);
});

test('an own device keeps what a peer copies from it, and a message that then reaches nobody is refused', async () => {
  const [romeo, , mallory] = await coven('own device');
  const tablet = await addDevice(romeo);
  await copies(mallory, tablet, romeo, 'last-resort');
  await drain(tablet, romeo);
  const error = await refusal(() => romeo.messenger.seal(chat('x'), { to: mallory.jid }));
  assert.is(error?.code, 'ERR_NO_KEYS');
});

test('an object whose own prekey another device claims, and none beside it is one’s own, is refused (D4)', async () => {
  const [romeo, juliet, mallory] = await coven('not ours');
  await copies(mallory, juliet, romeo, 'all');
  const sealed = await sealToBoth(romeo, mallory);
  assert.is((await refusal(() => juliet.messenger.open(at(sealed, juliet), seat)))?.code, 'ERR_OPEN');
});

test('a reply prekey that is copied moves nobody: the copy has another key to move to, or is left out', async () => {
  const [romeo, juliet, mallory] = await coven('reply');
  await introduce(romeo, juliet);
  await introduce(juliet, mallory);
  await tell(romeo, juliet, 'x');
  await accepts(romeo, await say(juliet, romeo, 'y'));
  await introduce(mallory, romeo);
  const [, { reply }] = await deviceKnownTo(romeo, juliet);
  const [key, record] = await deviceKnownTo(romeo, mallory);
  await romeo.store.commit([
    { table: 'devices', key, record: { ...record, reply: reply as NonNullable<typeof reply> } },
  ]);
  const sealed = await sealToBoth(romeo, juliet, mallory);
  assert.equal(sealed.recipients.map((one) => [one.jid, one.class]).sort(), [
    [juliet.jid, 'reply'],
    [mallory.jid, 'one-time'],
  ]);
  await opens(juliet, at(sealed, juliet), seat);
  await opens(mallory, at(sealed, mallory), seat);
});

test.run();
