/**
 * Everything that comes in, in whatever way it comes: each message once, in a stable order.
 * @module
 */
import type { Clock, RandomSource } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import type { Messenger, Opened } from '@stanzaseal/messenger';
import { attribute, bareJid, hasSealed, type XmlElement } from '@stanzaseal/stanza';
import type { Taker } from '../connectionParts.js';
import type { ArrivalEvent } from '../events.js';
import type { Link } from '../link.js';
import { XmppError } from '../xmppError.js';
import { createArchiveReader } from './archive.js';
import { type CaughtUp, catchUp } from './catchUp.js';
import { createCursors } from './cursor.js';
import { type DeliveryPorts, deliver } from './deliver.js';
import { deliverMany } from './deliverMany.js';
import { createInbox } from './inbox.js';
import type { Message, SealedPresence } from './message.js';
import { createPlainMemory } from './plainMemory.js';
import { type Arrived, unwrap } from './unwrap.js';

/** What arrival needs. */
export interface ArrivalParameters {
  /** The connection. */
  readonly link: Link;
  /** What opens. */
  readonly messenger: Messenger;
  /** Its store, with the cursors. */
  readonly store: KeyStore;
  /** Time. */
  readonly clock: Clock;
  /** Where ids of queries come from. */
  readonly random: RandomSource;
  /** The application's handler of messages. */
  readonly onMessage: (message: Message) => Promise<void> | void;
  /** The application's handler of sealed presence. */
  readonly onPresence?: ((presence: SealedPresence) => Promise<void> | void) | undefined;
  /** Where events go. */
  readonly onEvent: (event: ArrivalEvent) => void;
  /** Who takes what is not sealed before anybody else. */
  readonly takers?: ReadonlySet<Taker> | undefined;
  /** What becomes of plain messages. */
  readonly plaintext: 'flag' | 'drop';
  /** Real bare JID of an occupant, by the room's roster; or by what its archive says of a stanza. */
  readonly occupant: (occupantJid: string, archived: XmlElement | undefined) => string | undefined;
  /** Called with an error stanza that came for something sent. */
  readonly onBounce: (stanza: XmlElement) => void;
  /** A copy of what this account sent came back and is not for this device: gives whether this device sent it. */
  readonly onOwnCopy: (stanza: XmlElement) => boolean;
  /** Called with what was accepted. */
  readonly onAccepted: (opened: Opened) => void;
}

/** How an archive is read. */
export interface CatchUpOptions {
  /** From a time on, in ms since 1970, and not from where reading stopped. */
  readonly since?: number;
  /** Makes messages come live; called when the first page was asked for. */
  readonly enter?: () => void;
  /** `false` where not everything comes live that the archive gets. */
  readonly follows?: boolean;
}

/** The way in. */
export interface Arrival {
  /** Takes a message or presence of the link in. */
  take(stanza: XmlElement): void;
  /** Lets what comes live of an archive wait until it was read. */
  hold(archive: string): void;
  /**
   * Reads an archive to its end, then lets go on what came live meanwhile. Where the connection is lost, that goes on waiting for the
   * next login.
   * @throws XmppError `ERR_REFUSED`, `ERR_TIMEOUT`, `ERR_OFFLINE`
   */
  catchUp(archive: string, options?: CatchUpOptions): Promise<CaughtUp>;
  /** Delivers what strangers sent beyond the day's limits, as if it came now: what is still too much goes on waiting. */
  requests(): Promise<void>;
  /** Lets go on without an archive. */
  release(archive: string): void;
  /** Resolves when what came in before is done, and what is to be remembered of it is written. */
  settled(): Promise<void>;
}

/** Makes the way in. It listens to nothing: what comes is given to `take`. */
export function createArrival(parameters: ArrivalParameters): Arrival {
  const { link, messenger, store, clock, random, onEvent } = parameters;
  const own = messenger.owner;
  const cursors = createCursors(store, clock);
  const reader = createArchiveReader(link, own, random);
  const ports: DeliveryPorts = { ...parameters, plainMemory: createPlainMemory(clock) };
  const inbox = createInbox(takeLive);
  const reading = new Map<string, Promise<unknown>>();

  async function takeLive(group: readonly Arrived[]): Promise<void> {
    const outcomes = await deliverMany(group, ports);
    for (const [i, { stanza, archived }] of group.entries()) {
      if (outcomes[i] === 'held') cursors.hold(archiveOf(stanza));
      else if (archived !== undefined) await cursors.passed(archived.archive, archived.id).catch(failed);
    }
  }

  function failed(error: unknown): void {
    onEvent({ kind: 'handler-failed', error, messageId: undefined });
  }

  function archiveOf(stanza: XmlElement): string {
    const from = attribute(stanza, 'from');
    return (attribute(stanza, 'type') === 'groupchat' ? bareOf(from) : undefined) ?? own;
  }

  function takeMessage(message: XmlElement): void {
    const unwrapped = unwrap(message, own);
    const from = attribute(message, 'from');
    if (unwrapped.kind === 'forged') onEvent({ kind: 'forged', what: unwrapped.what, from });
    else if (unwrapped.kind === 'result') {
      if (!reader.take(unwrapped.result)) onEvent({ kind: 'forged', what: 'archive-result', from });
    } else if (attribute(message, 'type') === 'error') parameters.onBounce(message);
    else inbox.take(archiveOf(unwrapped.arrived.stanza), unwrapped.arrived);
  }

  async function takePresence(stanza: XmlElement): Promise<void> {
    const { onPresence } = parameters;
    if (onPresence === undefined) return;
    const from = bareOf(attribute(stanza, 'from'));
    try {
      const opened = await messenger.open(stanza);
      if (opened.status !== 'opened') return;
      await onPresence({ stanza: opened.stanza, sender: opened.sender, time: opened.time });
      await opened.accept();
      parameters.onAccepted(opened);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_OPEN') return failed(error);
      const id = attribute(stanza, 'id');
      onEvent({ kind: 'unopened', from: from ?? '', id, via: 'live', isOwn: from === own });
    }
  }

  async function read(archive: string, { since, ...options }: CatchUpOptions): Promise<CaughtUp> {
    let isOffline = false;
    try {
      return await catchUp(
        archive,
        { reader, inbox, cursors, onEvent, ...options, deliver: (group) => deliverMany(group, ports) },
        since,
      );
    } catch (error) {
      isOffline = error instanceof XmppError && error.code === 'ERR_OFFLINE';
      throw error;
    } finally {
      if (!isOffline) inbox.release(archive);
    }
  }

  return {
    take(stanza) {
      if (stanza.name === 'message') takeMessage(stanza);
      else if (stanza.name === 'presence' && hasSealed(stanza) && attribute(stanza, 'type') !== 'error') {
        void inbox.run(() => takePresence(stanza));
      }
    },
    hold(archive) {
      cursors.hold(archive);
      inbox.hold(archive);
    },
    catchUp(archive, options = {}) {
      inbox.hold(archive);
      const go = (): Promise<CaughtUp> => read(archive, options);
      const running = (reading.get(archive) ?? Promise.resolve()).then(go, go);
      reading.set(archive, running);
      return running;
    },
    async requests() {
      for (const { stanza, at } of await messenger.requests()) {
        const sentCopy = bareOf(attribute(stanza, 'from')) === own;
        const arrived: Arrived = { stanza, via: 'offline', sentCopy, stamp: at, archived: undefined };
        await inbox.run(() => deliver(arrived, ports));
      }
    },
    release: (archive) => inbox.release(archive),
    async settled() {
      await inbox.settled();
      await cursors.flush();
    },
  };
}

function bareOf(jid: string | undefined): string | undefined {
  try {
    return jid === undefined ? undefined : bareJid(jid);
  } catch {
    return undefined;
  }
}
