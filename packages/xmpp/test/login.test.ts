import { createHash } from 'node:crypto';
import { attribute, child, childrenOf, element, hasSealed, NS, type XmlElement } from '@stanzaseal/stanza';
import { chat, createPair, type Person, say } from '@stanzaseal/testkit';
import { xml } from '@xmpp/client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answerDisco, capabilities, type Disco, withFallback } from '../src/discovery.js';
import {
  fromXmppElement,
  type SealedConnection,
  type SealedOptions,
  sealed,
  XMPP,
  type XmppEvent,
} from '../src/index.js';
import { FakeEntity } from './fakeEntity.js';
import { createScriptedLink } from './scriptedLink.js';

const test = suite('login, discovery and manners');
const later = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A server that has an archive, no PEP, and answers at once. */
class AnsweringEntity extends FakeEntity {
  serverFeatures: string[] = [NS.MAM];
  archived: (() => ReturnType<typeof xml>[])[] = [];
  override async send(sent: Parameters<FakeEntity['send']>[0]): Promise<void> {
    await super.send(sent);
    const stanza = fromXmppElement(sent);
    if (stanza.name === 'iq') setTimeout(() => this.answer(stanza), 1);
  }
  private answer(iq: XmlElement): void {
    const [payload] = childrenOf(iq);
    const attributes = { id: attribute(iq, 'id'), from: attribute(iq, 'to') };
    const result = (...children: ReturnType<typeof xml>[]): void =>
      this.comes(xml('iq', { ...attributes, type: 'result' }, ...children));
    if (payload?.namespace === XMPP.DISCO_INFO) {
      result(
        xml(
          'query',
          { xmlns: XMPP.DISCO_INFO },
          ...this.serverFeatures.map((feature) => xml('feature', { var: feature })),
        ),
      );
    } else if (payload?.namespace === NS.MAM) {
      for (const made of this.archived.shift()?.() ?? []) {
        const wrapped = xml(
          'result',
          { xmlns: NS.MAM, id: 'a', queryid: attribute(payload, 'queryid') },
          xml('forwarded', { xmlns: NS.FORWARD }, made),
        );
        this.comes(xml('message', {}, wrapped));
      }
      result(xml('fin', { xmlns: NS.MAM, complete: 'true' }));
    } else if (payload?.name === 'enable' || payload?.name === 'ping') result();
    else {
      const condition = xml('service-unavailable', { xmlns: NS.STANZAS });
      this.comes(xml('iq', { ...attributes, type: 'error' }, xml('error', { type: 'cancel' }, condition)));
    }
  }
}

interface Session {
  readonly entity: AnsweringEntity;
  readonly connection: SealedConnection;
  readonly events: XmppEvent[];
  readonly texts: string[];
  /** What was written, in words. */
  written(): string[];
}

function sessionOf(person: Person, options: Partial<SealedOptions> = {}): Session {
  const entity = new AnsweringEntity();
  const [events, texts]: [XmppEvent[], string[]] = [[], []];
  const connection = sealed(entity, person.messenger, {
    store: person.store,
    clock: () => person.world.now,
    random: person.world.random,
    onMessage: ({ stanza }) => void texts.push(String(child(stanza, NS.CLIENT, 'body')?.children[0])),
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const word = (stanza: XmlElement): string => {
    const [payload] = childrenOf(stanza);
    if (stanza.name !== 'iq') return hasSealed(stanza) ? 'object' : stanza.name;
    return payload?.namespace === NS.MAM
      ? 'archive'
      : payload?.namespace === XMPP.PUBSUB
        ? 'keys'
        : (payload?.name ?? '');
  };
  return { entity, connection, events, texts, written: () => entity.written.map(word) };
}

function login(entity: AnsweringEntity, jid: string): void {
  entity.features();
  entity.online(jid);
}

test('keys first; presence behind the first query of the archive; another query behind presence; then the outbox', async () => {
  const [romeo, juliet] = await createPair('order');
  const { entity, connection, events, texts, written } = sessionOf(romeo);
  await connection.send(chat('hello', { to: juliet.jid }));
  login(entity, `${romeo.jid}/orchard`);
  await connection.start();
  while (!written().includes('object')) await later(2);
  const steps = written();
  const at = (word: string): number => steps.indexOf(word);
  assert.ok(steps.lastIndexOf('keys', at('archive')) < at('archive') && at('keys') >= 0);
  assert.is(at('presence'), at('archive') + 1);
  assert.ok(steps.lastIndexOf('archive') > at('presence'));
  assert.ok(at('object') > steps.lastIndexOf('archive'));
  assert.equal(steps.filter((word) => word === 'presence').length, 1);
  assert.equal(texts, []);
  assert.ok(events.some((event) => event.kind === 'caught-up' && event.isComplete));
  assert.ok((await romeo.store.get('account', 'self'))?.caughtUpAt);
  await connection.stop();
});

test('prekeys are not given up while a message is to come again', async () => {
  const [romeo, juliet] = await createPair('held');
  const stanza = await say(romeo, juliet, 'hello');
  const { entity, connection, events } = sessionOf(juliet, { onMessage: () => Promise.reject(new Error('disk full')) });
  const text = String((child(stanza, NS.SEALED, 'sealed') as XmlElement).children[0]);
  const { id, from, to, type } = Object.fromEntries(stanza.attributes.map(({ name, value }) => [name, value]));
  entity.archived = [
    () => [xml('message', { xmlns: NS.CLIENT, id, from, to, type }, xml('sealed', { xmlns: NS.SEALED }, text))],
  ];
  login(entity, `${juliet.jid}/balcony`);
  await connection.start();
  assert.ok(events.some((event) => event.kind === 'caught-up' && !event.isComplete));
  assert.is((await juliet.store.get('account', 'self'))?.caughtUpAt, undefined);
  await connection.stop();
});

test('where there is no archive and one is required nothing is caught up, and messages come all the same', async () => {
  const [romeo] = await createPair('absent');
  const { entity, connection, events, written } = sessionOf(romeo);
  entity.serverFeatures = [];
  login(entity, `${romeo.jid}/orchard`);
  await connection.start();
  assert.ok(events.some(({ kind }) => kind === 'archive-absent'));
  assert.is((await romeo.store.get('account', 'self'))?.caughtUpAt, undefined);
  assert.equal([written().includes('archive'), written().includes('presence')], [false, true]);
  await connection.stop();
});

test('a resumed stream asks for nothing again', async () => {
  const [romeo] = await createPair('resumed');
  const { entity, connection, written } = sessionOf(romeo);
  login(entity, `${romeo.jid}/orchard`);
  await connection.start();
  const before = written().length;
  entity.status = 'disconnect';
  entity.emit('disconnect');
  entity.streamManagement.emit('resumed');
  entity.status = 'online';
  await later(20);
  assert.is(written().length, before);
  await connection.stop();
});

test('a send of what is no message to somebody is a mistake of the caller', async () => {
  const [romeo] = await createPair('mistakes');
  const { connection } = sessionOf(romeo);
  const mistakes = [
    () => connection.send(chat('nobody')),
    () => connection.send(element(NS.CLIENT, 'presence', { to: 'a@b' })),
    () => connection.presence(element(NS.CLIENT, 'presence')),
    () => connection.presence(chat('x', { to: 'a@b' })),
  ];
  for (const mistake of mistakes)
    await mistake().then(
      () => assert.unreachable(),
      (error) => assert.instance(error, TypeError),
    );
});

/** XEP-0115 §5.1, of what a disco answer says, without extended forms. */
function verification(query: XmlElement): string {
  const value = (part: XmlElement, name: string): string => attribute(part, name) ?? '';
  const identities = childrenOf(query, XMPP.DISCO_INFO, 'identity').map(
    (part) =>
      `${value(part, 'category')}/${value(part, 'type')}/${attribute(part, 'lang', NS.XML) ?? ''}/${value(part, 'name')}`,
  );
  const features = childrenOf(query, XMPP.DISCO_INFO, 'feature').map((part) => value(part, 'var'));
  const text = [...identities.sort(), ...features.sort()].map((part) => `${part}<`).join('');
  return createHash('sha1').update(text).digest('base64');
}

test('capabilities name what the disco answer says, as XEP-0115 computes it', async () => {
  const info = (...features: string[]): XmlElement[] =>
    features.map((feature) => element(XMPP.DISCO_INFO, 'feature', { var: feature }));
  const identity = element(XMPP.DISCO_INFO, 'identity', { category: 'client', type: 'pc', name: 'Exodus 0.9.1' });
  const example = element(XMPP.DISCO_INFO, 'query', {}, [
    identity,
    ...info(
      'http://jabber.org/protocol/disco#info',
      'http://jabber.org/protocol/disco#items',
      'http://jabber.org/protocol/muc',
      'http://jabber.org/protocol/caps',
    ),
  ]);
  assert.is(verification(example), 'QgayPKawpkPSDYmwT/WM94uAlu0=', 'XEP-0115, example 2');
  const own: Disco = {
    identities: [{ category: 'client', type: 'bot' }],
    features: ['urn:b', 'urn:B', NS.SEALED],
    node: 'https://bot.example',
  };
  for (const disco of [{}, own]) {
    const link = createScriptedLink('a@b/c');
    answerDisco(link, disco);
    const asked = element(NS.CLIENT, 'iq', { type: 'get' }, [element(XMPP.DISCO_INFO, 'query', { node: 'x#y' })]);
    const answer = (await link.ask(asked)) as XmlElement;
    const caps = await capabilities(disco);
    assert.is(attribute(caps, 'ver'), verification(answer));
    assert.is(attribute(answer, 'node'), 'x#y');
    assert.equal(new Set(childrenOf(answer).map((part) => attribute(part, 'var'))).size, childrenOf(answer).length);
  }
});

test('a fallback stands beside objects worth keeping, and nowhere else', async () => {
  const [romeo, juliet] = await createPair('fallback');
  const { stanza } = await romeo.messenger.seal(chat('hello'), { to: juliet.jid });
  const state = element(NS.CLIENT, 'message', { type: 'chat' }, [
    element('http://jabber.org/protocol/chatstates', 'active'),
  ]);
  const composing = (await romeo.messenger.seal(state, { to: juliet.jid })).stanza;
  const has = (each: XmlElement): boolean => child(each, NS.CLIENT, 'body') !== undefined;
  assert.equal(
    [withFallback(stanza, 'sealed'), withFallback(stanza, undefined), withFallback(composing, 'sealed')].map(has),
    [true, false, false],
  );
  const opened = await juliet.messenger.open(withFallback(stanza, 'a lie!'));
  assert.is(opened.status === 'opened' && JSON.stringify(opened.stanza).includes('a lie!'), false);
});

test.run();
