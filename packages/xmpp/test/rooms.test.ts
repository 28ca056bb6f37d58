// Rooms: sealed to all members and to nobody else, whoever is there; opened by who sits where (T05); nothing where a room hides who reads.

import { fromHex } from '@stanzaseal/cms';
import { attribute, element, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import { accepts, bodyOf, chat, createPerson, createWorld, type Person, refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { XMPP } from '../src/namespaces.js';
import type { RoomEvent } from '../src/rooms/roomEvents.js';
import { createRooms, type Rooms } from '../src/rooms/rooms.js';
import { type KeyDevice, published } from './keyDevices.js';
import { createPepServer } from './pepServer.js';
import { createScriptedRoom, itemOf, type ScriptedRoom, status } from './roomServer.js';
import { idOf, type SendingDevice, sending, told } from './sendingDevices.js';
import { createTimers, settled } from './timers.js';

const test = suite('rooms');
const ROOM = 'coven@chat.shakespeare.example';
const [ROMEO, JULIET, PARIS] = ['romeo@montague.example', 'juliet@capulet.example', 'paris@verona.example'];

interface Stage {
  readonly room: ScriptedRoom;
  readonly romeo: SendingDevice;
  readonly juliet: KeyDevice;
  readonly paris: KeyDevice;
  readonly rooms: Rooms;
  readonly events: RoomEvent[];
  /** The sealed messages that left. */
  written(): XmlElement[];
  say(body: string): Promise<string>;
}

/** Romeo is admin, Juliet and Paris are members; neither of them is there. */
async function stage(seed: string): Promise<Stage> {
  const world = createWorld(seed);
  const server = createPepServer();
  const timers = createTimers(world);
  const juliet = await published(JULIET, world, server, timers);
  const paris = await published(PARIS, world, server, timers);
  const person = await createPerson(ROMEO, world);
  await person.messenger.publish();
  const room = createScriptedRoom(ROOM, { [ROMEO]: 'admin', [JULIET]: 'member', [PARIS]: 'owner' });
  const events: RoomEvent[] = [];
  let rooms: Rooms | undefined;
  const romeo = sending(person, server, {
    timers,
    targetOf: ({ to, members }) =>
      members === undefined ? { target: { to }, isCurrent: () => true } : (rooms as Rooms).target(to),
  });
  room.attach(romeo.link, romeo.link.jid() as string);
  const made = createRooms({
    link: romeo.link,
    clock: () => world.now,
    random: world.random,
    schedule: timers.schedule,
    onEvent: (event) => events.push(event),
    delivered: (id) => romeo.outbox.delivered(id),
  });
  rooms = made;
  romeo.link.onStanza((stanza) => {
    if (stanza.name === 'presence') made.handlePresence(stanza);
    else if (!made.handleMessage(stanza) && attribute(stanza, 'type') === 'error') romeo.outbox.bounced(stanza);
  });
  const said = (body: string): XmlElement => chat(body, { type: 'groupchat' });
  return {
    room,
    romeo,
    juliet,
    paris,
    rooms: made,
    events,
    written: () => romeo.written(),
    async say(body) {
      const id = await romeo.outbox.take(said(body), { room: ROOM, members: made.members(ROOM) });
      await timers.advance(100);
      return idOf(romeo.written().at(-1)) && Buffer.from(id).toString('hex');
    },
  };
}

const kinds = (events: readonly RoomEvent[]): string[] =>
  events.map((event) => (event.kind === 'room-left' ? `${event.kind} ${event.reason}` : event.kind));

/** Texts that a member reads of what was written, as the room passes it on. */
async function reads(
  person: Person,
  stanzas: readonly XmlElement[],
  seats: Readonly<Record<string, string>> = { [`${ROOM}/rom`]: ROMEO },
): Promise<string[]> {
  const texts: string[] = [];
  for (const stanza of stanzas) {
    const passed = withAttributes(stanza, { from: `${ROOM}/rom`, to: person.jid });
    texts.push(bodyOf((await accepts(person, passed, { occupant: (jid) => seats[jid] })).stanza) ?? '');
  }
  return texts;
}

test('what is said is sealed to all members, those who are not there too, and comes back as a receipt', async () => {
  const { rooms, romeo, juliet, paris, events, written, say } = await stage('members');
  await rooms.join(ROOM, 'rom');
  assert.equal([...rooms.members(ROOM)].sort(), [JULIET, PARIS, ROMEO]);
  assert.equal(events.at(-1), { kind: 'room-joined', room: ROOM, hasArchive: true, unfit: undefined });
  await say('When shall we meet again?');
  assert.is(written().length, 1);
  for (const member of [juliet, paris]) assert.equal(await reads(member, written()), ['When shall we meet again?']);
  await settled();
  assert.equal([told(romeo), romeo.outbox.pending()], [['sent'], []]);
  assert.is(rooms.occupant(`${ROOM}/rom`), ROMEO);
});

test('a room that lets in everybody, hides who is there, or does not say who its members are gets nothing', async () => {
  for (const [what, change] of [
    ['open', (room: ScriptedRoom) => (room.features = ['muc_open', 'muc_nonanonymous'])],
    ['semi-anonymous', (room: ScriptedRoom) => (room.features = ['muc_membersonly', 'muc_semianonymous'])],
    ['silent', (room: ScriptedRoom) => (room.hides = ['member'])],
    ['without JIDs', (room: ScriptedRoom) => (room.showsJids = false)],
  ] as const) {
    const { rooms, room, romeo, events, written, say } = await stage(what);
    change(room);
    await rooms.join(ROOM, 'rom');
    const joined = events.at(-1);
    assert.is(joined?.kind === 'room-joined' && (joined.unfit as { code?: string }).code, 'ERR_ROOM', what);
    assert.is((await refusal(() => rooms.target(ROOM)))?.code, 'ERR_ROOM', what);
    await say('x');
    assert.equal([written(), told(romeo)], [[], ['held']], what);
  }
  const { rooms } = await stage('not joined');
  assert.is((await refusal(() => rooms.target(ROOM)))?.code, 'ERR_ROOM');
});

test('who is refused is told, and the room is not joined', async () => {
  const { rooms, room, romeo } = await stage('refused');
  room.refuses = 'registration-required';
  assert.is((await refusal(() => rooms.join(ROOM, 'rom')))?.message, 'refused: registration-required');
  assert.equal(rooms.joined(), []);
  room.refuses = undefined;
  room.isSilent = true;
  const joining = refusal(() => rooms.join(ROOM, 'rom'));
  await romeo.timers.advance(31_000);
  assert.is((await joining)?.code, 'ERR_TIMEOUT');
  const again = refusal(() => rooms.join(ROOM, 'rom'));
  await settled();
  romeo.link.disconnect();
  assert.is((await again)?.code, 'ERR_OFFLINE');
});

test('members who come and go count from the next message on, whether they are there or not', async () => {
  const { rooms, room, paris, juliet, written, say, events } = await stage('changes');
  await rooms.join(ROOM, 'rom');
  room.sit('par', `${PARIS}/desk`);
  await say('one');
  // Paris is thrown out (321), in person.
  room.members.delete(PARIS);
  room.rise('par', [321]);
  assert.not.ok(rooms.members(ROOM).includes(PARIS));
  await say('two');
  // Juliet, who is not there, is a member no more, by the room's word; and then one again.
  room.members.delete(JULIET);
  room.word([itemOf('none', JULIET)]);
  room.members.set(PARIS, 'member');
  room.word([itemOf('member', PARIS)]);
  await say('three');
  assert.equal(await reads(paris, [written()[0], written()[2]] as XmlElement[]), ['one', 'three']);
  assert.equal(await reads(juliet, written().slice(0, 2)), ['one', 'two']);
  assert.is((await refusal(() => reads(paris, written().slice(1, 2))))?.code, 'ERR_OPEN');
  assert.is((await refusal(() => reads(juliet, written().slice(2))))?.code, 'ERR_OPEN');
  const changed = events.filter((event) => event.kind === 'room-members').slice(2);
  assert.equal(
    changed.map(({ added, removed }) => [added, removed]),
    [
      [[], [PARIS]],
      [[], [JULIET]],
      [[PARIS], []],
    ],
  );
});

test('a member who leaves while keys are fetched is not sealed to', async () => {
  const { rooms, room, written, say, romeo } = await stage('race');
  await rooms.join(ROOM, 'rom');
  let asks = 0;
  romeo.link.asked.push = () => {
    // Between the list of members and sealing: the room throws Paris out.
    if (++asks === 1) {
      room.members.delete(PARIS);
      room.word([itemOf('none', PARIS)]);
    }
    return asks;
  };
  await say('x');
  assert.ok(asks > 0, 'keys were fetched');
  assert.is(written().length, 1);
  const sent = romeo.outcomes.find((event) => event.kind === 'sent');
  assert.equal(sent?.kind === 'sent' && sent.sealed?.recipients.map(({ jid }) => jid), [JULIET]);
});

test('a room whose configuration changes is looked at again before the next message', async () => {
  const { rooms, room, written, say, romeo } = await stage('configuration');
  await rooms.join(ROOM, 'rom');
  await say('one');
  room.features = ['muc_membersonly', 'muc_semianonymous'];
  room.word([status(173)]);
  await say('two');
  assert.equal([written().length, told(romeo)], [1, ['sent', 'held']]);
  room.features = ['muc_membersonly', 'muc_nonanonymous'];
  room.word([status(172)]);
  romeo.outbox.flush();
  await romeo.timers.advance(100);
  assert.is(written().length, 2);
});

test('members are asked for again after five minutes: not every server tells of those who are not there', async () => {
  const { rooms, room, romeo, written, say } = await stage('unsaid');
  await rooms.join(ROOM, 'rom');
  room.members.delete(PARIS);
  const asked = room.asked;
  await say('one');
  assert.is(room.asked, asked);
  await romeo.timers.advance(5 * 60_000);
  await say('two');
  assert.ok(room.asked > asked);
  assert.is(rooms.members(ROOM).includes(PARIS), false);
  assert.is(written().length, 2);
});

test('T05: a seat that changes hands is nobody’s but who has it now; the archive says whose it was', async () => {
  const { rooms, room } = await stage('seats');
  await rooms.join(ROOM, 'rom');
  room.sit('jul', `${JULIET}/phone`);
  assert.is(rooms.occupant(`${ROOM}/jul`), JULIET);
  room.rise('jul');
  // What she said before may still be read behind it.
  assert.is(rooms.occupant(`${ROOM}/jul`), JULIET);
  room.sit('jul', `${PARIS}/desk`);
  assert.is(rooms.occupant(`${ROOM}/jul`), PARIS);
  room.rise('jul');
  assert.is(rooms.occupant(`${ROOM}/jul`), undefined, 'two had it: nobody can tell');
  const x = element(XMPP.MUC_USER, 'x', {}, [itemOf('member', `${JULIET}/phone`)]);
  const archived = element(NS.CLIENT, 'message', { from: `${ROOM}/jul`, type: 'groupchat' }, [x]);
  assert.is(rooms.occupant(`${ROOM}/jul`, archived), JULIET);
  assert.is(rooms.occupant(`${ROOM}/nobody`), undefined);
  assert.is(rooms.occupant('other@chat.shakespeare.example/jul'), undefined);
});

test('a new nickname is the same member, for others and for oneself', async () => {
  const { rooms, room, romeo, say } = await stage('nick');
  await rooms.join(ROOM, 'rom');
  const rename = (nick: string, next: string, full: string, own: boolean): void => {
    const codes = [status(303), ...(own ? [status(110)] : [])];
    const x = element(XMPP.MUC_USER, 'x', {}, [itemOf('member', full, next), ...codes]);
    romeo.link.receive(element(NS.CLIENT, 'presence', { from: `${ROOM}/${nick}`, type: 'unavailable' }, [x]));
    room.seats.delete(nick);
    room.sit(next, full);
  };
  room.sit('jul', `${JULIET}/phone`);
  rename('jul', 'juliet', `${JULIET}/phone`, false);
  assert.equal([rooms.occupant(`${ROOM}/juliet`), rooms.members(ROOM).includes(JULIET)], [JULIET, true]);
  rename('rom', 'romeo', romeo.link.jid() as string, true);
  assert.equal(rooms.joined(), [ROOM]);
  await say('x');
  await settled();
  assert.equal(romeo.outbox.pending(), [], 'the reflection of the new seat is known');
});

for (const [reason, codes, content, isFinal] of [
  ['kicked', [307], [], true],
  ['banned', [301], [], true],
  ['no-member', [321], [], true],
  ['no-member', [322], [], true],
  ['destroyed', [], [element(XMPP.MUC_USER, 'destroy', { jid: 'tomb@chat.shakespeare.example' })], true],
  ['lost', [332], [], false],
  ['lost', [307, 333], [], false],
] as const) {
  test(`${reason} (${codes.join(' ')}): ${isFinal ? 'told, and nothing is sealed to it' : 'joined again'}`, async () => {
    const { rooms, room, romeo, events, say, written } = await stage(`${reason} ${codes}`);
    await rooms.join(ROOM, 'rom');
    room.rise('rom', codes, content);
    assert.is(kinds(events).at(-1), `room-left ${reason}`);
    assert.equal(rooms.joined(), []);
    await romeo.timers.advance(60_000);
    assert.equal(rooms.joined(), isFinal ? [] : [ROOM]);
    await say('x');
    assert.is(written().length, isFinal ? 0 : 1);
    if (reason === 'destroyed')
      assert.is((events.at(-1) as { alternate?: string }).alternate, 'tomb@chat.shakespeare.example');
  });
}

test('after a new login rooms are joined again, and what was said meanwhile leaves then', async () => {
  const { rooms, room, romeo, juliet, say, written, events } = await stage('again');
  await rooms.join(ROOM, 'rom');
  romeo.link.disconnect();
  room.seats.clear();
  await say('one');
  assert.is(written().length, 0);
  room.isSilent = true;
  romeo.link.connect();
  await romeo.timers.advance(31_000);
  assert.is(kinds(events).at(-1), 'room-lost');
  room.isSilent = false;
  await romeo.timers.advance(60_000);
  assert.is(kinds(events).at(-1), 'room-joined');
  romeo.outbox.flush();
  await romeo.timers.advance(100);
  assert.equal(await reads(juliet, written()), ['one']);
  // A room that refuses for good is given up.
  room.refuses = 'forbidden';
  romeo.link.disconnect();
  romeo.link.connect();
  await romeo.timers.advance(3_600_000);
  assert.equal(kinds(events).filter((kind) => kind === 'room-lost').length, 2);
  assert.equal(rooms.joined(), []);
});

test('a room that forgot us says so of what we send: it is joined again and the message sent again', async () => {
  const { rooms, room, romeo, juliet, say, written } = await stage('forgotten');
  await rooms.join(ROOM, 'rom');
  room.seats.clear();
  await say('one');
  assert.ok(told(romeo).includes('bounced not-acceptable'));
  await romeo.timers.advance(60_000);
  romeo.outbox.flush();
  await romeo.timers.advance(100);
  assert.equal(rooms.joined(), [ROOM]);
  assert.equal(await reads(juliet, written().slice(-1)), ['one']);
  assert.equal(romeo.outbox.pending(), []);
});

test('only one’s own seat gives a message back, and only what this device sent', async () => {
  const { rooms, room, romeo } = await stage('reflections');
  await rooms.join(ROOM, 'rom');
  room.sit('jul', `${JULIET}/phone`);
  romeo.link.disconnect();
  const id = await romeo.outbox.take(chat('x', { type: 'groupchat' }), { room: ROOM, members: [] });
  const hex = Buffer.from(id).toString('hex');
  const from = (seat: string, name = hex): XmlElement =>
    chat('x', { type: 'groupchat', id: name, from: `${ROOM}/${seat}` });
  assert.is(rooms.handleMessage(from('jul')), false);
  assert.is(rooms.handleMessage(from('rom', 'ff'.repeat(16))), false);
  assert.is(rooms.handleMessage(from('rom', 'abc')), false);
  assert.is(romeo.outbox.pending().length, 1);
  assert.is(rooms.handleMessage(from('rom')), true);
  assert.is(romeo.outbox.pending().length, 0);
  assert.is(rooms.handleMessage(from('rom')), true, 'once more, when it was sent twice');
  assert.is(romeo.outbox.delivered(fromHex(hex)), false);
  assert.is(rooms.handleMessage(chat('x', { from: JULIET })), false);
  assert.is(rooms.handlePresence(element(NS.CLIENT, 'presence', { from: `${JULIET}/phone` })), false);
});

test('a member without an address, or whom no key is known of, holds the message up: nobody is left out silently', async () => {
  const { rooms, room, romeo, written, say } = await stage('nobody');
  await rooms.join(ROOM, 'rom');
  room.members.set('witch@coven.example', 'member');
  room.word([itemOf('member', 'witch@coven.example')]);
  await say('x');
  assert.equal([written(), told(romeo)], [[], ['failed ERR_NO_KEYS']]);
  room.members.delete('witch@coven.example');
  room.members.set('not a jid', 'member');
  room.word([itemOf('none', 'witch@coven.example')]);
  await say('y');
  assert.equal([written(), told(romeo)], [[], ['failed ERR_NO_KEYS', 'held']]);
});

test.run();
