/**
 * Writes an element as text that every reader gives back as the same element.
 * @module
 */
import { NS } from './namespaces.js';
import { xmlError } from './stanzaError.js';
import { LONG_TEXT } from './textLength.js';
import type { XmlAttribute, XmlElement } from './xml.js';
import { hasDuplicate, PlainTextElement, XML_LIMITS } from './xml.js';
import { checkText, isNcName } from './xmlName.js';

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
 * @throws StanzaError `ERR_XML` for what cannot be XML: control characters, lone surrogates, bad names, duplicate attributes; and
 * beyond 16 MiB
 * @example
 * writeXml(element('jabber:client', 'message', { to: 'romeo@example.net' }), { defaultNamespace: 'jabber:client' });
 */
export function writeXml(element: XmlElement, options: WriteXmlOptions = {}): string {
  let whole = '';
  for (const { text, isChecked } of writeXmlPieces(element, options)) {
    if (!isChecked) checkText(text);
    whole += text;
  }
  return whole;
}

/** A piece of the text of an element. */
export interface XmlPiece {
  /** As it is written. */
  readonly text: string;
  /** Whether its characters were looked at. If not, some may be such as XML has not. */
  readonly isChecked: boolean;
}

/**
 * The same text in pieces, long texts apart: whoever writes octets need not have them joined first, which costs far more than the octets,
 * and looks at the octets for characters that XML has not, which costs less than to look at a text.
 * @throws StanzaError `ERR_XML` for everything else
 */
export function writeXmlPieces(element: XmlElement, options: WriteXmlOptions = {}): readonly XmlPiece[] {
  const output = new Output(options.singleLine === true);
  write(element, options.defaultNamespace ?? '', options.depth ?? XML_LIMITS.depth, output);
  output.cut();
  return output.pieces;
}

class Output {
  readonly isSingleLine: boolean;
  readonly pieces: XmlPiece[] = [];
  /** The piece under way. */
  end = '';
  /** Length of the pieces before it. */
  before = 0;

  constructor(isSingleLine: boolean) {
    this.isSingleLine = isSingleLine;
  }

  /** Text that needs no escaping. */
  plain(text: string, isChecked: boolean): void {
    if (text.length < (isChecked ? WORTH_SPARING : LONG_TEXT)) this.end += text;
    else {
      this.cut();
      this.pieces.push({ text, isChecked });
      this.before += text.length;
    }
  }

  /** Ends the piece under way. */
  cut(): void {
    this.pieces.push({ text: this.end, isChecked: false });
    this.before += this.end.length;
    this.end = '';
  }
}

/** Characters: to look at these costs more than to have them in a piece of their own. */
const WORTH_SPARING = 256;

/** UTF-16 code units. A long namespace name that thousands of children share by a prefix is written for each of them (H3). */
const MAX_WRITTEN = 16_777_216;

function write(element: XmlElement, outer: string, depth: number, output: Output): void {
  if (depth <= 0) throw xmlError('elements are nested too deep');
  if (output.before + output.end.length > MAX_WRITTEN) throw xmlError('text is longer than the limit');
  const { namespace, name, attributes, children } = element;
  if (!isNcName(name)) throw xmlError('an element has a name that XML has not');
  let inner = namespace;
  let tag = name;
  let start = `<${name}`;
  if (namespace === NS.XML) {
    // This namespace has the one prefix and cannot be a default (Namespaces in XML §3).
    tag = `xml:${name}`;
    start = `<${tag}`;
    inner = outer;
  } else if (namespace !== outer) {
    if (namespace === NS.XMLNS) throw xmlError('a name stands in a reserved namespace');
    start += ` xmlns="${escape(namespace, ATTRIBUTE)}"`;
  }
  if (attributes.length > 0) start += writeAttributes(attributes);
  if (children.every((node) => node === '')) {
    output.end += `${start}/>`;
    return;
  }
  output.end += `${start}>`;
  const { isSingleLine } = output;
  if (element instanceof PlainTextElement && !isSingleLine) output.plain(children[0] as string, true);
  else {
    for (const node of children) {
      if (typeof node === 'string') output.plain(escape(node, isSingleLine ? LINE : TEXT), false);
      else write(node, inner, depth - 1, output);
    }
  }
  output.end += `</${tag}>`;
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
    else if (namespace === NS.XMLNS) throw xmlError('a name stands in a reserved namespace');
    else if (namespace !== '') {
      prefixes ??= new Map();
      let known = prefixes.get(namespace);
      if (known === undefined) {
        known = `ns${prefixes.size + 1}`;
        prefixes.set(namespace, known);
        out += ` xmlns:${known}="${escape(namespace, ATTRIBUTE)}"`;
      }
      prefix = `${known}:`;
    }
    out += ` ${prefix}${name}="${escape(value, ATTRIBUTE)}"`;
  }
  return out;
}

// A return would come back as a line feed (XML 1.0 §2.11).
const TEXT = '&<>\r';
const LINE = '&<>\r\n';
// White space other than the space would come back as a space (XML 1.0 §3.3.3).
const ATTRIBUTE = '&<>"\r\n\t';

/** A value with characters as references, `&` first. One character is found in less than a tenth of the time that an expression takes. */
function escape(value: string, special: string): string {
  let escaped = value;
  for (let i = 0; i < special.length; i++) {
    const character = special.charAt(i);
    if (escaped.includes(character)) escaped = escaped.replaceAll(character, REFERENCES.get(character) as string);
  }
  return escaped;
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
