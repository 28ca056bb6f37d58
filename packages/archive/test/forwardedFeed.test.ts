// What a server forwards to a component: in whose archives it goes, and what is believed.
import { NS, readXml } from '@stanzaseal/stanza';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ArchiveError, follow, forwardedFeed } from '../src/index.js';
import { bodyOf, crypto, JULIET, opened, plain, ROMEO, START, sealed, textOf } from './fixture.js';

import { sqlitePlace } from './sqlitePlace.js';

const test = suite('feed of forwarded stanzas');

const NURSE = 'nurse@capulet.example';
const ROOM = 'orchard@rooms.capulet.example';

/** What is in archives after stanzas were forwarded: bodies by owner. */
async function archived(stanzas: readonly string[], from = 'capulet.example') {
  const { archive } = await opened(sqlitePlace);
  const options = { domains: ['capulet.example'], rooms: ['rooms.capulet.example'], clock: () => START, crypto };
  const feed = forwardedFeed(options);
  const ending = new AbortController();
  const following = follow(archive, feed.source, { signal: ending.signal });
  for (const stanza of stanzas) {
    const inner = stanza.replace(/^<(\w+)/, `<$1 xmlns="${NS.CLIENT}"`);
    const text = `<message from="${from}" to="archiver.capulet.example"><forwarded xmlns="${NS.FORWARD}">${inner}</forwarded></message>`;
    feed.push(readXml(text, undefined, { defaultNamespace: NS.CLIENT }));
  }
  ending.abort(); // what was taken in is kept before it ends
  const sum = await following;
  const entries = Object.fromEntries(
    await Promise.all(
      (await archive.owners()).map(async (owner) => [owner, (await archive.page({ owner })).entries] as const),
    ),
  );
  await archive.close();
  const bodies = Object.fromEntries(
    Object.entries(entries).map(([owner, list]) => [
      owner,
      list.map((entry) => (entry.sealed ? 'sealed' : bodyOf(entry.octets))),
    ]),
  );
  return { sum, entries, bodies };
}

test('a message is in the archive of each local side, once, however often it was copied', async () => {
  const between = plain('both', { id: '1', from: `${NURSE}/kitchen` });
  const known = between.replace(
    '</message>',
    `<stanza-id xmlns="${NS.STANZA_ID}" by="${JULIET}" id="forged"/></message>`,
  );
  const object = await sealed('one');
  const { bodies, entries, sum } = await archived([
    between,
    known.replace(`to="${JULIET}"`, `to="${JULIET}/balcony"`),
    plain('from outside', { id: '2' }),
    object,
    object,
    plain('again', { id: '1', from: `${NURSE}/kitchen` }),
  ]);
  assert.equal(bodies, { [NURSE]: ['both', 'again'], [JULIET]: ['both', 'from outside', 'sealed', 'again'] });
  assert.equal([sum.duplicates, sum.quarantined, sum.refused], [3, 0, 0]);
  assert.not.ok(
    entries[JULIET]?.some(({ id }) => id === 'forged'),
    'what a sender may write is no id',
  );
});

test('words without an id are never taken for a copy', async () => {
  const { bodies } = await archived([plain('ok'), plain('ok')]);
  assert.equal(bodies[JULIET], ['ok', 'ok']);
});

test('a room has what it said to all, once, whoever heard it; who wrote to it has nothing of it', async () => {
  const said = (to: string) => plain('to all', { type: 'groupchat', from: `${ROOM}/nurse`, to, id: '7' });
  const { bodies, entries } = await archived([
    plain('to all', { type: 'groupchat', from: `${NURSE}/kitchen`, to: ROOM, id: '7' }),
    said(`${NURSE}/kitchen`),
    said(`${JULIET}/balcony`),
    plain('elsewhere', { type: 'groupchat', from: 'x@rooms.montague.example/y', to: JULIET }),
  ]);
  assert.equal(bodies, { [ROOM]: ['to all'] });
  assert.not.match(textOf(entries[ROOM]?.[0]?.octets), / to=/);
});

test('errors, headlines, states, carbons, answers from archives and what a hint forbids are passed over', async () => {
  const inside = (more: string) => plain('x').replace('</message>', `${more}</message>`);
  const { bodies } = await archived([
    plain('x', { type: 'error' }),
    plain('x', { type: 'headline' }),
    plain('x').replace(/<body>.*<\/body>/, '<composing xmlns="http://jabber.org/protocol/chatstates"/>'),
    inside(`<no-store xmlns="${NS.HINTS}"/>`),
    inside(`<no-permanent-store xmlns="${NS.HINTS}"/>`),
    inside(`<received xmlns="${NS.CARBONS}"/>`),
    inside(`<result xmlns="${NS.MAM}"/>`),
    '<presence/>',
    plain('kept', { from: ROMEO }),
    plain('x', { from: 'a@b', to: 'c@d' }),
    plain('x', { to: '@@' }).replace(ROMEO, 'x@x'),
  ]);
  assert.equal(bodies, { [JULIET]: ['kept'] });
});

test('H3: a stanza that would be gigabytes when written ends no feed: its start tag is seen in quarantine', async () => {
  const hostile = `<x xmlns:p="${'u'.repeat(100_000)}">${'<p:b/>'.repeat(9000)}</x>`;
  const { sum, bodies } = await archived([
    plain('hostile', { id: '1' }).replace('</message>', `${hostile}</message>`),
    plain('after', { id: '2' }),
  ]);
  assert.equal([sum.quarantined, bodies[JULIET]], [1, ['after']]);
});

test('anybody can write to a component: copies from other than the server itself are not believed', async () => {
  for (const from of [
    ROMEO,
    'montague.example',
    `${JULIET}/balcony`,
    'capulet.example/admin',
    'juliet@capulet.example',
  ])
    assert.equal((await archived([plain('forged')], from)).bodies, {}, from);
});

test('a feed that is faster than the archive fails rather than lose any', async () => {
  const feed = forwardedFeed({ domains: ['capulet.example'], clock: () => START, crypto });
  const inner = plain('much', { id: '1' }).replace(/^<(\w+)/, `<$1 xmlns="${NS.CLIENT}"`);
  const text = `<message from="capulet.example" to="archiver.capulet.example"><forwarded xmlns="${NS.FORWARD}">${inner}</forwarded></message>`;
  const copy = readXml(text, undefined, { defaultNamespace: NS.CLIENT });
  for (let count = 0; count < 16_384; count++) feed.push(copy);
  const items = feed.source.items(undefined, new AbortController().signal)[Symbol.asyncIterator]();
  assert.is((await items.next()).done, false);
  feed.push(copy); // where the first one was
  assert.is((await items.next()).done, false);
  for (let count = 0; count < 2; count++) feed.push(copy);
  const failure = await items.next().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(failure, ArchiveError);
  assert.is((failure as ArchiveError).code, 'ERR_STORE');
});

test.run();
