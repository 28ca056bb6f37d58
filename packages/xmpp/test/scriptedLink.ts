/**
 * A link whose other side is the test: a server that does what no honest one does.
 */
import { attribute, childrenOf, element, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../src/link.js';
import { refusalIn } from '../src/openQueries.js';
import { XmppError } from '../src/xmppError.js';

/** What the test does with a link. */
export interface ScriptedLink extends Link {
  /** What was sent, oldest first. */
  readonly sent: XmlElement[];
  /** Requests that were asked, oldest first. */
  readonly asked: XmlElement[];
  /** Brings a message or presence. */
  receive(stanza: XmlElement): void;
  /** Asks this client; gives the payload of its result. @throws XmppError that it refuses with */
  ask(iq: XmlElement): Promise<XmlElement | undefined>;
  /** Answers its requests, those that no answerer before answered. An error stanza is a refusal. */
  serve(answerer: (iq: XmlElement) => XmlElement | undefined | Promise<XmlElement | undefined>): void;
  /** Logs in, or resumes. */
  connect(resumed?: boolean): void;
  /** Cuts it. */
  disconnect(): void;
}

/** A link of a full JID, offline at first. */
export function createScriptedLink(full: string): ScriptedLink {
  const stanzas = new Set<(stanza: XmlElement) => void>();
  const onlines = new Set<(resumed: boolean) => void>();
  const offlines = new Set<() => void>();
  const answers = new Map<string, (iq: XmlElement) => Promise<XmlElement | undefined>>();
  const servers: ((iq: XmlElement) => XmlElement | undefined | Promise<XmlElement | undefined>)[] = [];
  const [sent, asked]: [XmlElement[], XmlElement[]] = [[], []];
  let [isOnline, ids] = [false, 0];
  const adding =
    <T>(set: Set<T>) =>
    (handler: T): (() => void) => {
      set.add(handler);
      return () => void set.delete(handler);
    };
  const offline = (): XmppError => new XmppError('ERR_OFFLINE', 'the connection is down');
  return {
    sent,
    asked,
    jid: () => full,
    isOnline: () => isOnline,
    async send(stanza) {
      if (!isOnline) throw offline();
      sent.push(stanza);
    },
    async query(iq) {
      if (!isOnline) throw offline();
      const request = withAttributes(iq, { id: `q${++ids}`, from: full });
      asked.push(request);
      for (const serve of servers) {
        const answer = await serve(request);
        if (answer === undefined) continue;
        if (attribute(answer, 'type') === 'error') throw refusalIn(answer);
        return answer;
      }
      throw new XmppError('ERR_REFUSED', 'refused: service-unavailable', { condition: 'service-unavailable' });
    },
    onStanza: adding(stanzas),
    onOnline: adding(onlines),
    onOffline: adding(offlines),
    answer({ type, namespace, name }, handler) {
      answers.set(`${type} ${namespace} ${name}`, handler);
      return () => void answers.delete(`${type} ${namespace} ${name}`);
    },
    receive(stanza) {
      for (const handler of stanzas) handler(stanza);
    },
    async ask(iq) {
      const [payload] = childrenOf(iq);
      const handler = answers.get(`${attribute(iq, 'type')} ${payload?.namespace} ${payload?.name}`);
      if (handler === undefined)
        throw new XmppError('ERR_REFUSED', 'nobody answers', { condition: 'service-unavailable' });
      return handler(iq);
    },
    serve: (answerer) => void servers.push(answerer),
    connect(resumed = false) {
      isOnline = true;
      for (const handler of onlines) handler(resumed);
    },
    disconnect() {
      isOnline = false;
      for (const handler of offlines) handler();
    },
  };
}

/** The result of a request. */
export function resultOf(iq: XmlElement, payload?: XmlElement): XmlElement {
  const addresses = { from: attribute(iq, 'to'), to: attribute(iq, 'from'), id: attribute(iq, 'id'), type: 'result' };
  return element(NS.CLIENT, 'iq', addresses, payload === undefined ? [] : [payload]);
}

/** A refusal of a request, or the bounce of a message. */
export function errorOf(stanza: XmlElement, condition: string): XmlElement {
  const [from, to] = [attribute(stanza, 'to'), attribute(stanza, 'from')];
  return element(NS.CLIENT, stanza.name, { from, to, id: attribute(stanza, 'id'), type: 'error' }, [
    element(NS.CLIENT, 'error', { type: 'cancel' }, [element(NS.STANZAS, condition)]),
  ]);
}
