/**
 * What an archive sees of a stanza without any key. A pure function of octets: it may run anywhere.
 * @module
 */
import {
  BASE64,
  type CryptoProvider,
  chain,
  fromUtf8,
  type MaybePromise,
  type ObjectLimits,
  STANZA_KINDS,
  type StanzaKind,
  toUtf8,
} from '@stanzaseal/cms';
import { type ReadObject, readObjectAtOnce, recipientsOf } from '@stanzaseal/envelope';
import {
  attribute,
  bareJid,
  childrenOf,
  NS,
  readXml,
  stanzaKind,
  stanzaType,
  XML_LIMITS,
  type XmlElement,
  type XmlLimits,
} from '@stanzaseal/stanza';
import type { Shell } from '../evidence/index.js';
import { cutIntoPool } from '../evidence/recipientInfos.js';
import { carriedStanza } from './carriedStanza.js';
import { contentDigest } from './contentDigest.js';

/** Somebody's address as stanzas have it. */
export interface Peer {
  /** Bare JID, normalised. */
  readonly bare: string;
  /** Resource as it is written; `''` for none. */
  readonly resource: string;
}

/** What every stanza has, good or not. */
interface Described {
  /** What a stanza has in common with its copies, and no other stanza has. Of a sealed one, the object from behind its recipients; of others 32 octets. */
  readonly identity: Uint8Array;
}

/** A stanza with a sealed object, its structure and addresses checked. */
export interface SealedDescription extends Described {
  readonly form: 'sealed';
  readonly kind: StanzaKind;
  readonly type: string;
  readonly peer: Peer;
  /** The stanza's text around the base64. */
  readonly shell: Shell;
  /** DER of the object, an empty set in place of its RecipientInfos. */
  readonly object: Uint8Array;
  /** DER of the RecipientInfos. */
  readonly recipientInfos: Uint8Array;
  /** To which keys it is sealed. */
  readonly rKeyIds: readonly Uint8Array[];
}

/** Any other stanza. */
export interface PlainDescription extends Described {
  readonly form: 'plain';
  readonly kind: StanzaKind;
  readonly type: string;
  readonly peer: Peer;
  /** UTF-8 octets. */
  readonly object: Uint8Array;
}

/** What is no good stanza: kept as it came, with the reason. */
export interface QuarantinedDescription extends Described {
  readonly form: 'quarantined';
  /** For people. */
  readonly reason: string;
  /** The octets. */
  readonly object: Uint8Array;
}

/** What was seen. */
export type Description = SealedDescription | PlainDescription | QuarantinedDescription;

/** What describing needs. */
export interface DescribeParameters {
  /** Bare JID, normalised, of the account or room in whose archive it goes. */
  readonly owner: string;
  /** Limits on the XML; `XML_LIMITS` if absent. */
  readonly xmlLimits?: XmlLimits;
  /** Limits on the object. */
  readonly objectLimits?: ObjectLimits;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/**
 * Describes a stanza by its octets or text: never a throw for what they hold. A carbon copy to the owner is the stanza that it carries.
 * @example
 * const description = await describeStanza(octets, { owner: 'juliet@capulet.example', crypto });
 */
export async function describeStanza(
  stanza: Uint8Array | string,
  parameters: DescribeParameters,
): Promise<Description> {
  return describeAtOnce(stanza, parameters);
}

/** As `describeStanza`, and without a promise where the provider computes at once. */
export function describeAtOnce(stanza: Uint8Array | string, parameters: DescribeParameters): MaybePromise<Description> {
  const { xmlLimits = XML_LIMITS, crypto } = parameters;
  const quarantined = (error: unknown): MaybePromise<Description> => {
    if (!(error instanceof Malformed)) throw error;
    const object = octetsOf(stanza);
    return chain(crypto.sha256(object), (identity) => ({
      form: 'quarantined',
      reason: error.message,
      object,
      identity,
    }));
  };
  try {
    if (stanza.length > xmlLimits.octets) throw new Malformed('longer than the limit');
    const text = typeof stanza === 'string' ? stanza : because('not UTF-8', () => fromUtf8(stanza));
    const root = because('not well-formed XML of a stanza', () =>
      readXml(text, xmlLimits, { defaultNamespace: NS.CLIENT }),
    );
    const carried = because(UNWRITABLE, () => carriedStanza(root, parameters.owner));
    const described =
      carried === undefined
        ? describe(text, stanza, root, parameters)
        : describe(carried.text, carried.text, carried.stanza, parameters);
    return described instanceof Promise ? described.catch(quarantined) : described;
  } catch (error) {
    return quarantined(error);
  }
}

/** A reason for quarantine. */
class Malformed extends Error {}

/** Long namespace names that thousands of elements share by a prefix would be written for each of them (H3). */
const UNWRITABLE = 'too long when written without prefixes';

function because<T>(reason: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Malformed(reason);
  }
}

function describe(
  text: string,
  stanza: Uint8Array | string,
  root: XmlElement,
  { owner, objectLimits, crypto }: DescribeParameters,
): MaybePromise<Description> {
  const kind = stanzaKind(root);
  if (kind === undefined || !STANZA_KINDS.includes(kind)) throw new Malformed('not a message, presence or iq');
  const type = stanzaType(root, kind);
  const [from, to] = because('an address that is none', () => [addressOf(root, 'from'), addressOf(root, 'to')]);
  const peer = peerOf(owner, type, from, to);
  const sealed = childrenOf(root, NS.SEALED, 'sealed');
  // A bounce carries its sender's object back and is its own server's word about it.
  if (sealed.length === 0 || type === 'error') {
    const digest = because(UNWRITABLE, () => contentDigest(root, from?.bare ?? owner, to?.bare ?? owner, crypto));
    return chain(digest, (identity) => ({ form: 'plain', kind, type, peer, object: octetsOf(stanza), identity }));
  }
  const base64 = base64Of(sealed);
  const at = placeOf(base64, text);
  if (at < 0) throw new Malformed('a sealed object written with references');
  // Else one of them stayed in the shell as it came, whatever is wrapped anew or erased.
  if (text.includes(base64, at + base64.length)) throw new Malformed('a sealed object that stands there twice');
  const der = decoded(base64, crypto);
  return chain(objectOf(der, crypto, objectLimits), (object): SealedDescription => {
    const { kind: signedKind, type: signedType, from: signedFrom, to: signedTo } = object.clearContext.value;
    const signed = { from: signedFrom, to: signedTo };
    if (kind !== signedKind || type !== signedType || !agree(signed, type, from, to))
      throw new Malformed('a sealed object of another stanza');
    const shell = { before: text.slice(0, at), after: text.slice(at + base64.length) };
    const { object: cut, recipientInfos } = cutIntoPool(der);
    const identity = object.data.afterRecipientInfos;
    return {
      form: 'sealed',
      kind,
      type,
      peer,
      shell,
      identity,
      object: cut,
      recipientInfos,
      rKeyIds: recipientsOf(object),
    };
  });
}

function objectOf(der: Uint8Array, crypto: CryptoProvider, limits: ObjectLimits | undefined): MaybePromise<ReadObject> {
  const refused = () => new Malformed('a sealed object of another structure');
  try {
    const object = readObjectAtOnce(der, limits === undefined ? { crypto } : { crypto, limits });
    return object instanceof Promise ? object.catch(() => Promise.reject(refused())) : object;
  } catch {
    throw refused();
  }
}

/** Canonical base64 (F13), by the provider where it has a reader of its own. */
function decoded(base64: string, crypto: CryptoProvider): Uint8Array {
  return because('a sealed object that is no canonical base64', () => (crypto.base64 ?? BASE64).decode(base64));
}

/** Where one text stands first in another. A long one that is there is found by its beginning, and compared as a piece of the other: in a hundredth of the time that the runtime takes to search for it, or to say that the other goes on with it. */
function placeOf(long: string, text: string): number {
  const at = text.indexOf(long.slice(0, 32));
  return at >= 0 && text.slice(at, at + long.length) === long ? at : text.indexOf(long);
}

function octetsOf(stanza: Uint8Array | string): Uint8Array {
  return typeof stanza === 'string' ? toUtf8(stanza) : stanza;
}

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

/** The addresses that were sealed are those of the stanza, or of the room that passed it on. */
function agree(
  signed: { readonly from: string; readonly to: string },
  type: string,
  from: Peer | undefined,
  to: Peer | undefined,
): boolean {
  if (type === 'groupchat' && from?.bare === signed.to) return true;
  return (from === undefined || from.bare === signed.from) && (to === undefined || to.bare === signed.to);
}
