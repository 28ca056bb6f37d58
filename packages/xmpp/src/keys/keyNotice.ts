/**
 * Notifications of PEP nodes with keys (XEP-0163 §4).
 * @module
 */
import { attribute, bareJid, child, childrenOf, StanzaError, type XmlElement } from '@stanzaseal/stanza';
import { XMPP } from '../namespaces.js';
import { type KeyItem, type KeyNode, keyNode, NODES, readItem } from './nodes.js';

/** What a server says changed. */
export interface KeyNotice {
  /** Bare JID of the account, normalised; `undefined` where it is none's: only an account's own bare JID speaks for it (H13). */
  readonly from: string | undefined;
  /** Which node. */
  readonly node: KeyNode;
  /** What was published, where the server sent it. */
  readonly items: readonly KeyItem[];
  /** Whether something was taken away: items, or the node. */
  readonly isLoss: boolean;
}

/**
 * Reads a notification of a node with keys; `undefined` for any other stanza.
 * @param own bare JID of the own account, which a stanza without `from` comes from (RFC 6120 §8.1.2.1)
 */
export function readNotice(stanza: XmlElement, own: string): KeyNotice | undefined {
  if (stanza.name !== 'message' || attribute(stanza, 'type') === 'error') return undefined;
  const event = child(stanza, XMPP.PUBSUB_EVENT, 'event');
  for (const part of event === undefined ? [] : childrenOf(event, XMPP.PUBSUB_EVENT)) {
    const node = keyNode(attribute(part, 'node'));
    if (node === undefined) continue;
    const items = childrenOf(part, XMPP.PUBSUB_EVENT, 'item')
      .map((item) => readItem(node, item))
      .filter((item): item is KeyItem => item !== undefined);
    const isLoss = ['purge', 'delete'].includes(part.name) || child(part, XMPP.PUBSUB_EVENT, 'retract') !== undefined;
    return { from: bareOrigin(attribute(stanza, 'from') ?? own), node, items, isLoss };
  }
  return undefined;
}

/** Items that wait of one node and account: a peer cannot have us work off a queue of any length. */
const MAX_WAITING = 256;

/** Two notices of one node and account as one: of each item, and of lists, the last counts; no revocation is lost for a later one. */
export function mergeNotices(before: KeyNotice | undefined, next: KeyNotice): KeyNotice {
  if (before === undefined) return next;
  const isLoss = before.isLoss || next.isLoss;
  if (next.node === NODES.DEVICES) return { ...next, items: next.items.length > 0 ? next.items : before.items, isLoss };
  const kept = before.items.filter(({ id }) => !next.items.some((item) => item.id === id));
  return { ...next, items: [...kept, ...next.items].slice(-MAX_WAITING), isLoss };
}

function bareOrigin(from: string): string | undefined {
  try {
    return from.includes('/') ? undefined : bareJid(from);
  } catch (cause) {
    if (cause instanceof StanzaError) return undefined;
    throw cause;
  }
}
