/**
 * What arrives on a real server, whichever it is: in every way, once, in order; and what others put in its way.
 */
import { child, childrenOf, element, NS, withAttributes, withChildren, type XmlElement } from '@stanzaseal/stanza';
import { chat } from '@stanzaseal/testkit';
import { connectClient, needing, sleep, type XmppServer, xml } from '@stanzaseal/testkit/servers';
import * as assert from 'uvu/assert';
import { toXmppElement, type XmppElementClass, XmppError } from '../../src/index.js';
import { type Actor, type ActorOptions, actorOver, anotherDevice, createActor } from './actors.js';

/** Where scenarios run. */
export interface Scene {
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly program: 'prosody' | 'ejabberd';
  readonly server: () => XmppServer;
}

const VERSION = 'jabber:iq:version';
const ElementClass = xml('x').constructor as unknown as XmppElementClass;
/** An element for a plain client of the test. */
const raw = (stanza: XmlElement): ReturnType<typeof xml> =>
  toXmppElement(stanza, ElementClass) as ReturnType<typeof xml>;
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

async function stop(...actors: Actor[]): Promise<void> {
  await Promise.all(actors.map(({ connection }) => connection.stop()));
}

/** Adds the scenarios that a way of connecting matters to. */
export function addTransportTests({ test, program, server }: Scene, transport: 'tcp' | 'websocket'): void {
  const prefix = transport === 'tcp' ? 't' : 'w';
  const here = (user: string, options: ActorOptions = {}): Promise<Actor> =>
    createActor(server(), `${prefix}${user}`, { ...options, login: { transport, ...options.login } });
  const scenario = (name: string, body: () => Promise<void>): void => {
    test(`${program}, ${transport}: ${name}`, needing([program], body));
  };

  scenario('two who never met talk, live', async () => {
    const [romeo, juliet] = [await here('romeo'), await here('juliet')];
    await Promise.all([romeo.connection.start(), juliet.connection.start()]);
    await romeo.say(juliet, 'hello');
    await juliet.until(() => juliet.messages.length === 1);
    await juliet.say(romeo, 'answer');
    await romeo.until(() => romeo.messages.length === 1);
    assert.equal([romeo.texts(), juliet.texts()], [['answer'], ['hello']]);
    const [hello] = juliet.messages;
    assert.equal(
      [hello?.via, hello?.plain === false && hello.sender.firstContact, hello?.plain === false && hello.class],
      ['live', true, 'one-time'],
    );
    assert.is(romeo.messages[0]?.plain === false && romeo.messages[0].class, 'reply');
    await stop(romeo, juliet);
  });

  scenario(
    'a lost connection is resumed: what came meanwhile comes once, in order, and what was sent meanwhile arrives',
    async () => {
      const romeo = await here('resuming');
      const juliet = await here('resumed', { login: { reconnect: true } });
      juliet.client.reconnect.delay = 200;
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await romeo.say(juliet, '1');
      await juliet.until(() => juliet.messages.length === 1);
      juliet.drop();
      await juliet.until(() => juliet.events.some(({ kind }) => kind === 'offline'));
      const said = juliet.say(romeo, 'into the gap');
      for (const text of numbers(2, 5)) await romeo.say(juliet, text);
      await said;
      await juliet.until(() => juliet.messages.length >= 5);
      await romeo.until(() => romeo.messages.length >= 1);
      await sleep(200);
      assert.equal([juliet.texts(), romeo.texts()], [numbers(1, 5), ['into the gap']]);
      assert.ok(juliet.events.some((event) => event.kind === 'online' && event.resumed));
      assert.is(
        juliet.events.some(({ kind }) => kind === 'handler-failed'),
        false,
      );
      await stop(romeo, juliet);
    },
  );
}

/** Adds all other scenarios. */
export function addArrivalTests(scene: Scene): void {
  const { test, program, server } = scene;
  const here = (user: string, options?: ActorOptions): Promise<Actor> => createActor(server(), user, options);
  const scenario = (name: string, body: () => Promise<void>): void => {
    test(`${program}: ${name}`, needing([program], body));
  };

  // One of two who make their nodes at the same moment is answered `internal-server-error` by ejabberd with Mnesia.
  scenario('many who log in for the first time at once have all published when they are online', async () => {
    const people = await Promise.all(numbers(1, 16).map((number) => here(`newcomer${number}`)));
    await Promise.all(people.map(({ connection }) => connection.start()));
    for (const { jid, events } of people) {
      const told = events
        .map(({ kind }) => kind)
        .filter((kind) => kind.startsWith('keys-') || kind.includes('publish'));
      assert.equal([jid, told], [jid, ['keys-published']]);
    }
    await stop(...people);
  });

  scenario(
    'what was sent to somebody offline comes at login, once, in order, and not again after a restart',
    async () => {
      const [romeo, juliet] = [await here('writer'), await here('reader')];
      await juliet.connection.start();
      await stop(juliet);
      await romeo.connection.start();
      for (const text of numbers(1, 70)) await romeo.connection.send(chat(text, { to: juliet.jid }));
      await romeo.until(() => romeo.events.filter(({ kind }) => kind === 'sent').length === 70, 30_000);
      const again = await actorOver(server(), juliet.storage, 'reader');
      await again.connection.start();
      assert.equal(again.texts(), numbers(1, 70));
      assert.equal([...new Set(again.messages.map(({ via }) => via))], ['archive']);
      assert.ok(again.messages.every((message) => message.plain === false && message.warnings.length === 0));
      const end = again.events.find((event) => event.kind === 'caught-up');
      assert.equal(end, { kind: 'caught-up', archive: again.jid, messages: 70, isComplete: true });
      assert.ok(((await again.store.get('account', 'self'))?.caughtUpAt ?? 0) > 0);
      await romeo.say(again, 'live');
      await again.until(() => again.messages.length === 71);
      await sleep(100);
      await stop(again);
      const third = await actorOver(server(), juliet.storage, 'reader');
      await third.connection.start();
      await third.connection.catchUp({ since: 0 });
      assert.equal(third.texts(), []);
      await stop(romeo, third);
    },
  );

  scenario('two devices of one account: both read what comes, and each what the other sent', async () => {
    const romeo = await here('roamer');
    const phone = await here('twofold', { login: { resource: 'phone' } });
    await Promise.all([romeo.connection.start(), phone.connection.start()]);
    const tablet = await anotherDevice(server(), phone, { login: { resource: 'tablet' } });
    await tablet.connection.start();
    await romeo.say(phone, 'to both');
    await phone.until(() => phone.messages.length === 1);
    await tablet.until(() => tablet.messages.length === 1);
    await phone.say(romeo, 'from the phone');
    await tablet.until(() => tablet.messages.length === 2);
    await romeo.until(() => romeo.messages.length === 1);
    await tablet.say(romeo, 'from the tablet');
    await phone.until(() => phone.messages.length === 2);
    await sleep(100);
    assert.equal(phone.texts(), ['to both', 'own: from the tablet']);
    assert.equal(tablet.texts(), ['to both', 'own: from the phone']);
    assert.equal(tablet.messages[1]?.conversation, romeo.jid);
    assert.equal(tablet.messages[1]?.via, 'carbon');
    await stop(tablet);
    // What the phone says while the tablet is away is in the archive that the tablet reads.
    await phone.say(romeo, 'while you slept');
    const woken = await actorOver(server(), tablet.storage, 'twofold', { login: { resource: 'tablet' } });
    await woken.connection.start();
    assert.equal(woken.texts(), ['own: while you slept']);
    assert.is(
      phone.events.concat(woken.events).some(({ kind }) => kind === 'unopened'),
      false,
    );
    await stop(romeo, phone, woken);
  });

  scenario('requests and presence between two devices that are online', async () => {
    const asked: string[] = [];
    const juliet = await here('asked', {
      login: { resource: 'balcony' },
      onQuery: async ({ stanza, sender }) => {
        asked.push(sender.jid);
        if (child(stanza, VERSION, 'query') === undefined)
          throw new XmppError('ERR_REFUSED', 'no', { condition: 'feature-not-implemented', text: 'what?' });
        return element(VERSION, 'query', {}, [element(VERSION, 'name', {}, ['stanzaseal'])]);
      },
      onPresence: async ({ stanza, sender }) =>
        void asked.push(`${sender.jid} ${child(stanza, NS.CLIENT, 'show')?.children[0]}`),
    });
    const romeo = await here('asking');
    await Promise.all([romeo.connection.start(), juliet.connection.start()]);
    const to = `${juliet.jid}/balcony`;
    const request = (payload: XmlElement): XmlElement => element(NS.CLIENT, 'iq', { type: 'get', to }, [payload]);
    // He knows her keys and she not his: she does not say which device this is, and opens what is sealed to all of hers.
    const answer = await romeo.connection.query(request(element(VERSION, 'query')));
    assert.is(child(answer, VERSION, 'query')?.children.length, 1);
    const error = await romeo.connection.query(request(element('urn:x', 'x'))).then(
      () => undefined,
      (cause) => cause,
    );
    assert.equal([error.code, error.condition, error.text], ['ERR_REFUSED', 'feature-not-implemented', 'what?']);
    await romeo.connection.presence(element(NS.CLIENT, 'presence', { to }, [element(NS.CLIENT, 'show', {}, ['away'])]));
    await juliet.until(() => asked.length === 3);
    assert.equal(asked, [romeo.jid, romeo.jid, `${romeo.jid} away`]);
    const gone = await romeo.connection
      .query(element(NS.CLIENT, 'iq', { type: 'get', to: `${juliet.jid}/attic` }, [element(VERSION, 'query')]))
      .then(
        () => undefined,
        (cause) => cause,
      );
    assert.is(gone.code, 'ERR_REFUSED');
    await stop(romeo, juliet);
  });

  scenario(
    'a client without sealing answers requests as it answers what it does not know, and gets nothing opened',
    async () => {
      const juliet = await here('quiet', { login: { resource: 'balcony' } });
      const romeo = await here('curious');
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      const iq = element(NS.CLIENT, 'iq', { type: 'get', to: `${juliet.jid}/balcony` }, [element(VERSION, 'query')]);
      const error = await romeo.connection.query(iq).then(
        () => undefined,
        (cause) => cause,
      );
      assert.equal([error.code, error.condition], ['ERR_REFUSED', 'service-unavailable']);
      await stop(romeo, juliet);
    },
  );

  scenario(
    'H5, T16: what a sender or server puts beside an object is never its text; the fallback is for others',
    async () => {
      await server().register('bystander');
      const romeo = await here('faller', { fallback: 'This message is sealed.' });
      const juliet = await here('besides');
      const bystander = await connectClient(server(), { username: 'bystander', resource: 'x' });
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await romeo.say(juliet, 'truth');
      await juliet.until(() => juliet.messages.length === 1);
      assert.equal(juliet.texts(), ['truth']);
      assert.is(childrenOf(juliet.messages[0]?.stanza as XmlElement).length, 1);
      const { stanza } = await romeo.messenger.seal(chat('second truth'), { to: juliet.jid });
      await romeo.client.send(
        raw(withChildren(stanza, [...stanza.children, element(NS.CLIENT, 'body', {}, ['a lie!'])])),
      );
      await juliet.until(() => juliet.messages.length === 2);
      const foreign = withAttributes(stanza, { from: undefined, id: 'x' });
      await bystander.send(
        raw(withChildren(foreign, [...foreign.children, element(NS.CLIENT, 'body', {}, ['a lie!'])])),
      );
      await juliet.until(() => juliet.events.some(({ kind }) => kind === 'unopened'));
      assert.equal(juliet.texts(), ['truth', 'second truth']);
      await romeo.connection.send(chat('plain'), {}).then(
        () => assert.unreachable(),
        (error) => assert.instance(error, TypeError),
      );
      await bystander.stop();
      await stop(romeo, juliet);
    },
  );

  scenario(
    'a known contact gets nothing in the clear unless the policy says so; what comes in the clear is flagged',
    async () => {
      let isAllowed = false;
      const romeo = await here('clear', { plaintext: { maySend: () => isAllowed } });
      const juliet = await here('clearly');
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      const plain = chat('hi', { to: juliet.jid });
      await romeo.connection.send(plain, { seal: false });
      await juliet.until(() => juliet.messages.length === 1);
      await romeo.say(juliet, 'sealed');
      await juliet.until(() => juliet.messages.length === 2);
      const refused = await romeo.connection.send(plain, { seal: false }).then(
        () => '',
        (error) => error.code,
      );
      assert.is(refused, 'ERR_PLAIN');
      isAllowed = true;
      await romeo.connection.send(plain, { seal: false });
      await juliet.until(() => juliet.messages.length === 3);
      assert.equal(juliet.texts(), ['plain: hi', 'sealed', 'plain: hi']);
      assert.equal(
        juliet.messages.map((message) => message.plain && message.expectedSealed),
        [false, false, true],
      );
      await stop(romeo, juliet);
    },
  );

  scenario('H9-H14: forged copies, results, ids and delays through a real server', async () => {
    await server().register('mallory');
    const [romeo, juliet] = [await here('honest'), await here('target', { login: { resource: 'balcony' } })];
    const mallory = await connectClient(server(), { username: 'mallory', resource: 'x' });
    await Promise.all([romeo.connection.start(), juliet.connection.start()]);
    const { stanza } = await romeo.messenger.seal(chat('truth'), { to: juliet.jid }).catch(async () => {
      await romeo.connection.keysOf(juliet.jid);
      return romeo.messenger.seal(chat('truth'), { to: juliet.jid });
    });
    const forwarded = element(NS.FORWARD, 'forwarded', {}, [stanza]);
    for (const kind of ['sent', 'received'])
      await mallory.send(
        raw(
          element(NS.CLIENT, 'message', { to: `${juliet.jid}/balcony` }, [element(NS.CARBONS, kind, {}, [forwarded])]),
        ),
      );
    await mallory.send(
      raw(
        element(NS.CLIENT, 'message', { to: `${juliet.jid}/balcony` }, [
          element(NS.MAM, 'result', { id: '1', queryid: 'q' }, [forwarded]),
        ]),
      ),
    );
    await juliet.until(() => juliet.events.filter(({ kind }) => kind === 'forged').length === 3);
    const ids = element(NS.STANZA_ID, 'stanza-id', { by: juliet.jid, id: 'forged' });
    const delay = element(NS.DELAY, 'delay', { from: 'evil.example', stamp: '2001-01-01T00:00:00Z' });
    await romeo.client.send(
      raw(withChildren(withAttributes(stanza, { from: undefined }), [...stanza.children, ids, delay])),
    );
    await juliet.until(() => juliet.messages.length === 1);
    const [message] = juliet.messages;
    assert.is.not(message?.archiveId, 'forged');
    assert.equal([message?.via, juliet.texts()], ['live', ['truth']]);
    assert.ok(Math.abs((message?.time ?? 0) - Date.now()) < 60_000);
    await mallory.stop();
    await stop(juliet);
    const again = await actorOver(server(), juliet.storage, 'target');
    await again.connection.start();
    assert.equal(
      again.texts().filter((text) => !text.startsWith('plain')),
      [],
    );
    assert.is(
      again.events.some(({ kind }) => kind === 'archive-gap'),
      false,
    );
    await stop(romeo, again);
  });

  scenario(
    'what this client can do is told to who asks, and EME, hint and fallback are for other clients',
    async () => {
      await server().register('other');
      const romeo = await here('telling', {
        login: { resource: 'r' },
        fallback: 'sealed',
        disco: { features: ['urn:example:own'] },
      });
      const juliet = await here('told');
      const other = await connectClient(server(), { username: 'other', resource: 'x' });
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      const info = await other.request(
        xml(
          'iq',
          { type: 'get', to: `${romeo.jid}/r` },
          xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }),
        ),
      );
      const features =
        info
          .getChild('query')
          ?.getChildren('feature')
          .map((feature) => feature.attrs.var) ?? [];
      for (const feature of [
        'urn:xmpp:sealed:0',
        'urn:xmpp:eme:0',
        'urn:example:own',
        'urn:xmpp:sealed:0:devices+notify',
      ])
        assert.ok(features.includes(feature), feature);
      const seen: ReturnType<typeof xml>[] = [];
      juliet.client.on('stanza', (stanza) => void (stanza.is('message') && seen.push(stanza)));
      await romeo.say(juliet, 'hello');
      await juliet.until(() => seen.length === 1 && juliet.messages.length === 1);
      const [outer] = seen;
      assert.equal(outer?.getChild('encryption', NS.EME)?.attrs.namespace, NS.SEALED);
      assert.ok(outer?.getChild('store', NS.HINTS));
      assert.equal([outer?.getChildText('body'), juliet.texts()], ['sealed', ['hello']]);
      await other.stop();
      await stop(romeo, juliet);
    },
  );
}
