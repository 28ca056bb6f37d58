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

// Which ASCII characters cannot be written as they are, one bit for each place: they are escaped, or no XML. A table and a
// loop cost half of what a regular expression does, and the text of an object is long.
const TEXT = 1;
const LINE = 2;
const ATTRIBUTE = 4;
const SPECIAL: Uint8Array = /* @__PURE__ */ specialCharacters();

function specialCharacters(): Uint8Array {
  const special = new Uint8Array(128);
  for (let unit = 0; unit < 0x20; unit++) special[unit] = TEXT | LINE | ATTRIBUTE;
  special[0x09] = ATTRIBUTE;
  special[0x0a] = LINE | ATTRIBUTE;
  for (const character of '&<>') special[character.charCodeAt(0)] = TEXT | LINE | ATTRIBUTE;
  special[0x22] = ATTRIBUTE;
  return special;
}

/** Whether nothing in a text is to be escaped, part of a surrogate pair, or no XML. */
function isPlain(value: string, place: number): boolean {
  const { length } = value;
  let i = 0;
  // Four at a time as long as they are ASCII: texts are long.
  for (const end = length - 3; i < end; i += 4) {
    const [a, b] = [value.charCodeAt(i), value.charCodeAt(i + 1)];
    const [c, d] = [value.charCodeAt(i + 2), value.charCodeAt(i + 3)];
    if ((a | b | c | d) > 127) break;
    if (
      (((SPECIAL[a] as number) | (SPECIAL[b] as number) | (SPECIAL[c] as number) | (SPECIAL[d] as number)) & place) !==
      0
    )
      return false;
  }
  for (; i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 128 ? ((SPECIAL[unit] as number) & place) !== 0 : (unit >= 0xd800 && unit < 0xe000) || unit >= 0xfffe) {
      return false;
    }
  }
  return true;
}

function escapeText(value: string): string {
  // A return would come back as a line feed (XML 1.0 §2.11).
  return isPlain(value, TEXT) ? value : escape(value, /[&<>\r]/g);
}

function escapeLine(value: string): string {
  return isPlain(value, LINE) ? value : escape(value, /[&<>\r\n]/g);
}

function escapeAttribute(value: string): string {
  // White space other than the space would come back as a space (XML 1.0 §3.3.3).
  return isPlain(value, ATTRIBUTE) ? value : escape(value, /[&<>"\r\n\t]/g);
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
