/**
 * Runs handshakes on a sealed connection.
 * @module
 */
import {
  createHandshakes,
  type HandshakeOutcome,
  type HandshakeParameters,
  type Handshakes,
  handshakeMessage,
} from '@stanzaseal/messenger/handshake';
import { attribute, bareJid, child, element, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import { TrustError, VERIFICATION_NAMESPACE } from '@stanzaseal/trust';
import type { Protects } from '@stanzaseal/trust/handshake';
import type { Arrived } from '../arrival/unwrap.js';
import type { SealedConnection } from '../connection.js';
import { partsOf } from '../connectionParts.js';
import { XMPP } from '../namespaces.js';
import { XmppError } from '../xmppError.js';

/** What handshakes on a connection are run with. */
export interface ConnectionHandshakesParameters extends HandshakeParameters {
  /** Called with what each message came to, once it is durable; not with what was ignored. */
  readonly onOutcome: (outcome: HandshakeOutcome) => void;
  /** Called where the store failed at login; what was to be sent stays for the next one. */
  readonly onError: (error: unknown) => void;
  /** How long an answer to an iq is waited for before a message is left instead, in ms; 15,000. */
  readonly patience?: number;
}

/** Handshakes on a connection. */
export interface ConnectionHandshakes {
  /** The handshakes of the messenger: to list, to give up. */
  readonly runs: Handshakes;
  /**
   * Begins a handshake. By iq with a device that is online: it is `done` when this resolves. Else a message waits at the other side's server,
   * and `onOutcome` tells what came of it, days later perhaps.
   * @param to a bare JID, or the full one of the device to ask
   * @throws as `begin` of the messenger; offline it is not refused: what was begun goes out at the next login
   */
  begin(to: string, protects?: Protects): Promise<HandshakeOutcome>;
  /** Takes and answers no more. */
  close(): void;
}

/**
 * Runs handshakes on a connection. Call it before the connection is started: what waits at the server comes then.
 * @throws TypeError for a connection that `sealed` did not make
 * @example
 * const handshakes = handshakesOn(connection, { answers: () => true, onOutcome: console.log, onError: console.error });
 * await connection.start();
 * const { kind } = await handshakes.begin('juliet@capulet.example');
 */
export function handshakesOn(
  connection: SealedConnection,
  { onOutcome, onError, patience = 15_000, ...parameters }: ConnectionHandshakesParameters,
): ConnectionHandshakes {
  const { link, messenger, takers, resources } = partsOf(connection);
  const runs = createHandshakes(messenger, parameters);
  /** Runs with a request on its way: they need no second one. */
  const asking = new Set<string>();

  async function taken(stanza: XmlElement): Promise<HandshakeOutcome | undefined> {
    const outcome = await runs.receive(stanza).catch(unlessGarbage);
    if (outcome !== undefined && outcome.kind !== 'ignored') onOutcome(outcome);
    return outcome;
  }

  /** Leaves a message at the other side's server. Until the own one has it, it stays unsent, and goes out at the next login. */
  async function leave(outcome: HandshakeOutcome): Promise<void> {
    if (outcome.payload === undefined) return;
    try {
      await link.send(handshakeMessage(outcome.peer, outcome.payload));
      // That something was written says nothing; what comes back from behind it does.
      const server = messenger.owner.slice(messenger.owner.indexOf('@') + 1);
      await link.query(element(NS.CLIENT, 'iq', { type: 'get', to: server }, [element(XMPP.PING, 'ping')]));
    } catch (error) {
      if (!(error instanceof XmppError)) throw error;
      if (error.code !== 'ERR_REFUSED') return;
    }
    await runs.sent(outcome);
  }

  /** Asks a device that is online, message by message. Gives what that came to, or where it stopped. */
  async function ask(device: string, begun: HandshakeOutcome): Promise<HandshakeOutcome> {
    let at = begun;
    while (at.payload !== undefined) {
      const iq = element(NS.CLIENT, 'iq', { type: 'set', to: device }, [at.payload]);
      const answer = await link.query(iq, { timeout: patience }).catch(unlessUnanswered);
      if (answer === undefined) break;
      await runs.sent(at);
      const next = await taken(withAttributes(answer, { from: device }));
      // An empty result to the last message: there is nothing more to come.
      if (next === undefined || next.kind === 'ignored') return { ...at, payload: undefined };
      at = next;
    }
    return at;
  }

  async function takeMessage({ stanza, via }: Arrived): Promise<boolean> {
    if (child(stanza, VERIFICATION_NAMESPACE, 'handshake') === undefined) return false;
    const outcome = await taken(stanza);
    // What comes again by another way, and not because somebody sent it again, was answered.
    // Written at once, before anything else that is sent; that the server has it nobody waits for here.
    if (outcome !== undefined && (outcome.kind !== 'ignored' || via === 'live')) void leave(outcome).catch(onError);
    return true;
  }

  async function flush(): Promise<void> {
    for (const outcome of await runs.expire()) onOutcome(outcome);
    for (const outcome of await runs.unsent()) if (!asking.has(outcome.run)) await leave(outcome);
  }

  takers.add(takeMessage);
  const ends = [
    () => void takers.delete(takeMessage),
    link.onOnline(() => void flush().catch(onError)),
    link.answer({ type: 'set', namespace: VERIFICATION_NAMESPACE, name: 'handshake' }, async (iq) => {
      const outcome = attribute(iq, 'from') === undefined ? undefined : await taken(iq);
      const isTaken = outcome?.kind === 'waiting' || outcome?.kind === 'done' || outcome?.payload !== undefined;
      // What is wrong is answered as by a client that knows of no handshakes.
      if (outcome === undefined || !isTaken)
        throw new XmppError('ERR_REFUSED', 'answered with service-unavailable', { condition: 'service-unavailable' });
      await runs.sent(outcome);
      return outcome.payload;
    }),
  ];
  return {
    runs,
    async begin(to, protects) {
      const begun = await runs.begin(to, protects);
      const device = to.includes('/') ? to : resources(bareJid(to))[0];
      if (device === undefined || !link.isOnline()) {
        await leave(begun);
        return begun;
      }
      asking.add(begun.run);
      try {
        const at = await ask(device, begun);
        // Begun by both at once, the other one may have taken its place (section 24.9).
        const isKept = (await runs.list()).some(({ peer, run }) => peer === at.peer && run === at.run);
        if (isKept) await leave(at);
        return at;
      } finally {
        asking.delete(begun.run);
      }
    },
    close() {
      for (const end of ends) end();
    },
  };
}

function unlessGarbage(error: unknown): undefined {
  if (error instanceof TrustError && error.code === 'ERR_MESSAGE') return undefined;
  throw error;
}

function unlessUnanswered(error: unknown): undefined {
  if (!(error instanceof XmppError)) throw error;
  return undefined;
}
