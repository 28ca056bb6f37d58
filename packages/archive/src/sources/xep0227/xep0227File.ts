/**
 * A file of XEP-0227 (portable import and export of server data) as a source: the message archives in it (`urn:xmpp:pie:0#mam`, results of XEP-0313), and
 * messages that waited for their recipients. Accounts, passwords and rosters are not looked at.
 * @module
 */
import {
  attribute,
  bareJid,
  child,
  childrenOf,
  NS,
  StanzaError,
  stanzaKind,
  writeXml,
  XML_LIMITS,
  type XmlElement,
  type XmlLimits,
  XmlTokenizer,
} from '@stanzaseal/stanza';
import type { RefusedItem, Source, SourceItem } from '../source.js';
import { Cutter, type Found } from './cutter.js';
import { type Holder, RESULTS } from './places.js';

/** A file to read. */
export interface Xep0227Options {
  /** Name of the source; of the place in a file nothing is kept where it is `undefined`. It must change when the file does: the place is a number of items. */
  readonly name?: string;
  /** The file's text, in pieces of any length, from its beginning. */
  readonly open: () => AsyncIterable<string>;
  /** Text of a file that this one includes (XInclude), by its `href`: which of them may be read is for the caller to say. Includes are refused where it is absent. */
  readonly include?: (href: string) => AsyncIterable<string>;
  /** On one stanza: `XML_LIMITS`. */
  readonly limits?: XmlLimits;
}

/**
 * A source over a file. What its results do not say (an id, a time) makes them refused items; what is damaged between items is `ERR_XML`.
 * @example
 * await follow(archive, xep0227File({ open: () => createReadStream('capulet.xml', 'utf8') }));
 */
export function xep0227File(options: Xep0227Options): Source {
  const { name, limits = XML_LIMITS } = options;
  return {
    name,
    async *items(after, signal) {
      const skipped = after === undefined ? 0 : Number(after);
      let place = 0;
      const offline = new Map<string, number>();
      for await (const found of itemsOf(options.open(), { place: 'start' }, options, limits, 0)) {
        signal.throwIfAborted();
        const item = described(found, offline);
        if (++place > skipped) yield { ...item, cursor: String(place) };
      }
    },
  };
}

type Item = Extract<Found, { kind: 'item' }>;

/** Includes are a host's and its users': three deep. */
const MAX_INCLUDES = 8;

async function* itemsOf(
  chunks: AsyncIterable<string>,
  begin: Holder,
  options: Xep0227Options,
  limits: XmlLimits,
  depth: number,
): AsyncGenerator<Item, void, undefined> {
  let ready: Found[] = [];
  // A result has some more around its stanza.
  const around = { octets: limits.octets + 8192, depth: limits.depth + 2 };
  const cutter = new Cutter(begin, around, (found) => ready.push(found));
  const tokens = new XmlTokenizer(around.octets, (token) => cutter.take(token));
  for await (const chunk of chunks) {
    tokens.push(chunk);
    const group = ready;
    ready = [];
    for (const found of group) {
      if (found.kind === 'item') yield found;
      else yield* included(found, options, limits, depth + 1);
    }
  }
  tokens.end();
  cutter.end();
}

async function* included(
  { href, holder }: Extract<Found, { kind: 'include' }>,
  options: Xep0227Options,
  limits: XmlLimits,
  depth: number,
): AsyncGenerator<Item, void, undefined> {
  if (options.include === undefined) throw new StanzaError('ERR_XML', 'file includes another one');
  if (depth > MAX_INCLUDES) throw new StanzaError('ERR_XML', 'files include each other too deeply');
  yield* itemsOf(options.include(href), holder, options, limits, depth);
}

type Described = Omit<SourceItem, 'cursor'> | Omit<RefusedItem, 'cursor'>;

function described({ holder, element, refused }: Item, offline: Map<string, number>): Described {
  const { host = '', user = '', place } = holder;
  if (element === undefined) return { refused };
  const owner = normal(`${user}@${host}`);
  if (user === '' || owner === undefined) return { refused: 'its owner is no JID' };
  if (place === 'archive') return resultOf(element, owner);
  const number = (offline.get(owner) ?? 0) + 1;
  offline.set(owner, number);
  return waitingOf(element, owner, number);
}

function resultOf(element: XmlElement, owner: string): Described {
  const id = attribute(element, 'id');
  const forwarded = child(element, NS.FORWARD, 'forwarded');
  if (!RESULTS.includes(element.namespace) || element.name !== 'result' || id === undefined || forwarded === undefined)
    return { refused: 'it is no result with an id' };
  const [stanza, ...more] = childrenOf(forwarded).filter(stanzaKind);
  const receivedAt = timeOf(forwarded);
  if (stanza === undefined || more.length > 0 || receivedAt === undefined)
    return { refused: 'it is without a stanza or a time' };
  return { owner, stanzaId: id, receivedAt, stanza: textOf(stanza) };
}

/** What waited may be in the archive as well: then it has the archive's id. Else its place in the file and its time are its id. */
function waitingOf(stanza: XmlElement, owner: string, number: number): Described {
  const receivedAt = timeOf(stanza);
  if (stanzaKind(stanza) !== 'message' || receivedAt === undefined) return { refused: 'it is no message with a time' };
  const own = childrenOf(stanza, NS.STANZA_ID, 'stanza-id').find((each) => normal(attribute(each, 'by')) === owner);
  const id = own && attribute(own, 'id');
  return { owner, stanzaId: id ?? `offline-${receivedAt}-${number}`, receivedAt, stanza: textOf(stanza) };
}

/** When it was received (XEP-0203): the delay that its own server wrote is the last. */
function timeOf(parent: XmlElement): number | undefined {
  const stamp = childrenOf(parent, NS.DELAY, 'delay')
    .map((delay) => attribute(delay, 'stamp'))
    .at(-1);
  const time = Date.parse(stamp ?? '');
  return time >= 0 ? time : undefined;
}

function textOf(stanza: XmlElement): string {
  return writeXml(stanza, { defaultNamespace: NS.CLIENT });
}

function normal(jid: string | undefined): string | undefined {
  try {
    return jid === undefined ? undefined : bareJid(jid);
  } catch {
    return undefined;
  }
}
