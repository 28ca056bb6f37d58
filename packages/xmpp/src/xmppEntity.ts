/**
 * What is used of xmpp.js: what a `Client` of `@xmpp/client` 0.14 and a `Component` of `@xmpp/component` 0.13 both are, by shape.
 * @module
 */
import type { XmppElement } from './elements.js';

/** A client or a component. */
export interface XmppEntity {
  /** Namespace of its stanzas. */
  readonly NS: string;
  /** `online` while it is bound. */
  readonly status: string;
  /** Own JID. */
  readonly jid: { toString(): string } | null;
  /** The stream's own element. */
  readonly root: XmppElement | null;
  /** The socket, where there is one. */
  readonly socket: unknown;
  /** What reads the stream; `null` where there is none, and after its end. */
  readonly parser?: unknown;
  /** Where answers to iqs are given: it takes functions of `XmppContext` and `next`, as koa does. */
  readonly middleware: { use(middleware: never): unknown };
  /** XEP-0198, which components have not. It emits `resumed`. */
  readonly streamManagement?: { readonly enabled: boolean };
  /** Logs in. */
  start(): Promise<unknown>;
  /** Logs out. */
  stop(): Promise<unknown>;
  /** Writes an element. */
  send(element: XmppElement): Promise<unknown>;
  /** Calls a listener with events. */
  on(event: string, listener: (element: XmppElement) => void): unknown;
  /** Calls it no more. */
  removeListener(event: string, listener: (element: XmppElement) => void): unknown;
}

/** What a middleware of xmpp.js is given. */
export interface XmppContext {
  /** The element that came. */
  readonly stanza: XmppElement;
}

/** A middleware of xmpp.js: it gives an answer, or that of the next one. */
export type XmppMiddleware = (context: XmppContext, next: () => Promise<unknown>) => Promise<unknown>;

/** What emits events; the published types of stream management leave them out. */
export interface XmppEmitter {
  /** Calls a listener with events. */
  on(event: string, listener: () => void): unknown;
  /** Calls it no more. */
  removeListener(event: string, listener: () => void): unknown;
}
