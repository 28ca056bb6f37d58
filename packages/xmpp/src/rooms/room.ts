/**
 * One room: entering it, and to whom it is sealed.
 * @module
 */
import type { Clock } from '@stanzaseal/cms';
import { element, NS } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XMPP } from '../namespaces.js';
import type { CurrentTarget } from '../outbox/sealing.js';
import { XmppError } from '../xmppError.js';
import type { LeftReason } from './roomEvents.js';
import type { RoomNotice } from './roomPresence.js';
import { fetchFeatures, fetchMembers, type RoomFeatures } from './roomQueries.js';
import { createRoster, type Roster } from './roster.js';

/** A room that was joined and not left. */
export interface Room {
  /** Its bare JID. */
  readonly jid: string;
  /** Own nickname there. */
  nick: string;
  /** Its password. */
  readonly password: string | undefined;
  /** Who is there, and whose it is. */
  readonly roster: Roster;
  /** Whether we are. */
  isIn: boolean;
  /** What it is; `undefined` where it may have changed. */
  features: RoomFeatures | undefined;
  /** When its members were asked for, in ms since 1970. */
  membersAt: number;
  /** Failed attempts to join it again, in a row. */
  failures: number;
  /** Who waits for it to let us in. */
  entering: { readonly resolve: (notice: RoomNotice) => void; readonly reject: (cause: unknown) => void } | undefined;
}

const JOIN_PATIENCE = 30_000;
/** Members are asked for anew after so long: not every server tells of changes to who is not there. */
const MEMBERS_STALE = 5 * 60_000;

/** A room that is not entered yet. */
export function newRoom(
  jid: string,
  nick: string,
  password: string | undefined,
  onMembers: (added: readonly string[], removed: readonly string[]) => void,
): Room {
  const roster = createRoster(onMembers);
  const nobody = { isIn: false, features: undefined, membersAt: 0, failures: 0, entering: undefined };
  return { jid, nick, password, roster, ...nobody };
}

/**
 * Sends a presence and waits for one's own in return, which comes after everybody else's (XEP-0045 §7.2.2).
 * @param after runs something after so many ms; gives what calls it off
 * @throws XmppError `ERR_REFUSED`, `ERR_TIMEOUT`, `ERR_OFFLINE`
 */
export async function enterRoom(
  room: Room,
  link: Link,
  after: (delay: number, run: () => void) => () => void,
): Promise<RoomNotice> {
  room.entering?.reject(offline());
  room.roster.clear();
  room.isIn = false;
  room.features = undefined;
  let mine: Room['entering'];
  const entered = new Promise<RoomNotice>((resolve, reject) => {
    mine = { resolve, reject };
  });
  room.entering = mine;
  const timeout = new XmppError('ERR_TIMEOUT', `no answer of the room within ${JOIN_PATIENCE} ms`);
  const end = after(JOIN_PATIENCE, () => mine?.reject(timeout));
  const { password } = room;
  const muc = element(XMPP.MUC, 'x', {}, [
    // What was said before comes from the archive, where it has ids.
    element(XMPP.MUC, 'history', { maxstanzas: '0' }),
    ...(password === undefined ? [] : [element(XMPP.MUC, 'password', {}, [password])]),
  ]);
  try {
    // A refusal may come before the write returns.
    entered.catch(() => undefined);
    await link.send(element(NS.CLIENT, 'presence', { to: `${room.jid}/${room.nick}` }, [muc]));
    return await entered;
  } finally {
    end();
    if (room.entering === mine) room.entering = undefined;
  }
}

/**
 * To whom a room is sealed now; it is asked where that may have changed.
 * @throws XmppError `ERR_ROOM`, and those of `Link.query`
 */
export async function roomTarget(room: Room, link: Link, clock: Clock): Promise<CurrentTarget> {
  const { roster, jid } = room;
  if (!room.isIn) throw unfit('room is not joined');
  const features = room.features ?? (await fetchFeatures(link, jid));
  room.features = features;
  if (!features.isMembersOnly) throw unfit('room lets in everybody');
  if (!features.isNonAnonymous) throw unfit('room hides who is in it');
  if (roster.isDirty || room.membersAt + MEMBERS_STALE < clock()) {
    // What is told while we ask makes it dirty again.
    roster.isDirty = false;
    try {
      roster.setMembers(await fetchMembers(link, jid));
      room.membersAt = clock();
    } catch (cause) {
      roster.isDirty = true;
      throw cause;
    }
  }
  if (roster.hidesSomebody) throw unfit('room hides who is in it');
  const { revision } = roster;
  const isCurrent = (): boolean =>
    room.isIn && !roster.isDirty && roster.revision === revision && room.features === features;
  return { target: { room: jid, members: [...roster.members.keys()] }, isCurrent };
}

/** Why the room showed us out (XEP-0045 §15.6.2). */
export function leftReason({ codes, destroyed, items }: RoomNotice): LeftReason {
  if (destroyed !== undefined) return 'destroyed';
  if (codes.has(301) || items[0]?.affiliation === 'outcast') return 'banned';
  if (codes.has(321) || codes.has(322)) return 'no-member';
  // 332: the service goes down; 333: an error on the way, which servers tell with 307 besides.
  if (codes.has(332) || codes.has(333)) return 'lost';
  return codes.has(307) ? 'kicked' : 'lost';
}

/** A room that nothing is sealed to. */
export function unfit(message: string): XmppError {
  return new XmppError('ERR_ROOM', message);
}

/** The connection is down. */
export function offline(): XmppError {
  return new XmppError('ERR_OFFLINE', 'the connection is down');
}
