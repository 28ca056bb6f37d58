/**
 * A connection that seals what goes out and opens what comes in: the parts of this package put together over a client or component of
 * xmpp.js, a messenger and a store.
 * @module
 */
import { fromHex } from '@stanzaseal/cms';
import type { Messenger, Opened } from '@stanzaseal/messenger';
import { listedDevices } from '@stanzaseal/messenger/devices';
import { attribute, bareJid, element, NS, type XmlElement } from '@stanzaseal/stanza';
import { createArrival } from './arrival/arrival.js';
import { createDevicesOnline } from './arrival/devicesOnline.js';
import { createQueries } from './arrival/queries.js';
import type { SealedConnection, SealedOptions } from './connection.js';
import { type Taker, withParts } from './connectionParts.js';
import { answerDisco, withFallback } from './discovery.js';
import { createGatedLink } from './gatedLink.js';
import { createKeyService } from './keys/keyService.js';
import { createLogins, readArchive } from './login.js';
import { createOutbox } from './outbox/outbox.js';
import { objectLimit } from './outbox/size.js';
import { createRoomArchives } from './rooms/roomArchives.js';
import { bareOrNone } from './rooms/roomPresence.js';
import { createRooms } from './rooms/rooms.js';
import { systemSchedule } from './schedule.js';
import { stopEntity } from './stopEntity.js';
import type { XmppEntity } from './xmppEntity.js';
import { XmppError } from './xmppError.js';
import { createXmppLink } from './xmppLink.js';

const STANZA_LIMIT = 262_144;
/** Room around an object: addresses, ids, what servers add. */
const BESIDE = 1024;

/**
 * Makes a sealed connection of a client or component and a messenger. It listens from now on, and does nothing before the client is
 * online: `start()` sees to that.
 * @example
 * const connection = sealed(client({ service, domain, username, password }), messenger, {
 *   store, clock: Date.now, random: systemRandom, onMessage: (message) => history.add(message), onEvent: console.log,
 * });
 * await connection.start();
 * await connection.send(element(NS.CLIENT, 'message', { to: 'juliet@capulet.example', type: 'chat' }, [body]));
 */
export function sealed(entity: XmppEntity, messenger: Messenger, options: SealedOptions): SealedConnection {
  const { store, clock, random, onEvent, plaintext = {}, disco = {}, schedule = systemSchedule } = options;
  const { owner } = messenger;
  const link = createXmppLink(entity, { owner, random });
  const way = createGatedLink(link);
  const stanzaLimit = (): number => link.stanzaLimit() ?? options.stanzaLimit ?? STANZA_LIMIT;
  const devices = createDevicesOnline(link, store, async () => {
    return (await listedDevices(messenger)).find(({ isThis }) => isThis)?.device;
  });
  const common = { messenger, store, clock, random, schedule, onEvent };
  const keys = createKeyService({ ...common, link, resources: devices.resources });
  const outbox = createOutbox({
    ...common,
    link: way,
    keys,
    limit: stanzaLimit,
    dress: (stanza) => withFallback(stanza, options.fallback),
    targetOf: ({ to, members }) =>
      members === undefined ? { target: { to }, isCurrent: () => true } : rooms.target(to),
  });
  const rooms = createRooms({
    link: way,
    clock,
    random,
    schedule,
    delivered: outbox.delivered,
    onEvent(event) {
      onEvent(event);
      roomArchives.take(event);
      // Who could not be sealed to before may be now.
      if (event.kind === 'room-joined') outbox.flush();
    },
  });
  const queries = createQueries({
    link: way,
    messenger,
    devices,
    ensure: (jid) => keys.ensure([jid]),
    onQuery: options.onQuery,
    limit: () => objectLimit(stanzaLimit(), BESIDE),
  });
  const takers = new Set<Taker>();
  const arrival = createArrival({
    ...common,
    takers,
    link,
    onMessage: options.onMessage,
    onPresence: options.onPresence,
    plaintext: plaintext.received ?? 'flag',
    occupant: rooms.occupant,
    onBounce: (stanza) => void outbox.bounced(stanza),
    onOwnCopy: isOfOutbox,
    onAccepted: accepted,
  });
  const logins = createLogins({
    link,
    messenger,
    arrival,
    publish: () => keys.publish(),
    open: way.open,
    reset: devices.reset,
    archive: options.archive ?? 'required',
    presence: options.presence ?? element(NS.CLIENT, 'presence'),
    disco,
    onEvent,
  });
  const roomArchives = createRoomArchives(link, arrival, async (room) => {
    await readArchive({ arrival, onEvent }, room);
  });
  let starting: Promise<unknown> | undefined;
  let stopping: Promise<void> | undefined;
  let tellStopped = (_: XmppError): void => {};
  const stopped = new Promise<never>((_, reject) => {
    tellStopped = reject;
  });
  stopped.catch(() => undefined);
  const ends = [
    disco === false ? () => undefined : answerDisco(link, disco),
    link.onStanza((stanza) => {
      // Who left a room, or a list, is known at once, and not when the application is done with the messages before.
      const isPresence = stanza.name === 'presence';
      if (isPresence ? rooms.handlePresence(stanza) : keys.handleEvent(stanza) || rooms.handleMessage(stanza)) return;
      if (isPresence) devices.take(stanza);
      arrival.take(stanza);
    }),
    logins.close,
    queries.close,
    devices.close,
    roomArchives.close,
    rooms.close,
    outbox.close,
    keys.close,
    link.close,
  ];

  async function stop(): Promise<void> {
    tellStopped(new XmppError('ERR_OFFLINE', 'the connection was stopped'));
    try {
      await stopEntity(entity, starting);
      await arrival.settled();
    } finally {
      for (const end of ends) end();
    }
  }

  function accepted({ class: recipientClass, warnings, sender }: Opened): void {
    if (recipientClass === 'one-time' || recipientClass === 'last-resort') keys.refillSoon();
    if (warnings.some(({ code }) => code === 'sender-list-newer')) keys.stale([sender.jid]);
    if (warnings.some(({ code }) => code === 'own-list-newer')) keys.fetch(owner).catch(() => undefined);
  }

  /**
   * What this device sent is known by its message id, which is the outer id. That a room, or the own account as the peer, has it is the end
   * of it. That the own archive has it is not: a server that died may have kept a copy and passed nothing on.
   */
  function isOfOutbox(stanza: XmlElement): boolean {
    const [id, to] = [attribute(stanza, 'id') ?? '', attribute(stanza, 'to') ?? owner];
    const isEnd = attribute(stanza, 'type') === 'groupchat' || bareOrNone(to) === owner;
    return isEnd && /^[0-9a-f]{32}$/.test(id) && outbox.delivered(fromHex(id));
  }

  async function sendPlain(stanza: XmlElement, to: string): Promise<undefined> {
    const jid = bareJid(to);
    const isPinned = attribute(stanza, 'type') === 'groupchat' || (await store.get('contacts', jid)) !== undefined;
    if (isPinned && plaintext.maySend?.(jid) !== true)
      throw new XmppError('ERR_PLAIN', `${jid} would be sent to in the clear`);
    await way.send(stanza);
  }

  /** What is said in a room while it is joined waits until its archive was read. */
  async function entering(room: string, enter: () => Promise<void>): Promise<void> {
    const jid = bareJid(room);
    roomArchives.expect(jid);
    try {
      await enter();
    } catch (error) {
      roomArchives.give(jid);
      throw error;
    }
  }

  const connection: SealedConnection = {
    owner,
    async start() {
      if (entity.status === 'offline') starting = entity.start();
      await Promise.race([starting, stopped]);
      await Promise.race([logins.first, stopped]);
    },
    stop: () => (stopping ??= stop()),
    async send(stanza, { seal = true, messageId } = {}) {
      const to = attribute(stanza, 'to');
      if (stanza.name !== 'message' || to === undefined) throw new TypeError('stanza is no message to somebody');
      if (!seal) return sendPlain(stanza, to);
      const isRoom = attribute(stanza, 'type') === 'groupchat';
      const target = isRoom ? { room: to, members: rooms.members(to) } : { to };
      return outbox.take(stanza, target, messageId === undefined ? {} : { messageId });
    },
    async presence(stanza) {
      const to = attribute(stanza, 'to');
      if (stanza.name !== 'presence' || to === undefined) throw new TypeError('stanza is no presence to somebody');
      await way.send((await queries.sealTo(stanza, to)).sealed.stanza);
    },
    query: (iq, { timeout } = {}) => queries.query(iq, timeout),
    keysOf: (jid) => keys.fetch(jid, { force: true }),
    publish: (choices) => keys.publish(choices),
    announce: keys.announce,
    catchUp: logins.catchUp,
    takeRequests: arrival.requests,
    outbox,
    rooms: {
      ...rooms,
      join: (room, nick, choices) => entering(room, () => rooms.join(room, nick, choices)),
      create: (room, nick, members) => entering(room, () => rooms.create(room, nick, members)),
    },
  };
  return withParts(connection, { link: way, messenger, takers, resources: devices.resources });
}
