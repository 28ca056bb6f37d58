/**
 * Fetching what an account published: from its server (XEP-0163), and where that has nothing, from one of its devices that is online.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import type { Messenger } from '@stanzaseal/messenger';
import { describePublished, listedDevices } from '@stanzaseal/messenger/devices';
import { child, element, NS } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { CURRENT, type KeyItem, type KeyNode, NODES, readItem, readPayloads } from './nodes.js';
import { fetchItems, isRefusal } from './pubsub.js';
import { type TakenIn, takeIn } from './takeIn.js';

/** Items of one query: a bundle has some 5 kB, and no answer should be near what servers take. */
const BATCH = 8;
/** Statements of an account that are looked at: its devices, and those that left, are not more. */
const MAX_STATEMENTS = 256;
const PATIENCE = 15_000;

/** Where to fetch, and whither. */
export interface FetchPorts {
  /** The connection. */
  readonly link: Link;
  /** What takes keys in. */
  readonly messenger: Messenger;
}

/**
 * Fetches an account's list, statements, and the bundles of the devices that its list names.
 * @param jid bare JID, normalised
 * @returns what was taken in; of nothing published, nothing
 * @throws XmppError `ERR_REFUSED`, `ERR_TIMEOUT`, `ERR_OFFLINE`; and as `takeIn`
 */
export async function fetchPublished({ link, messenger }: FetchPorts, jid: string): Promise<TakenIn> {
  const [list, statements] = await Promise.all([
    readNode(link, jid, NODES.DEVICES, [CURRENT]),
    readNode(link, jid, NODES.STATEMENTS).catch(unlessRefusal),
  ]);
  const first = await takeIn(messenger, jid, [...list, ...statements.slice(0, MAX_STATEMENTS)]);
  const devices = await listedDevices(messenger, jid);
  const ids = devices.filter(({ state, isThis }) => state === 'listed' && !isThis).map(({ device }) => toHex(device));
  const second = await takeIn(messenger, jid, await readBundles(link, jid, ids));
  return { taken: [...first.taken, ...second.taken], refused: [...first.refused, ...second.refused] };
}

/** The bundles of devices by their ids, and no others. @throws XmppError */
export async function readBundles(link: Link, jid: string, ids: readonly string[]): Promise<KeyItem[]> {
  const found: KeyItem[] = [];
  for (let at = 0; at < ids.length; at += BATCH)
    found.push(...(await readNode(link, jid, NODES.BUNDLES, ids.slice(at, at + BATCH))));
  return found;
}

/** The objects of a node of an account, those named or all. What else stands there is left out. @throws XmppError */
export async function readNode(
  link: Link,
  jid: string | undefined,
  node: KeyNode,
  ids: readonly string[] = [],
): Promise<KeyItem[]> {
  const items = (await fetchItems(link, { to: jid, node, ids })).map((item) => readItem(node, item));
  return items.filter((item): item is KeyItem => item !== undefined && (ids.length === 0 || ids.includes(item.id)));
}

/**
 * Asks a device that is online for its account's list and statements and its own bundle: for accounts whose server has no PEP.
 * @param jid bare JID, normalised
 * @param device its full JID
 * @throws as `fetchPublished`
 */
export async function fetchFromDevice({ link, messenger }: FetchPorts, jid: string, device: string): Promise<TakenIn> {
  const request = element(NS.CLIENT, 'iq', { type: 'get', to: device }, [element(NS.SEALED, 'keys')]);
  const answer = await link.query(request, { timeout: PATIENCE });
  const keys = child(answer, NS.SEALED, 'keys');
  const items: KeyItem[] = [];
  for (const payload of keys === undefined ? [] : readPayloads(keys).slice(0, MAX_STATEMENTS)) {
    // There are no item ids here: the place of an object is what it says of itself.
    const found = await describePublished(messenger, payload.der).catch(() => undefined);
    if (found !== undefined)
      items.push({ ...payload, id: found.kind === 'device-list' ? CURRENT : toHex(found.device) });
  }
  return takeIn(messenger, jid, items);
}

function unlessRefusal(cause: unknown): KeyItem[] {
  if (isRefusal(cause)) return [];
  throw cause;
}
