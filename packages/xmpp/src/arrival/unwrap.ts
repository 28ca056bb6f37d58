/**
 * What an incoming message is: itself, a copy of another (XEP-0280), or a result of an archive query (XEP-0313). Who may wrap is
 * decided here; who wrote it is decided by a signature, and by nothing that is read here.
 * @module
 */
import { attribute, bareJid, child, childrenOf, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import type { Via } from './message.js';

/** A message out of its wrapping. */
export interface Arrived {
  /** The message. */
  readonly stanza: XmlElement;
  /** How it came. */
  readonly via: Via;
  /** Whether it is a copy of what this account sent. */
  readonly sentCopy: boolean;
  /** When the server says that it came to it, in ms since 1970. */
  readonly stamp: number | undefined;
  /** Id in the archive, where the archive itself gave it; and the archive's JID. */
  readonly archived: { readonly archive: string; readonly id: string } | undefined;
}

/** A result of an archive query, before it is known whether anybody asked. */
export interface ArchiveResult {
  /** Bare JID of whose archive it is, as the message's sender says. */
  readonly archive: string;
  /** Id of the query. */
  readonly queryid: string | undefined;
  /** What was asked for; `undefined` where the wrapping is none. */
  readonly arrived: Arrived | undefined;
}

/** What an incoming message comes to. */
export type Unwrapped =
  | { readonly kind: 'message'; readonly arrived: Arrived }
  | { readonly kind: 'result'; readonly result: ArchiveResult }
  /** Not believed: somebody else's copy (H9, CVE-2017-5589), or one inside another (H11). */
  | { readonly kind: 'forged'; readonly what: 'carbon' | 'nested' };

/**
 * Takes a message out of its wrapping.
 * @param own bare JID of the account
 */
export function unwrap(message: XmlElement, own: string): Unwrapped {
  const from = bareFrom(message, own);
  const [result] = childrenOf(message, NS.MAM, 'result');
  if (result !== undefined)
    return { kind: 'result', result: archiveResult(result, (from.isBare ? from.bare : undefined) ?? '', own) };
  const [carbon, ...more] = childrenOf(message, NS.CARBONS).filter(
    ({ name }) => name === 'sent' || name === 'received',
  );
  if (carbon === undefined) return { kind: 'message', arrived: itself(message, own) };
  // H9, T14: the own account alone copies, under its bare JID.
  if (more.length > 0 || from.bare !== own || !from.isBare) return { kind: 'forged', what: 'carbon' };
  const forwarded = messageIn(carbon);
  if (forwarded === undefined) return { kind: 'forged', what: 'nested' };
  const sentCopy = carbon.name === 'sent';
  const stanza = sentCopy ? withFrom(forwarded.message, own) : forwarded.message;
  // What is copied is what this account sent, or what it was sent.
  if (bare(attribute(stanza, sentCopy ? 'from' : 'to') ?? own) !== own) return { kind: 'forged', what: 'carbon' };
  const { stamp } = forwarded;
  return {
    kind: 'message',
    arrived: { stanza, via: 'carbon', sentCopy, stamp, archived: sentCopy ? undefined : stanzaId(stanza, own) },
  };
}

function itself(message: XmlElement, own: string): Arrived {
  const from = attribute(message, 'from');
  const archive = attribute(message, 'type') === 'groupchat' && from !== undefined ? bare(from) : own;
  const stamp = ownDelay(message, archive ?? own);
  return {
    stanza: from === undefined ? withFrom(message, own) : message,
    via: stamp === undefined ? 'live' : 'offline',
    sentCopy: from !== undefined && bare(from) === own,
    stamp,
    archived: archive === undefined ? undefined : stanzaId(message, archive),
  };
}

function archiveResult(result: XmlElement, archive: string, own: string): ArchiveResult {
  const [id, queryid] = [attribute(result, 'id'), attribute(result, 'queryid')];
  const forwarded = messageIn(result);
  if (id === undefined || id === '' || forwarded === undefined) return { archive, queryid, arrived: undefined };
  // Some servers leave out `from` of what the account itself sent.
  const isOwnArchive = archive === own;
  const stanza = isOwnArchive ? withFrom(forwarded.message, own) : forwarded.message;
  const sentCopy = isOwnArchive && bare(attribute(stanza, 'from') ?? '') === own;
  const { stamp } = forwarded;
  return { archive, queryid, arrived: { stanza, via: 'archive', sentCopy, stamp, archived: { archive, id } } };
}

/** The one message of the one `<forwarded/>` (XEP-0297), which is itself no copy and no result (H11). */
function messageIn(wrapper: XmlElement): { message: XmlElement; stamp: number | undefined } | undefined {
  const [forwarded, ...more] = childrenOf(wrapper, NS.FORWARD, 'forwarded');
  if (forwarded === undefined || more.length > 0) return undefined;
  const messages = childrenOf(forwarded).filter(({ namespace, name }) => name === 'message' && namespace === NS.CLIENT);
  const [message] = messages;
  if (message === undefined || messages.length > 1) return undefined;
  const isWrapping = ({ namespace, name }: XmlElement): boolean =>
    (namespace === NS.MAM && name === 'result') || (namespace === NS.CARBONS && name !== 'private');
  if (childrenOf(message).some(isWrapping)) return undefined;
  const delay = child(forwarded, NS.DELAY, 'delay');
  return { message, stamp: delay === undefined ? undefined : stampOf(delay) };
}

/**
 * The delay that the own server, or the room, wrote. Servers pass what senders wrote in another's name: believed for a time that is
 * shown, and for nothing else (XEP-0203 §5).
 */
function ownDelay(message: XmlElement, archive: string): number | undefined {
  const domain = archive.slice(archive.indexOf('@') + 1);
  const delay = childrenOf(message, NS.DELAY, 'delay').find((each) => {
    const by = attribute(each, 'from');
    return by === domain || by === archive;
  });
  return delay === undefined ? undefined : stampOf(delay);
}

/**
 * The id in the archive, where one `<stanza-id/>` in the archive's name stands alone. Servers that do not take away what senders wrote
 * add their own behind it: of two, either may be forged, and neither is believed (H14).
 */
function stanzaId(message: XmlElement, archive: string): Arrived['archived'] {
  const ids = childrenOf(message, NS.STANZA_ID, 'stanza-id').filter(
    (each) => bare(attribute(each, 'by') ?? '') === archive,
  );
  const id = ids.length === 1 ? attribute(ids[0] as XmlElement, 'id') : undefined;
  return id === undefined || id === '' ? undefined : { archive, id };
}

/** A stanza without `from` is the own account's (RFC 6120 §8.1.2.1). */
function bareFrom(message: XmlElement, own: string): { bare: string | undefined; isBare: boolean } {
  const from = attribute(message, 'from');
  return from === undefined ? { bare: own, isBare: true } : { bare: bare(from), isBare: !from.includes('/') };
}

function withFrom(message: XmlElement, own: string): XmlElement {
  return attribute(message, 'from') === undefined ? withAttributes(message, { from: own }) : message;
}

function stampOf(delay: XmlElement): number | undefined {
  const stamp = Date.parse(attribute(delay, 'stamp') ?? '');
  return Number.isNaN(stamp) ? undefined : stamp;
}

function bare(jid: string): string | undefined {
  try {
    return bareJid(jid);
  } catch {
    return undefined;
  }
}
