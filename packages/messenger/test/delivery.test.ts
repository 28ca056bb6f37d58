// Which prekey an object is sealed to, and to whom it goes.
import { equal, generatePrivateKey, toHex } from '@stanzaseal/cms';
import { decrypt, readObject } from '@stanzaseal/envelope';
import type { Sealed } from '@stanzaseal/messenger';
import { setArchiveKeys } from '@stanzaseal/messenger/devices';
import { signPrekeyBundle } from '@stanzaseal/signer';
import { attribute, withAttributes } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  chat,
  createPair,
  createPerson,
  DAY,
  deviceKnownTo,
  deviceOf,
  HOUR,
  introduce,
  objectIn,
  opens,
  type Person,
  refusal,
  restart,
  say,
  sealBadlyFrom,
  snapshot,
  tell,
  unusedPrekeyOf,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('delivery');

/** The keys on the wire of an object, hexadecimal. */
async function keysOf({ stanza }: Sealed, { world }: Person): Promise<string[]> {
  const { data } = await readObject(objectIn(stanza), { crypto: world.crypto });
  return data.kari.recipientEncryptedKeys.map(({ rKeyId }) => toHex(rKeyId));
}

const seal = (from: Person, to: Person): Promise<Sealed> => from.messenger.seal(chat('Ay me!'), { to: to.jid });

/** Juliet publishes a bundle without one-time prekeys, as if all had been drawn. */
async function publishEmpty(juliet: Person, to: Person): Promise<void> {
  const { world, store } = juliet;
  const device = await store.deviceKey(world.crypto);
  const identity = await juliet.messenger.fingerprint();
  const lastResort = (await unusedPrekeyOf(juliet, 'last-resort')).raw;
  const times = { notBefore: world.now, notAfter: world.now + 35 * DAY };
  const bundle = {
    owner: juliet.jid,
    identity,
    device: device.publicKey.keyIdentifier,
    sequence: 2,
    ...times,
    lastResort,
    oneTime: [],
  };
  await to.messenger.importKeys([
    await signPrekeyBundle(bundle, device, { signingTime: world.now, crypto: world.crypto }),
  ]);
}

test('a published prekey sticks: a burst drains one, also over a restart', async () => {
  const [romeo, juliet] = await createPair('sticky');
  const [first] = await keysOf(await seal(romeo, juliet), romeo);
  for (let i = 0; i < 30; i++) {
    if (i === 15) await restart(romeo);
    assert.equal(await keysOf(await seal(romeo, juliet), romeo), [first]);
  }
  const [, device] = await deviceKnownTo(romeo, juliet);
  assert.is(device.oneTime.length, 99);
});

test('it sticks for 7 days, then another takes its place', async () => {
  const [romeo, juliet] = await createPair('7 days');
  const [first] = await keysOf(await seal(romeo, juliet), romeo);
  romeo.world.now += 7 * DAY - 1;
  assert.equal(await keysOf(await seal(romeo, juliet), romeo), [first]);
  romeo.world.now += 1;
  const [second] = await keysOf(await seal(romeo, juliet), romeo);
  assert.is.not(second, first);
  const [, device] = await deviceKnownTo(romeo, juliet);
  assert.is(device.oneTime.length, 98);
  for (const key of [first, second]) assert.ok(await juliet.store.get('prekeys', key as string), 'both are hers');
});

test('an expired prekey or list is never used', async () => {
  const [romeo, juliet] = await createPair('expired');
  romeo.world.now += 33 * DAY;
  const [chosen] = await keysOf(await seal(romeo, juliet), romeo);
  romeo.world.now += 2 * DAY;
  const before = await snapshot(romeo);
  assert.is((await refusal(() => seal(romeo, juliet)))?.code, 'ERR_NO_KEYS');
  assert.is(await snapshot(romeo), before);
  await introduce(juliet, romeo);
  assert.is.not((await keysOf(await seal(romeo, juliet), romeo))[0], chosen);
});

test('an answer ends the use of a published prekey: its reply prekey is newer', async () => {
  const [romeo, juliet] = await createPair('answer');
  await tell(romeo, juliet, 'one');
  await tell(juliet, romeo, 'two');
  const sealed = await seal(romeo, juliet);
  assert.is(sealed.recipients[0]?.class, 'reply');
  const [, device] = await deviceKnownTo(romeo, juliet);
  assert.is(device.choice, undefined);
  const [key] = await keysOf(sealed, romeo);
  assert.is((await juliet.store.get('prekeys', key as string))?.class, 'reply');
});

test('the newest reply prekey is used, also where an older one arrives later', async () => {
  const [romeo, juliet] = await createPair('newest');
  await tell(romeo, juliet, 'one');
  const older = await say(juliet, romeo, 'two');
  const conversation = await juliet.store.get('conversations', romeo.jid);
  await tell(romeo, juliet, 'three');
  // Made anew, since Romeo's reply uses the one before.
  await accepts(romeo, older);
  await tell(romeo, juliet, 'four');
  const newer = await say(juliet, romeo, 'five');
  await accepts(romeo, newer);
  const [key] = await keysOf(await seal(romeo, juliet), romeo);
  assert.is(key, (await juliet.store.get('conversations', romeo.jid))?.replyPrekey);
  assert.is.not(key, conversation?.replyPrekey);
  assert.is.not((await romeo.messenger.open(older)).status, 'opened');
  assert.equal(await keysOf(await seal(romeo, juliet), romeo), [key]);
});

test('two objects out of order: the reply prekey of the later one stays', async () => {
  const [romeo, juliet] = await createPair('order');
  await introduce(romeo, juliet);
  const first = await say(juliet, romeo, 'one');
  // Half of its validity later a reply prekey is made anew although nobody used it.
  juliet.world.now += 18 * DAY;
  await introduce(romeo, juliet);
  const second = await say(juliet, romeo, 'two');
  await accepts(romeo, second);
  const newest = (await juliet.store.get('conversations', romeo.jid))?.replyPrekey;
  assert.equal(await keysOf(await seal(romeo, juliet), romeo), [newest]);
  await accepts(romeo, first);
  assert.equal(await keysOf(await seal(romeo, juliet), romeo), [newest]);
});

test('I14: a clock that ran ahead once does not keep later reply prekeys out', async () => {
  const [romeo, juliet] = await createPair('ahead');
  await tell(romeo, juliet, 'one');
  await tell(juliet, romeo, 'two');
  const years = { ...romeo.world, now: juliet.world.now + 730 * DAY };
  const reply = { key: await unusedPrekeyOf(juliet), notAfter: Math.floor(years.now / 1000) * 1000 };
  const forged = await sealBadlyFrom(juliet, romeo, { now: years.now, replyPrekey: reply });
  assert.ok((await accepts(romeo, forged.stanza)).warnings.some(({ code }) => code === 'time-in-future'));
  assert.equal(await keysOf(await seal(romeo, juliet), romeo), [toHex(reply.key.keyIdentifier)]);
  await tell(juliet, romeo, 'my clock is right again');
  assert.equal(await keysOf(await seal(romeo, juliet), romeo), [
    (await juliet.store.get('conversations', romeo.jid))?.replyPrekey,
  ]);
});

test('reply prekeys are renewed with each turn, and offered again while nobody used them', async () => {
  const [romeo, juliet] = await createPair('turns');
  const offeredBy = async (person: Person, to: Person): Promise<string | undefined> =>
    (await person.store.get('conversations', to.jid))?.replyPrekey;
  await tell(romeo, juliet, 'one');
  const offered = await offeredBy(romeo, juliet);
  await tell(romeo, juliet, 'two');
  assert.is(await offeredBy(romeo, juliet), offered, 'not used yet');
  const seen = new Set([offered]);
  for (let i = 0; i < 5; i++) {
    await tell(juliet, romeo, 'answer');
    await tell(romeo, juliet, 'and again');
    seen.add(await offeredBy(romeo, juliet));
  }
  assert.is(seen.size, 6);
});

test('one-time prekeys are drawn at random', async () => {
  const [romeo, juliet] = await createPair('random');
  const published = (await deviceKnownTo(romeo, juliet))[1].oneTime;
  const places: number[] = [];
  for (let i = 0; i < 8; i++) {
    const sender = await createPerson(`sender${i}@montague.example`, romeo.world);
    await introduce(juliet, sender);
    await seal(sender, juliet);
    const choice = (await deviceKnownTo(sender, juliet))[1].choice?.publicKey as Uint8Array;
    places.push(published.findIndex((key) => equal(key, choice)));
  }
  assert.not(places.includes(-1));
  assert.ok(new Set(places).size >= 7, places.join(' '));
  assert.ok(Math.max(...places) - Math.min(...places) > 30, places.join(' '));
});

test('T13, I3: two senders who drew the same one-time prekey are both read', async () => {
  const [romeo, juliet] = await createPair('same prekey');
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(juliet, paris);
  await seal(romeo, juliet);
  const [, { choice }] = await deviceKnownTo(romeo, juliet);
  const [key, known] = await deviceKnownTo(paris, juliet);
  await paris.store.commit([
    { table: 'devices', key, record: { ...known, choice: choice as NonNullable<typeof choice> } },
  ]);
  const [one, two] = [await seal(romeo, juliet), await seal(paris, juliet)];
  assert.equal(await keysOf(one, romeo), await keysOf(two, romeo));
  await accepts(juliet, one.stanza);
  await accepts(juliet, two.stanza);
});

test('I1: with no one-time prekey left the last-resort prekey is used, and both sides see it', async () => {
  const [romeo, juliet] = await createPair('last resort');
  await publishEmpty(juliet, romeo);
  const sealed = await seal(romeo, juliet);
  assert.is(sealed.recipients[0]?.class, 'last-resort');
  assert.is((await opens(juliet, sealed.stanza)).class, 'last-resort');
  const oneTime = await createPair('one-time');
  assert.is((await opens(oneTime[1], (await seal(...oneTime)).stanza)).class, 'one-time');
});

test('I1: a bundle that is expired, of another device or of somebody else is not taken in', async () => {
  const [romeo, juliet] = await createPair('bundles');
  const paris = await createPerson('paris@verona.example', romeo.world);
  const { prekeyBundle: foreign, deviceList } = await paris.messenger.publish();
  const { prekeyBundle: own } = await juliet.messenger.publish();
  const damaged = own.slice();
  damaged[damaged.length - 1] = (damaged[damaged.length - 1] as number) ^ 1;
  const before = await snapshot(romeo);
  for (const wrong of [foreign, damaged, own.subarray(1), new Uint8Array(0)]) {
    assert.is((await refusal(() => romeo.messenger.importKeys([wrong])))?.code, 'ERR_VERIFY');
  }
  assert.is(await snapshot(romeo), before);
  assert.equal(
    (await romeo.messenger.importKeys([foreign, deviceList])).accounts,
    [paris.jid],
    'lists are read before bundles',
  );
  const after = await snapshot(romeo);
  romeo.world.now += 36 * DAY;
  assert.is((await refusal(() => romeo.messenger.importKeys([own])))?.code, 'ERR_VERIFY');
  assert.is(await snapshot(romeo), after);
});

test('own other devices get a copy, which arrives as the carbon of what was sent', async () => {
  const [romeo, juliet] = await createPair('own devices');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  const sealed = await seal(romeo, juliet);
  assert.equal(sealed.recipients.map(({ jid }) => jid).sort(), [juliet.jid, romeo.jid]);
  const copy = await accepts(tablet, sealed.stanza);
  assert.is(bodyOf(copy.stanza), 'Ay me!');
  assert.equal([copy.sender.jid, copy.sender.trust, copy.sender.firstContact], [romeo.jid, 'verified', false]);
  await accepts(juliet, sealed.stanza);
  // She learns of the tablet by its own word, and answers the phone alone until she has seen the list.
  const answer = await juliet.messenger.seal(chat('Romeo?'), { to: romeo.jid });
  assert.equal(answer.recipients.length, 1);
  await introduce(romeo, tablet, juliet);
  const both = await juliet.messenger.seal(chat('Romeo?'), { to: romeo.jid });
  for (const device of [romeo, tablet]) assert.is(bodyOf((await accepts(device, both.stanza)).stanza), 'Romeo?');
});

test('iq and presence go to the other side alone', async () => {
  const [romeo, juliet] = await createPair('no copies');
  await addDevice(romeo);
  for (const name of ['iq', 'presence'] as const) {
    const stanza = withAttributes({ ...chat('x'), name }, { type: name === 'iq' ? 'get' : undefined, id: 'q1' });
    const sealed = await romeo.messenger.seal(stanza, { to: juliet.jid });
    assert.equal(
      sealed.recipients.map(({ jid }) => jid),
      [juliet.jid],
      name,
    );
    assert.is(attribute(sealed.stanza, 'id'), name === 'iq' ? 'q1' : toHex(sealed.messageId));
  }
});

test('P30: archive keys that a list names are recipients in plain sight of both sides', async () => {
  const [romeo, juliet] = await createPair('archive');
  const { crypto, random } = romeo.world;
  const archive = await generatePrivateKey('X25519', random, crypto);
  const own = await generatePrivateKey('X25519', random, crypto);
  await setArchiveKeys(juliet.messenger, [{ key: archive.publicKey, organisation: 'Verona Chancery', epoch: 1 }]);
  await setArchiveKeys(romeo.messenger, [
    { key: own.publicKey, organisation: 'Montague & Sons', epoch: 3 },
    { key: archive.publicKey, organisation: 'Verona Chancery', epoch: 1 },
  ]);
  await introduce(juliet, romeo);
  const sealed = await seal(romeo, juliet);
  const archives = sealed.recipients.filter((recipient) => recipient.class === 'archive');
  assert.equal(
    archives.map(({ organisation }) => organisation),
    ['Verona Chancery', 'Montague & Sons'],
    'one that both name is one',
  );
  const opened = await opens(juliet, sealed.stanza);
  const shown = opened.recipients
    .filter((recipient) => recipient.class === 'archive')
    .map(({ deviceKey }) => toHex(deviceKey));
  assert.equal(shown.sort(), [archive, own].map(({ publicKey }) => toHex(publicKey.keyIdentifier)).sort());
  const key = await archive.agreementKey(crypto);
  const object = await readObject(objectIn(sealed.stanza), { crypto });
  const { cek } = await decrypt(object, {
    keys: { find: (id) => (equal(id, archive.publicKey.keyIdentifier) ? key : undefined) },
    crypto,
  });
  assert.equal(cek, sealed.cek);
});

test('no server can add an archive: what is not in the signed list gets nothing', async () => {
  const [romeo, juliet] = await createPair('no archive');
  const sealed = await seal(romeo, juliet);
  assert.not(sealed.recipients.some((recipient) => recipient.class === 'archive'));
  assert.is((await keysOf(sealed, romeo)).length, 1);
});

test('an archive alone is nobody to seal to', async () => {
  const [romeo, juliet] = await createPair('archive alone');
  const archive = await generatePrivateKey('X25519', romeo.world.random, romeo.world.crypto);
  await setArchiveKeys(romeo.messenger, [{ key: archive.publicKey, organisation: 'Montague & Sons', epoch: 1 }]);
  assert.is((await refusal(() => romeo.messenger.seal(chat('note to self'), { to: romeo.jid })))?.code, 'ERR_NO_KEYS');
  await seal(romeo, juliet);
});

test('a device without a prekey is refused visibly, or left out by the caller’s choice and named', async () => {
  const [romeo, juliet] = await createPair('skipped');
  const tablet = await addDevice(juliet);
  const { deviceList } = await juliet.messenger.publish();
  await romeo.messenger.importKeys([deviceList]);
  const before = await snapshot(romeo);
  assert.is((await refusal(() => seal(romeo, juliet)))?.code, 'ERR_NO_KEYS');
  assert.is(await snapshot(romeo), before);
  const sealed = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid }, { skipDevices: true });
  assert.equal(sealed.skipped, [{ jid: juliet.jid, device: await deviceOf(tablet) }]);
  assert.is(sealed.recipients.length, 1);
  await introduce(juliet, tablet, romeo);
  assert.is((await seal(romeo, juliet)).recipients.length, 2);
});

test('an own device without a prekey is named and holds nothing up', async () => {
  const [romeo, juliet] = await createPair('own skipped');
  const tablet = await addDevice(romeo);
  const [key, known] = await deviceKnownTo(romeo, tablet);
  await romeo.store.commit([{ table: 'devices', key, record: { ...known, bundleNotAfter: 0 } }]);
  const sealed = await seal(romeo, juliet);
  assert.equal(sealed.skipped, [{ jid: romeo.jid, device: await deviceOf(tablet) }]);
  await romeo.store.commit([{ table: 'devices', key, record: undefined }]);
  assert.equal((await seal(romeo, juliet)).skipped, [{ jid: romeo.jid, device: await deviceOf(tablet) }]);
});

test('an iq goes to the devices of one full address', async () => {
  const [romeo, juliet] = await createPair('one device');
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  const device = await deviceOf(tablet);
  const stanza = withAttributes({ ...chat('x'), name: 'iq' }, { type: 'get', id: 'q1', to: `${juliet.jid}/tablet` });
  const sealed = await romeo.messenger.seal(stanza, { to: `${juliet.jid}/tablet`, devices: [device] });
  assert.equal(
    sealed.recipients.map(({ deviceKey }) => deviceKey),
    [device],
  );
  await opens(tablet, sealed.stanza);
  assert.is((await refusal(() => juliet.messenger.open(sealed.stanza)))?.code, 'ERR_OPEN');
  assert.is(
    (await refusal(() => romeo.messenger.seal(stanza, { to: juliet.jid, devices: [new Uint8Array(32)] })))?.code,
    'ERR_NO_KEYS',
  );
});

test('keys older than a day are called stale, until they are fetched again', async () => {
  const [romeo, juliet] = await createPair('stale');
  romeo.world.now += 24 * HOUR;
  assert.equal((await seal(romeo, juliet)).stale, []);
  romeo.world.now += 1;
  assert.equal((await seal(romeo, juliet)).stale, [juliet.jid]);
  await introduce(juliet, romeo);
  assert.equal((await seal(romeo, juliet)).stale, []);
});

test('what is not sealed stores nothing and has a code', async () => {
  const [romeo, juliet] = await createPair('refused');
  const before = await snapshot(romeo);
  const { messenger } = romeo;
  const codes = [
    await refusal(() => messenger.seal(chat('x'), { to: 'paris@verona.example' })),
    await refusal(() => messenger.seal(chat('x'), { to: '@' })),
    await refusal(() => messenger.seal(chat('x', { to: 'paris@verona.example' }), { to: juliet.jid })),
    await refusal(() => messenger.seal(chat('x', { from: juliet.jid }), { to: juliet.jid })),
    await refusal(() => messenger.seal(chat('x'.repeat(300_000)), { to: juliet.jid })),
    await refusal(() => messenger.seal(chat('x'), { to: juliet.jid }, { limit: 500 })),
  ].map((error) => error?.code);
  assert.equal(codes, ['ERR_NO_KEYS', 'ERR_ADDRESS', 'ERR_ADDRESS', 'ERR_ADDRESS', 'ERR_TOO_LARGE', 'ERR_TOO_LARGE']);
  const room = 'coven@chat.shakespeare.example';
  assert.instance(await refusal(() => messenger.seal(chat('x'), { room, members: [juliet.jid] })), TypeError);
  assert.instance(await refusal(() => messenger.seal(chat('x', { type: 'groupchat' }), { to: juliet.jid })), TypeError);
  assert.is(await snapshot(romeo), before);
});

test('D5: a thousand objects have a thousand content-encryption keys and message ids', async () => {
  const [romeo, juliet] = await createPair('fresh');
  const [ceks, ids] = [new Set<string>(), new Set<string>()];
  for (let i = 0; i < 1000; i++) {
    const { cek, messageId } = await seal(romeo, juliet);
    ceks.add(toHex(cek));
    ids.add(toHex(messageId));
  }
  assert.equal([ceks.size, ids.size], [1000, 1000]);
});

test.run();
