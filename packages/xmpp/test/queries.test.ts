import { attribute, bareJid, child, element, hasSealed, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import { addDevice, createPair, deviceOf, introduce, type Person, snapshot, tell } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDevicesOnline } from '../src/arrival/devicesOnline.js';
import type { SealedQuery } from '../src/arrival/message.js';
import { createQueries, type Queries, type QueryHandler } from '../src/arrival/queries.js';
import { XmppError } from '../src/xmppError.js';
import { createScriptedLink, errorOf, resultOf, type ScriptedLink } from './scriptedLink.js';

const test = suite('sealed requests between devices that are online');
const VERSION = 'jabber:iq:version';
const ask = (to: string, type = 'get'): XmlElement =>
  element(NS.CLIENT, 'iq', { type, to, id: 'ask' }, [element(VERSION, 'query')]);

interface Side {
  readonly person: Person;
  readonly link: ScriptedLink;
  readonly queries: Queries;
  readonly asked: SealedQuery[];
}

function sideOf(person: Person, full: string, onQuery?: QueryHandler): Side {
  const link = createScriptedLink(full);
  const asked: SealedQuery[] = [];
  const devices = createDevicesOnline(link, person.store, () => deviceOf(person));
  const queries = createQueries({
    link,
    messenger: person.messenger,
    devices,
    ensure: async () => undefined,
    limit: () => undefined,
    onQuery:
      onQuery === undefined
        ? undefined
        : (query) => {
            asked.push(query);
            return onQuery(query);
          },
  });
  link.connect();
  return { person, link, queries, asked };
}

/** Two sides whose server carries requests from one to the other; `change` is what it does to what it carries. */
function joined(
  a: Side,
  b: Side,
  change: (stanza: XmlElement) => XmlElement | Promise<XmlElement> = (stanza) => stanza,
): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const)
    from.link.serve(async (iq) => {
      if (attribute(iq, 'to') !== to.link.jid()) return undefined;
      try {
        return await change(resultOf(iq, await to.link.ask(iq)));
      } catch (error) {
        if (error instanceof XmppError) return errorOf(iq, error.condition ?? '');
        throw error;
      }
    });
}

async function pair(seed: string, onQuery?: QueryHandler): Promise<{ romeo: Side; juliet: Side }> {
  const [a, b] = await createPair(seed);
  await tell(a, b, 'hello');
  return { romeo: sideOf(a, `${a.jid}/orchard`), juliet: sideOf(b, `${b.jid}/balcony`, onQuery) };
}

const balcony = 'juliet@capulet.example/balcony';
const version = async (): Promise<XmlElement> =>
  element(VERSION, 'query', {}, [element(VERSION, 'name', {}, ['stanzaseal'])]);

async function refused(run: Promise<unknown>, code: string, condition?: string): Promise<void> {
  await run.then(
    () => assert.unreachable('was answered'),
    (error) => assert.equal([error.code, error.condition], [code, condition]),
  );
}

test('a request is sealed to the one device, and so is the answer, inside an outer result', async () => {
  const { romeo, juliet } = await pair('iq', version);
  const tablet = await addDevice(juliet.person);
  await introduce(tablet, romeo.person);
  joined(romeo, juliet);
  const answer = await romeo.queries.query(ask(balcony));
  assert.is(child(answer, VERSION, 'query') !== undefined, true);
  assert.equal(
    [attribute(answer, 'type'), attribute(answer, 'id'), attribute(answer, 'from')],
    ['result', 'ask', balcony],
  );
  assert.is(juliet.asked[0]?.sender.jid, romeo.person.jid);
  const outer = romeo.link.asked.at(-1) as XmlElement;
  assert.ok(hasSealed(outer));
  await refused(tablet.messenger.open(withAttributes(outer, { from: `${romeo.person.jid}/orchard` })), 'ERR_OPEN');
});

test('T21: an error of the other side stands in an outer result; a failure of its handler says nothing', async () => {
  const outcomes: [QueryHandler, string][] = [
    [
      () => Promise.reject(new XmppError('ERR_REFUSED', 'no', { condition: 'not-allowed', text: 'why' })),
      'not-allowed',
    ],
    [() => Promise.reject(new Error('a secret path')), 'internal-server-error'],
  ];
  for (const [handler, condition] of outcomes) {
    const { romeo, juliet } = await pair(condition, handler);
    const types: unknown[] = [];
    joined(romeo, juliet, (stanza) => {
      types.push(attribute(stanza, 'type'));
      return stanza;
    });
    await refused(romeo.queries.query(ask(balcony)), 'ERR_REFUSED', condition);
    assert.equal(types.at(-1), 'result');
  }
});

test('an answer in the clear is nobody’s', async () => {
  const { romeo, juliet } = await pair('clear', version);
  joined(romeo, juliet, async (stanza) => (hasSealed(stanza) ? resultOf(ask(balcony), await version()) : stanza));
  await refused(romeo.queries.query(ask(balcony)), 'ERR_PLAIN');
});

test('an answer to another request, and one moved to another sender, are none', async () => {
  const { romeo, juliet } = await pair('another', version);
  let first: XmlElement | undefined;
  joined(romeo, juliet, (stanza) => {
    if (!hasSealed(stanza)) return stanza;
    first ??= stanza;
    return stanza === first ? withAttributes(stanza, { from: 'juliet@evil.example/balcony' }) : first;
  });
  await refused(romeo.queries.query(ask(balcony)), 'ERR_OPEN');
  await refused(romeo.queries.query(ask(balcony)), 'ERR_OPEN');
});

test('H12: a replayed request is done once, at the same time or later, and answered as by a client without the feature', async () => {
  const { romeo, juliet } = await pair('replay', version);
  joined(romeo, juliet);
  await romeo.queries.query(ask(balcony, 'set'));
  const outer = withAttributes(romeo.link.asked.at(-1) as XmlElement, { to: balcony });
  await refused(juliet.link.ask(outer), 'ERR_REFUSED', 'service-unavailable');
  assert.is(juliet.asked.length, 1);
  const { sealed } = await romeo.queries.sealTo(ask(balcony, 'set'), balcony);
  const both = await Promise.allSettled([juliet.link.ask(sealed.stanza), juliet.link.ask(sealed.stanza)]);
  assert.equal(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.is(juliet.asked.length, 2);
});

test('what does not open is answered like what nobody knows, and changes nothing', async () => {
  const { romeo, juliet } = await pair('damaged', version);
  const without = await pair('without');
  const { sealed } = await romeo.queries.sealTo(ask(balcony), balcony);
  const before = await snapshot(juliet.person);
  const moved = withAttributes(sealed.stanza, { from: 'mallory@evil.example/x' });
  await refused(juliet.link.ask(moved), 'ERR_REFUSED', 'service-unavailable');
  assert.is(await snapshot(juliet.person), before);
  const other = await without.romeo.queries.sealTo(ask(balcony), balcony);
  await refused(without.juliet.link.ask(other.sealed.stanza), 'ERR_REFUSED', 'service-unavailable');
});

test('the device of a full JID is told to contacts and own devices alone, and asked once', async () => {
  const { romeo, juliet } = await pair('device', version);
  joined(romeo, juliet);
  await romeo.queries.query(ask(balcony));
  await romeo.queries.query(ask(balcony));
  const questions = romeo.link.asked.filter((iq) => child(iq, NS.SEALED, 'device') !== undefined);
  assert.is(questions.length, 1);
  const question = element(NS.CLIENT, 'iq', { type: 'get', from: 'mallory@evil.example/x' }, [
    element(NS.SEALED, 'device'),
  ]);
  await refused(juliet.link.ask(question), 'ERR_REFUSED', 'service-unavailable');
  assert.ok(await juliet.link.ask(withAttributes(question, { from: `${juliet.person.jid}/garden` })));
});

test('a false device in a server’s mouth reaches no other device than the account’s own', async () => {
  const { romeo, juliet } = await pair('lying', version);
  romeo.link.serve((iq) =>
    child(iq, NS.SEALED, 'device') === undefined
      ? undefined
      : resultOf(iq, element(NS.SEALED, 'device', { id: 'ab'.repeat(32) })),
  );
  joined(romeo, juliet);
  const { sealed, device } = await romeo.queries.sealTo(ask(balcony), balcony);
  assert.is(device, undefined);
  assert.equal([...new Set(sealed.recipients.map(({ jid }) => jid))], [bareJid(balcony)]);
  assert.ok(await romeo.queries.query(ask(balcony)));
});

test('a request goes to a full JID, and is a request', async () => {
  const { romeo } = await pair('kinds');
  for (const iq of [
    ask('juliet@capulet.example'),
    ask(balcony, 'result'),
    element(NS.CLIENT, 'message', { to: balcony, type: 'get' }),
  ])
    await romeo.queries.query(iq).then(
      () => assert.unreachable(),
      (error) => assert.instance(error, TypeError),
    );
});

test.run();
