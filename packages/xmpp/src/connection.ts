/**
 * What the application gives to a sealed connection, and what it gets.
 * @module
 */
import type { Clock, RandomSource } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import type { ImportedKeys } from '@stanzaseal/messenger';
import type { XmlElement } from '@stanzaseal/stanza';
import type { Message, SealedPresence } from './arrival/message.js';
import type { QueryHandler } from './arrival/queries.js';
import type { Disco } from './discovery.js';
import type { ArrivalEvent, ConnectionEvent } from './events.js';
import type { KeyEvent } from './keys/keyEvents.js';
import type { Outbox } from './outbox/outbox.js';
import type { OutboxEvent } from './outbox/outboxEvents.js';
import type { RoomEvent } from './rooms/roomEvents.js';
import type { Rooms } from './rooms/rooms.js';
import type { Schedule } from './schedule.js';

/** Everything that the application may be told, by `kind`. The messenger's own events go where it was made. */
export type XmppEvent = ConnectionEvent | ArrivalEvent | KeyEvent | OutboxEvent | RoomEvent;

/** What is not sealed. */
export interface PlaintextPolicy {
  /** Whether an unsealed stanza may go to an account, or a room, whose identity key is known. To none where this is absent. */
  readonly maySend?: (jid: string) => boolean;
  /** What becomes of messages that come unsealed: `flag`, given to `onMessage` and said to be plain; `drop`, told as an event. `flag` */
  readonly received?: 'flag' | 'drop';
}

/** What a sealed connection is made of. */
export interface SealedOptions {
  /** The messenger's own store: outbox and cursors are beside its keys, and what belongs together is durable together. */
  readonly store: KeyStore;
  /** Time. */
  readonly clock: Clock;
  /** Randomness: ids and delays. */
  readonly random: RandomSource;
  /**
   * Called with each message once, one after another. The message is accepted when this resolves, which is a commit of the store; where
   * more of them wait, the next is given meanwhile. Where it rejects, or the process ends before that, the message comes again under the
   * same name, and so may up to 15 behind it. Keep messages by that name, and a second one changes nothing.
   */
  readonly onMessage: (message: Message) => Promise<void> | void;
  /** Called with presence that was sealed to this device. */
  readonly onPresence?: (presence: SealedPresence) => Promise<void> | void;
  /** Called with sealed requests; gives the payload of the result. Without it they are answered as by a client without sealing. */
  readonly onQuery?: QueryHandler;
  /** Called with everything else. */
  readonly onEvent: (event: XmppEvent) => void;
  /**
   * Whether a server without a message archive will do. Then what waits comes by its spool alone, which loses what was under way when
   * a client died, and used prekeys go when the spool is empty. `required`
   */
  readonly archive?: 'required' | 'absent-ok';
  /** Text for clients that cannot open what is sent to them; none where this is absent. */
  readonly fallback?: string;
  /** What is not sealed. */
  readonly plaintext?: PlaintextPolicy;
  /** Presence to send at login, when the archive was asked; `false` where the application sends it itself. An empty one. */
  readonly presence?: XmlElement | false;
  /** What the application says of itself to who asks; `false` where it answers disco itself, and names the features that `FEATURES` has. */
  readonly disco?: Disco | false;
  /** Octets of a stanza that the server takes, where it does not say; 262,144. */
  readonly stanzaLimit?: number;
  /** Timers; those of the runtime. */
  readonly schedule?: Schedule;
}

/** How something is sent. */
export interface SendOptions {
  /** `false`: as it is, at once or not at all. Refused for accounts whose identity key is known, unless the policy allows it. */
  readonly seal?: boolean;
  /** Message id of 16 octets, where the application has one; drawn where this is absent. */
  readonly messageId?: Uint8Array;
}

/** A connection that seals and opens. */
export interface SealedConnection {
  /** Bare JID of the account. */
  readonly owner: string;
  /**
   * Logs in, where the client is not yet, publishes keys, and takes in what waits; resolves after that. What fails on the way is an
   * event, and the rest goes on.
   * @throws what the client's own `start` throws; XmppError `ERR_OFFLINE` where `stop` was called meanwhile
   */
  start(): Promise<void>;
  /**
   * Logs out, and ends everything, in whatever state the client is: it takes some seconds at most, and the handlers that are at work. So
   * do not await it in one of them. What is in the outbox stays there for the next time.
   */
  stop(): Promise<void>;
  /**
   * Sends a message. It resolves when the message is durable in the outbox: it leaves when it can, now or after a restart, sealed to the
   * devices of that moment; events tell. Presences and iqs have their own ways.
   * @returns the message id, 16 octets; an unsealed one has none, and `undefined` is returned when it was written
   * @throws XmppError `ERR_TOO_LARGE`; `ERR_PLAIN` and `ERR_OFFLINE` of an unsealed one; TypeError for what is no message to somebody
   */
  send(stanza: XmlElement, options?: SendOptions): Promise<Uint8Array | undefined>;
  /**
   * Sends presence to one full JID or account, sealed to the device or devices there. Undirected presence is not sealed: send it by the
   * client.
   * @throws XmppError `ERR_OFFLINE`; MessengerError `ERR_NO_KEYS`, `ERR_KEY_CHANGED`, `ERR_TOO_LARGE`; TypeError
   */
  presence(stanza: XmlElement): Promise<void>;
  /**
   * Asks the device of a full JID, sealed, and gives its answer: the iq of type `result` as it was sealed.
   * @param options.timeout in ms; 30,000
   * @throws XmppError `ERR_REFUSED` with what the other side or a server says; `ERR_PLAIN` for an answer in the clear, `ERR_TIMEOUT`,
   * `ERR_OFFLINE`; MessengerError `ERR_NO_KEYS`, `ERR_KEY_CHANGED`, `ERR_OPEN`; TypeError for what is no request to a full JID
   */
  query(iq: XmlElement, options?: { readonly timeout?: number }): Promise<XmlElement>;
  /** Fetches what an account published and takes it in; `undefined` where there is nothing. @throws as `KeyService.fetch` */
  keysOf(jid: string): Promise<ImportedKeys | undefined>;
  /** Brings own keys and the server together, as each login does; `replace`: over those of another identity. @throws as `KeyService.publish` */
  publish(options?: { readonly replace?: boolean }): Promise<void>;
  /** Publishes endorsements and revocations (DER) of the own account. @throws RangeError; XmppError */
  announce(statements: readonly Uint8Array[]): Promise<void>;
  /**
   * Reads the archive again: after a handler failed, or, from a time in ms since 1970 on, for what an answer to a changed key lets open.
   * Events tell how it ended.
   */
  catchUp(options?: { readonly since?: number }): Promise<void>;
  /**
   * Delivers what strangers sent beyond the day's limits (the messenger's event `request-queued`), as if it came now; what is still too
   * much goes on waiting.
   */
  takeRequests(): Promise<void>;
  /** What is to be sent: shown, tried again, forgotten. */
  readonly outbox: Pick<Outbox, 'pending' | 'retry' | 'forget' | 'flush'>;
  /** Rooms for members alone that show real JIDs: whenever one is joined, its archive is read. */
  readonly rooms: Pick<Rooms, 'join' | 'create' | 'leave' | 'setAffiliation' | 'joined' | 'members'>;
}
