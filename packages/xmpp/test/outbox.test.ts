// The outbox: what was taken is sent, in order, once as the peer sees it, through lost connections, crashes and servers that are down.

import { toHex } from '@stanzaseal/cms';
import { openKeyStore } from '@stanzaseal/keystore';
import { attribute, withAttributes, writeXml, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  chat,
  createPerson,
  createWorld,
  type Person,
  refusal,
  restart,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leastSealedOctets, octetsOf } from '../src/outbox/size.js';
import { type KeyDevice, published } from './keyDevices.js';
import { createPepServer, type PepServer } from './pepServer.js';
import { bounceOf, idOf, type SendingDevice, sending, told } from './sendingDevices.js';
import { settled, until } from './timers.js';

const test = suite('outbox');
const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';

interface Stage {
  readonly server: PepServer;
  readonly romeo: SendingDevice;
  readonly juliet: KeyDevice;
}

async function stage(seed: string, options: Parameters<typeof sending>[2] = {}, jid = JULIET): Promise<Stage> {
  const world = createWorld(seed);
  const server = createPepServer();
  const juliet = await published(jid, world, server);
  const person = await createPerson(ROMEO, world);
  await person.messenger.publish();
  return { server, juliet, romeo: sending(person, server, options) };
}

const say = (device: SendingDevice, text: string, to = JULIET): Promise<Uint8Array> =>
  device.outbox.take(chat(text), { to });

/** What the peer's messenger makes of stanzas: texts of those that opened, `=` for duplicates. */
async function heard(person: Person, stanzas: readonly XmlElement[], warnings: unknown[] = []): Promise<string[]> {
  const texts: string[] = [];
  for (const stanza of stanzas) {
    const opened = await person.messenger.open(stanza);
    if (opened.status !== 'opened') texts.push('=');
    else {
      assert.equal(opened.warnings, warnings);
      texts.push(bodyOf(opened.stanza) ?? '');
      await opened.accept();
    }
  }
  return texts;
}

test('what was taken offline is durable, and leaves in order when there is a connection', async () => {
  const { romeo, juliet, server } = await stage('offline', { isOffline: true });
  const ids = [await say(romeo, 'one'), await say(romeo, 'two'), await say(romeo, 'three')];
  assert.equal(romeo.link.sent, []);
  assert.equal(
    romeo.outbox.pending().map(({ state }) => state),
    ['waiting', 'waiting', 'waiting'],
  );
  // The process ends, and begins anew over what was stored.
  romeo.outbox.close();
  romeo.keys.close();
  await restart(romeo);
  const again = sending(romeo, server);
  await again.timers.advance(100);
  assert.equal(again.written().map(idOf), ids.map(toHex));
  assert.equal(await heard(juliet, again.written()), ['one', 'two', 'three']);
});

test('the server has what stands before an answered ping; then it is told, and after the time for errors gone', async () => {
  const { romeo } = await stage('confirm');
  romeo.answersPings(false);
  await say(romeo, 'one');
  await romeo.timers.advance(1000);
  assert.equal([romeo.written().length, told(romeo)], [1, []]);
  romeo.answersPings(true);
  await romeo.timers.advance(0);
  assert.equal(told(romeo), ['sent']);
  assert.is(romeo.outcomes[0]?.kind === 'sent' && romeo.outcomes[0].sealed?.recipients[0]?.jid, JULIET);
  assert.equal(
    romeo.outbox.pending().map(({ state }) => state),
    ['taken'],
  );
  await romeo.timers.advance(5 * 60_000 + 1);
  assert.equal([romeo.outbox.pending(), await romeo.store.entries('outbox')], [[], []]);
});

test('an own server tells errors before it answers: nothing is kept for later', async () => {
  const { romeo } = await stage('local', {}, 'juliet@montague.example');
  await say(romeo, 'one', 'juliet@montague.example');
  await romeo.timers.advance(100);
  assert.equal([told(romeo), romeo.outbox.pending()], [['sent'], []]);
});

test('a copy that came back, or a receipt, ends it', async () => {
  const { romeo } = await stage('delivered');
  romeo.answersPings(false);
  const id = await say(romeo, 'one');
  await romeo.timers.advance(100);
  assert.is(romeo.outbox.delivered(id), true);
  await settled();
  assert.equal([told(romeo), romeo.outbox.pending(), await romeo.store.entries('outbox')], [['sent'], [], []]);
  assert.is(romeo.outbox.delivered(id), false);
});

test('what is not known to have arrived is sent once more: the same octets, which the peer knows', async () => {
  const { romeo, juliet } = await stage('again');
  romeo.answersPings(false);
  for (const text of ['one', 'two', 'three']) await say(romeo, text);
  await romeo.timers.advance(100);
  romeo.link.disconnect();
  await settled();
  await say(romeo, 'four');
  romeo.link.connect();
  await romeo.timers.advance(100);
  const written = romeo.written();
  assert.equal(
    written.slice(0, 3).map((one) => writeXml(one)),
    written.slice(3, 6).map((one) => writeXml(one)),
  );
  assert.equal(await heard(juliet, written), ['one', 'two', 'three', '=', '=', '=', 'four']);
});

test('where keys changed meanwhile it is sealed anew under the same id: the first opened wins', async () => {
  const { romeo, juliet } = await stage('resealed');
  romeo.answersPings(false);
  const id = await say(romeo, 'one');
  await romeo.timers.advance(100);
  romeo.link.disconnect();
  const tablet = await addDevice(juliet);
  await juliet.keys.publish();
  const { deviceList, prekeyBundle } = await tablet.messenger.publish();
  await romeo.messenger.importKeys([deviceList, prekeyBundle]);
  romeo.link.connect();
  await romeo.timers.advance(100);
  const [first, second] = romeo.written() as [XmlElement, XmlElement];
  assert.is.not(writeXml(first), writeXml(second));
  assert.equal([idOf(first), idOf(second)], [toHex(id), toHex(id)]);
  await accepts(tablet, second);
  await accepts(juliet, second);
  assert.is((await juliet.messenger.open(first)).status, 'duplicate');
});

for (const had of [0, 1, 2, 3]) {
  test(`C7: what is sealed anew keeps its place: of three the peer had ${had}, and nothing looks as if it were missing`, async () => {
    const { romeo, juliet, server } = await stage(`places ${had}`);
    romeo.answersPings(false);
    for (const text of ['one', 'two', 'three']) await say(romeo, text);
    await romeo.timers.advance(100);
    const texts = ['one', 'two', 'three'];
    assert.equal(await heard(juliet, romeo.written().slice(0, had)), texts.slice(0, had));
    // The process ends, and with it the sealed copies.
    romeo.outbox.close();
    romeo.keys.close();
    await restart(romeo);
    const again = sending(romeo, server);
    await say(again, 'four');
    await again.timers.advance(100);
    const rest = [...texts.map((text, i) => (i < had ? '=' : text)), 'four'];
    assert.equal(await heard(juliet, again.written()), rest);
    // And what does not come is told as before.
    await say(again, 'lost');
    await say(again, 'five');
    await again.timers.advance(100);
    assert.equal(await heard(juliet, again.written().slice(-1), [{ code: 'gap', missing: 1 }]), ['five']);
  });
}

test('what left the outbox while it was sealed does not come back with its place', async () => {
  const { romeo } = await stage('left');
  romeo.answersPings(false);
  const id = await say(romeo, 'one');
  await romeo.outbox.forget(id);
  await romeo.timers.advance(1000);
  assert.equal(await romeo.store.entries('outbox'), []);
});

test('a session that ended takes errors with it: what another server may not have is sent again; after a resumption it is not', async () => {
  const { romeo } = await stage('session');
  await say(romeo, 'one');
  await romeo.timers.advance(1000);
  romeo.link.disconnect();
  romeo.link.connect(true);
  await romeo.timers.advance(1000);
  assert.is(romeo.written().length, 1);
  romeo.link.disconnect();
  romeo.link.connect();
  await romeo.timers.advance(1000);
  assert.is(romeo.written().length, 2);
  assert.equal(told(romeo), ['sent'], 'told once');
});

test('a peer’s server that is down loses nothing: back-off, then all of it, in order', async () => {
  const { romeo, juliet } = await stage('down');
  for (const text of ['one', 'two', 'three']) await say(romeo, text);
  await romeo.timers.advance(100);
  const first = romeo.written();
  for (const stanza of first) assert.is(romeo.outbox.bounced(bounceOf(stanza, 'remote-server-not-found')), true);
  await say(romeo, 'four');
  assert.ok(told(romeo).includes('bounced remote-server-not-found'));
  // While it is down one is tried at a time, more and more seldom.
  romeo.bouncing = 'remote-server-not-found';
  await romeo.timers.advance(3_600_000);
  const tries = romeo.written().slice(first.length);
  assert.ok(tries.length >= 5 && tries.length <= 20, `${tries.length} tries in an hour`);
  assert.equal([...new Set(tries.map(idOf))], [idOf(first[0])]);
  romeo.bouncing = undefined;
  const before = romeo.written().length;
  await romeo.timers.advance(16 * 60_000);
  assert.equal(await heard(juliet, romeo.written().slice(before)), ['one', 'two', 'three', 'four']);
  await romeo.timers.advance(6 * 60_000);
  assert.equal(romeo.outbox.pending(), []);
});

test('a timer that fires a little before its time is not missed', async () => {
  const { romeo } = await stage('early', { early: 1 });
  await say(romeo, 'one');
  await romeo.timers.advance(100);
  romeo.outbox.bounced(bounceOf(romeo.written()[0] as XmlElement, 'remote-server-timeout'));
  await romeo.timers.advance(10_000);
  assert.is(romeo.written().length, 2);
});

test('an error from elsewhere, for something else, or for what failed already changes nothing', async () => {
  const { romeo } = await stage('forged bounce');
  await say(romeo, 'one');
  await romeo.timers.advance(100);
  const [stanza] = romeo.written() as [XmlElement];
  const bounce = bounceOf(stanza, 'gone');
  for (const from of ['mallory@evil.example', 'evil.example', `${JULIET}.evil.example`, 'capulet.example.evil'])
    assert.is(romeo.outbox.bounced(withAttributes(bounce, { from })), true);
  assert.is(romeo.outbox.bounced(withAttributes(bounce, { id: '0'.repeat(32) })), false);
  assert.is(romeo.outbox.bounced(withAttributes(stanza, { from: JULIET })), false);
  assert.equal(told(romeo), ['sent']);
  // The domain that it went to, the peer's device and the own server may speak.
  romeo.outbox.bounced(withAttributes(bounce, { from: `${JULIET}/phone` }));
  assert.equal(told(romeo), ['sent', 'failed gone']);
  assert.is(romeo.outbox.bounced(bounce), false);
});

test('what is refused for good is told and kept, over a restart, until it is forgotten or tried again', async () => {
  const { romeo, server, juliet } = await stage('failed');
  const [one, two] = [await say(romeo, 'one'), await say(romeo, 'two')];
  await romeo.timers.advance(100);
  const [first] = romeo.written() as [XmlElement];
  romeo.outbox.bounced(bounceOf(first, 'service-unavailable'));
  await settled();
  assert.equal(told(romeo), ['sent', 'sent', 'failed service-unavailable']);
  romeo.outbox.close();
  romeo.keys.close();
  romeo.link.disconnect();
  await restart(romeo);
  const again = sending(romeo, server);
  await again.timers.advance(1000);
  // Whether the other arrived is not known after a restart: it is sent again. What failed is not.
  assert.equal(again.written().map(idOf), [toHex(two)]);
  assert.equal(
    again.outbox.pending().map(({ state }) => state),
    ['failed', 'taken'],
  );
  assert.is((await refusal(() => again.outbox.retry(two)))?.name, 'RangeError');
  await again.outbox.retry(one);
  await again.timers.advance(100);
  assert.equal(again.written().map(idOf), [toHex(two), toHex(one)]);
  await again.outbox.forget(one);
  await again.outbox.forget(two);
  await settled();
  assert.equal([again.outbox.pending(), await again.store.entries('outbox')], [[], []]);
  assert.ok(juliet);
});

test('keys are fetched before it is said that there are none; and a server that is down is no answer', async () => {
  const { romeo, server } = await stage('no keys');
  const unknown = 'nobody@capulet.example';
  const id = await say(romeo, 'x', unknown);
  await say(romeo, 'y');
  await until('failed', () => told(romeo).includes('failed ERR_NO_KEYS'));
  await romeo.timers.advance(100);
  assert.equal(
    romeo.written().map((stanza) => attribute(stanza, 'to')),
    [JULIET],
  );
  // They publish, and it is tried again.
  await published(unknown, romeo.world, server);
  await romeo.outbox.retry(id);
  await romeo.timers.advance(100);
  assert.is(attribute(romeo.written().at(-1) as XmlElement, 'to'), unknown);

  server.flavour = { down: 'remote-server-timeout' };
  const paris = 'paris@verona.example';
  await say(romeo, 'z', paris);
  await romeo.timers.advance(3600_000);
  assert.ok(told(romeo).includes('bounced remote-server-timeout'));
  assert.not.ok(told(romeo).includes('failed remote-server-timeout'));
  server.flavour = {};
  await published(paris, romeo.world, server);
  await romeo.timers.advance(3600_000);
  assert.is(attribute(romeo.written().at(-1) as XmlElement, 'to'), paris);
});

test('a device without a key is left out and named, when all that is published was fetched', async () => {
  const { romeo, juliet } = await stage('skipped');
  const tablet = await addDevice(juliet);
  await juliet.keys.publish();
  await say(romeo, 'x');
  await romeo.timers.advance(100);
  const [sent] = romeo.outcomes;
  assert.is(sent?.kind === 'sent' && sent.sealed?.recipients.length, 1);
  assert.is(sent?.kind === 'sent' && sent.sealed?.skipped.length, 1);
  assert.ok(tablet);
});

test('a changed identity key holds a conversation until it is answered, and no other', async () => {
  const { romeo, server } = await stage('changed');
  await say(romeo, 'one');
  await romeo.timers.advance(100);
  const other = await createPerson(JULIET, romeo.world);
  const { deviceList, prekeyBundle } = await other.messenger.publish();
  await refusal(() => romeo.messenger.importKeys([deviceList]));
  const paris = await published('paris@verona.example', romeo.world, server);
  await say(romeo, 'two');
  await say(romeo, 'to paris', paris.jid);
  await romeo.timers.advance(10 * 60_000);
  assert.is(romeo.outcomes.filter(({ kind }) => kind === 'held').length, 1);
  assert.equal(
    romeo.written().map((stanza) => attribute(stanza, 'to')),
    [JULIET, paris.jid],
  );
  await romeo.messenger.answerKeyChange(JULIET, 'take');
  await romeo.messenger.importKeys([deviceList, prekeyBundle]);
  romeo.outbox.flush();
  await romeo.timers.advance(100);
  assert.equal(await heard(other, romeo.written().slice(-1), [{ code: 'gap', missing: 1 }]), ['two']);
});

test('T20, H16: too long for the server is said before anything is written', async () => {
  const { romeo } = await stage('large', { limit: () => 10_000 });
  assert.is((await refusal(() => say(romeo, 'x'.repeat(10_000))))?.code, 'ERR_TOO_LARGE');
  assert.equal(await romeo.store.entries('outbox'), []);
  // Just below what can be said at once: sealing says so, and nothing is written.
  await say(romeo, 'x'.repeat(4500));
  await romeo.timers.advance(1000);
  assert.equal([romeo.written(), told(romeo)], [[], ['failed ERR_TOO_LARGE']]);
  await say(romeo, 'x'.repeat(1000));
  await romeo.timers.advance(1000);
  assert.ok(romeo.written().length === 1 && octetsOf(romeo.written()[0] as XmlElement) <= 10_000);
});

test('the predictor never says more than what sealing comes to, and not much less', async () => {
  const { romeo, juliet } = await stage('predictor');
  await romeo.keys.ensure([JULIET]);
  const devices = async (): Promise<void> => {
    await romeo.messenger.importKeys(
      Object.values(await (await addDevice(juliet)).messenger.publish()).filter(
        (one) => one instanceof Uint8Array,
      ) as Uint8Array[],
    );
  };
  for (const count of [1, 2, 5]) {
    while ((await romeo.messenger.seal(chat('x'), { to: JULIET })).recipients.length < count) await devices();
    for (const length of [0, 100, 333, 1000, 4000, 20_000, 100_000]) {
      const stanza = chat('é'.repeat(length / 2));
      const least = leastSealedOctets(stanza, count);
      const actual = octetsOf((await romeo.messenger.seal(stanza, { to: JULIET })).stanza);
      assert.ok(least <= actual && actual <= 2 * least, `${count} devices, ${length}: ${least}, ${actual}`);
    }
  }
  // An answer carries no keys of its sender, and is shorter by that.
  const other = await stage('answers');
  await other.romeo.keys.ensure([JULIET]);
  await accepts(other.juliet, (await other.romeo.messenger.seal(chat('x'), { to: JULIET })).stanza);
  for (const length of [0, 100, 400, 900, 1000, 2000, 10_000, 50_000]) {
    const stanza = chat('x'.repeat(length));
    const sealed = await other.juliet.messenger.seal(stanza, { to: ROMEO });
    const [least, actual] = [leastSealedOctets(stanza, sealed.recipients.length), octetsOf(sealed.stanza)];
    assert.ok(least <= actual && actual <= 1.6 * least, `answer, ${length}: ${least}, ${actual}`);
  }
});

test('a server that takes its time has at most 32 stanzas and 64 KiB before it; all arrive in order', async () => {
  const { romeo, juliet } = await stage('slow', {}, 'juliet@montague.example');
  romeo.answersPings(false);
  const texts = Array.from({ length: 100 }, (_, i) => `${i}`);
  await Promise.all(texts.map((text) => say(romeo, text, juliet.jid)));
  await until('the window is full', () => romeo.written().length >= 10);
  await settled();
  const octets = romeo.written().reduce((sum, stanza) => sum + octetsOf(stanza), 0);
  assert.ok(romeo.written().length <= 32 && octets <= 65_536 + 10_000, `${romeo.written().length}, ${octets}`);
  romeo.answersPings(true);
  await until('all are written', async () => {
    await romeo.timers.advance(50);
    return romeo.written().length === 100;
  });
  assert.equal(await heard(juliet, romeo.written()), texts);
});

test('what is no message, or goes nowhere, is refused when it is given', async () => {
  const { romeo } = await stage('arguments');
  const { outbox } = romeo;
  for (const [stanza, target] of [
    [chat('x', { type: 'error' }), { to: JULIET }],
    [chat('x', { type: 'groupchat' }), { to: JULIET }],
    [chat('x'), { room: JULIET, members: [] }],
    [{ ...chat('x'), name: 'presence' }, { to: JULIET }],
  ] as const)
    assert.is((await refusal(() => outbox.take(stanza, target)))?.name, 'TypeError');
  assert.is((await refusal(() => outbox.take(chat('x'), { to: 'a@@b c' })))?.code, 'ERR_ADDRESS');
  assert.is(
    (await refusal(() => outbox.take(chat('x'), { to: JULIET }, { messageId: new Uint8Array(3) })))?.name,
    'TypeError',
  );
  const messageId = new Uint8Array(16).fill(7);
  await outbox.take(chat('x'), { to: JULIET }, { messageId });
  assert.is((await refusal(() => outbox.take(chat('x'), { to: JULIET }, { messageId })))?.name, 'RangeError');
  // A stanza whose own address is another's is told when it is sealed.
  await outbox.take(chat('x', { to: ROMEO }), { to: JULIET });
  await romeo.timers.advance(100);
  assert.ok(told(romeo).includes('failed ERR_ADDRESS'));
});

test('a store that was put back holds everything, and nothing is given up', async () => {
  const { romeo } = await stage('rollback');
  const account = await romeo.store.get('account', 'self');
  assert.ok(account);
  await romeo.store.commit([{ table: 'account', key: 'self', record: { ...account, rolledBackTo: 9 } }]);
  await say(romeo, 'x');
  await romeo.timers.advance(10 * 60_000);
  assert.equal([romeo.written(), told(romeo)], [[], ['held']]);
  assert.is((await (await openKeyStore(romeo.storage)).entries('outbox')).length, 1);
});

test('what was tried for seven days is given up, told and kept', async () => {
  const { romeo } = await stage('given up');
  romeo.bouncing = 'remote-server-not-found';
  await say(romeo, 'x');
  await romeo.timers.advance(7 * 86_400_000 - 3_600_000);
  assert.is(told(romeo).at(-1), 'bounced remote-server-not-found');
  await romeo.timers.advance(7_200_000);
  assert.is(told(romeo).at(-1), 'failed remote-server-not-found');
  assert.is(romeo.outbox.pending()[0]?.state, 'failed');
});

test.run();
