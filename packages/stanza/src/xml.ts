/**
 * An XML element as immutable data, and the few questions a stanza author asks of one.
 * Names are pairs of namespace and local name everywhere, prefixes are gone (H7); names are values, never object keys (H2).
 * @module
 */

/** One attribute. */
export interface XmlAttribute {
  /** Namespace name, `''` for an attribute without a prefix; `xml:lang` has `NS.XML`. */
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  /** Normalised value (XML 1.0 §3.3.3), references expanded. */
  readonly value: string;
}

/** What stands inside an element: elements and text, in document order; no two texts are neighbours and none is empty. */
export type XmlNode = XmlElement | string;

/** One element with all that it contains. Namespace declarations are not attributes. */
export interface XmlElement {
  /** Namespace name, `''` if none is in scope. */
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  /** Attributes in document order. */
  readonly attributes: readonly XmlAttribute[];
  /** Content in document order. */
  readonly children: readonly XmlNode[];
}

/** What a reader takes before it refuses. */
export interface XmlLimits {
  /** Greatest length of the source text, UTF-8 octets. */
  readonly octets: number;
  /** Greatest nesting; the root is 1 deep. */
  readonly depth: number;
}

/** Limits where the caller gives none: 512 KiB (an object of 256 KiB in base64, and its stanza) and 64 levels (H3). */
export const XML_LIMITS: XmlLimits = { octets: 524288, depth: 64 };

/**
 * Makes an element. Plain attribute names stand without a namespace; `undefined` values are left out.
 * @example
 * element('urn:xmpp:hints', 'store');
 * element('jabber:client', 'message', { to: 'romeo@example.net' }, [element('jabber:client', 'body', {}, ['Hi'])]);
 */
export function element(
  namespace: string,
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: readonly XmlNode[] = [],
): XmlElement {
  const list: XmlAttribute[] = [];
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (value !== undefined) list.push({ namespace: '', name: key, value });
  }
  return { namespace, name, attributes: list, children };
}

/**
 * An element with one text that needs no escaping and holds nothing that XML has not: because it was made so, as base64 of an
 * object is, or because the reader looked at it, as at every long text. Writing it spares a look at each of many thousand characters.
 */
export class PlainTextElement implements XmlElement {
  /** Namespace name. */
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  /** None. */
  readonly attributes: readonly XmlAttribute[] = NONE;
  /** The text alone. */
  readonly children: readonly XmlNode[];
  /** What the text is the base64 of, where it was decoded to be read. */
  readonly octets: Uint8Array | undefined;

  /** @param text characters of XML without `&`, `<`, `>` and returns; it is not looked at */
  constructor(namespace: string, name: string, text: string, octets?: Uint8Array) {
    this.namespace = namespace;
    this.name = name;
    this.children = Object.freeze([text]);
    this.octets = octets;
    Object.freeze(this);
  }
}

const NONE: readonly XmlAttribute[] = /* @__PURE__ */ Object.freeze([]);

/** The first child element of that name, or `undefined`. */
export function child(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  for (const node of parent.children) {
    if (typeof node !== 'string' && node.name === name && node.namespace === namespace) return node;
  }
  return undefined;
}

/** The child elements; with a namespace, or a namespace and a name, only those. */
export function childrenOf(parent: XmlElement, namespace?: string, name?: string): XmlElement[] {
  const found: XmlElement[] = [];
  for (const node of parent.children) {
    if (typeof node === 'string') continue;
    // Names first: they differ where namespaces are the same, which takes a look at each of their characters.
    if (name !== undefined && node.name !== name) continue;
    if (namespace !== undefined && node.namespace !== namespace) continue;
    found.push(node);
  }
  return found;
}

/** The value of an attribute, or `undefined`; without a namespace unless one is given. */
export function attribute(parent: XmlElement, name: string, namespace = ''): string | undefined {
  for (const item of parent.attributes) if (item.name === name && item.namespace === namespace) return item.value;
  return undefined;
}

/** The element's own text, joined; text inside child elements is not part of it. */
export function textOf(parent: XmlElement): string {
  let text = '';
  for (const node of parent.children) if (typeof node === 'string') text += node;
  return text;
}

/** A copy with those attributes (without a namespace) set in place, appended where new, or removed where `undefined`. */
export function withAttributes(parent: XmlElement, changes: Readonly<Record<string, string | undefined>>): XmlElement {
  const pending = new Map(Object.entries(changes));
  const attributes: XmlAttribute[] = [];
  for (const item of parent.attributes) {
    if (item.namespace !== '' || !pending.has(item.name)) {
      attributes.push(item);
      continue;
    }
    const value = pending.get(item.name);
    pending.delete(item.name);
    if (value !== undefined) attributes.push({ namespace: '', name: item.name, value });
  }
  for (const [name, value] of pending) if (value !== undefined) attributes.push({ namespace: '', name, value });
  return { ...parent, attributes };
}

/** A copy with other content. */
export function withChildren(parent: XmlElement, children: readonly XmlNode[]): XmlElement {
  return { ...parent, children };
}

/** Whether two attributes have one expanded name (Namespaces in XML §6.3; H7). */
export function hasDuplicate(attributes: readonly XmlAttribute[]): boolean {
  const count = attributes.length;
  if (count > 12) {
    // By namespace: joined with each of thousands of names, a long one would take memory by the square (H3).
    const names = new Map<string, Set<string>>();
    for (const { namespace, name } of attributes) {
      const known = names.get(namespace);
      if (known === undefined) names.set(namespace, new Set([name]));
      else if (known.size === known.add(name).size) return true;
    }
    return false;
  }
  for (let i = 1; i < count; i++) {
    const { name, namespace } = attributes[i] as XmlAttribute;
    for (let j = 0; j < i; j++) {
      const other = attributes[j] as XmlAttribute;
      if (other.name === name && other.namespace === namespace) return true;
    }
  }
  return false;
}
