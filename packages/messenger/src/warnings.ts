/**
 * What is odd about an opened object and no reason to refuse it: gaps, reordering, odd times, other versions of lists.
 * @module
 */
import { equal, type StanzaKind, toHex } from '@stanzaseal/cms';
import type { AccountRecord } from '@stanzaseal/keystore';
import { attribute, type OpenedStanza } from '@stanzaseal/stanza';
import { storedList } from './lists.js';
import type { Sender } from './sender.js';
import type { Session } from './session.js';

/** A warning. */
export type Warning =
  /** Objects of this device in this conversation are missing before this one (C7). */
  | { readonly code: 'gap'; readonly missing: number }
  /** This object is older than one opened before. */
  | { readonly code: 'reordered' }
  /** The counter follows on the last object, but the sender means another one by it. */
  | { readonly code: 'chain-broken' }
  /** The sender's clock is ahead of ours. */
  | { readonly code: 'time-in-future' }
  /** The sender has a newer device list than we know: fetch it. */
  | { readonly code: 'sender-list-newer'; readonly listVersion: number }
  /** The sender has seen a newer list of ours than we know. */
  | { readonly code: 'own-list-newer'; readonly listVersion: number }
  /** The sending device is new to us; its identity key endorses it. */
  | { readonly code: 'new-device' };

/** The conversation an object belongs to: the peer's bare JID, the room's, or the own. */
export function conversationOf(opened: OpenedStanza, own: string): string {
  const inRoom = attribute(opened.stanza, 'type') === 'groupchat';
  return opened.from === own || inRoom ? opened.to : opened.from;
}

/**
 * What a device counts its objects by: the conversation, and presences and iqs apart from messages. Those go to some devices of
 * a peer only, and counted together they would look like gaps to the others.
 */
export function countedConversation(conversation: string, kind: StanzaKind): string {
  return kind === 'message' ? conversation : `${conversation} ${kind}`;
}

/** Key in the table `received`. */
export function receivedKey(opened: OpenedStanza, own: string): string {
  return `${toHex(opened.device)} ${countedConversation(conversationOf(opened, own), opened.stanza.name as StanzaKind)}`;
}

/** The warnings of an opened object. */
export async function readWarnings(
  { store, clock, rules }: Session,
  account: AccountRecord,
  opened: OpenedStanza,
  sender: Sender,
): Promise<Warning[]> {
  const warnings: Warning[] = [];
  const received = store.get('received', receivedKey(opened, store.owner));
  const last = received instanceof Promise ? await received : received;
  const { counter, previous, senderListVersion, peerListVersion } = opened.context;
  if (last !== undefined && counter <= last.counter) warnings.push({ code: 'reordered' });
  else if (counter > (last?.counter ?? 0) + 1)
    warnings.push({ code: 'gap', missing: counter - (last?.counter ?? 0) - 1 });
  else if (last !== undefined && (previous === undefined || !equal(previous, last.digest))) {
    warnings.push({ code: 'chain-broken' });
  }
  if (opened.time > clock() + rules.clockTolerance) warnings.push({ code: 'time-in-future' });
  const ownVersion = account.deviceList === undefined ? 0 : storedList(account.deviceList).listVersion;
  const isOwn = opened.from === store.owner;
  const senderVersion = isOwn ? ownVersion : (sender.contact?.listVersion ?? 0);
  if (senderVersion > 0 && senderListVersion > senderVersion) {
    warnings.push({ code: 'sender-list-newer', listVersion: senderListVersion });
  }
  if (!isOwn && peerListVersion > ownVersion) warnings.push({ code: 'own-list-newer', listVersion: peerListVersion });
  if (sender.newDevice && (isOwn || sender.contact !== undefined)) warnings.push({ code: 'new-device' });
  return warnings;
}
