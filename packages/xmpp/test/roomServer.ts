/**
 * A room for scripted links: what an honest one does, and what the test makes it say.
 */
import { attribute, child, childrenOf, element, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import { XMPP } from '../src/namespaces.js';
import { errorOf, resultOf, type ScriptedLink } from './scriptedLink.js';

/** A room. */
export interface ScriptedRoom {
  readonly jid: string;
  /** Features that it announces. */
  features: string[];
  /** Real bare JID to affiliation. */
  readonly members: Map<string, string>;
  /** Seats: nickname to full JID. */
  readonly seats: Map<string, string>;
  /** Affiliations whose lists it does not give. */
  hides: string[];
  /** Condition with which it answers who enters. */
  refuses: string | undefined;
  /** Whether it lets nobody in and says nothing. */
  isSilent: boolean;
  /** Whether it shows real JIDs in presences. */
  showsJids: boolean;
  /** How often it was asked for a list of members. */
  asked: number;
  /** Called before it answers with a list. */
  onAsk: () => void;
  /** Serves a link of a full JID. */
  attach(link: ScriptedLink, full: string): void;
  /** Somebody takes a seat, or leaves it: everybody is told. */
  sit(nick: string, full: string): void;
  rise(nick: string, codes?: readonly number[], content?: readonly XmlElement[]): void;
  /** Says to everybody in the room's own name. */
  word(content: readonly XmlElement[]): void;
  /** Passes a groupchat message of a seat to everybody. */
  say(nick: string, stanza: XmlElement): void;
}

/** A members-only room that shows real JIDs. */
export function createScriptedRoom(jid: string, members: Readonly<Record<string, string>>): ScriptedRoom {
  const links: { link: ScriptedLink; full: string }[] = [];
  const isIn = (full: string): boolean => [...room.seats.values()].includes(full);
  const tell = (stanza: (full: string) => XmlElement): void => {
    for (const { link, full } of links) if (link.isOnline() && isIn(full)) link.receive(stanza(full));
  };
  const bare = (full: string): string => full.split('/')[0] as string;

  function presence(
    nick: string,
    to: string,
    extra: Readonly<Record<string, string>> = {},
    codes: readonly number[] = [],
  ): XmlElement {
    const full = room.seats.get(nick) ?? '';
    const affiliation = room.members.get(bare(full)) ?? 'none';
    const item = itemOf(affiliation, room.showsJids ? full : undefined, extra.nick);
    const own = to === full ? [...codes, 110] : codes;
    const x = element(XMPP.MUC_USER, 'x', {}, [item, ...own.map(status)]);
    return element(NS.CLIENT, 'presence', { from: `${jid}/${nick}`, to, type: extra.type }, [x]);
  }

  function answer(iq: XmlElement): XmlElement | undefined {
    if (attribute(iq, 'to') !== jid) return undefined;
    if (child(iq, XMPP.DISCO_INFO, 'query') !== undefined) {
      const features = room.features.map((name) => element(XMPP.DISCO_INFO, 'feature', { var: name }));
      return resultOf(iq, element(XMPP.DISCO_INFO, 'query', {}, features));
    }
    const admin = child(iq, XMPP.MUC_ADMIN, 'query');
    if (admin === undefined) return errorOf(iq, 'service-unavailable');
    const affiliation = attribute(childrenOf(admin)[0] as XmlElement, 'affiliation') as string;
    room.asked++;
    const items = [...room.members]
      .filter(([, one]) => one === affiliation)
      .map(([who]) => itemOf(affiliation, who, undefined, XMPP.MUC_ADMIN));
    if (room.hides.includes(affiliation)) return errorOf(iq, 'forbidden');
    room.onAsk();
    return resultOf(iq, element(XMPP.MUC_ADMIN, 'query', {}, items));
  }

  function enter(link: ScriptedLink, full: string, stanza: XmlElement): void {
    const nick = (attribute(stanza, 'to') as string).split('/')[1] as string;
    if (attribute(stanza, 'type') === 'unavailable') return room.rise(nick);
    if (room.isSilent) return;
    if (room.refuses !== undefined) return link.receive(errorOf(withAttributes(stanza, { from: full }), room.refuses));
    for (const seat of room.seats.keys()) if (seat !== nick) link.receive(presence(seat, full));
    room.sit(nick, full);
  }

  const room: ScriptedRoom = {
    jid,
    features: ['muc_membersonly', 'muc_nonanonymous', 'muc_persistent', NS.MAM],
    members: new Map(Object.entries(members)),
    seats: new Map(),
    hides: [],
    refuses: undefined,
    isSilent: false,
    showsJids: true,
    asked: 0,
    onAsk: () => undefined,
    attach(link, full) {
      links.push({ link, full });
      link.serve(answer);
      const { push } = Array.prototype;
      link.sent.push = (...stanzas: XmlElement[]) => {
        for (const stanza of stanzas) {
          const [to, nick] = (attribute(stanza, 'to') ?? '').split('/');
          if (to !== jid) continue;
          if (stanza.name === 'presence') setImmediate(() => enter(link, full, stanza));
          const seat = [...room.seats].find(([, who]) => who === full)?.[0];
          if (stanza.name === 'message' && nick === undefined)
            setImmediate(() =>
              seat === undefined
                ? link.receive(errorOf(withAttributes(stanza, { from: full }), 'not-acceptable'))
                : room.say(seat, stanza),
            );
        }
        return push.apply(link.sent, stanzas);
      };
    },
    sit(nick, full) {
      room.seats.set(nick, full);
      tell((to) => presence(nick, to));
    },
    rise(nick, codes = [], content = []) {
      tell((to) => {
        const stanza = presence(nick, to, { type: 'unavailable' }, codes);
        const [x] = stanza.children as [XmlElement];
        return { ...stanza, children: [{ ...x, children: [...x.children, ...content] }] };
      });
      room.seats.delete(nick);
    },
    word: (content) =>
      tell((to) => element(NS.CLIENT, 'message', { from: jid, to }, [element(XMPP.MUC_USER, 'x', {}, content)])),
    say: (nick, stanza) => tell((to) => withAttributes(stanza, { from: `${jid}/${nick}`, to })),
  };
  return room;
}

/** An item of a room's word. */
export function itemOf(
  affiliation: string,
  jid: string | undefined,
  nick?: string,
  namespace: string = XMPP.MUC_USER,
): XmlElement {
  return element(namespace, 'item', { affiliation, jid, nick });
}

/** A status of a room's word. */
export function status(code: number): XmlElement {
  return element(XMPP.MUC_USER, 'status', { code: String(code) });
}
