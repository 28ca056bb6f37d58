// Rooms: sealed to the members, opened by the occupant's real address (T05), bound to the room (C10).

import { withAttributes, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  chat,
  createPair,
  createPerson,
  introduce,
  type Person,
  refusal,
  snapshot,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('rooms');
const ROOM = 'coven@chat.shakespeare.example';

interface Coven {
  readonly romeo: Person;
  readonly juliet: Person;
  readonly paris: Person;
  readonly members: string[];
}

async function coven(seed: string): Promise<Coven> {
  const [romeo, juliet] = await createPair(seed);
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(paris, romeo);
  return { romeo, juliet, paris, members: [romeo.jid, juliet.jid, paris.jid] };
}

const said = (body: string): XmlElement => chat(body, { type: 'groupchat' });

/** How the room passes it on. */
const from = (stanza: XmlElement, seat: string, to: Person, room = ROOM): XmlElement =>
  withAttributes(stanza, { from: `${room}/${seat}`, to: to.jid });

const roster = (seats: Readonly<Record<string, string>>) => ({ occupant: (jid: string) => seats[jid] });
const seats = roster({ [`${ROOM}/Rom`]: 'romeo@montague.example', [`${ROOM}/Par`]: 'paris@verona.example' });

test('every member opens it, by the roster that the caller has', async () => {
  const { romeo, juliet, paris, members } = await coven('members');
  const sealed = await romeo.messenger.seal(said('When shall we meet again?'), { room: ROOM, members });
  assert.equal(sealed.recipients.map(({ jid }) => jid).sort(), [juliet.jid, paris.jid]);
  for (const member of [juliet, paris]) {
    const opened = await accepts(member, from(sealed.stanza, 'Rom', member), seats);
    assert.equal(
      [bodyOf(opened.stanza), opened.sender.jid, opened.sender.firstContact],
      ['When shall we meet again?', romeo.jid, true],
    );
  }
});

test('T05: a seat of somebody else, an unknown seat and no roster are refused', async () => {
  const { romeo, juliet, members } = await coven('seats');
  const { stanza } = await romeo.messenger.seal(said('x'), { room: ROOM, members });
  const before = await snapshot(juliet);
  for (const [seat, options] of [
    ['Par', seats],
    ['Rom', roster({})],
    ['Rom', {}],
    ['Rom', roster({ [`${ROOM}/Rom`]: 'paris@verona.example' })],
  ] as const) {
    assert.is((await refusal(() => juliet.messenger.open(from(stanza, seat, juliet), options)))?.code, 'ERR_OPEN');
  }
  assert.is(await snapshot(juliet), before);
});

test('C10: what was said in one room is refused in another with the same members', async () => {
  const { romeo, juliet, members } = await coven('two rooms');
  const other = 'tomb@chat.shakespeare.example';
  const both = roster({ [`${ROOM}/Rom`]: romeo.jid, [`${other}/Rom`]: romeo.jid });
  const { stanza } = await romeo.messenger.seal(said('x'), { room: ROOM, members });
  assert.is((await refusal(() => juliet.messenger.open(from(stanza, 'Rom', juliet, other), both)))?.code, 'ERR_OPEN');
  await accepts(juliet, from(stanza, 'Rom', juliet), both);
});

test('C9: what was said in a room is not shown as said in private, nor the reverse', async () => {
  const { romeo, juliet, members } = await coven('private');
  const { stanza } = await romeo.messenger.seal(said('x'), { room: ROOM, members });
  for (const shown of [
    withAttributes(stanza, { from: romeo.jid, to: juliet.jid, type: 'chat' }),
    withAttributes(stanza, { from: romeo.jid, to: juliet.jid }),
    withAttributes(from(stanza, 'Rom', juliet), { type: 'chat' }),
  ]) {
    assert.is((await refusal(() => juliet.messenger.open(shown, seats)))?.code, 'ERR_OPEN');
  }
  const { stanza: whispered } = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  const loud = withAttributes(from(whispered, 'Rom', juliet), { type: 'groupchat' });
  assert.is((await refusal(() => juliet.messenger.open(loud, seats)))?.code, 'ERR_OPEN');
});

test('who is no member any more is not sealed to, and a copy to them does not open', async () => {
  const { romeo, juliet, paris } = await coven('left');
  const sealed = await romeo.messenger.seal(said('x'), { room: ROOM, members: [romeo.jid, juliet.jid] });
  assert.equal(
    sealed.recipients.map(({ jid }) => jid),
    [juliet.jid],
  );
  assert.is((await refusal(() => paris.messenger.open(from(sealed.stanza, 'Rom', paris), seats)))?.code, 'ERR_OPEN');
});

test('one member without keys holds the message up: nobody is left out silently', async () => {
  const { romeo, members } = await coven('no keys');
  const before = await snapshot(romeo);
  const error = await refusal(() =>
    romeo.messenger.seal(said('x'), { room: ROOM, members: [...members, 'witch@coven.example'] }),
  );
  assert.is(error?.code, 'ERR_NO_KEYS');
  assert.match(error?.message ?? '', 'witch@coven.example');
  assert.is(await snapshot(romeo), before);
});

test('members named twice are sealed to once', async () => {
  const { romeo, juliet } = await coven('twice');
  const members = [juliet.jid, 'Juliet@Capulet.example', `${juliet.jid}/balcony`];
  assert.is((await romeo.messenger.seal(said('x'), { room: ROOM, members })).recipients.length, 1);
});

test('the room’s reflection opens on own other devices; on the sending one it is known by its id', async () => {
  const { romeo, juliet, members } = await coven('reflection');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  const sealed = await romeo.messenger.seal(said('x'), { room: ROOM, members });
  const reflected = from(sealed.stanza, 'Rom', romeo);
  const copy = await accepts(tablet, reflected, seats);
  assert.equal([copy.sender.jid, copy.sender.trust], [romeo.jid, 'verified']);
  assert.is((await refusal(() => romeo.messenger.open(reflected, seats)))?.code, 'ERR_OPEN');
});

test('answers in the room renew keys as they do between two', async () => {
  const { romeo, juliet, paris, members } = await coven('answers');
  await introduce(paris, juliet);
  const first = await romeo.messenger.seal(said('one'), { room: ROOM, members });
  await accepts(juliet, from(first.stanza, 'Rom', juliet), seats);
  const answer = await juliet.messenger.seal(said('two'), { room: ROOM, members });
  const classes = answer.recipients.map((one) => [one.jid, one.class]).sort();
  assert.equal(classes, [
    [paris.jid, 'one-time'],
    [romeo.jid, 'reply'],
  ]);
  const julietsSeat = roster({ [`${ROOM}/Jul`]: juliet.jid });
  await accepts(romeo, from(answer.stanza, 'Jul', romeo), julietsSeat);
  const next = await romeo.messenger.seal(said('three'), { room: ROOM, members });
  assert.is(next.recipients.find(({ jid }) => jid === juliet.jid)?.class, 'reply');
});

test.run();
