/**
 * What a room says of its occupants and members (XEP-0045 §7-§10): in presences, and in messages of its own.
 * @module
 */
import {
  attribute,
  bareJid,
  child,
  childrenOf,
  hasSealed,
  StanzaError,
  textOf,
  type XmlElement,
} from '@stanzaseal/stanza';
import { XMPP } from '../namespaces.js';

/** Affiliations of those whom a members-only room lets in. */
export const MEMBERS: readonly string[] = ['owner', 'admin', 'member'];

/** One item. */
export interface RoomItem {
  /** `owner`, `admin`, `member`, `none`, `outcast`; `undefined` where it is not said. */
  readonly affiliation: string | undefined;
  /** Real bare JID, where the room shows it. */
  readonly jid: string | undefined;
  /** New nickname of who changes it. */
  readonly nick: string | undefined;
}

/** What a stanza of a room says. */
export interface RoomNotice {
  /** Items. */
  readonly items: readonly RoomItem[];
  /** Status codes. */
  readonly codes: ReadonlySet<number>;
  /** Whether the room was destroyed; and which takes its place. */
  readonly destroyed: { readonly alternate: string | undefined } | undefined;
  /** Whether the stanza says anything of this kind. */
  readonly isRoomWord: boolean;
}

/** Reads what a presence or message of a room says in the room's name. */
export function readRoomNotice(stanza: XmlElement): RoomNotice {
  const word = child(stanza, XMPP.MUC_USER, 'x');
  const parts = word === undefined ? [] : childrenOf(word, XMPP.MUC_USER);
  const destroy = parts.find(({ name }) => name === 'destroy');
  return {
    items: parts.filter(({ name }) => name === 'item').map(itemOf),
    codes: new Set(parts.filter(({ name }) => name === 'status').map((part) => Number(attribute(part, 'code')))),
    destroyed: destroy && { alternate: attribute(destroy, 'jid') },
    isRoomWord: word !== undefined,
  };
}

/** The subject that a message sets (XEP-0045 §8.1): it has one, and neither text nor an object. `undefined` for any other message. */
export function subjectIn(stanza: XmlElement): string | undefined {
  const subject = child(stanza, stanza.namespace, 'subject');
  const isMore = child(stanza, stanza.namespace, 'body') !== undefined || hasSealed(stanza);
  return attribute(stanza, 'type') !== 'groupchat' || subject === undefined || isMore ? undefined : textOf(subject);
}

/** The items of an answer to a query of affiliations (XEP-0045 §9.5). */
export function readItems(query: XmlElement): RoomItem[] {
  return childrenOf(query, XMPP.MUC_ADMIN, 'item').map(itemOf);
}

/** The bare JID, normalised; `undefined` for what is none. */
export function bareOrNone(jid: string | undefined): string | undefined {
  try {
    return jid === undefined ? undefined : bareJid(jid);
  } catch (cause) {
    if (cause instanceof StanzaError) return undefined;
    throw cause;
  }
}

function itemOf(item: XmlElement): RoomItem {
  return {
    affiliation: attribute(item, 'affiliation'),
    jid: bareOrNone(attribute(item, 'jid')),
    nick: attribute(item, 'nick'),
  };
}
