import { attribute, child, element, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import { unsafeSeededRandom } from '@stanzaseal/testkit';
import { type Client, client, xml } from '@xmpp/client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  COMPONENT_ACCEPT,
  fromXmppElement,
  toXmppElement,
  type XmppElement,
  type XmppElementClass,
} from '../src/elements.js';
import { XmppError } from '../src/xmppError.js';
import { createXmppLink, type XmppLink } from '../src/xmppLink.js';
import { FakeEntity } from './fakeEntity.js';

const test = suite('link over xmpp.js');
const ROMEO = 'romeo@montague.example';

const sm = (): ReturnType<typeof xml> => xml('sm', { xmlns: 'urn:xmpp:sm:3' });
const later = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function onlineLink(owner = ROMEO): Promise<{ entity: FakeEntity; link: XmppLink }> {
  const entity = new FakeEntity();
  const link = createXmppLink(entity, { owner, random: unsafeSeededRandom('link') });
  entity.features();
  entity.online();
  await later();
  return { entity, link };
}

async function rejected(run: Promise<unknown>): Promise<XmppError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof XmppError) return error;
    throw error;
  }
  throw new Error('was answered');
}

test('a client of @xmpp/client is an entity', () => {
  const made: Client = client({ service: 'ws://127.0.0.1:9', domain: 'montague.example' });
  made.reconnect.stop();
  const link = createXmppLink(made, { owner: ROMEO, random: unsafeSeededRandom('entity') });
  assert.equal([link.isOnline(), link.jid(), link.isComponent], [false, undefined, false]);
  link.close();
});

test('nothing is sent between login and stream management', async () => {
  const entity = new FakeEntity();
  const link = createXmppLink(entity, { owner: ROMEO, random: unsafeSeededRandom('sm') });
  const logins: boolean[] = [];
  link.onOnline((resumed) => void logins.push(resumed));
  entity.features(sm());
  entity.online();
  await later(20);
  assert.equal([logins, link.isOnline()], [[], false]);
  assert.is((await rejected(link.send(element(NS.CLIENT, 'presence')))).code, 'ERR_OFFLINE');
  entity.streamManagement.enabled = true;
  await later(20);
  assert.equal([logins, link.isOnline(), link.jid()], [[false], true, `${ROMEO}/orchard`]);
});

test('a resumption that failed is no refusal: stream management is asked for anew, and waited for', async () => {
  const entity = new FakeEntity();
  const link = createXmppLink(entity, { owner: ROMEO, random: unsafeSeededRandom('not resumed') });
  entity.features(sm());
  entity.emit('element', xml('failed', { xmlns: 'urn:xmpp:sm:3' }));
  entity.online();
  await later(20);
  assert.is(link.isOnline(), false);
  entity.streamManagement.enabled = true;
  await later(20);
  assert.is(link.isOnline(), true);
});

test('a server without stream management, or that refuses it, is not waited for', async () => {
  for (const refuses of [false, true]) {
    const entity = new FakeEntity();
    const link = createXmppLink(entity, { owner: ROMEO, random: unsafeSeededRandom('no sm') });
    entity.features(...(refuses ? [sm()] : []));
    entity.online();
    entity.streamManagement.enableSent = true;
    if (refuses) entity.emit('element', xml('failed', { xmlns: 'urn:xmpp:sm:3' }));
    await later(15);
    assert.ok(link.isOnline());
  }
});

test('a lost connection is told once; a resumed one is told as such', async () => {
  const { entity, link } = await onlineLink();
  const told: unknown[] = [];
  link.onOffline(() => void told.push('offline'));
  link.onOnline((resumed) => void told.push(resumed));
  entity.status = 'disconnect';
  entity.emit('disconnect');
  entity.emit('disconnect');
  entity.streamManagement.emit('resumed');
  entity.status = 'online'; // xmpp.js says so after the event
  await later();
  assert.equal(told, ['offline', true]);
});

test('H12: an answer is that of who was asked, under an id of 128 bits', async () => {
  const { entity, link } = await onlineLink();
  const ask = (to?: string): Promise<XmlElement> =>
    link.query(element(NS.CLIENT, 'iq', { type: 'get', to }), { timeout: 20 });
  const answer = async (to: string | undefined, from: string | undefined): Promise<boolean> => {
    const asked = ask(to);
    const id = attribute(entity.written.at(-1) as XmlElement, 'id');
    assert.match(id ?? '', /^[0-9a-f]{32}$/);
    entity.comes(xml('iq', { type: 'result', id, from }));
    return asked.then(
      () => true,
      (error) => error.code !== 'ERR_TIMEOUT' && Promise.reject(error),
    );
  };
  const own = [undefined, ROMEO, `${ROMEO}/orchard`, 'Romeo@Montague.Example'];
  for (const to of [undefined, ROMEO]) for (const from of own) assert.is(await answer(to, from), true, `${to} ${from}`);
  assert.is(await answer('juliet@capulet.example/balcony', 'juliet@CAPULET.example/balcony'), true);
  const wrong = [
    'juliet@capulet.example',
    'juliet@capulet.example/Balcony',
    'capulet.example',
    ROMEO,
    undefined,
    'x@evil.example',
  ];
  for (const from of wrong) assert.is(await answer('juliet@capulet.example/balcony', from), false, from);
  assert.is(await answer(undefined, 'x@evil.example'), false);
  assert.is(await answer(undefined, 'montague.example'), false);
});

test('a refusal has its condition, wherever it stands, its text, and the application’s condition', async () => {
  const { entity, link } = await onlineLink();
  const conflict = xml('conflict', { xmlns: NS.STANZAS });
  const text = xml('text', { xmlns: NS.STANZAS }, 'no');
  const specific = xml('precondition-not-met', { xmlns: 'http://jabber.org/protocol/pubsub#errors' });
  for (const parts of [
    [conflict, text, specific],
    [specific, text, conflict],
  ]) {
    const asked = rejected(link.query(element(NS.CLIENT, 'iq', { type: 'set' })));
    const id = attribute(entity.written.at(-1) as XmlElement, 'id');
    entity.comes(xml('iq', { type: 'error', id }, xml('error', { type: 'cancel' }, ...parts)));
    const { code, condition, text: said, specific: found } = await asked;
    assert.equal([code, condition, said, found?.name], ['ERR_REFUSED', 'conflict', 'no', 'precondition-not-met']);
  }
});

test('what waits for an answer waits over a resumption, and ends with the session', async () => {
  const { entity, link } = await onlineLink();
  const asked = rejected(link.query(element(NS.CLIENT, 'iq', { type: 'get' })));
  entity.status = 'disconnect';
  entity.emit('disconnect');
  entity.online();
  assert.is((await asked).code, 'ERR_OFFLINE');
});

test('requests are answered: with a payload, an empty result, a condition, and nothing of what failed', async () => {
  const { entity, link } = await onlineLink();
  const ask = (name: string, type = 'get'): ReturnType<typeof xml> =>
    xml('iq', { type, from: 'juliet@capulet.example/balcony', id: '1' }, xml(name, { xmlns: 'urn:x' }));
  const answers: Record<string, () => Promise<XmlElement | undefined>> = {
    payload: async () => element('urn:x', 'answer', {}, ['yes']),
    empty: async () => undefined,
    refused: () => Promise.reject(new XmppError('ERR_REFUSED', '', { condition: 'not-allowed' })),
    broken: () => Promise.reject(new Error('secret')),
  };
  for (const [name, handler] of Object.entries(answers))
    link.answer({ type: 'get', namespace: 'urn:x', name }, handler);
  assert.is(String(await entity.asks(ask('payload'))), '<answer xmlns="urn:x">yes</answer>');
  assert.is(await entity.asks(ask('empty')), true);
  assert.match(String(await entity.asks(ask('refused'))), /<error type="cancel"><not-allowed/);
  assert.match(
    String(await entity.asks(ask('broken'))),
    /<error type="cancel"><internal-server-error [^>]*\/><\/error>$/,
  );
  assert.is(await entity.asks(ask('payload', 'set')), 'next');
  assert.is(await entity.asks(ask('other')), 'next');
  link.close();
  assert.is(await entity.asks(ask('payload')), 'next');
});

test('a component is one of its users: what is to others is not its own, and what it sends says who it is', async () => {
  const entity = new FakeEntity();
  entity.NS = COMPONENT_ACCEPT;
  const link = createXmppLink(entity, { owner: 'bot@echo.example', random: unsafeSeededRandom('component') });
  const came: XmlElement[] = [];
  link.onStanza((stanza) => void came.push(stanza));
  entity.online('echo.example');
  await later();
  assert.equal([link.isComponent, link.jid()], [true, 'bot@echo.example']);
  for (const to of ['bot@echo.example', 'bot@echo.example/x', 'other@echo.example', 'echo.example'])
    entity.comes(xml('message', { to, from: ROMEO }, xml('body', {}, to)));
  assert.equal(
    came.map((stanza) => textOf(child(stanza, NS.CLIENT, 'body') as XmlElement)),
    ['bot@echo.example', 'bot@echo.example/x'],
  );
  await link.send(element(NS.CLIENT, 'message', { to: ROMEO }, [element(NS.CLIENT, 'body', {}, ['hi'])]));
  assert.is(attribute(entity.written[0] as XmlElement, 'from'), 'bot@echo.example');
});

const ElementClass = xml('x').constructor as unknown as XmppElementClass;

test('elements go there and back: namespaces, languages, text, foreign attributes', () => {
  const stanza = element(NS.CLIENT, 'message', { to: ROMEO }, [
    element(NS.CLIENT, 'body', {}, ['a <b> & "c" \u{1d11e}\r\n']),
    element('urn:y', 'y', {}, [element(NS.CLIENT, 'message', {}, [element('', 'none')]), 'text']),
    {
      namespace: 'urn:z',
      name: 'z',
      attributes: [
        { namespace: NS.XML, name: 'lang', value: 'de' },
        { namespace: 'urn:a', name: 'a', value: '1' },
      ],
      children: [],
    },
  ]);
  const there = toXmppElement(stanza, ElementClass);
  there.parent = xml('stream:stream', { xmlns: NS.CLIENT }) as XmppElement;
  assert.equal(fromXmppElement(there), stanza);
});

test('prefixes of the stream and of elements are namespaces; a prefix without one makes no element', () => {
  const stream = xml('stream:stream', { 'xmlns:p': 'urn:p', xmlns: NS.CLIENT });
  const stanza = xml('message', { 'p:q': '1' }, xml('p:x'));
  (stanza as XmppElement).parent = stream as XmppElement;
  const found = fromXmppElement(stanza as XmppElement);
  assert.equal(
    [found.namespace, attribute(found, 'q', 'urn:p'), child(found, 'urn:p', 'x')?.name],
    [NS.CLIENT, '1', 'x'],
  );
  assert.throws(() => fromXmppElement(xml('message', {}, xml('u:x')) as XmppElement), /prefix/);
});

test('H3, H7: what is nested too deeply, or has one attribute twice, is no stanza', async () => {
  const { entity, link } = await onlineLink();
  let came = 0;
  link.onStanza(() => void came++);
  let deep = xml('x');
  for (let i = 0; i < 20_000; i++) deep = xml('x', {}, deep);
  entity.comes(xml('message', {}, deep));
  entity.comes(xml('message', { xmlns: NS.CLIENT, 'xmlns:a': 'urn:a', 'xmlns:b': 'urn:a', 'a:x': '1', 'b:x': '2' }));
  entity.comes(xml('message'));
  assert.is(came, 1);
});

test('what no server takes is not sent', () => {
  for (const text of ['\u0001', '\ud800', '\ufffe'])
    assert.throws(() => toXmppElement(element(NS.CLIENT, 'message', {}, [text]), ElementClass), /character/);
});

test.run();
