/**
 * What a step of a handshake came to, as the application gets it.
 * @module
 */
import type { TrustLevel } from '@stanzaseal/keystore';
import { element, NS, type XmlElement } from '@stanzaseal/stanza';
import { handshakeElement } from '@stanzaseal/trust/handshake';
import type { HandshakeName } from './storedHandshake.js';

/** What a step came to; it is durable. */
export interface HandshakeOutcome extends HandshakeName {
  /**
   * `waiting`: for the other side. `done`: the other side's keys are in the store. `ended`: something was not as it should be, or too old;
   * nobody is told what. `elsewhere`: another of the own devices answered. `ignored`: of no handshake here, not to be answered, or a
   * repetition.
   */
  readonly kind: 'waiting' | 'done' | 'ended' | 'elsewhere' | 'ignored';
  /**
   * `<handshake/>` for the other side, where it is not `undefined`: in the answer to an iq, or in a message of its own (`handshakeMessage`).
   * When it was sent say so by `sent`.
   */
  readonly payload: XmlElement | undefined;
  /** With `done`: fingerprint of the other side's identity key, 32 octets. */
  readonly fingerprint?: Uint8Array;
  /** With `done`: what is known of that key. */
  readonly trust?: TrustLevel;
}

/** An outcome. @param send the octets for the other side */
export function outcomeOf(
  name: HandshakeName,
  kind: HandshakeOutcome['kind'],
  send: Uint8Array | undefined,
  more: Pick<HandshakeOutcome, 'fingerprint' | 'trust'> = {},
): HandshakeOutcome {
  const { peer, run } = name;
  return { kind, peer, run, payload: send === undefined ? undefined : handshakeElement(send), ...more };
}

/**
 * A message that carries a payload to a bare JID and waits there while nobody is online (XEP-0334). It is not sealed: there may be nothing to
 * seal to yet, and it protects itself.
 */
export function handshakeMessage(peer: string, payload: XmlElement): XmlElement {
  return element(NS.CLIENT, 'message', { type: 'chat', to: peer }, [payload, element(NS.HINTS, 'store')]);
}
