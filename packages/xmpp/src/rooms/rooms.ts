/**
 * Rooms: joined and joined again; who sits where and who is a member, so that what is said is sealed to all members and to nobody else.
 * @module
 */
import { type Clock, fromHex, type RandomSource } from '@stanzaseal/cms';
import { attribute, bareJid, element, NS, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { refusalIn } from '../openQueries.js';
import type { CurrentTarget } from '../outbox/sealing.js';
import { backOff, type Schedule } from '../schedule.js';
import { XmppError } from '../xmppError.js';
import { enterRoom, leftReason, newRoom, offline, type Room, roomTarget, unfit } from './room.js';
import type { RoomEvent } from './roomEvents.js';
import { bareOrNone, type RoomNotice, readRoomNotice, subjectIn } from './roomPresence.js';
import { configureRoom, saidIn, setAffiliation } from './roomQueries.js';

/** What rooms are made of. */
export interface RoomsParameters {
  /** The connection. */
  readonly link: Link;
  /** Time. */
  readonly clock: Clock;
  /** Randomness, for delays. */
  readonly random: RandomSource;
  /** Timers. */
  readonly schedule: Schedule;
  /** Where events go. */
  readonly onEvent: (event: RoomEvent) => void;
  /** Called with the id of an own message that the room gave back; gives whether it is one that this device sent. */
  readonly delivered: (messageId: Uint8Array) => boolean;
}

/** Rooms that were joined. */
export interface Rooms {
  /**
   * Joins a room and learns its members; it is joined again after each login until it is left.
   * @throws XmppError `ERR_REFUSED` with the room's condition, `ERR_TIMEOUT`, `ERR_OFFLINE`; StanzaError `ERR_ADDRESS`
   */
  join(room: string, nick: string, options?: { readonly password?: string }): Promise<void>;
  /** Makes a room for members alone that shows real JIDs, and joins it. @throws as `join`; XmppError `ERR_ROOM` where there is one of that name */
  create(room: string, nick: string, members: readonly string[]): Promise<void>;
  /** Leaves a room. */
  leave(room: string): Promise<void>;
  /** Gives an account of a room an affiliation: `member`, `admin`, `none`, ... @throws XmppError; StanzaError `ERR_ADDRESS` */
  setAffiliation(room: string, jid: string, affiliation: string): Promise<void>;
  /** Rooms in which we are. */
  joined(): readonly string[];
  /** Real bare JIDs of a room's members, those who are not there included. */
  members(room: string): readonly string[];
  /**
   * To whom a message in a room is sealed now; where members may have changed, the room is asked first.
   * @throws XmppError `ERR_ROOM` for a room that is not joined, lets everybody in, hides real JIDs, or does not say who its members are
   */
  target(room: string): Promise<CurrentTarget>;
  /**
   * Real bare JID of an occupant's JID, for `open`. With the stanza of a room's archive the room's word of that time counts first: seats
   * change hands.
   */
  occupant(occupantJid: string, archived?: XmlElement): string | undefined;
  /** Takes in a presence; gives whether it came from a room that was joined. */
  handlePresence(stanza: XmlElement): boolean;
  /** Takes in a message; gives whether it is done with: the room's own word, or an own message that came back. */
  handleMessage(stanza: XmlElement): boolean;
  /** Ends timers. Nothing is left by it. */
  close(): void;
}

const FIRST_RETRY = 5_000;
const LONGEST_RETRY = 10 * 60_000;
/** Ids of own messages remembered: a room may give one back twice, and only the first time somebody waits for it. */
const REFLECTED = 500;
/** Changed configuration; now non-anonymous; now semi-anonymous; now anonymous (XEP-0045 §10.2.1, §15.6.2). */
const CONFIGURED = [104, 172, 173, 174];
/** What a room says for good (XEP-0045 §7.2). */
const FINAL = ['forbidden', 'registration-required', 'not-authorized', 'not-allowed', 'item-not-found', 'gone'];

/**
 * Makes it.
 * @example
 * const rooms = createRooms({ link, clock: Date.now, random, schedule: systemSchedule, onEvent: console.log, delivered: outbox.delivered });
 * await rooms.join('coven@chat.shakespeare.example', 'thirdwitch');
 * const { target } = await rooms.target('coven@chat.shakespeare.example');
 */
export function createRooms({ link, clock, random, schedule, onEvent, delivered }: RoomsParameters): Rooms {
  const rooms = new Map<string, Room>();
  const timers = new Set<() => void>();
  const reflected = new Set<string>();
  const ends = [
    link.onOnline((resumed) => {
      if (!resumed) for (const room of rooms.values()) void again(room);
    }),
    link.onOffline(() => {
      for (const { entering } of rooms.values()) entering?.reject(offline());
    }),
  ];

  const known = (jid: string): Room | undefined => rooms.get(bareOrNone(jid) ?? '');
  const isOurs = (room: Room): boolean => rooms.get(room.jid) === room;

  function after(delay: number, run: () => void): () => void {
    const end = schedule(() => {
      timers.delete(end);
      run();
    }, delay);
    timers.add(end);
    return () => {
      timers.delete(end);
      end();
    };
  }

  async function enter(room: Room, prepare: (notice: RoomNotice) => Promise<void>): Promise<void> {
    rooms.get(room.jid)?.entering?.reject(offline());
    rooms.set(room.jid, room);
    try {
      await prepare(await enterRoom(room, link, after));
    } catch (cause) {
      if (isOurs(room)) rooms.delete(room.jid);
      throw cause;
    }
    await settle(room);
  }

  async function settle(room: Room): Promise<void> {
    room.isIn = true;
    room.failures = 0;
    const reason = await roomTarget(room, link, clock).then(
      () => undefined,
      (cause) => cause as Error,
    );
    if (!isOurs(room)) return;
    onEvent({ kind: 'room-joined', room: room.jid, hasArchive: room.features?.hasArchive === true, unfit: reason });
  }

  async function again(room: Room): Promise<void> {
    if (!isOurs(room) || room.entering !== undefined || !link.isOnline()) return;
    try {
      await enterRoom(room, link, after);
      await settle(room);
    } catch (cause) {
      if (!isOurs(room) || !(cause instanceof XmppError) || cause.code === 'ERR_OFFLINE') return;
      const isFinal = cause.code === 'ERR_REFUSED' && FINAL.includes(cause.condition ?? '');
      if (isFinal) rooms.delete(room.jid);
      const retryAt = isFinal ? undefined : clock() + againLater(room);
      onEvent({ kind: 'room-lost', room: room.jid, cause, retryAt });
    }
  }

  function againLater(room: Room): number {
    const delay = backOff(random, ++room.failures, FIRST_RETRY, LONGEST_RETRY);
    after(delay, () => room.isIn || void again(room));
    return delay;
  }

  function out(room: Room, stanza: XmlElement, notice: RoomNotice): void {
    room.isIn = false;
    room.roster.clear();
    const reason = leftReason(notice);
    if (reason === 'lost') againLater(room);
    else rooms.delete(room.jid);
    const alternate = notice.destroyed?.alternate;
    onEvent({ kind: 'room-left', room: room.jid, reason, text: saidIn(stanza), alternate });
  }

  /** What this device said comes back, and does not open here; but another own device may sit in the same seat. */
  function isReflection(id: string): boolean {
    if (!/^[\da-f]{32}$/.test(id)) return false;
    if (!delivered(fromHex(id))) return reflected.has(id);
    reflected.add(id);
    if (reflected.size > REFLECTED) reflected.delete(reflected.values().next().value as string);
    return true;
  }

  return {
    async join(jid, nick, { password } = {}) {
      await enter(roomOf(jid, nick, password), async () => undefined);
    },
    async create(jid, nick, members) {
      const room = roomOf(jid, nick, undefined);
      await enter(room, async ({ codes }) => {
        // 201: it was made by this, and is locked until it is configured (XEP-0045 §10.1.1).
        if (!codes.has(201)) throw unfit('there is a room of that name');
        await configureRoom(link, room.jid);
        for (const member of members) await setAffiliation(link, room.jid, bareJid(member), 'member');
      });
    },
    async leave(jid) {
      const room = known(jid);
      if (room === undefined) return;
      rooms.delete(room.jid);
      room.isIn = false;
      onEvent({ kind: 'room-left', room: room.jid, reason: 'left', text: undefined, alternate: undefined });
      if (!link.isOnline()) return;
      await link.send(element(NS.CLIENT, 'presence', { type: 'unavailable', to: `${room.jid}/${room.nick}` }));
    },
    async setAffiliation(jid, member, affiliation) {
      const room = known(jid);
      await setAffiliation(link, bareJid(jid), bareJid(member), affiliation);
      // Not every server says so to who did it.
      if (room !== undefined) room.roster.isDirty = true;
    },
    joined: () => [...rooms.values()].filter(({ isIn }) => isIn).map(({ jid }) => jid),
    members: (jid) => [...(known(jid)?.roster.members.keys() ?? [])],
    async target(jid) {
      const room = known(jid);
      if (room === undefined) throw unfit('room is not joined');
      return roomTarget(room, link, clock);
    },
    occupant(occupantJid, archived) {
      const said = archived && readRoomNotice(archived).items[0]?.jid;
      return said ?? known(occupantJid)?.roster.occupant(occupantJid);
    },
    handlePresence(stanza) {
      const seat = attribute(stanza, 'from') ?? '';
      const room = known(seat);
      if (room === undefined) return false;
      const type = attribute(stanza, 'type');
      if (type === 'error') room.entering?.reject(refusalIn(stanza));
      if ((type !== undefined && type !== 'unavailable') || !seat.includes('/')) return true;
      const notice = readRoomNotice(stanza);
      const isRenaming = notice.codes.has(303);
      room.roster.take(seat, notice, type === undefined);
      if (!notice.codes.has(110) && seat !== `${room.jid}/${room.nick}`) return true;
      // The room may give another nickname than the one asked for (210).
      if (type === undefined) room.nick = seat.slice(seat.indexOf('/') + 1);
      if (type === undefined && notice.codes.has(110)) room.entering?.resolve(notice);
      if (type === 'unavailable' && isRenaming) room.nick = notice.items[0]?.nick ?? room.nick;
      else if (type === 'unavailable') out(room, stanza, notice);
      return true;
    },
    handleMessage(stanza) {
      const from = attribute(stanza, 'from') ?? '';
      const room = known(from);
      if (room === undefined) return false;
      if (attribute(stanza, 'type') === 'error') {
        // A room that does not know us any more says so of what we send it (XEP-0045 §7.4).
        if (refusalIn(stanza).condition === 'not-acceptable' && room.isIn) {
          room.isIn = false;
          againLater(room);
        }
        return false;
      }
      const subject = subjectIn(stanza);
      if (subject !== undefined) {
        onEvent({ kind: 'room-subject', room: room.jid, subject, by: room.roster.occupant(from) });
        return true;
      }
      if (from === `${room.jid}/${room.nick}`) return isReflection(attribute(stanza, 'id') ?? '');
      if (from.includes('/')) return false;
      const notice = readRoomNotice(stanza);
      if (!notice.isRoomWord) return false;
      if (CONFIGURED.some((code) => notice.codes.has(code))) room.features = undefined;
      room.roster.takeMembers(notice);
      // Whatever else the room says of its members: it is asked before anything is sealed.
      room.roster.isDirty = true;
      return true;
    },
    close() {
      for (const end of [...ends, ...timers]) end();
      for (const { entering } of rooms.values()) entering?.reject(offline());
    },
  };

  function roomOf(jid: string, nick: string, password: string | undefined): Room {
    const room = bareJid(jid);
    return newRoom(room, nick, password, (added, removed) => onEvent({ kind: 'room-members', room, added, removed }));
  }
}
