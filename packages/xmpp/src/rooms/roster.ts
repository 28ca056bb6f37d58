/**
 * Who is in a room, and whose it is: occupants by their JIDs there, members by their real ones.
 * @module
 */
import { MEMBERS, type RoomNotice } from './roomPresence.js';

/** Occupants who left and are remembered: what they said may still be on its way, or in the archive. */
const PAST = 1000;

/** The roster of one room. */
export interface Roster {
  /** Changes whenever members do. */
  readonly revision: number;
  /** Real bare JIDs of the members with their affiliations. */
  readonly members: ReadonlyMap<string, string>;
  /** Whether the room hides the real JID of somebody who is there. */
  readonly hidesSomebody: boolean;
  /** Whether members are to be asked for anew. */
  isDirty: boolean;
  /** Real bare JID of an occupant's JID; of one who left, where nobody else had that seat. */
  occupant(occupantJid: string): string | undefined;
  /** Takes in who sits where. */
  take(occupantJid: string, notice: RoomNotice, isHere: boolean): void;
  /** Takes in who is a member, from the room's own words. */
  takeMembers(notice: RoomNotice): void;
  /** Puts the members that the room named when it was asked. */
  setMembers(members: ReadonlyMap<string, string>): void;
  /** Forgets who is there: it is joined anew. */
  clear(): void;
}

/** Makes one; `onChange` is called with who became a member and who is none any more. */
export function createRoster(onChange: (added: readonly string[], removed: readonly string[]) => void): Roster {
  const occupants = new Map<string, string | undefined>();
  const past = new Map<string, string | undefined>();
  let members = new Map<string, string>();

  /** An occupant who has left keeps the seat, until somebody else had it too: then nobody can tell. */
  function remember(seat: string, jid: string | undefined): void {
    const known = past.has(seat) ? past.get(seat) : jid;
    past.delete(seat);
    past.set(seat, known === jid ? jid : undefined);
    if (past.size > PAST) past.delete(past.keys().next().value as string);
  }

  function setMember(jid: string, affiliation: string): void {
    const isMember = MEMBERS.includes(affiliation);
    if (members.get(jid) === (isMember ? affiliation : undefined)) return;
    const wasMember = members.has(jid);
    if (isMember) members.set(jid, affiliation);
    else members.delete(jid);
    if (isMember === wasMember) return;
    roster.revision++;
    onChange(isMember ? [jid] : [], isMember ? [] : [jid]);
  }

  const roster = {
    revision: 0,
    isDirty: true,
    get members() {
      return members;
    },
    get hidesSomebody() {
      return [...occupants.values()].includes(undefined);
    },
    occupant: (seat: string) => (occupants.has(seat) ? occupants.get(seat) : past.get(seat)),
    take(seat: string, { items, codes }: RoomNotice, isHere: boolean) {
      const [item] = items;
      const jid = item?.jid ?? occupants.get(seat);
      if (isHere) occupants.set(seat, jid);
      else {
        // Of a new nickname the presence of the new seat follows (XEP-0045 §7.6, 303).
        occupants.delete(seat);
      }
      remember(seat, jid);
      if (jid === undefined || item?.affiliation === undefined) return;
      if (!isHere && codes.has(303)) return;
      setMember(jid, item.affiliation);
    },
    takeMembers({ items }: RoomNotice) {
      for (const { jid, affiliation } of items) {
        if (jid !== undefined && affiliation !== undefined) setMember(jid, affiliation);
      }
    },
    setMembers(named: ReadonlyMap<string, string>) {
      const added = [...named.keys()].filter((jid) => !members.has(jid));
      const removed = [...members.keys()].filter((jid) => !named.has(jid));
      members = new Map(named);
      if (added.length + removed.length === 0) return;
      roster.revision++;
      onChange(added, removed);
    },
    clear() {
      for (const [seat, jid] of occupants) remember(seat, jid);
      occupants.clear();
      roster.isDirty = true;
    },
  };
  return roster;
}
