// Many stanzas at once come to the same as one after another, with one durable commit.

import { publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { createCryptoProvider } from '@stanzaseal/cms/provider/webcrypto';
import { readObject, recipientsOf } from '@stanzaseal/envelope';
import { element, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  chat,
  copyOf,
  createPair,
  createPerson,
  createWorld,
  DAY,
  introduce,
  objectIn,
  opens,
  type Person,
  restart,
  say,
  snapshot,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openMany, sealMany } from '../src/batch/index.js';

const test = suite('many at once');

/** Commits made from now on. */
function countCommits(person: Person): () => number {
  const { epoch = 0 } = person.storage;
  return () => (person.storage.epoch ?? 0) - epoch;
}

/** What a page of an archive may hold: messages in and out of order, copies, strangers, bounces, and what does not open. */
async function page(romeo: Person, juliet: Person): Promise<XmlElement[]> {
  const { world } = romeo;
  const said: XmlElement[] = [];
  for (const body of ['one', 'two', 'three', 'four']) said.push(await say(romeo, juliet, body));
  const strangers: XmlElement[] = [];
  for (const name of ['paris', 'tybalt', 'mercutio']) {
    const stranger = await createPerson(`${name}@verona.example`, world);
    await introduce(juliet, stranger);
    for (const body of ['first', 'second']) strangers.push(await say(stranger, juliet, body));
  }
  const bounce = element(NS.CLIENT, 'message', { type: 'error', id: 'x', from: romeo.jid, to: juliet.jid });
  return [
    said[0] as XmlElement,
    said[2] as XmlElement,
    said[1] as XmlElement,
    strangers[0] as XmlElement,
    withAttributes(said[0] as XmlElement, { from: 'paris@verona.example' }),
    ...strangers.slice(1),
    said[0] as XmlElement,
    bounce,
    chat('not sealed', { from: romeo.jid, to: juliet.jid }),
    said[3] as XmlElement,
  ];
}

/** What is told of each stanza, one after another. */
async function oneByOne({ messenger }: Person, stanzas: readonly XmlElement[]): Promise<unknown[]> {
  const told: unknown[] = [];
  for (const stanza of stanzas) {
    try {
      const result = await messenger.open(stanza);
      told.push(plain(result));
      if (result.status === 'opened') await result.accept();
    } catch (error) {
      told.push({ status: 'refused', code: (error as { code: string }).code });
    }
  }
  return told;
}

function plain(result: object): unknown {
  const { accept: _, error, ...rest } = result as { accept?: unknown; error?: { code: string } };
  return error === undefined ? rest : { ...rest, code: error.code };
}

for (const [name, crypto] of [
  ['node:crypto', undefined],
  ['WebCrypto', createCryptoProvider()],
] as const) {
  test(`opening many tells and stores what opening one after another does (${name})`, async () => {
    const rules = { strangerPins: 2 };
    const [romeo, juliet] = await createPair(`row ${name}`, rules, crypto);
    await accepts(juliet, await say(romeo, juliet, 'before'));
    const stanzas = await page(romeo, juliet);
    const other = await copyOf(juliet);
    const expected = await oneByOne(other, stanzas);
    const before = await snapshot(juliet);
    const commits = countCommits(juliet);
    const { results, accept } = await openMany(juliet.messenger, stanzas);
    assert.equal(results.map(plain), expected);
    const statuses = new Set(results.map(({ status }) => status));
    assert.equal([...statuses].sort(), ['bounce', 'duplicate', 'opened', 'queued', 'refused']);
    assert.is(await snapshot(juliet), before, 'nothing is stored before it is accepted');
    await accept();
    assert.is(commits(), 1);
    assert.is(await snapshot(juliet), await snapshot(other));
    assert.equal(juliet.events, other.events);
    // Twice is once.
    await accept();
    assert.is(await snapshot(juliet), await snapshot(other));
    await restart(juliet);
    const again = await openMany(juliet.messenger, stanzas);
    assert.not(again.results.some(({ status }) => status === 'opened'));
  });
}

test('each of many may be accepted on its own', async () => {
  const [romeo, juliet] = await createPair('on its own');
  const stanzas = [await say(romeo, juliet, 'one'), await say(romeo, juliet, 'two')];
  const { results } = await openMany(juliet.messenger, stanzas);
  const [first, second] = results;
  assert.is(first?.status === 'opened' && second?.status === 'opened', true);
  if (first?.status === 'opened') await first.accept();
  assert.equal(await juliet.messenger.open(stanzas[0] as XmlElement), { status: 'duplicate' });
  assert.is(bodyOf((await opens(juliet, stanzas[1] as XmlElement)).stanza), 'two');
});

test('sealing many keeps the order of each conversation, takes one commit, and all of it opens', async () => {
  const [romeo, juliet] = await createPair('many');
  const nurse = await createPerson('nurse@capulet.example', romeo.world);
  await introduce(nurse, romeo);
  const people = [juliet, nurse, juliet, juliet, nurse];
  const commits = countCommits(romeo);
  const items = people.map(({ jid }, i) => ({
    stanza: chat(`${i}`),
    target: { to: i === 2 ? jid.toUpperCase() : jid },
  }));
  const sealed = await sealMany(romeo.messenger, items);
  assert.is(commits(), 1);
  for (const [i, { stanza }] of sealed.entries()) {
    const opened = await accepts(people[i] as Person, stanza);
    assert.is(bodyOf(opened.stanza), `${i}`);
    assert.equal(opened.warnings, []);
  }
  // What was chosen and offered is durable: an answer opens after a restart.
  await restart(romeo);
  await accepts(romeo, await say(juliet, romeo, 'Ay me!'));
});

test('a device that many conversations go to gives one prekey to all of them, as one after another', async () => {
  const world = createWorld('one prekey');
  const romeo = await createPerson('romeo@montague.example', world);
  await addDevice(romeo);
  const people: Person[] = [];
  for (let i = 0; i < 6; i++) people.push(await createPerson(`friend${i}@verona.example`, world));
  for (const person of people) await introduce(person, romeo);
  const members = people.map(({ jid }) => jid);
  const sealed = await sealMany(romeo.messenger, [
    { stanza: chat('all', { type: 'groupchat' }), target: { room: 'verona@chat.example', members } },
    ...members.map((to) => ({ stanza: chat('one'), target: { to } })),
  ]);
  const { crypto } = world;
  const used = new Set<string>();
  for (const { stanza } of sealed)
    for (const rKeyId of recipientsOf(await readObject(objectIn(stanza), { crypto }))) used.add(toHex(rKeyId));
  assert.is(used.size, 1 + people.length);
  for (const [, { oneTime, choice }] of await romeo.store.entries('devices')) {
    assert.is(oneTime.length, 99);
    const { keyIdentifier } = await publicKeyFromRaw('X25519', choice?.publicKey as Uint8Array, crypto);
    assert.ok(used.has(toHex(keyIdentifier)));
  }
  for (const [i, person] of people.entries()) await accepts(person, (sealed[i + 1] as (typeof sealed)[number]).stanza);
});

test('of many, one that cannot be sealed stops all, and nothing is stored', async () => {
  const [romeo, juliet] = await createPair('stops');
  const before = await snapshot(romeo);
  const stranger = { stanza: chat('?'), target: { to: 'nobody@verona.example' } };
  const good = { stanza: chat('!'), target: { to: juliet.jid } };
  for (const [items, code] of [
    [[good, stranger, good], 'ERR_NO_KEYS'],
    [[good, { ...good, target: { to: 'no address@' } }], 'ERR_ADDRESS'],
  ] as const) {
    const refused = await sealMany(romeo.messenger, items).catch((error: { code: string }) => error.code);
    assert.is(refused, code);
  }
  assert.is(await snapshot(romeo), before);
  assert.equal(await sealMany(romeo.messenger, []), []);
  assert.is(await snapshot(romeo), before);
});

test('what is accepted late is held against what was stored meanwhile', async () => {
  const [romeo, juliet] = await createPair('late');
  const [one, two] = [await say(romeo, juliet, 'one'), await say(romeo, juliet, 'two')];
  const { accept } = await openMany(juliet.messenger, [one, two]);
  await accepts(juliet, two);
  juliet.world.now += DAY;
  const other = await copyOf(juliet);
  await accept();
  await accepts(other, one);
  assert.is(await snapshot(juliet), await snapshot(other));
});

test('the first so many of a row are accepted alone, and the rest later', async () => {
  const [romeo, juliet] = await createPair('some of a row');
  const said: XmlElement[] = [];
  for (const body of ['one', 'two', 'three']) said.push(await say(romeo, juliet, body));
  const { accept } = await openMany(juliet.messenger, said);
  const commits = countCommits(juliet);
  await accept(2);
  const statuses = async (): Promise<string[]> => {
    const { results } = await openMany(juliet.messenger, said);
    return results.map(({ status }) => status);
  };
  assert.equal(await statuses(), ['duplicate', 'duplicate', 'opened']);
  await accept(1);
  await accept();
  assert.equal(await statuses(), ['duplicate', 'duplicate', 'duplicate']);
  assert.is(commits(), 2);
});

test.run();
