/**
 * Taking in what a server, or a peer's device, says an account published: what is that account's, in its place, and nothing else (H13).
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { type Messenger, MessengerError } from '@stanzaseal/messenger';
import { describePublished, type PublishedObject } from '@stanzaseal/messenger/devices';
import { CURRENT, type KeyItem, type KeyNode, NODES } from './nodes.js';

/** What came of it. */
export interface TakenIn {
  /** Objects that are known now. */
  readonly taken: readonly KeyItem[];
  /** Objects that were refused: another's, out of their place, damaged, of an unknown device, older than what is known. */
  readonly refused: readonly KeyItem[];
}

const KINDS: readonly (readonly [KeyNode, PublishedObject['kind']])[] = [
  [NODES.DEVICES, 'device-list'],
  [NODES.STATEMENTS, 'statement'],
  [NODES.BUNDLES, 'prekey-bundle'],
];

/**
 * Takes in objects that came from the account of a bare JID: lists, then statements, then bundles, each for itself, so that a bad one
 * keeps no good one out. An object of another account is refused, however well it is signed: else whoever publishes anything could
 * have strangers pinned under keys of their choice (H13).
 * @throws MessengerError `ERR_KEY_CHANGED`; KeyStoreError `ERR_ROLLBACK` and what else stores throw
 */
export async function takeIn(messenger: Messenger, jid: string, items: readonly KeyItem[]): Promise<TakenIn> {
  const taken: KeyItem[] = [];
  const refused: KeyItem[] = [];
  for (const [node, kind] of KINDS) {
    for (const item of items) {
      if (item.node !== node) continue;
      const isTaken = (await isInPlace(messenger, jid, item, kind)) && (await imported(messenger, item.der));
      (isTaken ? taken : refused).push(item);
    }
  }
  return { taken, refused };
}

async function isInPlace(
  messenger: Messenger,
  jid: string,
  { id, der }: KeyItem,
  kind: PublishedObject['kind'],
): Promise<boolean> {
  const found = await unlessRefused(describePublished(messenger, der));
  if (found?.kind !== kind || found.owner !== jid) return false;
  return id === (found.kind === 'device-list' ? CURRENT : toHex(found.device));
}

async function imported(messenger: Messenger, der: Uint8Array): Promise<boolean> {
  return (await unlessRefused(messenger.importKeys([der]))) !== undefined;
}

async function unlessRefused<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (cause) {
    if (cause instanceof MessengerError && cause.code === 'ERR_VERIFY') return undefined;
    throw cause;
  }
}
