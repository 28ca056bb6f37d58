/**
 * Writes an element as text that every reader gives back as the same element.
 * @module
 */
import { NS } from './namespaces.js';
import { xmlError } from './stanzaError.js';
import type { XmlAttribute, XmlElement } from './xml.js';
import { hasDuplicate, PlainTextElement, XML_LIMITS } from './xml.js';
import { isNcName, isXmlText } from './xmlName.js';

/** How an element is written. */
export interface WriteXmlOptions {
  /** Default namespace where the text will stand; elements in it need no `xmlns`. None if absent. */
  readonly defaultNamespace?: string;
  /** Write line feeds in text as `&#10;`, so that the element is one line. */
  readonly singleLine?: boolean;
  /** Greatest nesting, `XML_LIMITS.depth` if absent; it also stops a tree that contains itself (H3). */
  readonly depth?: number;
}

/**
 * Text of an element. Namespaces are written as defaults, never by prefix but for attributes, so that a child cut out keeps its meaning (H7).
 * @throws StanzaError `ERR_XML` for what cannot be XML: control characters, lone surrogates, bad names, duplicate attributes
 * @example
 * writeXml(element('jabber:client', 'message', { to: 'romeo@example.net' }), { defaultNamespace: 'jabber:client' });
 */
export function writeXml(element: XmlElement, options: WriteXmlOptions = {}): string {
  const text = options.singleLine ? escapeLine : escapeText;
  return write(element, options.defaultNamespace ?? '', options.depth ?? XML_LIMITS.depth, text);
}

function write(element: XmlElement, outer: string, depth: number, text: (value: string) => string): string {
  if (depth <= 0) throw xmlError('elements are nested too deep');
  const { namespace, name, attributes, children } = element;
  if (!isNcName(name)) throw xmlError('an element has a name that XML has not');
  let inner = namespace;
  let tag = name;
  let out = `<${name}`;
  if (namespace === NS.XML) {
    // This namespace has the one prefix and cannot be a default (Namespaces in XML §3).
    tag = `xml:${name}`;
    out = `<${tag}`;
    inner = outer;
  } else if (namespace !== outer) {
    if (namespace === NS.XMLNS) throw xmlError('an element stands in a reserved namespace');
    out += ` xmlns="${escapeAttribute(namespace)}"`;
  }
  if (attributes.length > 0) out += writeAttributes(attributes);
  if (children.length === 0) return `${out}/>`;
  out += '>';
  if (element instanceof PlainTextElement) return `${out}${children[0]}</${tag}>`;
  let empty = true;
  for (const node of children) {
    const part = typeof node === 'string' ? text(node) : write(node, inner, depth - 1, text);
    if (part === '') continue;
    empty = false;
    out += part;
  }
  return empty ? `${out.slice(0, -1)}/>` : `${out}</${tag}>`;
}

function writeAttributes(attributes: readonly XmlAttribute[]): string {
  if (attributes.length > 1 && hasDuplicate(attributes)) throw xmlError('an attribute stands twice');
  let out = '';
  let prefixes: Map<string, string> | undefined;
  for (const { namespace, name, value } of attributes) {
    if (!isNcName(name) || (name === 'xmlns' && namespace === ''))
      throw xmlError('an attribute has a name that XML has not');
    let prefix = '';
    if (namespace === NS.XML) prefix = 'xml:';
    else if (namespace === NS.XMLNS) throw xmlError('an attribute stands in a reserved namespace');
    else if (namespace !== '') {
      prefixes ??= new Map();
      let known = prefixes.get(namespace);
      if (known === undefined) {
        known = `ns${prefixes.size + 1}`;
        prefixes.set(namespace, known);
        out += ` xmlns:${known}="${escapeAttribute(namespace)}"`;
      }
      prefix = `${known}:`;
    }
    out += ` ${prefix}${name}="${escapeAttribute(value)}"`;
  }
  return out;
}

// A return would come back as a line feed (XML 1.0 §2.11).
const TEXT = /[&<>\r]/g;
const LINE = /[&<>\r\n]/g;
// White space other than the space would come back as a space (XML 1.0 §3.3.3).
const ATTRIBUTE = /[&<>"\r\n\t]/g;

function escapeText(value: string): string {
  // Texts are long, and one character is found in less than a tenth of the time that an expression takes.
  const isSpecial = value.includes('&') || value.includes('<') || value.includes('>') || value.includes('\r');
  return escape(value, TEXT, isSpecial);
}

function escapeLine(value: string): string {
  return escape(value, LINE, value.search(LINE) >= 0);
}

function escapeAttribute(value: string): string {
  return escape(value, ATTRIBUTE, value.search(ATTRIBUTE) >= 0);
}

function escape(value: string, special: RegExp, isSpecial: boolean): string {
  if (!isXmlText(value)) throw xmlError('text holds a character that XML has not');
  return isSpecial ? value.replace(special, (character) => REFERENCES.get(character) as string) : value;
}

const REFERENCES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);
