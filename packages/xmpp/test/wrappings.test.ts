import { attribute, element, NS, withAttributes, withChildren, type XmlElement } from '@stanzaseal/stanza';
import { say, tell } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveResult, carbon, forwarded, serveArchive, withStanzaId } from './hostileArchive.js';
import { romeoAndJuliet } from './waysIn.js';

const test = suite('wrappings: who may say what came');
const JULIET = 'juliet@capulet.example';
const MALLORY = 'mallory@evil.example';

test('a copy from the own account is the message', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('copy');
  for (const from of [JULIET, undefined]) {
    at.link.receive(carbon('received', await say(romeo, juliet, `from ${from}`), from, `${JULIET}/balcony`));
  }
  await at.arrival.settled();
  assert.equal(at.texts(), [`from ${JULIET}`, 'from undefined']);
  assert.equal(
    at.messages.map(({ via }) => via),
    ['carbon', 'carbon'],
  );
});

test('H9: a copy from anybody else is dropped, the own full JID and the own server included', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('forged copy');
  const sealed = await say(romeo, juliet, 'truth');
  const forgers = [
    MALLORY,
    `${MALLORY}/x`,
    `${JULIET}/garden`,
    'capulet.example',
    'romeo@montague.example',
    'juliet@capulet.exampl',
    '',
  ];
  for (const from of forgers)
    for (const kind of ['sent', 'received'] as const) at.link.receive(carbon(kind, sealed, from, JULIET));
  await at.arrival.settled();
  assert.is(at.messages.length, 0);
  assert.equal([...new Set(at.kinds())], ['forged']);
  assert.is(at.events.length, forgers.length * 2);
});

test('H9: a copy of what neither was sent by the own account nor to it is dropped', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('foreign copy');
  const sealed = await say(romeo, juliet, 'truth');
  at.link.receive(carbon('sent', sealed, JULIET, JULIET));
  at.link.receive(carbon('received', withAttributes(sealed, { to: MALLORY }), JULIET, JULIET));
  await at.arrival.settled();
  assert.equal(at.kinds(), ['forged', 'forged']);
});

test('H11: a copy in a copy, a copy in a result and two forwarded stanzas are dropped', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('nested');
  const inner = carbon('received', await say(romeo, juliet, 'deep'), JULIET, JULIET);
  at.link.receive(carbon('received', inner, JULIET, JULIET));
  const result = archiveResult({ id: '1', stanza: inner }, 'q', JULIET);
  at.link.receive(carbon('received', result, JULIET, JULIET));
  const sealed = await say(romeo, juliet, 'twice');
  const two = element(NS.CARBONS, 'received', {}, [forwarded(sealed), forwarded(sealed)]);
  at.link.receive(element(NS.CLIENT, 'message', { from: JULIET, to: JULIET }, [two]));
  const both = element(NS.FORWARD, 'forwarded', {}, [sealed, sealed]);
  at.link.receive(element(NS.CLIENT, 'message', { from: JULIET }, [element(NS.CARBONS, 'received', {}, [both])]));
  serveArchive(at.link, JULIET, [
    { id: '1', stanza: inner },
    { id: '2', stanza: result },
  ]);
  await at.arrival.catchUp(JULIET);
  assert.is(at.messages.length, 0);
  assert.equal([...new Set(at.kinds())], ['forged']);
  assert.is(at.events.length, 6);
});

test('H10: a result that nobody asked for, of another archive, or without an id is dropped', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('results');
  const stanza = await say(romeo, juliet, 'old');
  let queryid = '';
  at.link.serve((iq) => {
    const query = (iq.children as XmlElement[]).find(({ name }) => name === 'query');
    if (query?.namespace !== NS.MAM) return undefined;
    queryid = attribute(query, 'queryid') ?? '';
    at.link.receive(archiveResult({ id: '1', stanza }, 'another', JULIET));
    at.link.receive(archiveResult({ id: '1', stanza }, '', JULIET));
    for (const from of [MALLORY, 'capulet.example', `${JULIET}/balcony`, 'room@rooms.example'])
      at.link.receive(archiveResult({ id: '1', stanza }, queryid, from));
    at.link.receive(archiveResult({ id: '', stanza }, queryid, JULIET));
    return undefined;
  });
  serveArchive(at.link, JULIET, []);
  await at.arrival.catchUp(JULIET);
  at.link.receive(archiveResult({ id: '1', stanza }, queryid, JULIET)); // after its query ended
  await at.arrival.settled();
  assert.is(at.messages.length, 0);
  assert.is(at.kinds().filter((kind) => kind === 'forged').length, 8);
});

test('T14: what a result holds is judged by its signature: another sender outside opens as nothing', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('moved');
  const sealed = await say(romeo, juliet, 'mine');
  serveArchive(at.link, JULIET, [
    { id: '1', stanza: withAttributes(sealed, { from: MALLORY }) },
    { id: '2', stanza: withAttributes(sealed, { to: MALLORY }) },
    { id: '3', stanza: sealed },
  ]);
  await at.arrival.catchUp(JULIET);
  assert.equal(at.texts(), ['mine']);
  assert.equal(at.kinds(), ['unopened', 'unopened']);
});

test('H14: of two ids in the name of the archive neither is believed, and one alone is', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('ids');
  const forged = withStanzaId(await say(romeo, juliet, 'a'), JULIET, 'forged');
  at.link.receive(withStanzaId(forged, JULIET, 'real'));
  at.link.receive(withStanzaId(await say(romeo, juliet, 'b'), JULIET, 'real2'));
  at.link.receive(withStanzaId(await say(romeo, juliet, 'c'), MALLORY, 'other'));
  await at.arrival.settled();
  assert.equal(
    at.messages.map(({ archiveId }) => archiveId),
    [undefined, 'real2', undefined],
  );
});

test('H14: two messages under one id in the archive, or one id of the sender, are two messages', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('one id');
  const plain = (body: string): XmlElement =>
    element(NS.CLIENT, 'message', { from: romeo.jid, to: JULIET, id: 'same', type: 'chat' }, [
      element(NS.CLIENT, 'body', {}, [body]),
    ]);
  for (const body of ['a', 'b']) at.link.receive(withStanzaId(plain(body), JULIET, '1'));
  at.link.receive(withStanzaId(plain('a'), JULIET, '1'));
  for (const body of ['c', 'd']) {
    const sealed = withAttributes(await say(romeo, juliet, body), { id: 'same' });
    at.link.receive(withStanzaId(sealed, JULIET, '1'));
  }
  await at.arrival.settled();
  assert.equal(at.texts(), ['plain: a', 'plain: b', 'c', 'd']);
});

test('a delay of the own server makes it offline; one that the sender wrote does not', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('delays');
  const delayed = async (body: string, from: string): Promise<XmlElement> => {
    const sealed = await say(romeo, juliet, body);
    const delay = element(NS.DELAY, 'delay', { from, stamp: '2001-01-01T00:00:00Z' });
    return withChildren(sealed, [...sealed.children, delay]);
  };
  at.link.receive(await delayed('a', 'capulet.example'));
  at.link.receive(await delayed('b', 'romeo@montague.example/orchard'));
  await at.arrival.settled();
  assert.equal(
    at.messages.map(({ via }) => via),
    ['offline', 'live'],
  );
  // The time of what opened is the one that was signed.
  for (const { time } of at.messages) assert.ok(Math.abs(time - romeo.world.now) < 10_000);
});

test('an error is no message: it is told as a bounce, and opened never', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('errors');
  await tell(romeo, juliet, 'hello');
  at.link.receive(withAttributes(await say(romeo, juliet, 'echo'), { type: 'error' }));
  await at.arrival.settled();
  assert.is(at.messages.length, 0);
  assert.is(at.bounces.length, 1);
});

test.run();
