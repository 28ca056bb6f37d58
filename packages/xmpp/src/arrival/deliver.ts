/**
 * From a message that arrived to the application's handler: opened, handed over, and accepted when the handler is done; in that order,
 * so that a crash brings the message again and never loses it.
 * @module
 */
import type { KeyStore } from '@stanzaseal/keystore';
import { type Messenger, MessengerError, type Opened } from '@stanzaseal/messenger';
import { attribute, bareJid, child, childrenOf, hasSealed, NS, type XmlElement } from '@stanzaseal/stanza';
import { VERIFICATION_NAMESPACE } from '@stanzaseal/trust';
import type { Taker } from '../connectionParts.js';
import type { ArrivalEvent } from '../events.js';
import { XMPP } from '../namespaces.js';
import { subjectIn } from '../rooms/roomPresence.js';
import type { AnyMessage, Message, PlainMessage, SealedMessage } from './message.js';
import type { PlainMemory } from './plainMemory.js';
import type { Arrived } from './unwrap.js';

/** What delivery needs. */
export interface DeliveryPorts {
  /** What opens. */
  readonly messenger: Messenger;
  /** Whose identity keys are known. */
  readonly store: KeyStore;
  /** The application's handler. */
  readonly onMessage: (message: Message) => Promise<void> | void;
  /** Called with what opened, after it was accepted. */
  readonly onAccepted: (opened: Opened) => void;
  /** Where events go. */
  readonly onEvent: (event: ArrivalEvent) => void;
  /** Real bare JID of an occupant, by a room's roster; or by what the room's archive says of a stanza. */
  readonly occupant: (occupantJid: string, archived: XmlElement | undefined) => string | undefined;
  /** A copy of what this account sent came back and is not for this device: gives whether this device sent it. */
  readonly onOwnCopy: (stanza: XmlElement) => boolean;
  /** Who takes what is not sealed before anybody else. */
  readonly takers?: ReadonlySet<Taker> | undefined;
  /** What becomes of plain messages. */
  readonly plaintext: 'flag' | 'drop';
  /** Plain messages given out lately. */
  readonly plainMemory: PlainMemory;
}

/**
 * What came of a message: `accepted`, given to the application for the first time; `known` or `refused` for good; or `held`, because a
 * handler or the store failed, and the message has to come again.
 */
export type Outcome = 'accepted' | 'known' | 'refused' | 'held';

/** Delivers one message. It throws nothing. */
export async function deliver(arrived: Arrived, ports: DeliveryPorts): Promise<Outcome> {
  const { stanza } = arrived;
  // An error is somebody's word about what we sent: it is told elsewhere, and is no message.
  if (attribute(stanza, 'type') === 'error') return 'refused';
  const from = bareOf(attribute(stanza, 'from'));
  if (from === undefined) return 'refused';
  return isSealed(stanza) ? deliverSealed(arrived, from, ports) : deliverPlain(arrived, from, ports);
}

/** Whether a message holds an object of ours, or says so. */
export function isSealed(stanza: XmlElement): boolean {
  return hasSealed(stanza) || claimsSealed(stanza);
}

async function deliverSealed(arrived: Arrived, from: string, ports: DeliveryPorts): Promise<Outcome> {
  const { messenger } = ports;
  const { stanza, via } = arrived;
  const archived = via === 'archive' ? stanza : undefined;
  let opened: Opened;
  try {
    const result = await messenger.open(stanza, { occupant: (jid) => ports.occupant(jid, archived) });
    if (result.status !== 'opened') return 'known';
    opened = result;
  } catch (error) {
    return error instanceof MessengerError ? unopened(arrived, from, ports) : held(error, undefined, ports);
  }
  const isGiven = await give(arrived, opened, ports);
  return isGiven ? accepted(opened, ports) : 'held';
}

/** Of what did not open: tells it, where that is odd. */
export function unopened({ stanza, via }: Arrived, from: string, ports: DeliveryPorts): 'refused' {
  const archived = via === 'archive' ? stanza : undefined;
  const isRoom = attribute(stanza, 'type') === 'groupchat';
  const author = isRoom ? ports.occupant(attribute(stanza, 'from') ?? '', archived) : from;
  const isOwn = author === ports.messenger.owner;
  // What this device itself sent comes back from archives and rooms, and is sealed to others alone.
  const isExpected = isOwn && (ports.onOwnCopy(stanza) || via === 'archive' || via === 'offline');
  if (!isExpected) ports.onEvent({ kind: 'unopened', from, id: attribute(stanza, 'id'), via, isOwn });
  return 'refused';
}

/** Gives a message to the application; `false` where its handler failed. */
export async function give(arrived: Arrived, opened: Opened, ports: DeliveryPorts): Promise<boolean> {
  try {
    await ports.onMessage(sealedMessage(arrived, opened, ports.messenger.owner));
    return true;
  } catch (error) {
    held(error, opened.messageId, ports);
    return false;
  }
}

/** Accepts what the application has. */
export async function accepted(opened: Opened, ports: DeliveryPorts): Promise<Outcome> {
  try {
    await opened.accept();
  } catch (error) {
    // Two identities came first and the other was accepted meanwhile: this one is refused, as it would be if it came now.
    if (error instanceof MessengerError && error.code === 'ERR_OPEN') return 'refused';
    return held(error, opened.messageId, ports);
  }
  ports.onAccepted(opened);
  return 'accepted';
}

function held(error: unknown, messageId: Uint8Array | undefined, { onEvent }: DeliveryPorts): 'held' {
  onEvent({ kind: 'handler-failed', error, messageId });
  return 'held';
}

async function deliverPlain(arrived: Arrived, outerFrom: string, ports: DeliveryPorts): Promise<Outcome> {
  const { messenger, store, onEvent, plainMemory } = ports;
  const { stanza } = arrived;
  const archived = arrived.via === 'archive' ? stanza : undefined;
  // A room's subject is told when it is joined; an archive has every one that it ever had.
  if (subjectIn(stanza) !== undefined) return 'refused';
  // News of somebody's nodes is no message: who wants it listens to the client.
  if (child(stanza, XMPP.PUBSUB_EVENT, 'event') !== undefined) return 'refused';
  try {
    for (const take of ports.takers ?? []) if (await take(arrived)) return 'known';
  } catch (error) {
    return held(error, undefined, ports);
  }
  // Of a handshake that nobody here runs; there is nothing in it for people.
  if (child(stanza, VERIFICATION_NAMESPACE, 'handshake') !== undefined) return 'refused';
  const isRoom = attribute(stanza, 'type') === 'groupchat';
  const from = (isRoom ? ports.occupant(attribute(stanza, 'from') ?? '', archived) : undefined) ?? outerFrom;
  if (ports.plaintext === 'drop') {
    onEvent({ kind: 'plain-dropped', from });
    return 'refused';
  }
  if (plainMemory.has(arrived)) return 'known';
  const common = commonOf(arrived, { isOwn: from === messenger.owner, from, messenger });
  try {
    const expectedSealed = (await store.get('contacts', isRoom ? from : common.conversation)) !== undefined;
    const message: PlainMessage = {
      ...common,
      plain: true,
      from,
      expectedSealed,
      time: arrived.stamp ?? ports.plainMemory.now(),
    };
    await ports.onMessage(message);
  } catch (error) {
    return held(error, undefined, ports);
  }
  plainMemory.add(arrived);
  return 'accepted';
}

function sealedMessage(arrived: Arrived, opened: Opened, own: string): SealedMessage {
  const { sender, time, messageId, recipients, warnings, cek } = opened;
  const { stanza } = opened;
  const isOwn = sender.jid === own;
  const common = commonOf({ ...arrived, stanza }, { isOwn, from: sender.jid, messenger: { owner: own } });
  return { ...common, plain: false, sender, class: opened.class, time, messageId, recipients, warnings, cek };
}

function commonOf(
  { stanza, via, archived }: Arrived,
  { isOwn, from, messenger }: { isOwn: boolean; from: string; messenger: Pick<Messenger, 'owner'> },
): Omit<AnyMessage, 'time'> {
  const isRoom = attribute(stanza, 'type') === 'groupchat';
  const room = isRoom ? bareOf(attribute(stanza, 'from')) : undefined;
  const conversation = room ?? (isOwn ? (bareOf(attribute(stanza, 'to')) ?? messenger.owner) : from);
  return { stanza, conversation, isOwn, room, via, archiveId: archived?.id };
}

/** Whether a message says that it holds an object of ours. Where it holds none, somebody took it out, and what is left is not its text (H5, T24). */
function claimsSealed(stanza: XmlElement): boolean {
  return childrenOf(stanza, NS.EME, 'encryption').some((each) => attribute(each, 'namespace') === NS.SEALED);
}

function bareOf(jid: string | undefined): string | undefined {
  try {
    return jid === undefined ? undefined : bareJid(jid);
  } catch {
    return undefined;
  }
}
