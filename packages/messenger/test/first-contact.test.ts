// First contact without a look-up, and what happens when an address shows another identity (C14).
import {
  type Endorsement,
  encodeEndorsement,
  generatePrivateKey,
  ID_CT_ENDORSEMENT,
  publicKeyFromRaw,
} from '@stanzaseal/cms';
import { endorse, sign } from '@stanzaseal/signer';
import {
  accepts,
  accountOf,
  bodyOf,
  chat,
  createPair,
  createPerson,
  DAY,
  introduce,
  opens,
  type Person,
  refusal,
  say,
  sealBadlyFrom,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('first contact and changed keys');
const kinds = ({ events }: Person): string[] => events.map(({ kind }) => kind);

test('a first message is verified with no look-up: Juliet has taken in nothing', async () => {
  const [romeo, juliet] = await createPair('first');
  assert.equal(await juliet.messenger.contacts(), []);
  const first = await accepts(juliet, await say(romeo, juliet, 'Ay me!'));
  assert.equal([first.sender.jid, first.sender.trust, first.sender.firstContact], [romeo.jid, 'unverified', true]);
  const second = await accepts(juliet, await say(romeo, juliet, 'Ay me!'));
  assert.equal([second.sender.trust, second.sender.firstContact], ['unverified', false]);
  // She can answer at once, by the reply prekey that came along.
  const answer = await juliet.messenger.seal(chat('Romeo?'), { to: romeo.jid });
  assert.equal([answer.recipients[0]?.class, answer.stale], ['reply', [romeo.jid]]);
  await accepts(romeo, answer.stanza);
});

test('who is answered on a reply prekey gets no keys again', async () => {
  const [romeo, juliet] = await createPair('smaller');
  const first = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  await accepts(juliet, first.stanza);
  await tell(juliet, romeo, 'Romeo?');
  const later = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
  assert.ok(later.octets < first.octets, `${later.octets} < ${first.octets}`);
  await accepts(juliet, later.stanza);
});

/** Seals as Mallory in Romeo's name, with an endorsement that somebody made up. */
async function forged(juliet: Person, mallory: Person, name: string, change: Partial<Endorsement>): Promise<string> {
  const { world } = mallory;
  const { crypto, now } = world;
  const account = await accountOf(mallory);
  const identity = await mallory.store.identityKey(crypto);
  if (identity === undefined) throw new Error('no identity key');
  const device = await mallory.store.deviceKey(crypto);
  const endorsement: Endorsement = {
    endorser: identity.publicKey.keyIdentifier,
    endorsed: device.publicKey,
    owner: 'romeo@montague.example',
    purpose: 'device',
    notBefore: now - 1000,
    notAfter: now + DAY,
    sequence: 1,
    ...change,
  };
  const der = await endorse(endorsement, identity, device, { signingTime: now, crypto });
  const senderKeys = {
    identity: { algorithm: 'Ed25519' as const, raw: account.identity },
    device: { algorithm: 'Ed25519' as const, raw: account.device },
    endorsement: der,
  };
  const { stanza } = await sealBadlyFrom(mallory, juliet, { from: 'romeo@montague.example', senderKeys });
  return juliet.messenger.open(stanza).then(
    ({ status }) => status,
    ({ code }) => `${name}: ${code}`,
  );
}

test('an endorsement is for this address, for a device, and in force', async () => {
  const [, juliet] = await createPair('endorsements');
  const mallory = await createPerson('mallory@verona.example', juliet.world);
  const { now } = juliet.world;
  const before = await snapshot(juliet);
  assert.is(await forged(juliet, mallory, 'as it must be', {}), 'opened');
  for (const [name, change] of Object.entries<Partial<Endorsement>>({
    'of another address': { owner: mallory.jid },
    'of the bare domain': { owner: 'montague.example' },
    'for a contact': { purpose: 'contact' },
    'for an identity': { purpose: 'identity' },
    vouched: { purpose: 'vouched' },
    expired: { notBefore: now - 2 * DAY, notAfter: now - DAY },
    'not yet': { notBefore: now + 2 * DAY, notAfter: now + 3 * DAY },
  })) {
    assert.is(await forged(juliet, mallory, name, change), `${name}: ERR_OPEN`);
  }
  assert.is(await forged(juliet, mallory, 'a clock ahead', { notBefore: now + 3_600_000 }), 'opened');
  assert.is(await snapshot(juliet), before);
});

test('C4: somebody else’s device is not to be had by endorsing it, nor a borrowed endorsement', async () => {
  const [romeo, juliet] = await createPair('borrowed');
  const { world } = romeo;
  const { crypto, now } = world;
  const mallory = await createPerson('mallory@verona.example', world);
  const identity = await mallory.store.identityKey(crypto);
  if (identity === undefined) throw new Error('no identity key');
  const [hers, his] = [await accountOf(mallory), await accountOf(romeo)];
  const raw = (octets: Uint8Array) => ({ algorithm: 'Ed25519' as const, raw: octets });
  const endorsement: Endorsement = {
    endorser: identity.publicKey.keyIdentifier,
    endorsed: raw(his.device),
    owner: mallory.jid,
    purpose: 'device',
    notBefore: now,
    notAfter: now + DAY,
    sequence: 1,
  };
  const alone = await sign(encodeEndorsement(endorsement), {
    signers: [identity],
    contentType: ID_CT_ENDORSEMENT,
    signingTime: now,
    crypto,
  });
  for (const senderKeys of [
    // Romeo's device under Mallory's name, without its own signature.
    { identity: raw(hers.identity), device: raw(his.device), endorsement: alone.der },
    // His keys and endorsement, sent by her device; and hers with his endorsement.
    { identity: raw(his.identity), device: raw(his.device), endorsement: his.endorsement as Uint8Array },
    { identity: raw(hers.identity), device: raw(hers.device), endorsement: his.endorsement as Uint8Array },
    { identity: raw(his.identity), device: raw(hers.device), endorsement: hers.endorsement as Uint8Array },
  ]) {
    for (const from of [mallory.jid, romeo.jid]) {
      const { stanza } = await sealBadlyFrom(mallory, juliet, { from, senderKeys });
      assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
    }
  }
  const without = { ...(await sealBadlyFrom(mallory, juliet, { changeAttributes: (list) => list.slice(0, 3) })) };
  assert.is((await refusal(() => juliet.messenger.open(without.stanza)))?.code, 'ERR_OPEN', 'a stranger without keys');
  assert.equal(kinds(juliet), []);
});

test('C14: another identity under a pinned address is refused, reported, and changes nothing', async () => {
  const [romeo, juliet] = await createPair('pinned');
  await tell(romeo, juliet, 'Ay me!');
  const impostor = await createPerson(romeo.jid, romeo.world);
  await introduce(juliet, impostor);
  const before = await snapshot(juliet);
  const stanza = await say(impostor, juliet, 'It is I');
  assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
  assert.is(await snapshot(juliet), before);
  const [event] = juliet.events;
  if (event?.kind !== 'key-changed') throw new Error('no event');
  assert.is(event.jid, romeo.jid);
  assert.equal(event.identity, (await accountOf(impostor)).identity);
  assert.is(bodyOf((await accepts(juliet, await say(romeo, juliet, 'No, I'))).stanza), 'No, I');
});

async function changedByList(seed: string): Promise<{ romeo: Person; juliet: Person; again: Person }> {
  const [romeo, juliet] = await createPair(seed);
  await tell(romeo, juliet, 'Ay me!');
  await juliet.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  const again = await createPerson(romeo.jid, romeo.world);
  await introduce(juliet, again);
  const { deviceList } = await again.messenger.publish();
  assert.is((await refusal(() => juliet.messenger.importKeys([deviceList])))?.code, 'ERR_KEY_CHANGED');
  return { romeo, juliet, again };
}

test('C14: a list under another identity blocks sealing and opening until somebody answers; there is no plaintext to fall back to', async () => {
  const { romeo, juliet, again } = await changedByList('blocked');
  assert.equal(kinds(juliet), ['trust-changed', 'key-changed']);
  assert.is((await refusal(() => say(juliet, romeo, 'Romeo?')))?.code, 'ERR_KEY_CHANGED');
  for (const sender of [romeo, again]) {
    const stanza = await say(sender, juliet, 'It is I');
    assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
  }
  const [contact] = await juliet.messenger.contacts();
  assert.equal(contact?.fingerprint, await romeo.messenger.fingerprint());
  assert.equal(contact?.changedTo, await again.messenger.fingerprint());
  assert.is(contact?.trust, 'verified');
});

test('answer keep: the old identity goes on, the new one stays refused', async () => {
  const { romeo, juliet, again } = await changedByList('keep');
  await juliet.messenger.answerKeyChange(romeo.jid, 'keep');
  const opened = await accepts(juliet, await say(romeo, juliet, 'It is I'));
  assert.is(opened.sender.trust, 'verified');
  const stanza = await say(again, juliet, 'No, I');
  assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
  await tell(juliet, romeo, 'Romeo!');
});

test('answer take: the new identity is unverified, the old one and its devices are out', async () => {
  const { romeo, juliet, again } = await changedByList('take');
  const early = await say(romeo, juliet, 'before the answer');
  await juliet.messenger.answerKeyChange(romeo.jid, 'take');
  const [contact] = await juliet.messenger.contacts();
  assert.equal([contact?.trust, contact?.evidence, contact?.changedTo], ['unverified', undefined, undefined]);
  assert.is(
    (await refusal(() => say(juliet, romeo, 'Romeo?')))?.code,
    'ERR_NO_KEYS',
    'no key of the old identity is used',
  );
  await introduce(again, juliet);
  const answer = await say(juliet, again, 'Romeo?');
  await accepts(again, answer);
  assert.is((await refusal(() => romeo.messenger.open(answer)))?.code, 'ERR_OPEN');
  for (const stanza of [early, await say(romeo, juliet, 'It is I')]) {
    assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
  }
  assert.is((await opens(juliet, await say(again, juliet, 'It is I'))).sender.trust, 'unverified');
});

test('a change that an object showed is answered with the key of the event', async () => {
  const [romeo, juliet] = await createPair('event');
  await tell(romeo, juliet, 'Ay me!');
  const again = await createPerson(romeo.jid, romeo.world);
  await introduce(juliet, again);
  const stanza = await say(again, juliet, 'I lost my telephone');
  await refusal(() => juliet.messenger.open(stanza));
  assert.instance(await refusal(() => juliet.messenger.answerKeyChange(romeo.jid, 'take')), RangeError);
  const [event] = juliet.events;
  if (event?.kind !== 'key-changed') throw new Error('no event');
  await juliet.messenger.answerKeyChange(romeo.jid, 'take', event.identity);
  const opened = await accepts(juliet, stanza);
  assert.equal([bodyOf(opened.stanza), opened.sender.trust], ['I lost my telephone', 'unverified']);
});

test('nothing to answer is an error of the caller', async () => {
  const [romeo, juliet] = await createPair('nothing');
  await tell(romeo, juliet, 'Ay me!');
  assert.instance(await refusal(() => juliet.messenger.answerKeyChange(romeo.jid, 'keep')), RangeError);
  const stranger = await generatePrivateKey('Ed25519', romeo.world.random, romeo.world.crypto);
  assert.instance(
    await refusal(() => juliet.messenger.answerKeyChange('paris@verona.example', 'take', stranger.publicKey.raw)),
    RangeError,
  );
  assert.ok(await publicKeyFromRaw('Ed25519', stranger.publicKey.raw, romeo.world.crypto));
});

test.run();
