/**
 * A stanza as far as XML goes: whom it is from and to, and where its object stands.
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { STANZA_KINDS, type StanzaKind, toUtf8 } from '@stanzaseal/cms';
import {
  attribute,
  bareJid,
  childrenOf,
  NS,
  readXmlOctets,
  stanzaKind,
  stanzaType,
  type XmlElement,
  type XmlLimits,
} from '@stanzaseal/stanza';
import type { ShellOctets } from '../evidence/entryMeta.js';
import { carriedStanza } from './carriedStanza.js';
import type { Peer } from './description.js';
import { because, Malformed, UNWRITABLE } from './malformed.js';
import { isUnicode, octetsOf } from './unicode.js';

/** A stanza, and in whose archive it goes. */
export interface OwnedStanza {
  /** As it came: octets or text. */
  readonly stanza: Uint8Array | string;
  /** Bare JID of the account or room, normalised. */
  readonly owner: string;
}

/** A stanza that was read; of a carbon copy to its owner, the stanza that it carries. */
export interface ReceivedStanza {
  /** UTF-8 octets. */
  readonly octets: Uint8Array;
  readonly owner: string;
  readonly root: XmlElement;
}

/** What a stanza says of itself. */
export interface SeenStanza extends ReceivedStanza {
  readonly kind: StanzaKind;
  readonly type: string;
  readonly from: Peer | undefined;
  readonly to: Peer | undefined;
  readonly peer: Peer;
  /** Base64 of its object, and what stands around it; none of what has no object. */
  readonly sealed: { readonly base64: string; readonly shell: ShellOctets } | undefined;
}

/** Reads a stanza. @throws Malformed */
export function receiveStanza({ stanza, owner }: OwnedStanza, limits: XmlLimits): ReceivedStanza {
  if (stanza.length > limits.octets) throw new Malformed(TOO_LONG); // also of a text, which has no fewer octets
  const octets = octetsOf(stanza);
  if (octets.length > limits.octets) throw new Malformed(TOO_LONG);
  if (typeof stanza === 'string' && !isUnicode(stanza)) throw new Malformed(NOT_XML); // octets have no half of a pair
  const root = rootOf(octets, limits);
  const carried = because(UNWRITABLE, () => carriedStanza(root, owner));
  if (carried === undefined) return { octets, owner, root };
  const own = toUtf8(carried.text);
  if (own.length > limits.octets) throw new Malformed(UNWRITABLE);
  return { octets: own, owner, root: carried.stanza };
}

function rootOf(octets: Uint8Array, limits: XmlLimits): XmlElement {
  try {
    return readXmlOctets(octets, limits, { defaultNamespace: NS.CLIENT });
  } catch {
    throw new Malformed(isUtf8(octets) ? NOT_XML : 'not UTF-8');
  }
}

const TOO_LONG = 'longer than the limit';
const NOT_XML = 'not well-formed XML of a stanza';

/** Looks at a stanza that was read. @throws Malformed */
export function seeStanza({ octets, owner, root }: ReceivedStanza): SeenStanza {
  const kind = stanzaKind(root);
  if (kind === undefined || !STANZA_KINDS.includes(kind)) throw new Malformed('not a message, presence or iq');
  const type = stanzaType(root, kind);
  const [from, to] = because('an address that is none', () => [addressOf(root, 'from'), addressOf(root, 'to')]);
  const peer = peerOf(owner, type, from, to);
  return { octets, owner, root, kind, type, from, to, peer, sealed: sealedIn(root, type, octets) };
}

function sealedIn(root: XmlElement, type: string, octets: Uint8Array): SeenStanza['sealed'] {
  const sealed = childrenOf(root, NS.SEALED, 'sealed');
  // A bounce carries its sender's object back and is its own server's word about it.
  if (sealed.length === 0 || type === 'error') return undefined;
  const base64 = base64Of(sealed);
  const at = placeOf(base64, Buffer.from(octets.buffer, octets.byteOffset, octets.length));
  return { base64, shell: { before: octets.subarray(0, at), after: octets.subarray(at + base64.length) } };
}

/**
 * Where the base64 stands. Anywhere else not even its beginning does: a copy would stay in the shell as it came, whatever is wrapped anew or erased.
 * Only that beginning is searched for: to search for all of what repeats itself takes as long as its length squared (H3).
 */
function placeOf(base64: string, octets: Buffer): number {
  const beginning = base64.slice(0, BEGINNING);
  const at = octets.indexOf(beginning, 0, 'latin1');
  const end = at + base64.length;
  const isThere = isInSealed(octets, at) && octets.toString('latin1', at, end) === base64;
  if (octets.includes(beginning, isThere ? end : at + 1, 'latin1'))
    throw new Malformed('a sealed object that stands there twice');
  if (!isThere) throw new Malformed('a sealed object written with characters that base64 has not');
  return at;
}

/** Characters that no two objects have in common: the originator's ephemeral key is among them. */
const BEGINNING = 128;

/**
 * Whether what stands at a place is the text of the sealed element. Where that is written with references or in pieces, its letters may stand
 * elsewhere as they are.
 */
function isInSealed(octets: Buffer, at: number): boolean {
  const tag = octets.toString('latin1', octets.lastIndexOf(LESS_THAN, at - 1), at);
  if (tag !== SECTION) return SEALED_TAG.test(tag);
  const end = at - SECTION.length;
  return SEALED_TAG.test(octets.toString('latin1', octets.lastIndexOf(LESS_THAN, end - 1), end));
}

const LESS_THAN = 0x3c;
const SECTION = '<![CDATA[';
/** All of a start tag; a `>` within a value ends none. */
const SEALED_TAG = /^<(?:[^\s:>/]+:)?sealed(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*>$/;

function base64Of([sealed, ...more]: readonly XmlElement[]): string {
  const [text, ...rest] = sealed?.children ?? [];
  if (typeof text !== 'string' || rest.length > 0 || more.length > 0 || sealed?.attributes.length !== 0)
    throw new Malformed('a sealed element of another form');
  return text;
}

function addressOf(root: XmlElement, name: 'from' | 'to'): Peer | undefined {
  const text = attribute(root, name);
  if (text === undefined) return undefined;
  const slash = text.indexOf('/');
  return { bare: bareJid(text), resource: slash < 0 ? '' : text.slice(slash + 1) };
}

/** The other side: of a stanza from the owner whom it is to; an absent address is the owner's (RFC 6120 §8.1). */
function peerOf(owner: string, type: string, from: Peer | undefined, to: Peer | undefined): Peer {
  const self = { bare: owner, resource: '' };
  // A room's own archive: its occupants are its resources.
  if (type === 'groupchat' && from?.bare === owner) return from;
  return from === undefined || from.bare === owner ? (to ?? self) : from;
}
