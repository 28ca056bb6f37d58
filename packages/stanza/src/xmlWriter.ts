/**
 * Writes an element as text that every reader gives back as the same element.
 * @module
 */
import { NS } from './namespaces.js';
import { xmlError } from './stanzaError.js';
import type { XmlAttribute, XmlElement } from './xml.js';
import { hasDuplicate, XML_LIMITS } from './xml.js';
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

// What cannot be written as it is: to be escaped, part of a surrogate pair, or no XML. Looking for one such character costs a third of
// matching all others.
const SPECIAL_TEXT = /[^\n\t\x20-%'-;=?-\uD7FF\uE000-\uFFFD]/;
const SPECIAL_LINE = /[^\t\x20-%'-;=?-\uD7FF\uE000-\uFFFD]/;
const SPECIAL_ATTRIBUTE = /[^\x20!#-%'-;=?-\uD7FF\uE000-\uFFFD]/;

function escapeText(value: string): string {
  // A return would come back as a line feed (XML 1.0 §2.11).
  return SPECIAL_TEXT.test(value) ? escape(value, /[&<>\r]/g) : value;
}

function escapeLine(value: string): string {
  return SPECIAL_LINE.test(value) ? escape(value, /[&<>\r\n]/g) : value;
}

function escapeAttribute(value: string): string {
  // White space other than the space would come back as a space (XML 1.0 §3.3.3).
  return SPECIAL_ATTRIBUTE.test(value) ? escape(value, /[&<>"\r\n\t]/g) : value;
}

function escape(value: string, special: RegExp): string {
  if (!isXmlText(value)) throw xmlError('text holds a character that XML has not');
  return value.replace(special, (character) => REFERENCES.get(character) as string);
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
