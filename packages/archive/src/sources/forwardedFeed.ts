/**
 * A feed of forwarded stanzas (XEP-0297), as a server hands them to a component: ejabberd's mod_service_log, or a module of Prosody. What connects is the
 * caller's; here it is decided whose a stanza is, and which is kept. A feed is not a record: what a server says while nobody listens is lost, and only its
 * archive has it.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Clock, type CryptoProvider, toHex } from '@stanzaseal/cms';
import {
  attribute,
  bareJid,
  child,
  childrenOf,
  NS,
  stanzaType,
  withChildren,
  writeXml,
  type XmlElement,
} from '@stanzaseal/stanza';
import { ArchiveError } from '../archiveError.js';
import { contentDigest } from '../parse/contentDigest.js';
import type { Source, SourceItem } from './source.js';

/** What a feed is made with. */
export interface FeedOptions {
  /** Domains whose accounts have archives here; from them alone copies are believed. */
  readonly domains: readonly string[];
  /** Domains of rooms that have archives here: none if absent. */
  readonly rooms?: readonly string[];
  /** The present time: a copy says not when it was made. */
  readonly clock: Clock;
  /** The primitives. */
  readonly crypto: CryptoProvider;
}

/** A feed: stanzas go in, the archive takes them out. */
export interface ForwardedFeed {
  /** To follow. Its place means nothing later, so none is kept; it ends with the signal. */
  readonly source: Source;
  /** Takes a stanza that the component received. What is no copy from a server of `domains` is passed over: anybody can write to a component. */
  push(stanza: XmlElement): void;
}

/** Stanzas that wait to be taken; beyond them it fails rather than lose any. */
const MOST_WAITING = 16_384;
/** Copies that are remembered, to know the next one: a server makes one where a stanza is sent and one for each that receives it. */
const MOST_REMEMBERED = 16_384;

/**
 * Makes a feed.
 * @example
 * const feed = forwardedFeed({ domains: ['capulet.example'], clock: Date.now, crypto });
 * component.on('stanza', (stanza) => feed.push(fromXmppElement(stanza)));
 * await follow(archive, feed.source, { signal });
 */
export function forwardedFeed(options: FeedOptions): ForwardedFeed {
  const domains = new Set(options.domains.map(bareJid));
  const rooms = new Set((options.rooms ?? []).map(bareJid));
  const waiting: { readonly stanza: XmlElement; readonly receivedAt: number }[] = [];
  const ids = new Map<string, string>();
  let isFull = false;
  let wake = (): void => undefined;

  const idOf = async (owner: string, stanza: XmlElement): Promise<string> => {
    const [from = owner, to = owner] = [attribute(stanza, 'from'), attribute(stanza, 'to')];
    // What has no id of its sender's cannot be told from another one of the same words: then each copy is kept.
    if (attribute(stanza, 'id') === undefined) return randomUUID();
    const digest = await contentDigest(stanza, from, bareJid(to), options.crypto);
    const copy = `${owner} ${toHex(digest)}`;
    const id = ids.get(copy) ?? randomUUID();
    ids.delete(copy);
    ids.set(copy, id);
    if (ids.size > MOST_REMEMBERED) ids.delete(ids.keys().next().value as string);
    return id;
  };
  const written = async (owner: string, stanza: XmlElement): Promise<Pick<SourceItem, 'stanza' | 'stanzaId'>> => ({
    stanza: writeXml(stanza, { defaultNamespace: NS.CLIENT }),
    stanzaId: await idOf(owner, stanza),
  });
  async function* items(_after: string | undefined, signal: AbortSignal): AsyncGenerator<SourceItem, void, undefined> {
    signal.addEventListener('abort', () => wake(), { once: true });
    for (let number = 1; ; ) {
      if (isFull) throw new ArchiveError('ERR_STORE', 'feed is faster than the archive');
      const next = waiting.shift();
      if (next === undefined) {
        if (signal.aborted) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      for (const { owner, stanza } of placesOf(next.stanza, domains, rooms)) {
        const context = { owner, receivedAt: next.receivedAt, cursor: String(number++) };
        yield { ...context, ...(await written(owner, stanza).catch(() => startTagOf(stanza))) };
      }
    }
  }
  return {
    source: { name: undefined, items },
    push(stanza) {
      if (!domains.has(attribute(stanza, 'from') ?? '')) return;
      for (const forwarded of childrenOf(stanza, NS.FORWARD, 'forwarded')) {
        const [message] = childrenOf(forwarded).filter(isWorthKeeping);
        if (message === undefined) continue;
        isFull ||= waiting.length >= MOST_WAITING;
        if (!isFull) waiting.push({ stanza: message, receivedAt: options.clock() });
      }
      wake();
    },
  };
}

/** Of a stanza that nobody can write out (H3) its start tag: that is none, and so is seen in quarantine. */
function startTagOf(stanza: XmlElement): Pick<SourceItem, 'stanza' | 'stanzaId'> {
  const tag = writeXml(withChildren(stanza, []), { defaultNamespace: NS.CLIENT }).replace(/\/>$/, '>');
  return { stanza: tag, stanzaId: randomUUID() };
}

/** In whose archives a message goes. Of a room it is what the room says to an occupant, as if it were said to nobody: one entry for all of them. */
function placesOf(
  stanza: XmlElement,
  domains: ReadonlySet<string>,
  rooms: ReadonlySet<string>,
): { readonly owner: string; readonly stanza: XmlElement }[] {
  const [from, to] = [addressOf(stanza, 'from'), addressOf(stanza, 'to')];
  if (stanzaType(stanza, 'message') === 'groupchat') {
    if (from === undefined || !from.hasResource || !rooms.has(from.domain)) return [];
    const attributes = stanza.attributes.filter(({ name, namespace }) => name !== 'to' || namespace !== '');
    return [{ owner: from.bare, stanza: { ...stanza, attributes } }];
  }
  const owners = [from, to].filter((each) => each !== undefined && each.local !== '' && domains.has(each.domain));
  return [...new Set(owners.map((owner) => owner?.bare as string))].map((owner) => ({ owner, stanza }));
}

/**
 * Messages that say something (XEP-0313 §5.1.1): no errors, no headlines, none that a hint forbids to keep (XEP-0334), and no wrappings of others, which
 * come by themselves.
 */
function isWorthKeeping(stanza: XmlElement): boolean {
  if (stanza.name !== 'message' || (stanza.namespace !== NS.CLIENT && stanza.namespace !== NS.SERVER)) return false;
  const type = stanzaType(stanza, 'message');
  if (type === 'error' || type === 'headline') return false;
  const has = (namespace: string, name: string) => child(stanza, namespace, name) !== undefined;
  if (has(NS.HINTS, 'no-store') || has(NS.HINTS, 'no-permanent-store')) return false;
  if (has(NS.CARBONS, 'sent') || has(NS.CARBONS, 'received') || has(NS.MAM, 'result')) return false;
  const marks = [
    [NS.SEALED, 'sealed'],
    [NS.HINTS, 'store'],
    [NS.EME, 'encryption'],
  ] as const;
  return has(stanza.namespace, 'body') || marks.some(([namespace, name]) => has(namespace, name));
}

interface Address {
  readonly bare: string;
  readonly local: string;
  readonly domain: string;
  readonly hasResource: boolean;
}

function addressOf(stanza: XmlElement, name: 'from' | 'to'): Address | undefined {
  const text = attribute(stanza, name) ?? '';
  try {
    const bare = bareJid(text);
    const at = bare.indexOf('@');
    return { bare, local: bare.slice(0, Math.max(0, at)), domain: bare.slice(at + 1), hasResource: text.includes('/') };
  } catch {
    return undefined;
  }
}
