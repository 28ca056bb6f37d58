/**
 * What of XEP-0060 publishing keys takes: publishing under options, fetching, retracting, configuring.
 * @module
 */
import { attribute, child, childrenOf, element, NS, textOf, type XmlElement } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XMPP } from '../namespaces.js';
import { XmppError } from '../xmppError.js';

/** Fields of a form by their names, without their common head `pubsub#`. */
export type NodeOptions = Readonly<Record<string, string>>;

/** Publishes an item; with options the server makes the node so, or refuses where it is otherwise (XEP-0060 §7.1.5). @throws XmppError */
export async function publishItem(link: Link, node: string, item: XmlElement, options?: NodeOptions): Promise<void> {
  const publish = element(XMPP.PUBSUB, 'publish', { node }, [item]);
  const form = options && element(XMPP.PUBSUB, 'publish-options', {}, [optionsForm('publish-options', options)]);
  await ask(link, 'set', XMPP.PUBSUB, form === undefined ? [publish] : [publish, form]);
}

/** Retracts an item (XEP-0060 §7.2) and tells subscribers. @throws XmppError */
export async function retractItem(link: Link, node: string, id: string): Promise<void> {
  const item = element(XMPP.PUBSUB, 'item', { id });
  await ask(link, 'set', XMPP.PUBSUB, [element(XMPP.PUBSUB, 'retract', { node, notify: 'true' }, [item])]);
}

/** Items of a node of an account: those named, else all; none of a node or item that is not there (XEP-0060 §6.5). @throws XmppError */
export async function fetchItems(
  link: Link,
  { to, node, ids = [] }: { readonly to?: string | undefined; readonly node: string; readonly ids?: readonly string[] },
): Promise<XmlElement[]> {
  const wanted = ids.map((id) => element(XMPP.PUBSUB, 'item', { id }));
  try {
    const answer = await ask(link, 'get', XMPP.PUBSUB, [element(XMPP.PUBSUB, 'items', { node }, wanted)], to);
    const items = answer && child(answer, XMPP.PUBSUB, 'items');
    if (items === undefined || attribute(items, 'node') !== node) return [];
    return childrenOf(items, XMPP.PUBSUB, 'item');
  } catch (cause) {
    if (isRefusal(cause, 'item-not-found')) return [];
    throw cause;
  }
}

/** Configuration of an own node (XEP-0060 §8.2); `undefined` where there is no such node. @throws XmppError */
export async function nodeConfiguration(link: Link, node: string): Promise<NodeOptions | undefined> {
  try {
    const answer = await ask(link, 'get', XMPP.PUBSUB_OWNER, [element(XMPP.PUBSUB_OWNER, 'configure', { node })]);
    const configure = answer && child(answer, XMPP.PUBSUB_OWNER, 'configure');
    const form = configure && child(configure, XMPP.DATA, 'x');
    const options: Record<string, string> = {};
    for (const field of form === undefined ? [] : childrenOf(form, XMPP.DATA, 'field')) {
      const [, name] = attribute(field, 'var')?.split('pubsub#') ?? [];
      const value = child(field, XMPP.DATA, 'value');
      if (name !== undefined && value !== undefined) options[name] = textOf(value);
    }
    return options;
  } catch (cause) {
    if (isRefusal(cause, 'item-not-found')) return undefined;
    throw cause;
  }
}

/** Changes the configuration of an own node. @throws XmppError */
export async function configureNode(link: Link, node: string, options: NodeOptions): Promise<void> {
  const form = optionsForm('node_config', options);
  await ask(link, 'set', XMPP.PUBSUB_OWNER, [element(XMPP.PUBSUB_OWNER, 'configure', { node }, [form])]);
}

/** Makes an own node so configured (XEP-0060 §8.1.3). @throws XmppError */
export async function createNode(link: Link, node: string, options: NodeOptions): Promise<void> {
  const configure = element(XMPP.PUBSUB, 'configure', {}, [optionsForm('node_config', options)]);
  await ask(link, 'set', XMPP.PUBSUB, [element(XMPP.PUBSUB, 'create', { node }), configure]);
}

/** Whether an error is an answer that refuses, with that condition where one is given. */
export function isRefusal(cause: unknown, condition?: string): cause is XmppError {
  if (!(cause instanceof XmppError) || cause.code !== 'ERR_REFUSED') return false;
  return condition === undefined || cause.condition === condition;
}

async function ask(
  link: Link,
  type: 'get' | 'set',
  namespace: string,
  content: readonly XmlElement[],
  to?: string,
): Promise<XmlElement | undefined> {
  const payload = element(namespace, 'pubsub', {}, content);
  const answer = await link.query(element(NS.CLIENT, 'iq', { type, to }, [payload]));
  return child(answer, namespace, 'pubsub');
}

function optionsForm(type: string, options: NodeOptions): XmlElement {
  const field = (name: string, value: string, kind?: string): XmlElement =>
    element(XMPP.DATA, 'field', { var: name, type: kind }, [element(XMPP.DATA, 'value', {}, [value])]);
  const fields = Object.entries(options).map(([name, value]) => field(`pubsub#${name}`, value));
  const head = field('FORM_TYPE', `http://jabber.org/protocol/pubsub#${type}`, 'hidden');
  return element(XMPP.DATA, 'x', { type: 'submit' }, [head, ...fields]);
}
