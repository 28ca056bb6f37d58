/**
 * A connection as the parts of this package use it: stanzas as immutable elements, iq with a timeout, nothing of the library
 * underneath.
 * @module
 */
import type { XmlElement } from '@stanzaseal/stanza';

/** A connection of one account or component, up or down. */
export interface Link {
  /** Own full JID while bound; the component's JID for a component; `undefined` before the first login. */
  jid(): string | undefined;
  /** Whether stanzas can be sent now: bound, and stream management agreed on or known to be absent. */
  isOnline(): boolean;
  /**
   * Writes a stanza. It resolves when the stanza was written, which says nothing about its arrival.
   * @throws XmppError `ERR_OFFLINE`
   */
  send(stanza: XmlElement): Promise<void>;
  /**
   * Sends an iq `get` or `set` under a random id of 128 bits and waits for the answer of the entity asked (H12).
   * @param iq with `type`, `to` (absent: the own account) and one payload; its id is set here
   * @returns the whole result
   * @throws XmppError `ERR_REFUSED` with the stanza error's `condition` and `text`; `ERR_TIMEOUT`; `ERR_OFFLINE`
   */
  query(iq: XmlElement, options?: { readonly timeout?: number }): Promise<XmlElement>;
  /** Called with every message and presence that comes in, in order. Gives what ends it. */
  onStanza(handler: (stanza: XmlElement) => void): () => void;
  /** Called after login (`resumed` false) and after a stream was resumed (true), when stanzas can be sent. Gives what ends it. */
  onOnline(handler: (resumed: boolean) => void): () => void;
  /** Called when the connection is lost. Gives what ends it. */
  onOffline(handler: () => void): () => void;
  /**
   * Answers iq requests with a payload of this name. The handler gives the result's payload, or `undefined` for an empty result; it
   * throws XmppError `ERR_REFUSED` to answer with that condition. Gives what ends it.
   */
  answer(
    request: { readonly type: 'get' | 'set'; readonly namespace: string; readonly name: string },
    handler: (iq: XmlElement) => Promise<XmlElement | undefined>,
  ): () => void;
}
