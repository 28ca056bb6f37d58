/**
 * What leaves, on a real server, whichever it is: keys that strangers read, an outbox through a server that dies, rooms of members.
 */
import { publicKeyFromRaw, toBase64, toHex } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import {
  createAccount,
  createJoiningDevice,
  createKeyStore,
  createMemoryStorage,
  type KeyStoreStorage,
} from '@stanzaseal/keystore';
import { admitDevice, continueAsNewDevice, listedDevices, revokeDevice } from '@stanzaseal/messenger/devices';
import { element, NS } from '@stanzaseal/stanza';
import { chat } from '@stanzaseal/testkit';
import {
  connectClient,
  type Element,
  needing,
  sleep,
  type TestClient,
  type XmppServer,
  xml,
} from '@stanzaseal/testkit/servers';
import * as assert from 'uvu/assert';
import type { XmppEvent } from '../../src/index.js';
import { NODES } from '../../src/keys/nodes.js';
import { type Actor, type ActorOptions, actorOver, anotherDevice, createActor } from './actors.js';

/** Where scenarios run. */
export interface Scene {
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly program: 'prosody' | 'ejabberd';
  readonly server: () => XmppServer;
}

const crypto = createCryptoProvider();
const PRESENCE = element(NS.CLIENT, 'presence');
const PUBSUB = 'http://jabber.org/protocol/pubsub';

async function stop(...actors: Actor[]): Promise<void> {
  await Promise.all(actors.map(({ connection }) => connection.stop()));
}

/** What somebody reads of a node, as base64 by item id. */
async function read(client: TestClient, to: string, node: string): Promise<Map<string, string>> {
  const answer = await client.request(
    xml('iq', { type: 'get', to }, xml('pubsub', { xmlns: PUBSUB }, xml('items', { node }))),
  );
  const items = answer.getChild('pubsub', PUBSUB)?.getChild('items')?.getChildren('item') ?? [];
  return new Map(items.map((item: Element) => [String(item.attrs.id), (item.children[0] as Element).text()]));
}

async function versionKnownTo(actor: Actor, jid: string): Promise<number> {
  return (await actor.store.get('contacts', jid))?.listVersion ?? 0;
}

async function makeAccount(storage: KeyStoreStorage, owner: string): Promise<void> {
  await createKeyStore(storage, await createAccount({ owner, random, clock: Date.now, crypto }));
}

/** A new device's request to be admitted. */
async function anotherKey({ jid, store }: Actor): Promise<Uint8Array> {
  const { identity } = (await store.get('account', 'self')) ?? {};
  const key = await publicKeyFromRaw('Ed25519', identity as Uint8Array, crypto);
  return (await createJoiningDevice({ owner: jid, identity: key, random, clock: Date.now, crypto })).request;
}

async function waitUntil(what: string, holds: () => Promise<boolean>, patience = 20_000): Promise<void> {
  for (const end = Date.now() + patience; !(await holds()); await sleep(50))
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
}

/** The text of a form with one field beside its type. */
function form(type: string, field: string, value: string): Element {
  return xml(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    xml('field', { var: 'FORM_TYPE', type: 'hidden' }, xml('value', {}, type)),
    xml('field', { var: field }, xml('value', {}, value)),
  );
}

/** Adds scenarios of keys. */
export function addKeyTests({ test, program, server }: Scene): void {
  const here = (user: string, options: ActorOptions = {}): Promise<Actor> =>
    createActor(server(), `k${user}`, { presence: false, ...options });
  const scenario = (name: string, body: () => Promise<void>): void => {
    test(`${program}: ${name}`, needing([program], body));
  };
  const stranger = async (user: string): Promise<TestClient> => {
    await server().register(user);
    return connectClient(server(), { username: user });
  };

  scenario('T10, T11: a stranger reads the list and the bundle of each device', async () => {
    const phone = await here('open');
    await phone.connection.start();
    const tablet = await anotherDevice(server(), phone, { presence: false });
    await tablet.connection.start();
    const mallory = await stranger('kstranger');
    const lists = await read(mallory, phone.jid, NODES.DEVICES);
    assert.equal([...lists.keys()], ['current']);
    const bundles = await read(mallory, phone.jid, NODES.BUNDLES);
    const devices = (await listedDevices(phone.messenger)).map(({ device }) => toHex(device));
    assert.equal([...bundles.keys()].sort(), devices.sort());
    await stop(phone, tablet);
    await mallory.stop();
  });

  scenario('T10: nodes that contacts alone could read, with one item, are opened and widened', async () => {
    await server().register('kclosed');
    const before = await connectClient(server(), { username: 'kclosed' });
    for (const node of [NODES.DEVICES, NODES.BUNDLES]) {
      const create = xml('pubsub', { xmlns: PUBSUB }, xml('create', { node }));
      await before.request(xml('iq', { type: 'set' }, create));
    }
    await before.stop();
    const storage = createMemoryStorage();
    const owner = `kclosed@${server().domain}`;
    await makeAccount(storage, owner);
    const phone = await actorOver(server(), storage, 'kclosed', { presence: false });
    await phone.connection.start();
    const tablet = await anotherDevice(server(), phone, { presence: false });
    await tablet.connection.start();
    const mallory = await stranger('kmallory');
    assert.is((await read(mallory, owner, NODES.DEVICES)).size, 1);
    assert.is((await read(mallory, owner, NODES.BUNDLES)).size, 2);
    // Somebody closes it again.
    const owned = 'http://jabber.org/protocol/pubsub#owner';
    const access = form('http://jabber.org/protocol/pubsub#node_config', 'pubsub#access_model', 'whitelist');
    const close = xml('pubsub', { xmlns: owned }, xml('configure', { node: NODES.DEVICES }, access));
    await phone.client.iqCaller.request(xml('iq', { type: 'set' }, close));
    assert.is(
      await read(mallory, owner, NODES.DEVICES).then(
        () => 'read',
        () => 'refused',
      ),
      'refused',
    );
    await phone.connection.publish();
    assert.is((await read(mallory, owner, NODES.DEVICES)).size, 1);
    await stop(phone, tablet);
    await mallory.stop();
  });

  scenario('T12: two primary devices that change the list at the same time come to one list', async () => {
    const phone = await here('race', { presence: PRESENCE });
    await phone.connection.start();
    const desk = await actorOver(server(), createMemoryStorage(await phone.storage.load()), 'krace');
    await admitDevice(desk.messenger, (await continueAsNewDevice(desk.messenger)).request);
    await desk.connection.start();
    await phone.connection.publish();
    assert.is((await listedDevices(phone.messenger)).length, 2);
    // Each changes the list on top of the same one, and neither has heard of the other.
    const [one, other] = [await anotherKey(phone), await anotherKey(desk)];
    await admitDevice(phone.messenger, one);
    await admitDevice(desk.messenger, other);
    await Promise.all([phone.connection.publish(), desk.connection.publish()]);
    const listOf = async ({ store }: Actor): Promise<string> =>
      toBase64((await store.get('account', 'self'))?.deviceList ?? new Uint8Array());
    const mallory = await stranger('kobserver');
    const agree = async (): Promise<boolean> => {
      const published = (await read(mallory, phone.jid, NODES.DEVICES)).get('current');
      const { forkedList } = (await phone.store.get('account', 'self')) ?? {};
      return forkedList === undefined && published === (await listOf(phone)) && published === (await listOf(desk));
    };
    await waitUntil('one list', agree, 60_000);
    const states = (await listedDevices(phone.messenger)).filter(({ state }) => state === 'listed');
    assert.ok(states.length >= 2 && states.some(({ isThis }) => isThis));
    await stop(phone, desk);
    await mallory.stop();
  });

  scenario('a contact who is online hears of a new list and of a revocation', async () => {
    const [romeo, juliet] = [
      await here('notified', { presence: PRESENCE }),
      await here('notifier', { presence: PRESENCE }),
    ];
    await Promise.all([romeo.connection.start(), juliet.connection.start()]);
    await romeo.connection.keysOf(juliet.jid);
    for (const type of ['subscribe', 'subscribed']) {
      await romeo.client.send(xml('presence', { to: juliet.jid, type }));
      await juliet.client.send(xml('presence', { to: romeo.jid, type }));
      await sleep(300);
    }
    const version = await versionKnownTo(romeo, juliet.jid);
    const tablet = await anotherDevice(server(), juliet, { presence: false });
    await waitUntil('the new list', async () => (await versionKnownTo(romeo, juliet.jid)) > version);
    const lost = (await listedDevices(juliet.messenger)).find(({ isThis }) => !isThis);
    const { revocation } = await revokeDevice(juliet.messenger, lost?.device as Uint8Array);
    await juliet.connection.announce([revocation]);
    await romeo.until(() => romeo.told.some(({ kind }) => kind === 'device-revoked'));
    await stop(romeo, juliet, tablet);
  });

  scenario('a device that is online answers for its account where the server has nothing', async () => {
    const juliet = await here('answers', { presence: PRESENCE });
    await juliet.connection.start();
    const romeo = await stranger('kasks');
    const request = xml(
      'iq',
      { type: 'get', to: String(juliet.client.jid) },
      xml('keys', { xmlns: 'urn:xmpp:sealed:0' }),
    );
    const keys = (await romeo.request(request)).getChild('keys', 'urn:xmpp:sealed:0');
    const { deviceList, bundle } = (await juliet.store.get('account', 'self')) ?? {};
    assert.is(keys?.getChildText('devices'), toBase64(deviceList as Uint8Array));
    assert.is(keys?.getChildText('bundle'), toBase64(bundle as Uint8Array));
    await stop(juliet);
    await romeo.stop();
  });
}

/** Adds scenarios of the outbox. They restart the server. */
export function addOutboxTests({ test, program, server }: Scene): void {
  test(
    `${program}: a server that dies in mid-conversation loses nothing: all of it arrives once, in order`,
    needing([program], async () => {
      const login = { reconnect: true };
      const [romeo, juliet] = [
        await createActor(server(), 'oromeo', { login }),
        await createActor(server(), 'ojuliet', { login }),
      ];
      for (const { client } of [romeo, juliet]) client.reconnect.delay = 300;
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await romeo.say(juliet, '0');
      await juliet.say(romeo, '0');
      const texts = Array.from({ length: 41 }, (_, i) => `${i}`);
      for (const text of texts.slice(1)) {
        await Promise.all([
          romeo.connection.send(chat(text, { to: juliet.jid })),
          juliet.connection.send(chat(text, { to: romeo.jid })),
        ]);
        if (text === '10') await server().kill();
        if (text === '20') void server().restart();
        if (Number(text) >= 10) await sleep(50);
      }
      for (const one of [romeo, juliet]) await one.until(() => one.messages.length >= texts.length, 60_000);
      await sleep(500);
      assert.equal([romeo.texts(), juliet.texts()], [texts, texts]);
      for (const { connection } of [romeo, juliet]) assert.equal(connection.outbox.pending(), []);
      await stop(romeo, juliet);
    }),
  );

  test(
    `${program}: what was taken by a process that died leaves with the next`,
    needing([program], async () => {
      const [romeo, juliet] = [await createActor(server(), 'odied'), await createActor(server(), 'oalive')];
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await romeo.say(juliet, '0');
      romeo.drop();
      await romeo.until(() => romeo.events.some(({ kind }) => kind === 'offline'));
      for (const text of ['1', '2', '3']) await romeo.connection.send(chat(text, { to: juliet.jid }));
      const again = await actorOver(server(), createMemoryStorage(await romeo.storage.load()), 'odied');
      assert.is(again.connection.outbox.pending().length <= 3, true);
      await again.connection.start();
      await juliet.until(() => juliet.messages.length >= 4);
      assert.equal(juliet.texts(), ['0', '1', '2', '3']);
      await stop(romeo, again, juliet);
    }),
  );
}

/** Adds scenarios of rooms. */
export function addRoomTests({ test, program, server }: Scene): void {
  const here = (user: string, options: ActorOptions = {}): Promise<Actor> => createActor(server(), `r${user}`, options);
  const scenario = (name: string, body: () => Promise<void>): void => {
    test(`${program}: ${name}`, needing([program], body));
  };
  const said = (to: string, body: string) => chat(body, { to, type: 'groupchat' });
  const roomNamed = (name: string): string => `${name}@${server().roomsDomain}`;

  scenario(
    'a room of three, one of them not there: live, from the archive, and a member who is none any more',
    async () => {
      const [romeo, juliet, paris] = [await here('romeo'), await here('juliet'), await here('paris')];
      await Promise.all([romeo, juliet, paris].map(({ connection }) => connection.start()));
      await paris.connection.stop();
      const room = roomNamed('coven');
      await romeo.connection.rooms.create(room, 'rom', [juliet.jid, paris.jid]);
      await juliet.connection.rooms.join(room, 'jul');
      for (const { connection } of [romeo, juliet])
        assert.equal([...connection.rooms.members(room)].sort(), [romeo.jid, juliet.jid, paris.jid].sort());
      await romeo.connection.send(said(room, 'When shall we meet again?'));
      await juliet.until(() => juliet.messages.length === 1);
      const [message] = juliet.messages;
      assert.equal(
        [message?.room, message?.plain === false && message.sender.jid, message?.isOwn, message?.via],
        [room, romeo.jid, false, 'live'],
      );
      await juliet.connection.send(said(room, 'In thunder'));
      await romeo.until(() => romeo.messages.length === 1);
      for (const one of [romeo, juliet]) {
        await one.until(() => one.connection.outbox.pending().length === 0, 5000);
        assert.is(
          one.messages.some(({ isOwn }) => isOwn),
          false,
          'what came back is a receipt',
        );
      }
      // Paris comes later: the room's archive has it all, and says who sat where.
      await romeo.connection.rooms.leave(room);
      const later = await actorOver(server(), paris.storage, 'rparis');
      await later.connection.start();
      await later.connection.rooms.join(room, 'par');
      await later.until(() => later.messages.length === 2);
      assert.equal(later.texts(), ['When shall we meet again?', 'In thunder']);
      assert.equal(
        later.messages.map((one) => one.plain === false && [one.sender.jid, one.via]),
        [
          [romeo.jid, 'archive'],
          [juliet.jid, 'archive'],
        ],
      );
      // And is thrown out while he is away.
      await later.connection.rooms.leave(room);
      await romeo.connection.rooms.join(room, 'rom');
      await romeo.connection.rooms.setAffiliation(room, later.jid, 'none');
      const id = toHex((await romeo.connection.send(said(room, 'without Paris'))) as Uint8Array);
      await juliet.until(() => juliet.messages.length === 2);
      const isSent = (event: XmppEvent): boolean => event.kind === 'sent' && toHex(event.messageId) === id;
      await romeo.until(() => romeo.events.some(isSent));
      const sent = romeo.events.find(isSent);
      const readers = sent?.kind === 'sent' ? sent.sealed?.recipients.map(({ jid }) => jid) : undefined;
      assert.equal(readers, [juliet.jid]);
      await stop(romeo, juliet, later);
    },
  );

  scenario('a member who is no admin hears of who was added and removed, in the room and out of it', async () => {
    const [romeo, juliet, paris] = [await here('admin'), await here('member'), await here('third')];
    await Promise.all([romeo, juliet, paris].map(({ connection }) => connection.start()));
    const room = roomNamed('changing');
    await romeo.connection.rooms.create(room, 'rom', [juliet.jid]);
    await juliet.connection.rooms.join(room, 'jul');
    assert.is(
      await paris.connection.rooms.join(room, 'par').then(
        () => '',
        ({ code }) => code,
      ),
      'ERR_REFUSED',
    );
    await romeo.connection.rooms.setAffiliation(room, paris.jid, 'member');
    await paris.connection.rooms.join(room, 'par');
    await juliet.until(() => juliet.connection.rooms.members(room).includes(paris.jid));
    await juliet.connection.send(said(room, 'one'));
    await paris.until(() => paris.messages.length === 1);
    await romeo.connection.rooms.setAffiliation(room, paris.jid, 'none');
    await juliet.until(() => !juliet.connection.rooms.members(room).includes(paris.jid));
    await paris.until(() => paris.events.some((event) => event.kind === 'room-left' && event.reason === 'no-member'));
    await juliet.connection.send(said(room, 'two'));
    await romeo.until(() => romeo.messages.length === 2);
    assert.equal([romeo.texts(), paris.texts()], [['one', 'two'], ['one']]);
    await stop(romeo, juliet, paris);
  });

  scenario('a room that is open to everybody is joined, and nothing is sealed to it', async () => {
    const romeo = await here('alone');
    await romeo.connection.start();
    const room = roomNamed('open');
    // The server's own configuration: anybody may enter.
    await romeo.connection.rooms.join(room, 'rom');
    const config = 'http://jabber.org/protocol/muc#owner';
    const instant = xml('query', { xmlns: config }, xml('x', { xmlns: 'jabber:x:data', type: 'submit' }));
    await romeo.client.iqCaller.request(xml('iq', { type: 'set', to: room }, instant));
    await romeo.connection.send(said(room, 'x'));
    await romeo.until(() => romeo.events.some(({ kind }) => kind === 'held'));
    const held = romeo.events.find((event) => event.kind === 'held');
    assert.is(held?.kind === 'held' && (held.cause as { code: string }).code, 'ERR_ROOM');
    await stop(romeo);
  });

  scenario(
    'after a lost connection rooms are joined again, and what was said meanwhile arrives both ways',
    async () => {
      const login = { reconnect: true };
      const [romeo, juliet] = [await here('again', { login }), await here('stays')];
      romeo.client.reconnect.delay = 300;
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      const room = roomNamed('lost');
      await romeo.connection.rooms.create(room, 'rom', [juliet.jid]);
      await juliet.connection.rooms.join(room, 'jul');
      await juliet.connection.send(said(room, 'before'));
      await romeo.until(() => romeo.messages.length === 1);
      // No resumption: the server forgets the session.
      romeo.client.streamManagement.id = 'of no session';
      romeo.drop();
      await romeo.until(() => romeo.events.some(({ kind }) => kind === 'offline'));
      await juliet.connection.send(said(room, 'meanwhile'));
      await romeo.connection.send(said(room, 'into the gap'));
      await romeo.until(() => romeo.texts().includes('meanwhile'), 30_000);
      await juliet.until(() => juliet.texts().includes('into the gap'), 30_000);
      assert.equal([romeo.texts(), juliet.texts()], [['before', 'meanwhile'], ['into the gap']]);
      await stop(romeo, juliet);
    },
  );
}
