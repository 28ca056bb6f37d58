// C6: the same object arrives live, by carbons, from the spool and from archives, and is delivered once.

import { publicKeyFromRaw } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { decrypt, readObject } from '@stanzaseal/envelope';
import { element, NS, readSealedStanza, withAttributes, withChildren, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  carrying,
  chat,
  copyOf,
  countedProvider,
  createPair,
  createPerson,
  createWorld,
  DAY,
  encryptSigned,
  flippedAt,
  HOUR,
  introduce,
  objectIn,
  type Person,
  refusal,
  restart,
  SEALED_PATH,
  say,
  sealBadlyFrom,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('C6: replay');

/** The ways in which one object comes to Juliet. */
function copies(stanza: XmlElement): Record<string, XmlElement> {
  const delay = element(NS.DELAY, 'delay', { stamp: '2026-11-21T04:00:00Z', from: 'capulet.example' });
  return {
    live: stanza,
    'a carbon of what another of her devices received': withAttributes(stanza, { to: 'juliet@capulet.example/tomb' }),
    'from the spool': withChildren(stanza, [...stanza.children, delay]),
    'from an archive': withChildren(withAttributes(stanza, { id: undefined, to: undefined }), [
      ...stanza.children,
      element(NS.STANZA_ID, 'stanza-id', { by: 'juliet@capulet.example', id: '7' }),
    ]),
    'from another server': { ...stanza, namespace: NS.SERVER },
  };
}

test('whichever copy comes first is delivered, every other is a duplicate and no error', async () => {
  for (const first of Object.keys(copies(chat('')))) {
    const [romeo, juliet] = await createPair(first);
    const all = copies(await say(romeo, juliet, 'Ay me!'));
    await accepts(juliet, all[first] as XmlElement);
    for (const [name, copy] of Object.entries(all))
      assert.equal(await juliet.messenger.open(copy), { status: 'duplicate' }, name);
  }
});

/** An object of the same attributes and tag whose ciphertext is another: nobody without the key makes one that opens. */
const damaged = (stanza: XmlElement): XmlElement => flippedAt(stanza, SEALED_PATH.encryptedContent);

test('a damaged copy after the genuine one is a duplicate and never opened; before it, it takes nothing away', async () => {
  for (const isFirst of [false, true]) {
    const [romeo, juliet] = await createPair(`damaged ${isFirst}`);
    const stanza = await say(romeo, juliet, 'Ay me!');
    if (isFirst) {
      const before = await snapshot(juliet);
      assert.is((await refusal(() => juliet.messenger.open(damaged(stanza))))?.code, 'ERR_OPEN');
      assert.equal(await snapshot(juliet), before, 'nothing is recorded of what did not open');
    }
    await accepts(juliet, stanza);
    for (const copy of [damaged(stanza), stanza])
      assert.equal(await juliet.messenger.open(copy), { status: 'duplicate' });
  }
});

test('a duplicate costs no key operation', async () => {
  const { crypto, counts, reset } = countedProvider(createCryptoProvider());
  const [romeo, juliet] = await createPair('cheap', {}, crypto);
  const stanza = await say(romeo, juliet, 'Ay me!');
  await accepts(juliet, stanza);
  await restart(juliet);
  reset();
  for (const copy of Object.values(copies(stanza))) await juliet.messenger.open(copy);
  assert.equal(Object.values(counts), [0, 0, 0, 0, 0, 0]);
});

test('over restarts and 100 days with erasure at work it is never delivered again, and at last not even remembered', async () => {
  const [romeo, juliet] = await createPair('100 days');
  const old = [await say(romeo, juliet, 'one'), await say(romeo, juliet, 'two')];
  for (const stanza of old) await accepts(juliet, stanza);
  for (let day = 4; day <= 100; day += 4) {
    juliet.world.now += 4 * DAY;
    await introduce(juliet, romeo);
    await introduce(romeo, juliet);
    await tell(juliet, romeo, 'good morrow');
    await tell(romeo, juliet, 'good morrow');
    await restart(juliet);
    await juliet.messenger.caughtUp();
    for (const stanza of old) {
      const answer = await juliet.messenger.open(stanza).then(
        ({ status }) => status,
        ({ code }) => code,
      );
      assert.ok(answer === 'duplicate' || answer === 'ERR_OPEN', `day ${day}: ${answer}`);
      if (day < 35) assert.is(answer, 'duplicate');
      if (day === 100) assert.is(answer, 'ERR_OPEN', 'by then neither key nor memory is left');
    }
  }
  const entries = (await juliet.store.entries('seen')).length;
  assert.ok(entries < 25, `the memory does not grow without end: ${entries} of 27`);
});

test('P24: a silent contact’s message is a duplicate as long as its prekey lives: 30 days', async () => {
  const [romeo, juliet] = await createPair('30 days');
  const stanza = await say(romeo, juliet, 'Ay me!');
  await accepts(juliet, stanza);
  juliet.world.now += 30 * DAY;
  await restart(juliet);
  await juliet.messenger.caughtUp();
  assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
});

test('I14: what is accepted by a clock that was put right by two hours is remembered as long as the prekeys made before', async () => {
  const world = createWorld('two hours ahead');
  world.now += 2 * HOUR;
  const juliet = await createPerson('juliet@capulet.example', world);
  const romeo = await createPerson('romeo@montague.example', world);
  await introduce(juliet, romeo);
  world.now -= 2 * HOUR;
  const stanza = await say(romeo, juliet, 'once');
  await accepts(juliet, stanza);
  for (const later of [60_000, HOUR, 2 * HOUR, 30 * DAY]) {
    world.now += later;
    await juliet.messenger.caughtUp();
    assert.equal(await juliet.messenger.open(stanza), { status: 'duplicate' });
  }
});

test('I14: nor does a jump of the clock meanwhile make it forget', async () => {
  const world = createWorld('twelve hours ahead');
  const { now } = world;
  world.now = now + 12 * HOUR;
  const juliet = await createPerson('juliet@capulet.example', world);
  const romeo = await createPerson('romeo@montague.example', world);
  await introduce(juliet, romeo);
  world.now = now;
  const stanza = await say(romeo, juliet, 'once');
  for (const [at, isAccepted] of [
    [now + 100 * DAY, true],
    [now + HOUR, false],
    [now + 2 * HOUR, false],
    [now + 13 * HOUR, false],
  ] as const) {
    world.now = at;
    await juliet.messenger.erase();
    if (isAccepted) await accepts(juliet, stanza);
    assert.equal(await juliet.messenger.open(stanza), { status: 'duplicate' });
  }
});

test('the memory belongs to a device: each of two delivers its copy once', async () => {
  const [romeo, juliet] = await createPair('two devices');
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  const stanza = await say(romeo, juliet, 'Ay me!');
  for (const device of [juliet, tablet]) {
    await accepts(device, stanza);
    assert.is((await device.messenger.open(stanza)).status, 'duplicate');
  }
});

test('D4: the same signed message in new octets by a co-recipient is the same message', async () => {
  const [romeo, juliet] = await createPair('re-encrypted');
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  const stanza = await say(romeo, juliet, 'Ay me!');
  const again = await reencrypted(stanza, tablet);
  const digest = async (one: XmlElement): Promise<Uint8Array> =>
    (await readSealedStanza(one, { own: juliet.jid, crypto: juliet.world.crypto })).digest;
  assert.not.equal(await digest(again), await digest(stanza));
  await accepts(juliet, again);
  assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
  assert.is((await juliet.messenger.open(again)).status, 'duplicate');
  await restart(juliet);
  assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
});

test('a message id belongs to its device: another’s message of the same id is another message', async () => {
  const [romeo, juliet] = await createPair('same id');
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(juliet, paris);
  const messageId = new Uint8Array(16).fill(7);
  for (const sender of [romeo, paris]) {
    const { stanza } = await sender.messenger.seal(chat('Ay me!'), { to: juliet.jid }, { messageId });
    await accepts(juliet, stanza);
  }
  // The same id by the same device again, whatever it says and whoever's clock says when: a duplicate.
  const { stanza } = await sealBadlyFrom(romeo, juliet, { changeContext: (context) => ({ ...context, messageId }) });
  assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
});

test('I6: a store restored from a copy knows what it accepted before the copy, and delivers the rest again', async () => {
  const [romeo, juliet] = await createPair('restored');
  const one = await say(romeo, juliet, 'one');
  await accepts(juliet, one);
  const copy = await copyOf(juliet);
  const two = await say(romeo, juliet, 'two');
  await accepts(juliet, two);
  assert.is((await copy.messenger.open(one)).status, 'duplicate');
  assert.is((await copy.messenger.open(two)).status, 'opened');
});

/** The signed message encrypted anew, to the same list, by one who received it. */
async function reencrypted(stanza: XmlElement, by: Person): Promise<XmlElement> {
  const { crypto, random } = by.world;
  const object = await readObject(objectIn(stanza), { crypto });
  const { content } = await decrypt(object, { keys: { find: (id) => by.store.prekey(id, crypto) }, crypto });
  const to = [];
  for (const { rKeyId } of object.data.kari.recipientEncryptedKeys) {
    to.push(await publicKeyOf(rKeyId, by));
  }
  return carrying(stanza, await encryptSigned(content, object.clearContext?.der as Uint8Array, to, random, crypto));
}

/** The public keys of own and other devices' prekeys are in their bundles: anybody has them. */
async function publicKeyOf(
  rKeyId: Uint8Array,
  { store, world }: Person,
): Promise<Awaited<ReturnType<typeof publicKeyFromRaw>>> {
  const raws = [...(await store.entries('prekeys')).map(([, { publicKey }]) => publicKey)];
  for (const [, device] of await store.entries('devices')) raws.push(...device.oneTime);
  for (const raw of raws) {
    const key = await publicKeyFromRaw('X25519', raw, world.crypto);
    if (Buffer.compare(key.keyIdentifier, rKeyId) === 0) return key;
  }
  throw new Error('prekey is in no bundle');
}

test.run();
