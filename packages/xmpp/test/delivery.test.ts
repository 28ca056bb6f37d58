import { element, NS, withAttributes, withChildren, type XmlElement } from '@stanzaseal/stanza';
import {
  accountOf,
  addDevice,
  chat,
  createPair,
  createPerson,
  introduce,
  restart,
  say,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { carbon, serveArchive, withStanzaId } from './hostileArchive.js';
import { inwardOf, romeoAndJuliet } from './waysIn.js';

const test = suite('delivery: opened, handed over, accepted');
const JULIET = 'juliet@capulet.example';
const body = (text: string): XmlElement => element(NS.CLIENT, 'body', {}, [text]);
const beside = (stanza: XmlElement, ...more: XmlElement[]): XmlElement =>
  withChildren(stanza, [...stanza.children, ...more]);
const plainFrom = (from: string, text: string): XmlElement => withAttributes(chat(text), { from, to: JULIET });

test('a message says who sent it, how well they are known, how long its key lives, when, and how it came', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('says');
  at.link.receive(await say(romeo, juliet, 'hello'));
  await at.arrival.settled();
  const [message] = at.messages;
  if (message?.plain !== false) throw new Error('not sealed');
  assert.equal(
    {
      ...message,
      stanza: 0,
      recipients: 0,
      cek: message.cek.length,
      messageId: message.messageId.length,
      sender: message.sender.jid,
    },
    {
      plain: false,
      stanza: 0,
      conversation: 'romeo@montague.example',
      isOwn: false,
      room: undefined,
      via: 'live',
      archiveId: undefined,
      time: romeo.world.now,
      sender: 'romeo@montague.example',
      class: 'one-time',
      messageId: 16,
      recipients: 0,
      warnings: [],
      cek: 32,
    },
  );
  assert.equal([message.sender.trust, message.sender.firstContact], ['unverified', true]);
});

test('live, by a copy, from the spool, from the archive, after a restart: one delivery', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('five ways');
  const sealed = await say(romeo, juliet, 'once');
  serveArchive(at.link, JULIET, [{ id: '1', stanza: sealed }]);
  at.link.receive(sealed);
  at.link.receive(carbon('received', sealed, JULIET, JULIET));
  at.link.receive(
    beside(sealed, element(NS.DELAY, 'delay', { from: 'capulet.example', stamp: '2026-11-21T04:00:00Z' })),
  );
  await at.arrival.catchUp(JULIET);
  await at.arrival.settled();
  await restart(juliet);
  const after = inwardOf(juliet);
  serveArchive(after.link, JULIET, [{ id: '1', stanza: sealed }]);
  await after.arrival.catchUp(JULIET);
  after.link.receive(sealed);
  await after.arrival.settled();
  assert.equal([at.texts(), after.texts()], [['once'], []]);
});

test('nothing is accepted before the handler is done', async () => {
  const { romeo, juliet } = await romeoAndJuliet('after');
  let before = '';
  const at = inwardOf(juliet, {
    onMessage: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      before = await snapshot(juliet);
    },
  });
  const start = await snapshot(juliet);
  at.link.receive(await say(romeo, juliet, 'hello'));
  await at.arrival.settled();
  assert.is(before, start);
  assert.is.not(await snapshot(juliet), start);
});

test('H5: what stands beside an object is never the message, whether it opens or not', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('beside');
  const lies = [body('a lie!'), element(NS.CLIENT, 'subject', {}, ['a lie!']), element('jabber:x:oob', 'x')];
  at.link.receive(beside(await say(romeo, juliet, 'truth'), ...lies));
  const [other] = [await createPerson('nurse@capulet.example', romeo.world)];
  await introduce(other, romeo);
  const foreign = await say(romeo, other, 'to the nurse');
  at.link.receive(beside(withAttributes(foreign, { to: JULIET }), ...lies));
  await at.arrival.settled();
  assert.equal(at.texts(), ['truth']);
  assert.is(JSON.stringify(at.messages).includes('a lie!'), false);
  assert.is(JSON.stringify(at.events).includes('a lie!'), false);
  assert.equal(at.kinds(), ['unopened']);
});

test('H4: two objects in a message, or one deeper down, are none', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('two');
  const [a, b] = [await say(romeo, juliet, 'a'), await say(romeo, juliet, 'b')];
  at.link.receive(beside(a, ...(b.children as XmlElement[])));
  const deeper = withChildren(a, [element('urn:x', 'x', {}, a.children), body('text')]);
  at.link.receive(deeper);
  await at.arrival.settled();
  assert.equal(at.texts(), ['plain: text']);
  assert.equal(at.kinds(), ['unopened']);
});

test('H5, T24: a message that says it is sealed and holds no object is not its fallback text', async () => {
  const { romeo, at } = await romeoAndJuliet('stripped');
  const eme = element(NS.EME, 'encryption', { namespace: NS.SEALED, name: 'stanzaseal' });
  at.link.receive(beside(plainFrom(romeo.jid, 'this message is sealed'), eme));
  await at.arrival.settled();
  assert.is(at.messages.length, 0);
  assert.equal(at.kinds(), ['unopened']);
});

test('nothing goes out for what does not open', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('silent');
  const sealed = await say(romeo, juliet, 'x');
  at.link.receive(
    beside(withAttributes(sealed, { from: 'mallory@evil.example' }), element('urn:xmpp:receipts', 'request')),
  );
  at.link.receive(await say(romeo, juliet, 'y'));
  await at.arrival.settled();
  assert.equal([at.link.sent, at.link.asked], [[], []]);
});

test('plain messages are flagged, and more so those of who would have sealed', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('plain');
  at.link.receive(plainFrom(`${romeo.jid}/orchard`, 'before'));
  await at.arrival.settled();
  at.link.receive(await say(romeo, juliet, 'sealed'));
  at.link.receive(plainFrom(`${romeo.jid}/orchard`, 'after'));
  await at.arrival.settled();
  assert.equal(
    at.messages.map((message) => message.plain && [message.from, message.conversation, message.expectedSealed]),
    [
      ['romeo@montague.example', 'romeo@montague.example', false],
      false,
      ['romeo@montague.example', 'romeo@montague.example', true],
    ],
  );
});

test('news of somebody’s nodes is no message', async () => {
  const { romeo, at } = await romeoAndJuliet('news');
  const event = element('http://jabber.org/protocol/pubsub#event', 'event', {}, [
    element('http://jabber.org/protocol/pubsub#event', 'items', { node: 'urn:xmpp:avatar:metadata' }),
  ]);
  at.link.receive(element(NS.CLIENT, 'message', { from: romeo.jid, to: JULIET, type: 'headline' }, [event]));
  await at.arrival.settled();
  assert.equal([at.messages.length, at.events.length], [0, 0]);
});

test('plain messages are dropped where the policy says so, and that is told', async () => {
  const { romeo, at } = await romeoAndJuliet('dropped', { plaintext: 'drop' });
  at.link.receive(plainFrom(romeo.jid, 'hello'));
  await at.arrival.settled();
  assert.equal([at.messages.length, at.kinds()], [0, ['plain-dropped']]);
});

test('a plain message that comes live and from the archive comes once', async () => {
  const { romeo, at } = await romeoAndJuliet('plain once');
  const plain = plainFrom(romeo.jid, 'hello');
  serveArchive(at.link, JULIET, [{ id: '1', stanza: plain }]);
  at.arrival.hold(JULIET);
  at.link.receive(withStanzaId(plain, JULIET, '1'));
  await at.arrival.catchUp(JULIET);
  await at.arrival.settled();
  assert.equal(at.texts(), ['plain: hello']);
});

test('what another own device sent is own, and of the conversation of whom it went to', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('own');
  await tell(romeo, juliet, 'hello');
  const tablet = await addDevice(juliet);
  await introduce(romeo, tablet);
  juliet.world.now += 1000;
  const sealed = await say(tablet, romeo, 'from the tablet');
  at.link.receive(carbon('sent', sealed, JULIET, `${JULIET}/balcony`));
  await at.arrival.settled();
  const [message] = at.messages;
  assert.equal([message?.isOwn, message?.conversation, at.texts()], [true, romeo.jid, ['from the tablet']]);
  assert.ok((await accountOf(juliet)).deviceList);
});

test('what this device itself sent stands in the archive, opens for others alone, and is no event', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('sent');
  await tell(romeo, juliet, 'hello');
  const sent = await say(juliet, romeo, 'answer');
  serveArchive(at.link, JULIET, [{ id: '1', stanza: sent }]);
  assert.equal(await at.arrival.catchUp(JULIET), { messages: 0, isComplete: true });
  assert.equal(at.events, []);
});

test('sealed presence is opened; undirected and plain ones are not ours', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('presence');
  const away = element(NS.CLIENT, 'presence', {}, [element(NS.CLIENT, 'show', {}, ['away'])]);
  const { stanza } = await romeo.messenger.seal(away, { to: juliet.jid });
  at.link.receive(withAttributes(away, { from: romeo.jid }));
  at.link.receive(stanza);
  at.link.receive(stanza);
  at.link.receive(withAttributes(stanza, { from: 'mallory@evil.example' }));
  await at.arrival.settled();
  assert.is(at.presences.length, 1);
  assert.is(at.presences[0]?.sender.jid, romeo.jid);
  assert.equal(at.kinds(), ['unopened']);
});

test('what a stranger sent beyond the limits waits unopened, and comes when it is asked for', async () => {
  const [romeo, juliet] = await createPair('stranger', { strangerPrekeys: 1 });
  const mercutio = await createPerson('mercutio@verona.example', romeo.world);
  await introduce(juliet, mercutio);
  const at = inwardOf(juliet);
  at.link.receive(await say(romeo, juliet, 'the first'));
  at.link.receive(await say(mercutio, juliet, 'one too many'));
  await at.arrival.settled();
  await at.arrival.requests();
  assert.equal([at.texts(), at.kinds()], [['the first'], []]);
  juliet.world.now += 86_400_000;
  await at.arrival.requests();
  await at.arrival.requests();
  assert.equal(at.texts(), ['the first', 'one too many']);
  assert.is((await juliet.messenger.requests()).length, 0);
});

test('a message that names nobody, or somebody who is none, is dropped', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('nobody');
  const sealed = await say(romeo, juliet, 'x');
  for (const from of ['@', 'a@b@c', '/x']) at.link.receive(withAttributes(sealed, { from }));
  await at.arrival.settled();
  assert.equal([at.messages.length, at.events.length], [0, 0]);
});

test.run();
