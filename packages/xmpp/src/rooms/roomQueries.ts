/**
 * What is asked of a room: what it is, who its members are; and making one that is fit for sealing.
 * @module
 */
import { attribute, child, childrenOf, element, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XMPP } from '../namespaces.js';
import { XmppError } from '../xmppError.js';
import { MEMBERS, readItems } from './roomPresence.js';

/** What a room is. */
export interface RoomFeatures {
  /** Whether only members enter. */
  readonly isMembersOnly: boolean;
  /** Whether it shows everybody's real JID to everybody. */
  readonly isNonAnonymous: boolean;
  /** Whether it has an archive (XEP-0313). */
  readonly hasArchive: boolean;
}

/** Asks what a room is (XEP-0045 §6.4). @throws XmppError */
export async function fetchFeatures(link: Link, room: string): Promise<RoomFeatures> {
  const answer = await link.query(iq('get', room, element(XMPP.DISCO_INFO, 'query')));
  const query = child(answer, XMPP.DISCO_INFO, 'query');
  const features = query === undefined ? [] : childrenOf(query, XMPP.DISCO_INFO, 'feature');
  const has = (name: string): boolean => features.some((feature) => attribute(feature, 'var') === name);
  return {
    isMembersOnly: has('muc_membersonly'),
    isNonAnonymous: has('muc_nonanonymous'),
    hasArchive: has(NS.MAM),
  };
}

/**
 * Asks for all members, those who are not there included: real bare JID to affiliation (XEP-0045 §9.5, §10.5, §10.8).
 * @throws XmppError `ERR_ROOM` where the room does not say, or names one without an address; those of `Link.query`
 */
export async function fetchMembers(link: Link, room: string): Promise<Map<string, string>> {
  const members = new Map<string, string>();
  const lists = await Promise.all(MEMBERS.map((affiliation) => fetchAffiliation(link, room, affiliation)));
  for (const [at, list] of lists.entries()) {
    for (const { jid } of list) {
      // Nobody is left out without a word: a member whom we cannot name could not read what is said.
      if (jid === undefined) throw new XmppError('ERR_ROOM', 'room has a member without an address');
      if (!members.has(jid)) members.set(jid, MEMBERS[at] as string);
    }
  }
  return members;
}

async function fetchAffiliation(link: Link, room: string, affiliation: string): Promise<ReturnType<typeof readItems>> {
  const item = element(XMPP.MUC_ADMIN, 'item', { affiliation });
  try {
    const answer = await link.query(iq('get', room, element(XMPP.MUC_ADMIN, 'query', {}, [item])));
    const query = child(answer, XMPP.MUC_ADMIN, 'query');
    return query === undefined ? [] : readItems(query);
  } catch (cause) {
    if (!(cause instanceof XmppError) || cause.code !== 'ERR_REFUSED') throw cause;
    throw new XmppError('ERR_ROOM', `room does not say who is ${affiliation}`, { cause });
  }
}

/** What a new room is made with. Every server has names of its own for its archive: those of Prosody and ejabberd. */
const CONFIGURATION: readonly (readonly [field: string, value: string])[] = [
  ['muc#roomconfig_membersonly', '1'],
  ['muc#roomconfig_whois', 'anyone'],
  ['muc#roomconfig_persistentroom', '1'],
  ['muc#roomconfig_publicroom', '0'],
  ['muc#roomconfig_enablearchiving', '1'],
  ['muc#roomconfig_enablelogging', '1'],
  ['mam', '1'],
];

/** Configures an own new room: for members only, with real JIDs, persistent, with an archive where the server has one (XEP-0045 §10.1). @throws XmppError */
export async function configureRoom(link: Link, room: string): Promise<void> {
  const answer = await link.query(iq('get', room, element(XMPP.MUC_OWNER, 'query')));
  const query = child(answer, XMPP.MUC_OWNER, 'query');
  const form = query && child(query, XMPP.DATA, 'x');
  const offered = form === undefined ? [] : childrenOf(form, XMPP.DATA, 'field').map((one) => attribute(one, 'var'));
  const fields = CONFIGURATION.filter(([name]) => offered.includes(name)).map(([name, value]) => field(name, value));
  const head = field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig');
  const submitted = element(XMPP.DATA, 'x', { type: 'submit' }, [head, ...fields]);
  await link.query(iq('set', room, element(XMPP.MUC_OWNER, 'query', {}, [submitted])));
}

/** Gives an account an affiliation: `member`, `none`, ... (XEP-0045 §9). @throws XmppError */
export async function setAffiliation(link: Link, room: string, jid: string, affiliation: string): Promise<void> {
  const item = element(XMPP.MUC_ADMIN, 'item', { affiliation, jid });
  await link.query(iq('set', room, element(XMPP.MUC_ADMIN, 'query', {}, [item])));
}

/** Text of a status or reason in a stanza, for people. */
export function saidIn(stanza: XmlElement): string | undefined {
  const said = child(stanza, NS.CLIENT, 'status');
  return said === undefined ? undefined : textOf(said);
}

function field(name: string, value: string): XmlElement {
  return element(XMPP.DATA, 'field', { var: name }, [element(XMPP.DATA, 'value', {}, [value])]);
}

function iq(type: 'get' | 'set', to: string, payload: XmlElement): XmlElement {
  return element(NS.CLIENT, 'iq', { type, to }, [payload]);
}
