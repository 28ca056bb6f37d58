/**
 * Handshakes as an application runs them: begun, taken, sent again, given up. Each step is one commit, made before its message is given out.
 * @module
 */
import type { MaybePromise } from '@stanzaseal/cms';
import { attribute, bareJid, type XmlElement } from '@stanzaseal/stanza';
import { beginHandshake, decodeHandshake, type Protects, readHandshake } from '@stanzaseal/trust/handshake';
import { type Messenger, within } from '../messenger.js';
import { MessengerError } from '../messengerError.js';
import { accountOf, admitted } from '../session.js';
import { type HandshakeOutcome, outcomeOf } from './handshakeOutcome.js';
import { portsOf } from './handshakePorts.js';
import {
  type HandshakeName,
  handshakeChange,
  nameOf,
  type StoredHandshake,
  storedHandshake,
  storedHandshakes,
} from './storedHandshake.js';
import { takeOwnCopy, takeStep } from './takeStep.js';

/** The numbers; a caller may give others. */
export interface HandshakeRules {
  /** How long a handshake waits, and how long a finished one is remembered, in ms. */
  readonly validity: number;
  /** Handshakes that a peer began and that are remembered; more are ignored. */
  readonly ofPeer: number;
  /** Handshakes that others began and that are not finished: where there are so many, a stranger's is ignored. */
  readonly ofAll: number;
}

/** The numbers of the specification. */
export const HANDSHAKE_RULES: HandshakeRules = Object.freeze({ validity: 604_800_000, ofPeer: 3, ofAll: 50 });

/** What handshakes are run with. */
export interface HandshakeParameters {
  /**
   * Whom to answer. Where the initiator is protected, whoever is answered gets to see this account's keys: an active attacker who says
   * to be that JID too.
   */
  readonly answers: (jid: string, protects: Protects) => MaybePromise<boolean>;
  /** A secret of 32 octets that both have by another way, where they have one. Never a password. */
  readonly common?: (jid: string) => MaybePromise<Uint8Array | undefined>;
  /** Other numbers. */
  readonly rules?: Partial<HandshakeRules>;
}

/** A handshake as it is listed. */
export type HandshakeSummary = Omit<StoredHandshake, 'state' | 'said'>;

/** Handshakes over a messenger. */
export interface Handshakes {
  /**
   * Begins a handshake; where one waits for its first answer already, gives that one again.
   * @param protects whose identity an active attacker is not to learn: the initiator's takes three messages, the responder's four
   * @throws MessengerError `ERR_NO_KEYS` on a device that is not admitted, `ERR_KEY_CHANGED` where a changed key awaits an answer; RangeError for
   * the own account; KeyStoreError `ERR_ROLLBACK`
   */
  begin(jid: string, protects?: Protects): Promise<HandshakeOutcome>;
  /**
   * Takes in the `<handshake/>` of a message or iq as it arrived, its `from` as the server wrote it; `undefined` where there is none, and for
   * error stanzas and rooms.
   * @throws TrustError `ERR_MESSAGE` for octets that are none; MessengerError and KeyStoreError as `begin`
   */
  receive(stanza: XmlElement): Promise<HandshakeOutcome | undefined>;
  /** What was made and not said to be sent, since the process ended before: to be sent now. */
  unsent(): Promise<readonly HandshakeOutcome[]>;
  /** Says that the payload given last was handed over. */
  sent(name: HandshakeName): Promise<void>;
  /** The payload that this side sent last, to be sent again; it does no harm. `undefined` where there is none. */
  resend(name: HandshakeName): Promise<XmlElement | undefined>;
  /** All that are remembered, finished ones too. */
  list(): Promise<readonly HandshakeSummary[]>;
  /** Forgets a handshake. Nobody is told. */
  cancel(name: HandshakeName): Promise<void>;
  /** Forgets what has expired, and gives what of it was not finished. */
  expire(): Promise<readonly HandshakeOutcome[]>;
}

/**
 * Handshakes over a messenger and its store.
 * @example
 * const handshakes = createHandshakes(messenger, { answers: () => true });
 * const { peer, payload } = await handshakes.begin('juliet@capulet.example');
 * await client.send(handshakeMessage(peer, payload));
 */
export function createHandshakes(messenger: Messenger, parameters: HandshakeParameters): Handshakes {
  const rules = { ...HANDSHAKE_RULES, ...parameters.rules };
  const commonWith = async (jid: string): Promise<Uint8Array | undefined> => parameters.common?.(jid);
  return {
    async begin(jid, protects = 'initiator') {
      const peer = bareJid(jid);
      const common = await commonWith(peer);
      return within(messenger, async (session) => {
        const { store, clock } = session;
        const account = admitted(await accountOf(session));
        const contact = await store.get('contacts', peer);
        if (contact?.changedIdentity !== undefined)
          throw new MessengerError('ERR_KEY_CHANGED', `the identity key of ${peer} changed and awaits an answer`);
        const all = await storedHandshakes(session);
        const now = clock();
        const waiting = all.find(
          (one) =>
            one.peer === peer &&
            one.role === 'initiator' &&
            one.protects === protects &&
            one.said.length === 1 &&
            one.expires > now,
        );
        if (waiting !== undefined) return outcomeOf(waiting, 'waiting', waiting.said[0]);
        const { ports } = await portsOf(session, account, peer, common);
        const { state, send } = await beginHandshake({ to: peer, protects }, ports);
        const name = nameOf(peer, decodeHandshake(send).run);
        const kept = { state: state as Uint8Array, isSent: false, at: now, expires: now + rules.validity };
        await store.commit([...expiredOf(all, now).map(forgotten), handshakeChange(name, kept)]);
        return outcomeOf(name, 'waiting', send);
      });
    },
    async receive(stanza) {
      const type = attribute(stanza, 'type');
      // What comes back as an error is our own word, and what is said in a room is nobody's.
      if (type === 'error' || type === 'groupchat') return undefined;
      const octets = readHandshake(stanza);
      if (octets === undefined) return undefined;
      const message = decodeHandshake(octets);
      const from = bareJid(attribute(stanza, 'from') ?? messenger.owner);
      if (from === messenger.owner) {
        const name = nameOf(bareJid(attribute(stanza, 'to') ?? from), message.run);
        return within(messenger, (session) => takeOwnCopy(session, name, message, octets));
      }
      const name = nameOf(from, message.run);
      // Asked before the store is locked: the answer may take its time, or look something up.
      const isAnswered = message.step !== 'hello' || (await parameters.answers(from, message.protects));
      if (!isAnswered) return outcomeOf(name, 'ignored', undefined);
      const common = await commonWith(from);
      return within(messenger, (session) => takeStep(session, name, message, octets, { rules, common }));
    },
    unsent: () =>
      within(messenger, async (session) => {
        const now = session.clock();
        const open = (await storedHandshakes(session)).filter(({ isSent, expires }) => !isSent && expires > now);
        return open.map((one) => outcomeOf(one, one.isDone ? 'done' : 'waiting', one.said.at(-1)));
      }),
    sent: (name) =>
      within(messenger, async (session) => {
        const kept = await storedHandshake(session, name);
        if (kept === undefined || kept.isSent) return;
        await session.store.commit([handshakeChange(name, { ...kept, isSent: true })]);
      }),
    resend: (name) =>
      within(messenger, async (session) => {
        const kept = await storedHandshake(session, name);
        return kept && outcomeOf(name, 'waiting', kept.said.at(-1)).payload;
      }),
    list: () =>
      within(messenger, async (session) =>
        (await storedHandshakes(session)).map(({ state: _, said: __, ...summary }) => summary),
      ),
    cancel: (name) => within(messenger, ({ store }) => store.commit([handshakeChange(name, undefined)])),
    expire: () =>
      within(messenger, async (session) => {
        const old = expiredOf(await storedHandshakes(session), session.clock());
        if (old.length > 0) await session.store.commit(old.map(forgotten));
        return old.filter(({ isDone }) => !isDone).map((one) => outcomeOf(one, 'ended', undefined));
      }),
  };
}

/** Those that have expired. */
export function expiredOf(all: readonly StoredHandshake[], now: number): StoredHandshake[] {
  return all.filter(({ expires }) => expires <= now);
}

function forgotten(one: HandshakeName): ReturnType<typeof handshakeChange> {
  return handshakeChange(one, undefined);
}
