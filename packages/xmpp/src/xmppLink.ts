/**
 * A link over a client or a component of xmpp.js, through what both say in public: events, `send` and middleware. Nothing of them is
 * changed, and nothing of them is imported.
 * @module
 */
import { drawOctets, type RandomSource, toHex } from '@stanzaseal/cms';
import {
  attribute,
  bareJid,
  childrenOf,
  element,
  NS,
  StanzaError,
  withAttributes,
  type XmlElement,
} from '@stanzaseal/stanza';
import {
  COMPONENT_ACCEPT,
  fromXmppElement,
  toXmppElement,
  type XmppElement,
  type XmppElementClass,
} from './elements.js';
import { ignoreLateData } from './lateData.js';
import type { Link } from './link.js';
import { XMPP } from './namespaces.js';
import { createOpenQueries } from './openQueries.js';
import type { XmppEmitter, XmppEntity, XmppMiddleware } from './xmppEntity.js';
import { XmppError } from './xmppError.js';

/** A link that ends with the one who made it; the connection stays its owner's. */
export interface XmppLink extends Link {
  /** Whether this is a component: no roster, no archive, no carbons, no presence of its own. */
  readonly isComponent: boolean;
  /** Octets of a stanza that the server says it takes (XEP-0478); `undefined` where it says nothing. */
  stanzaLimit(): number | undefined;
  /** Takes its listeners away and ends what waits for answers. */
  close(): void;
}

/** What a link needs. */
export interface XmppLinkParameters {
  /** Bare JID of the account; of one of its users for a component. */
  readonly owner: string;
  /** Where the ids of requests come from (H12). */
  readonly random: RandomSource;
}

/** What the library has and its types do not name. */
type StreamManagement = XmppEmitter & { readonly enabled: boolean; readonly enableSent: boolean };

const ANSWER_IN = 30_000;
const STREAM_MANAGEMENT_IN = 1_000;
/** What every server takes (RFC 6120 §13.12). */
const LEAST_LIMIT = 10_000;

/** Makes a link over a client or a component. */
export function createXmppLink(entity: XmppEntity, { owner, random }: XmppLinkParameters): XmppLink {
  const isComponent = entity.NS === COMPONENT_ACCEPT;
  const stanzas = new Set<(stanza: XmlElement) => void>();
  const onlines = new Set<(resumed: boolean) => void>();
  const offlines = new Set<() => void>();
  const answers = new Map<string, (iq: XmlElement) => Promise<XmlElement | undefined>>();
  const queries = createOpenQueries((jid) => isBare(jid, owner));
  let [isReady, wasReady, isClosed, hasStreamManagement] = [false, false, false, !isComponent];
  let logins = 0;
  let stanzaLimit: number | undefined;

  const listeners: [event: string, listener: (element: XmppElement) => void][] = [
    ['element', noteFeatures],
    ['stanza', take],
    // 40 ms of each iq would be Nagle's algorithm waiting for the acknowledgement of the one before.
    ['connect', () => (entity.socket as { setNoDelay?: (on: boolean) => void } | null)?.setNoDelay?.(true)],
    ['online', () => void becomeOnline(false)],
    ['disconnect', () => becomeOffline(false)],
    ['offline', () => becomeOffline(true)],
  ];
  const onResumed = (): void => void becomeOnline(true);
  ignoreLateData(entity);
  for (const [event, listener] of listeners) entity.on(event, listener);
  const streamManagement = entity.streamManagement as StreamManagement | undefined;
  streamManagement?.on('resumed', onResumed);
  const middleware: XmppMiddleware = ({ stanza }, next) => answer(stanza) ?? next();
  entity.middleware.use(middleware as never);
  if (entity.status === 'online') void becomeOnline(false);

  function noteFeatures(source: XmppElement): void {
    if (/^(?:stream:)?features$/.test(source.name)) {
      hasStreamManagement = childIn(source, XMPP.STREAM_MANAGEMENT) !== undefined;
      const limits = childIn(source, XMPP.STREAM_LIMITS);
      const octets = limits?.children.find((node) => (node as XmppElement).name === 'max-bytes') as
        | XmppElement
        | undefined;
      const limit = Number(octets?.children.join(''));
      stanzaLimit = Number.isSafeInteger(limit) && limit >= LEAST_LIMIT ? limit : undefined;
    } else if (source.name === 'failed' && source.attrs.xmlns === XMPP.STREAM_MANAGEMENT) {
      // What failed may be a resumption: then it is asked for anew, and to be waited for.
      if (streamManagement?.enableSent === true) hasStreamManagement = false;
    }
  }

  /**
   * xmpp.js 0.14 is online before it asked for stream management. What is sent in between is counted by one side and not by the other,
   * and the server ends the stream: so nothing is sent until it is enabled, or known not to be.
   */
  async function becomeOnline(resumed: boolean): Promise<void> {
    const login = ++logins;
    const until = Date.now() + STREAM_MANAGEMENT_IN;
    await Promise.resolve();
    while (hasStreamManagement && streamManagement?.enabled === false && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (login !== logins || isClosed || entity.status !== 'online') return;
    [isReady, wasReady] = [true, true];
    if (!resumed) queries.end(offline());
    for (const handler of [...onlines]) handler(resumed);
  }

  /** Answers may still come after a resumption; after the end of a session none does. */
  function becomeOffline(isEnd: boolean): void {
    logins++;
    if (isEnd) queries.end(offline());
    if (!isReady) return;
    isReady = false;
    for (const handler of [...offlines]) handler();
  }

  function take(source: XmppElement): void {
    const stanza = read(source);
    if (stanza === undefined) return;
    if (stanza.name === 'iq') queries.take(stanza);
    else for (const handler of [...stanzas]) handler(stanza);
  }

  /** A stanza that is none is dropped (H3, H7); so is one that is to another user of the component. */
  function read(source: XmppElement): XmlElement | undefined {
    try {
      const stanza = fromXmppElement(source);
      return isComponent && !isBare(attribute(stanza, 'to') ?? '', owner) ? undefined : stanza;
    } catch (error) {
      if (error instanceof StanzaError) return undefined;
      throw error;
    }
  }

  function answer(source: XmppElement): Promise<unknown> | undefined {
    if (isClosed || source.name !== 'iq' || answers.size === 0) return undefined;
    const iq = read(source);
    const [payload, ...more] = iq === undefined ? [] : childrenOf(iq);
    if (iq === undefined || payload === undefined || more.length > 0) return undefined;
    const handler = answers.get(`${attribute(iq, 'type')} ${payload.namespace} ${payload.name}`);
    if (handler === undefined) return undefined;
    const write = (payload: XmlElement): XmppElement => toXmppElement(payload, source.constructor as XmppElementClass);
    return handler(iq).then(
      // xmpp.js takes what is true and no element for an empty result.
      (result) => (result === undefined ? true : write(result)),
      (error: unknown) => write(errorOf(error)),
    );
  }

  async function send(stanza: XmlElement): Promise<void> {
    if (!isReady || entity.root === null) throw offline();
    const isUnsigned = isComponent && attribute(stanza, 'from') === undefined;
    const target = toXmppElement(
      isUnsigned ? withAttributes(stanza, { from: owner }) : stanza,
      entity.root.constructor as XmppElementClass,
    );
    try {
      await entity.send(target);
    } catch (cause) {
      throw offline(cause);
    }
  }

  return {
    isComponent,
    stanzaLimit: () => stanzaLimit,
    jid: () => (isComponent ? owner : wasReady && entity.jid !== null ? String(entity.jid) : undefined),
    isOnline: () => isReady && entity.status === 'online',
    send,
    query(iq, { timeout = ANSWER_IN } = {}) {
      const id = toHex(drawOctets(random, 16));
      const answered = queries.wait(id, attribute(iq, 'to'), timeout);
      send(withAttributes(iq, { id })).catch((error: Error) => queries.end(error, id));
      return answered;
    },
    onStanza: (handler) => added(stanzas, handler),
    onOnline: (handler) => added(onlines, handler),
    onOffline: (handler) => added(offlines, handler),
    answer({ type, namespace, name }, handler) {
      const key = `${type} ${namespace} ${name}`;
      if (answers.has(key)) throw new RangeError('request is answered already');
      answers.set(key, handler);
      return () => void answers.delete(key);
    },
    close() {
      [isClosed, isReady] = [true, false];
      for (const [event, listener] of listeners) entity.removeListener(event, listener);
      streamManagement?.removeListener('resumed', onResumed);
      queries.end(offline());
    },
  };
}

function childIn({ children }: XmppElement, namespace: string): XmppElement | undefined {
  return (children as XmppElement[]).find((node) => node?.attrs?.xmlns === namespace);
}

function added<T>(set: Set<T>, handler: T): () => void {
  set.add(handler);
  return () => void set.delete(handler);
}

function isBare(jid: string, owner: string): boolean {
  try {
    return bareJid(jid) === owner;
  } catch {
    return false;
  }
}

function offline(cause?: unknown): XmppError {
  return new XmppError('ERR_OFFLINE', 'the connection is down', cause === undefined ? {} : { cause });
}

/** The answer to a request whose handler failed: the condition that it chose, and of anything else nothing (J3). */
function errorOf(error: unknown): XmlElement {
  const chosen = error instanceof XmppError && error.code === 'ERR_REFUSED' ? error.condition : undefined;
  return element(NS.CLIENT, 'error', { type: 'cancel' }, [element(NS.STANZAS, chosen ?? 'internal-server-error')]);
}
