/**
 * The nodes under which keys are published by PEP (XEP-0163), and their items: specification, section 10.6.
 * @module
 */
import { CmsError, fromBase64, toBase64 } from '@stanzaseal/cms';
import { attribute, childrenOf, element, NS, PlainTextElement, textOf, type XmlElement } from '@stanzaseal/stanza';
import { XMPP } from '../namespaces.js';

/** Names of the nodes. */
export const NODES: {
  readonly DEVICES: 'urn:xmpp:sealed:0:devices';
  readonly BUNDLES: 'urn:xmpp:sealed:0:bundles';
  readonly STATEMENTS: 'urn:xmpp:sealed:0:statements';
} = {
  /** The device list: one item, `current`. */
  DEVICES: 'urn:xmpp:sealed:0:devices',
  /** Prekey bundles: an item for each device, named by its key identifier in hexadecimal. */
  BUNDLES: 'urn:xmpp:sealed:0:bundles',
  /** Endorsements and revocations: an item for each endorsed key, named by its key identifier in hexadecimal. */
  STATEMENTS: 'urn:xmpp:sealed:0:statements',
};

/** Name of a node. */
export type KeyNode = (typeof NODES)[keyof typeof NODES];

/** Item of the device list. */
export const CURRENT = 'current';

/**
 * Features to announce (XEP-0030), so that servers tell of new lists and statements (XEP-0163 §4). Bundles change too often to be told
 * to everybody: they are fetched.
 */
export const NOTIFY_FEATURES: readonly string[] = [`${NODES.DEVICES}+notify`, `${NODES.STATEMENTS}+notify`];

/** A published object in its place. */
export interface KeyItem {
  /** Name of its node. */
  readonly node: KeyNode;
  /** Id of the item. */
  readonly id: string;
  /** The object. */
  readonly der: Uint8Array;
}

const PAYLOADS: readonly (readonly [KeyNode, string])[] = [
  [NODES.DEVICES, 'devices'],
  [NODES.BUNDLES, 'bundle'],
  [NODES.STATEMENTS, 'statement'],
];

/** More than the longest that a publisher may make: a list of 64 devices has some 7 kB, a bundle of 200 prekeys some 8 kB. */
const MAX_CHARACTERS = 65_536;

/** The node of that name, or `undefined` for any other. */
export function keyNode(name: string | undefined): KeyNode | undefined {
  return PAYLOADS.find(([node]) => node === name)?.[0];
}

/** Payload of an object: `<devices/>`, `<bundle/>` or `<statement/>` with canonical base64. */
export function keyPayload(node: KeyNode, der: Uint8Array): XmlElement {
  const [, name] = PAYLOADS.find(([one]) => one === node) as (typeof PAYLOADS)[number];
  return new PlainTextElement(NS.SEALED, name, toBase64(der));
}

/** The `<item/>` of an object, to be published. */
export function keyItem({ node, id, der }: KeyItem): XmlElement {
  return element(XMPP.PUBSUB, 'item', { id }, [keyPayload(node, der)]);
}

/** The objects of payloads anywhere: those of another name, and what is no canonical base64, are left out. */
export function readPayloads(parent: XmlElement): Omit<KeyItem, 'id'>[] {
  const found: Omit<KeyItem, 'id'>[] = [];
  for (const payload of childrenOf(parent, NS.SEALED)) {
    const node = PAYLOADS.find(([, name]) => name === payload.name)?.[0];
    const text = textOf(payload);
    if (node === undefined || text === '' || text.length > MAX_CHARACTERS) continue;
    try {
      found.push({ node, der: fromBase64(text) });
    } catch (cause) {
      if (!(cause instanceof CmsError)) throw cause;
    }
  }
  return found;
}

/** The object of an `<item/>` of a node, or `undefined` for what is none. */
export function readItem(node: KeyNode, item: XmlElement): KeyItem | undefined {
  const id = attribute(item, 'id');
  const [payload] = readPayloads(item);
  return id === undefined || payload?.node !== node ? undefined : { id, ...payload };
}
