import type { XmlElement } from '@stanzaseal/stanza';
import { type Person, restart, say } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { XmppError } from '../src/xmppError.js';
import { type Entry, serveArchive, withStanzaId } from './hostileArchive.js';
import { inwardOf, romeoAndJuliet } from './waysIn.js';

const test = suite('catch-up: the archive first, in its order, once');
const JULIET = 'juliet@capulet.example';
const DAY = 86_400_000;

async function letters(from: Person, to: Person, count: number, first = 1): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let i = first; i < first + count; i++)
    entries.push({ id: `id${i}`, stanza: await say(from, to, `${i}`), at: from.world.now });
  return entries;
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

test('page after page, each message once, and the cursor behind the last', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('pages');
  const archive = await letters(romeo, juliet, 12);
  serveArchive(at.link, JULIET, archive, { page: 5 });
  assert.equal(await at.arrival.catchUp(JULIET), { messages: 12, isComplete: true });
  assert.equal(at.texts(), numbers(1, 12));
  assert.ok(at.messages.every(({ via, archiveId }, i) => via === 'archive' && archiveId === `id${i + 1}`));
  assert.is((await juliet.store.get('cursors', JULIET))?.id, 'id12');
  assert.equal(await at.arrival.catchUp(JULIET), { messages: 0, isComplete: true });
  assert.is(at.messages.length, 12);
});

test('what comes live meanwhile waits behind the archive, and what is in both comes once', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('overlap');
  const archive = await letters(romeo, juliet, 10);
  at.arrival.hold(JULIET);
  serveArchive(at.link, JULIET, archive, {
    page: 4,
    before: async (page) => {
      if (page > 3) return;
      const [next] = await letters(romeo, juliet, 1, 10 + page);
      at.link.receive((next as Entry).stanza);
      if (page < 3) archive.push(next as Entry);
    },
  });
  await at.arrival.catchUp(JULIET);
  await at.arrival.settled();
  assert.equal(at.texts(), numbers(1, 13));
  assert.equal([...new Set(at.messages.map(({ via }) => via))], ['archive', 'live']);
  assert.ok(
    at.messages.every((message) => !message.plain && message.warnings.length === 0),
    'no gap, nothing reordered',
  );
});

test('presence goes out behind the first query, and the last page is asked for after it: no message falls between', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('between');
  const archive = await letters(romeo, juliet, 2);
  const between = await letters(romeo, juliet, 1, 3);
  let entered = 0;
  serveArchive(at.link, JULIET, archive, {
    before: (page) => {
      assert.is(entered, page === 1 ? 0 : 1);
      // After the first page was put together, before presence was heard: it is in the archive and nowhere else.
      if (page === 1) queueMicrotask(() => archive.push(...between));
    },
  });
  await at.arrival.catchUp(JULIET, { enter: () => entered++ });
  assert.equal(at.texts(), numbers(1, 3));
});

test('a lost connection is no end: the next login goes on where this one stopped', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('lost');
  const archive = await letters(romeo, juliet, 9);
  let lost = false;
  serveArchive(at.link, JULIET, archive, {
    page: 3,
    before: (page) => {
      if (page !== 3 || lost) return;
      lost = true;
      throw new XmppError('ERR_OFFLINE', 'gone');
    },
  });
  at.arrival.hold(JULIET);
  await at.arrival.catchUp(JULIET).then(
    () => assert.unreachable(),
    (error) => assert.is(error.code, 'ERR_OFFLINE'),
  );
  const live = await letters(romeo, juliet, 1, 10);
  at.link.receive((live[0] as Entry).stanza); // of the session that follows: it waits
  await at.arrival.settled();
  assert.equal(at.texts(), numbers(1, 6));
  assert.is((await juliet.store.get('cursors', JULIET))?.id, 'id6');
  await at.arrival.catchUp(JULIET);
  await at.arrival.settled();
  assert.equal(at.texts(), numbers(1, 10));
});

test('a process that ends between the handler and accept is given the message again, under the same name', async () => {
  const { romeo, juliet } = await romeoAndJuliet('crash');
  const archive = await letters(romeo, juliet, 3);
  const given: string[] = [];
  const before = inwardOf(juliet, {
    onMessage: (message) => {
      given.push(message.plain ? '' : Buffer.from(message.messageId).toString('hex'));
      if (given.length === 2) return new Promise(() => undefined); // the end of the process
      return undefined;
    },
  });
  serveArchive(before.link, JULIET, archive);
  void before.arrival.catchUp(JULIET);
  while (given.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await restart(juliet);
  const after = inwardOf(juliet);
  serveArchive(after.link, JULIET, archive);
  await after.arrival.catchUp(JULIET);
  assert.equal(after.texts(), ['2', '3'], 'the first was accepted, the second was not');
  const [second] = after.messages;
  assert.is(second?.plain === false && Buffer.from(second.messageId).toString('hex'), given[1]);
});

test('a handler that fails holds the cursor, stops nobody behind it, and is given the message again', async () => {
  let fails = true;
  const { romeo, juliet } = await romeoAndJuliet('held');
  const texts: string[] = [];
  const at = inwardOf(juliet, {
    onMessage: async (message) => {
      const text = inwardText(message.stanza);
      if (text === '2' && fails) throw new Error('disk full');
      texts.push(text);
    },
  });
  const archive = await letters(romeo, juliet, 4);
  serveArchive(at.link, JULIET, archive, { page: 1 });
  assert.equal(await at.arrival.catchUp(JULIET), { messages: 3, isComplete: false });
  assert.equal(texts, ['1', '3', '4']);
  assert.is((await juliet.store.get('cursors', JULIET))?.id, 'id1');
  assert.equal(at.kinds(), ['handler-failed']);
  fails = false;
  assert.equal(await at.arrival.catchUp(JULIET), { messages: 1, isComplete: true });
  assert.equal(texts, ['1', '3', '4', '2']);
  assert.is((await juliet.store.get('cursors', JULIET))?.id, 'id4');
});

function inwardText(stanza: XmlElement): string {
  return (stanza.children as XmlElement[]).find(({ name }) => name === 'body')?.children.join('') ?? '';
}

test('what comes live moves the cursor two minutes later, and not past what was held', async () => {
  let fails = false;
  const { romeo, juliet } = await romeoAndJuliet('live cursor');
  const at = inwardOf(juliet, { onMessage: () => (fails ? Promise.reject(new Error('no')) : undefined) });
  const archive = await letters(romeo, juliet, 1);
  serveArchive(at.link, JULIET, archive);
  await at.arrival.catchUp(JULIET);
  const receive = async (i: number): Promise<void> => {
    const [entry] = await letters(romeo, juliet, 1, i);
    at.link.receive(withStanzaId((entry as Entry).stanza, JULIET, `id${i}`));
    await at.arrival.settled();
  };
  const cursor = async (): Promise<string | undefined> => (await juliet.store.get('cursors', JULIET))?.id;
  await receive(2);
  assert.is(await cursor(), 'id1', 'another may still be on its way');
  juliet.world.now += 121_000;
  await receive(3);
  assert.is(await cursor(), 'id2');
  fails = true;
  await receive(4);
  fails = false;
  juliet.world.now += 121_000;
  await receive(5);
  juliet.world.now += 121_000;
  await receive(6);
  assert.is(await cursor(), 'id2', 'the fourth was held');
});

test('an archive that forgot where reading stopped is read from that time on, and the gap is told', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('forgotten');
  const archive = await letters(romeo, juliet, 3);
  serveArchive(at.link, JULIET, archive);
  await at.arrival.catchUp(JULIET);
  const stoppedAt = juliet.world.now;
  archive.splice(0, 3);
  juliet.world.now += 10 * DAY;
  archive.push(
    ...(await letters(romeo, juliet, 2, 4)).map((entry, i) => ({ ...entry, at: stoppedAt + (i - 1) * 2 * DAY })),
  );
  await at.arrival.catchUp(JULIET);
  assert.equal(
    at.texts(),
    ['1', '2', '3', '5'],
    'older than the time of the cursor by more than a day is not asked for',
  );
  assert.equal(at.events, [{ kind: 'archive-gap', archive: JULIET, since: stoppedAt }]);
});

test('a first login asks for nothing older than the oldest private prekey: an archive of years is left alone', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('years');
  const created = juliet.world.now;
  const [sealed] = await letters(romeo, juliet, 1);
  const old = Array.from({ length: 500 }, (_, i) => ({
    ...(sealed as Entry),
    id: `old${i}`,
    at: created - (500 - i) * 10 * DAY,
  }));
  serveArchive(at.link, JULIET, [...old, sealed as Entry], { page: 5 });
  juliet.world.now += 3 * DAY;
  await at.arrival.catchUp(JULIET);
  assert.equal(at.texts(), ['1']);
  assert.is(at.link.asked.length, 1, 'one page');
});

test('more live messages than may wait are let go and read from the archive', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('flood');
  const archive: Entry[] = await letters(romeo, juliet, 1);
  const flood = (await letters(romeo, juliet, 3, 2)) as Entry[];
  at.arrival.hold(JULIET);
  serveArchive(at.link, JULIET, archive, {
    page: 50,
    before: (page) => {
      if (page !== 1) return;
      for (let i = 0; i < 1001; i++) at.link.receive((flood[i % 3] as Entry).stanza);
      queueMicrotask(() => archive.push(...flood));
    },
  });
  await at.arrival.catchUp(JULIET);
  await at.arrival.settled();
  assert.equal(at.texts(), numbers(1, 4));
});

test('an archive that says it has more and gives nothing is at its end', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('endless');
  const archive = await letters(romeo, juliet, 2);
  serveArchive(at.link, JULIET, archive, { page: 0 });
  await at.arrival.catchUp(JULIET);
  assert.is(at.messages.length, 0);
  assert.is(at.link.asked.length, 1);
});

test('from a time on: what did not open then is taken in now', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('since');
  const archive = await letters(romeo, juliet, 3);
  const [first] = archive;
  archive[0] = { ...(first as Entry), stanza: { ...(first as Entry).stanza, children: [] } };
  serveArchive(at.link, JULIET, archive);
  await at.arrival.catchUp(JULIET);
  archive[0] = first as Entry;
  await at.arrival.catchUp(JULIET);
  assert.is(at.texts().includes('1'), false);
  await at.arrival.catchUp(JULIET, { since: juliet.world.now });
  assert.equal(
    at.texts().filter((text) => !text.startsWith('plain')),
    ['2', '3', '1'],
  );
});

test.run();
