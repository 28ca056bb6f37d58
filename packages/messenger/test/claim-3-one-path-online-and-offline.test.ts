// Claim 3: one mechanism for online and offline delivery, with forward secrecy in both.
import { readFileSync } from 'node:fs';
import { toHex } from '@stanzaseal/cms';
import { readXml, writeXml, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  bodyOf,
  chat,
  copyOf,
  createPerson,
  createWorld,
  DAY,
  HOUR,
  introduce,
  type Person,
  refusal,
  repositoryRoot,
  restart,
  say,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('claim 3: one path online and offline, forward secrecy in both');

async function pair(seed: string): Promise<[Person, Person]> {
  const world = createWorld(seed);
  const people: [Person, Person] = [
    await createPerson('romeo@montague.example', world),
    await createPerson('juliet@capulet.example', world),
  ];
  await introduce(people[1], people[0]);
  return people;
}

/** The one way a stanza goes: as text, then opened and accepted. */
async function deliver(to: Person, text: string): Promise<string | undefined> {
  return bodyOf((await accepts(to, readXml(text))).stanza);
}

for (const [name, wait] of [
  ['at once', 0],
  ['after a week', 7 * DAY],
  ['after 30 days', 30 * DAY],
] as const) {
  test(`the same object opens ${name}, by the same calls`, async () => {
    const [romeo, juliet] = await pair('same object');
    const text = writeXml(await say(romeo, juliet, 'Ay me!'));
    juliet.world.now += wait;
    await restart(juliet);
    assert.is(await deliver(juliet, text), 'Ay me!');
  });
}

test('nothing in the interface says online or offline', () => {
  const sources = ['messenger', 'seal', 'open', 'recipientsOf', 'prekeyChoice', 'rules'];
  for (const name of sources) {
    const source = readFileSync(`${repositoryRoot}/packages/messenger/src/${name}.ts`, 'utf8');
    const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
    assert.ok(code.length > 200);
    assert.not.match(code, /o(n|ff)line|presence: |available/i, name);
  }
});

test('sealing gives the same for one who is there and one who is not: only the prekey’s class differs', async () => {
  const [romeo, juliet] = await pair('classes');
  const away = await romeo.messenger.seal(chat('first'), { to: juliet.jid });
  await accepts(juliet, away.stanza);
  await tell(juliet, romeo, 'answer');
  const there = await romeo.messenger.seal(chat('second'), { to: juliet.jid });
  assert.equal([away.recipients[0]?.class, there.recipients[0]?.class], ['one-time', 'reply']);
  assert.equal(Object.keys(away), Object.keys(there));
});

async function forwardSecrecy(juliet: Person, romeo: Person, stanza: XmlElement, rKeyId: string): Promise<void> {
  const { world } = juliet;
  // Juliet answers, Romeo moves on to her reply prekey; its use ends the life of what came before, after the grace.
  await tell(juliet, romeo, 'Romeo?');
  await tell(romeo, juliet, 'Call me but love');
  assert.ok(await juliet.store.get('prekeys', rKeyId), 'still within the grace');
  assert.is(
    (await (await thief(juliet)).messenger.open(stanza)).status,
    'opened',
    'until then, who steals the store reads it',
  );
  world.now += 48 * HOUR;
  await juliet.messenger.erase();
  assert.ok(await juliet.store.get('prekeys', rKeyId), 'not before all that waits was fetched');
  await juliet.messenger.caughtUp();
  assert.not(await juliet.store.get('prekeys', rKeyId), 'the private half is gone');
  assert.is((await refusal(async () => (await thief(juliet)).messenger.open(stanza)))?.code, 'ERR_OPEN');
}

/** Somebody with everything that Juliet stores now, and no replay memory to stop them. */
async function thief(juliet: Person): Promise<Person> {
  const copy = await copyOf(juliet);
  for (const table of ['seen', 'accepted'] as const) {
    await copy.store.commit((await copy.store.entries(table)).map(([key]) => ({ table, key, record: undefined })));
  }
  return copy;
}

for (const [name, wait] of [
  ['live', 0],
  ['after a week in the spool', 7 * DAY],
] as const) {
  test(`delivered ${name}, it cannot be read any more once both moved on, 48 h passed and all was fetched`, async () => {
    const [romeo, juliet] = await pair('forward secrecy');
    const { stanza, recipients } = await romeo.messenger.seal(chat('Ay me!'), { to: juliet.jid });
    assert.is(recipients[0]?.class, 'one-time');
    juliet.world.now += wait;
    const opened = await accepts(juliet, stanza);
    const [own] = opened.recipients;
    await forwardSecrecy(juliet, romeo, stanza, toHex(own?.rKeyId as Uint8Array));
  });
}

test('each turn renews the keys of both', async () => {
  const [romeo, juliet] = await pair('turns');
  const used = new Set<string>();
  for (let i = 0; i < 6; i++) {
    const [from, to] = i % 2 === 0 ? [romeo, juliet] : [juliet, romeo];
    const opened = await tell(from, to, `turn ${i}`);
    used.add(toHex(opened.recipients[0]?.rKeyId as Uint8Array));
  }
  assert.is(used.size, 6);
});

test.run();
