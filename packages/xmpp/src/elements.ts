/**
 * Elements of xmpp.js (ltx) and elements of `@stanzaseal/stanza`, from one to the other: prefixes become namespaces, and nothing of a
 * tree that came from outside is walked deeper than a stanza may be.
 * @module
 */
import {
  hasDuplicate,
  NS,
  StanzaError,
  XML_LIMITS,
  type XmlAttribute,
  type XmlElement,
  type XmlNode,
} from '@stanzaseal/stanza';

/** An element of xmpp.js, as far as it is looked at: of ltx, whichever copy of it. */
export interface XmppElement {
  /** Name with its prefix. */
  name: string;
  /** Attributes and namespace declarations by their names with prefixes. */
  attrs: { [name: string]: unknown };
  /** Content. */
  children: unknown[];
  /** The element that it stands in; the stream for a stanza. */
  parent: XmppElement | null;
}

/** Makes an element of xmpp.js. */
export type XmppElementClass = new (name: string, attrs?: Record<string, string>) => XmppElement;

/** Namespace of stanzas between a component and its server (XEP-0114): theirs are `jabber:client` everywhere else in this package. */
export const COMPONENT_ACCEPT = 'jabber:component:accept';

/**
 * A stanza of xmpp.js as an immutable element.
 * @throws StanzaError `ERR_XML` for a prefix without a namespace, one attribute twice (H7), or more than 64 levels (H3)
 */
export function fromXmppElement(stanza: XmppElement): XmlElement {
  const outer: Map<string, string>[] = [];
  for (let parent = stanza.parent; parent !== null && parent !== undefined; parent = parent.parent) {
    outer.unshift(declarationsOf(parent));
  }
  const scope = new Map<string, string>([['xml', NS.XML]]);
  for (const declarations of outer) for (const [prefix, namespace] of declarations) scope.set(prefix, namespace);
  return converted(stanza, scope, 1);
}

/**
 * A stanza as an element of xmpp.js, in the namespace of its stream.
 * @throws StanzaError `ERR_XML` for characters that XML has not: servers end the stream on them
 */
export function toXmppElement(stanza: XmlElement, ElementClass: XmppElementClass): XmppElement {
  // A stanza without `xmlns` is in its stream's namespace, `jabber:client` or `jabber:component:accept`, and so is its content.
  return written(stanza, NS.CLIENT, ElementClass);
}

function converted(source: XmppElement, outer: ReadonlyMap<string, string>, depth: number): XmlElement {
  if (depth > XML_LIMITS.depth) throw new StanzaError('ERR_XML', 'stanza is nested too deeply');
  const declared = declarationsOf(source);
  const scope = declared.size === 0 ? outer : new Map([...outer, ...declared]);
  const attributes: XmlAttribute[] = [];
  for (const key of Object.keys(source.attrs)) {
    const value = source.attrs[key];
    if (key === 'xmlns' || key.startsWith('xmlns:') || value === undefined || value === null) continue;
    const [prefix, name] = split(key);
    const namespace = prefix === '' ? '' : namespaceOf(prefix, scope);
    attributes.push({ namespace, name, value: String(value) });
  }
  if (hasDuplicate(attributes)) throw new StanzaError('ERR_XML', 'element has one attribute twice');
  const children: XmlNode[] = [];
  for (const node of source.children) {
    if (typeof node === 'string') addText(children, node);
    else if (node !== null && node !== undefined) children.push(converted(node as XmppElement, scope, depth + 1));
  }
  const [prefix, name] = split(source.name);
  return { namespace: namespaceOf(prefix, scope), name, attributes, children };
}

function declarationsOf({ attrs }: XmppElement): Map<string, string> {
  const declared = new Map<string, string>();
  for (const key of Object.keys(attrs)) {
    if (key !== 'xmlns' && !key.startsWith('xmlns:')) continue;
    const namespace = String(attrs[key] ?? '');
    declared.set(key === 'xmlns' ? '' : key.slice(6), namespace === COMPONENT_ACCEPT ? NS.CLIENT : namespace);
  }
  return declared;
}

function split(name: string): [prefix: string, local: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}

function namespaceOf(prefix: string, scope: ReadonlyMap<string, string>): string {
  const namespace = scope.get(prefix);
  if (namespace === undefined && prefix !== '') throw new StanzaError('ERR_XML', 'prefix has no namespace');
  return namespace ?? '';
}

function addText(children: XmlNode[], text: string): void {
  const last = children.at(-1);
  if (typeof last === 'string') children[children.length - 1] = last + text;
  else if (text !== '') children.push(text);
}

function written(source: XmlElement, outer: string, ElementClass: XmppElementClass): XmppElement {
  const attrs: Record<string, string> = {};
  if (source.namespace !== outer) attrs.xmlns = source.namespace;
  for (const [index, { namespace, name, value }] of source.attributes.entries()) {
    const prefix = namespace === '' ? '' : namespace === NS.XML ? 'xml:' : `a${index}:`;
    if (prefix.startsWith('a')) attrs[`xmlns:a${index}`] = checkedText(namespace);
    attrs[`${prefix}${name}`] = checkedText(value);
  }
  const target = new ElementClass(source.name, attrs);
  for (const node of source.children) {
    if (typeof node === 'string') {
      target.children.push(checkedText(node));
      continue;
    }
    const child = written(node, source.namespace, ElementClass);
    child.parent = target;
    target.children.push(child);
  }
  return target;
}

function checkedText(text: string): string {
  if (NO_CHARACTER.test(text)) throw new StanzaError('ERR_XML', 'text holds a character that XML has not');
  return text;
}

// XML 1.0 §2.2; with the flag `u` a surrogate without its other half is a character of its own, and not among these.
const NO_CHARACTER = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
