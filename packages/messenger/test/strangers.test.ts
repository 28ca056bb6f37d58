// G5, I2: strangers are limited by the day, and what comes beyond waits unopened in a queue of bounded length.
import { createCryptoProvider } from '@stanzaseal/cms/provider';
import { readXml, writeXml, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  bodyOf,
  chat,
  countedProvider,
  createPair,
  createPerson,
  DAY,
  deviceOf,
  flippedAt,
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
  unusedPrekeyOf,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('G5: strangers');
const RULES = { strangerPrekeys: 2, strangerPins: 4, requests: 3 };

async function strangers(juliet: Person, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let i = 0; i < count; i++) {
    const person = await createPerson(`stranger${i}@verona.example`, juliet.world);
    await introduce(juliet, person);
    people.push(person);
  }
  return people;
}

const statusOf = async (juliet: Person, stanza: Parameters<Person['messenger']['open']>[0]): Promise<string> =>
  (await juliet.messenger.open(stanza)).status;

test('so many one-time prekeys a day go to strangers; who comes later waits, is reported, and costs no key operation', async () => {
  const { crypto, counts, reset } = countedProvider(createCryptoProvider());
  const [, juliet] = await createPair('prekeys', RULES, crypto);
  const people = await strangers(juliet, 3);
  for (const person of people.slice(0, 2)) await tell(person, juliet, 'hello');
  const third = await say(people[2] as Person, juliet, 'hello');
  reset();
  assert.is(await statusOf(juliet, third), 'queued');
  assert.equal([counts.agree, counts.verify], [0, 0]);
  assert.equal(juliet.events, [{ kind: 'request-queued', jid: 'stranger2@verona.example' }]);
  assert.equal(
    (await juliet.messenger.requests()).map(({ from }) => from),
    ['stranger2@verona.example'],
  );
});

test('the number of new pins a day is bounded too, by whatever key they came', async () => {
  const [, juliet] = await createPair('pins', RULES);
  const people = await strangers(juliet, 5);
  const recipient = {
    prekey: await unusedPrekeyOf(juliet, 'last-resort'),
    deviceKey: await deviceOf(juliet),
    class: 'last-resort' as const,
  };
  const statuses: string[] = [];
  for (const person of people) {
    const { stanza } = await sealBadlyFrom(person, juliet, { recipients: [recipient] });
    const result = await juliet.messenger.open(stanza);
    statuses.push(result.status);
    if (result.status === 'opened') await result.accept();
  }
  assert.equal(statuses, ['opened', 'opened', 'opened', 'opened', 'queued']);
  assert.is((await juliet.messenger.contacts()).length, 4);
});

test('I2: so many are let in that are opened at once, before any of them is accepted', async () => {
  const [, juliet] = await createPair('at once', RULES);
  const stanzas: XmlElement[] = [];
  for (const person of await strangers(juliet, 5)) stanzas.push(await say(person, juliet, 'hello'));
  const results = await Promise.all(stanzas.map((stanza) => juliet.messenger.open(stanza)));
  assert.equal(results.map(({ status }) => status).sort(), ['opened', 'opened', 'queued', 'queued', 'queued']);
  for (const result of results) if (result.status === 'opened') await result.accept();
  assert.is((await juliet.store.entries('contacts')).length, 2);
  // Who was let in and not accepted yet may write again; on the next day nobody stands in anybody's way.
  juliet.world.now += DAY;
  const [again] = stanzas.filter((_, at) => results[at]?.status === 'queued') as [XmlElement];
  for (let twice = 0; twice < 2; twice++) assert.is(await statusOf(juliet, again), 'opened');
});

/** An object of the same attributes and tag whose ciphertext is another: nobody without the key makes one that opens. */
const damaged = (stanza: XmlElement): XmlElement => flippedAt(stanza, SEALED_PATH.encryptedContent);

test('C6: a damaged copy that waits keeps no place from the genuine one, which leaves when it is accepted', async () => {
  const [, juliet] = await createPair('damaged', RULES);
  const people = (await strangers(juliet, 3)) as [Person, Person, Person];
  for (const person of people.slice(0, 2)) await tell(person, juliet, 'hello');
  const late = await say(people[2], juliet, 'hello');
  for (const stanza of [damaged(late), late, late]) assert.is(await statusOf(juliet, stanza), 'queued');
  assert.is((await juliet.messenger.requests()).length, 2, 'each once');
  juliet.world.now += DAY;
  await accepts(juliet, late);
  const [left, ...more] = await juliet.messenger.requests();
  assert.equal([objectIn(left?.stanza as XmlElement), more], [objectIn(damaged(late)), []]);
});

test('contacts are no strangers: neither who was let in, nor whose keys were taken in', async () => {
  const [romeo, juliet] = await createPair('contacts', { ...RULES, strangerPrekeys: 1 });
  const [first, second, known] = (await strangers(juliet, 3)) as [Person, Person, Person];
  await tell(first, juliet, 'hello');
  assert.is(await statusOf(juliet, await say(second, juliet, 'hello')), 'queued');
  await introduce(known, juliet);
  assert.is(await statusOf(juliet, await say(known, juliet, 'hello')), 'opened');
  await introduce(romeo, juliet);
  assert.is(await statusOf(juliet, await say(romeo, juliet, 'hello')), 'opened');
  for (let i = 0; i < 5; i++) await tell(first, juliet, 'again');
});

test('the day’s counts outlive a restart, and a new day begins anew', async () => {
  const [, juliet] = await createPair('days', RULES);
  const people = (await strangers(juliet, 5)) as [Person, Person, Person, Person, Person];
  for (const person of people.slice(0, 2)) await tell(person, juliet, 'hello');
  await restart(juliet);
  const late = await say(people[2], juliet, 'hello');
  assert.is(await statusOf(juliet, late), 'queued');
  juliet.world.now += DAY;
  await accepts(juliet, late);
  assert.equal(await juliet.messenger.requests(), [], 'what was accepted waits no more');
  await tell(people[3], juliet, 'hello');
  assert.is(await statusOf(juliet, await say(people[4], juliet, 'hello')), 'queued');
  assert.is((await juliet.store.entries('strangers')).length, 1, 'yesterday’s counts are gone');
});

test('a request opens later as a stanza that just arrived', async () => {
  const [, juliet] = await createPair('later', { ...RULES, strangerPrekeys: 1 });
  const [first, second] = (await strangers(juliet, 2)) as [Person, Person];
  await tell(first, juliet, 'hello');
  await juliet.messenger.open(await say(second, juliet, 'let me in'));
  juliet.world.now += DAY;
  await restart(juliet);
  const [request] = await juliet.messenger.requests();
  if (request === undefined) throw new Error('no request');
  const opened = await accepts(juliet, request.stanza);
  assert.equal([bodyOf(opened.stanza), opened.sender.jid], ['let me in', request.from]);
});

test('the queue is bounded by number: the oldest leave', async () => {
  const [, juliet] = await createPair('bounded', { ...RULES, strangerPrekeys: 0, strangerPins: 0 });
  const people = await strangers(juliet, 6);
  for (const person of people) {
    assert.is(await statusOf(juliet, await say(person, juliet, 'hello')), 'queued');
  }
  const waiting = (await juliet.messenger.requests()).map(({ from }) => from).sort();
  assert.equal(waiting, ['stranger3@verona.example', 'stranger4@verona.example', 'stranger5@verona.example']);
});

test('G5: who fills the queue pushes out what they sent themselves, and nobody else', async () => {
  const [, juliet] = await createPair('flood', { ...RULES, strangerPrekeys: 0, strangerPins: 0 });
  const [quiet, loud, late] = (await strangers(juliet, 3)) as [Person, Person, Person];
  await statusOf(juliet, await say(quiet, juliet, 'hello'));
  for (let i = 0; i < 5; i++) assert.is(await statusOf(juliet, await say(loud, juliet, `hello ${i}`)), 'queued');
  await statusOf(juliet, await say(late, juliet, 'hello'));
  const waiting = (await juliet.messenger.requests()).map(({ from }) => from).sort();
  assert.equal(waiting, [quiet.jid, loud.jid, late.jid]);
});

test('G5: what comes counts for who sent it, before it stands in the queue', async () => {
  const [, juliet] = await createPair('share', { ...RULES, requests: 2, strangerPrekeys: 0, strangerPins: 0 });
  const [quiet, loud] = (await strangers(juliet, 2)) as [Person, Person];
  const sizes: number[] = [];
  for (const [who, text] of [
    [loud, 'one'],
    [quiet, 'x'.repeat(1000)],
    [loud, 'two'],
  ] as const) {
    const stanza = await say(who, juliet, text);
    sizes.push(writeXml(stanza).length);
    assert.is(await statusOf(juliet, stanza), 'queued');
  }
  const [one = 0, long = 0, two = 0] = sizes;
  assert.ok(one < long && long < one + two, `${sizes}`);
  const waiting = (await juliet.messenger.requests()).map(({ from }) => from).sort();
  assert.equal(waiting, [quiet.jid, loud.jid]);
});

test('the queue is bounded by size, and one object waits in it once', async () => {
  const [, juliet] = await createPair('size', { strangerPrekeys: 1, requests: 100, requestCharacters: 20_000 });
  const [first, second] = (await strangers(juliet, 2)) as [Person, Person];
  await tell(first, juliet, 'hello');
  const one = await say(second, juliet, 'hello');
  await statusOf(juliet, one);
  const after = await snapshot(juliet);
  const events = juliet.events.length;
  assert.is(await statusOf(juliet, one), 'queued');
  assert.is(await snapshot(juliet), after);
  assert.is(juliet.events.length, events);
  for (let i = 0; i < 20; i++)
    await statusOf(juliet, (await second.messenger.seal(chat(`hello ${i}`), { to: juliet.jid })).stanza);
  const waiting = await juliet.store.entries('requests');
  const characters = waiting.reduce((sum, [, { stanza }]) => sum + stanza.length, 0);
  assert.ok(characters <= 20_000 && waiting.length > 2, `${waiting.length} requests of ${characters} characters`);
});

test('H3: what stands beside an object fills no queue and keeps nobody from reading it', async () => {
  const [romeo, juliet] = await createPair('beside', { strangerPins: 0 });
  const sealed = writeXml(await say(romeo, juliet, 'hello'));
  const beside = (markup: string) => readXml(sealed.replace('</message>', `<x xmlns='urn:x'>${markup}</x></message>`));
  const before = await snapshot(juliet);
  const ampersands = `<![CDATA[${'&'.repeat(400_000)}]]>`;
  const longNames = `<y xmlns:p='${'u'.repeat(20_000)}'>${'<p:z/>'.repeat(3000)}</y>`;
  for (const markup of [ampersands, longNames]) {
    const error = await refusal(() => juliet.messenger.open(beside(markup)));
    assert.equal([error?.constructor.name, error?.code], ['MessengerError', 'ERR_OPEN']);
  }
  assert.is(await snapshot(juliet), before);
  assert.is(await statusOf(juliet, beside('&amp;'.repeat(50_000))), 'queued');
  assert.is((await juliet.messenger.requests()).length, 1);
});

test('what is not for this device never enters the queue', async () => {
  const [, juliet] = await createPair('not for us', { ...RULES, strangerPrekeys: 1 });
  const [first, second] = (await strangers(juliet, 2)) as [Person, Person];
  await tell(first, juliet, 'hello');
  await introduce(first, second);
  const stanza = await say(second, first, 'hello');
  const before = await snapshot(juliet);
  await juliet.messenger.open(stanza).catch(() => undefined);
  assert.is(await snapshot(juliet), before);
});

test.run();
