/**
 * Publishing so that a stranger can read it (T10): PEP nodes are open to contacts alone unless they are made otherwise, and keep one item.
 * @module
 */
import type { Link } from '../link.js';
import { XmppError } from '../xmppError.js';
import { type KeyItem, type KeyNode, keyItem, NODES } from './nodes.js';
import { configureNode, createNode, isRefusal, type NodeOptions, nodeConfiguration, publishItem } from './pubsub.js';

/** Devices that an account may list, and so items that a node must keep. */
const DEVICES = 64;

/** What must hold, and servers take in publish-options. */
const NEEDED: NodeOptions = { access_model: 'open', persist_items: 'true' };

/**
 * Publishes an item on a node that everybody may read. First with publish-options, which take one iq; a server that knows not all of
 * them (ejabberd), or has the node otherwise, gets the node made or configured, and then the item. At the end the configuration is
 * fetched: what it says is what strangers meet.
 * @throws XmppError `ERR_PUBLISH` where the server keeps the node from strangers; `ERR_REFUSED`, `ERR_TIMEOUT`, `ERR_OFFLINE`
 */
export async function publishOpen(link: Link, item: KeyItem): Promise<void> {
  const { node } = item;
  try {
    await publishItem(link, node, keyItem(item), preferences(node)[0]);
  } catch (cause) {
    // Which refusals mean the options differs from server to server: all but those that say so for good.
    if (!isRefusal(cause) || ['forbidden', 'not-allowed', 'service-unavailable'].includes(cause.condition ?? ''))
      throw cause;
    await makeOpen(link, node);
    await publishItem(link, node, keyItem(item));
  }
  if (await isOpen(link, node)) return;
  await makeOpen(link, node);
  if (!(await isOpen(link, node))) {
    throw new XmppError('ERR_PUBLISH', `the server does not let everybody read ${node}`);
  }
  // A node that did not keep its items has lost them by now.
  await publishItem(link, node, keyItem(item));
}

/** Whether strangers can read a node and it keeps what is published. @throws XmppError `ERR_REFUSED`, `ERR_TIMEOUT`, `ERR_OFFLINE` */
export async function isOpen(link: Link, node: KeyNode): Promise<boolean> {
  const found = await nodeConfiguration(link, node);
  if (found === undefined || found.access_model !== 'open') return false;
  if (found.persist_items !== undefined && !['1', 'true'].includes(found.persist_items)) return false;
  const { max_items: items } = found;
  return node === NODES.DEVICES || items === undefined || items === 'max' || Number(items) >= DEVICES;
}

/** Makes or configures the node, with the best that the server takes. */
async function makeOpen(link: Link, node: KeyNode): Promise<void> {
  const apply = (await nodeConfiguration(link, node)) === undefined ? createNode : configureNode;
  let refused: unknown;
  for (const options of preferences(node)) {
    try {
      return await apply(link, node, options);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      refused = cause;
    }
  }
  throw refused;
}

/** Options from what is wished for to what is needed. A server that sends the last item of a node with each login tells who came online (XEP-0187 §3.1). */
function preferences(node: KeyNode): readonly [NodeOptions, ...NodeOptions[]] {
  const quiet = { ...NEEDED, send_last_published_item: 'never' };
  if (node === NODES.DEVICES) return [quiet, NEEDED];
  const [max, many, few] = [{ max_items: 'max' }, { max_items: '255' }, { max_items: `${DEVICES}` }];
  return [
    { ...quiet, ...max },
    { ...quiet, ...many },
    { ...NEEDED, ...max },
    { ...NEEDED, ...many },
    { ...NEEDED, ...few },
  ];
}
