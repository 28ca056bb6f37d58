/**
 * Reads one XML element in one scan: strict well-formedness (XML 1.0), namespaces (Namespaces in XML 1.0) and the
 * restrictions of RFC 6120 §11.1: no comments, processing instructions, DTD or entities other than the five predefined.
 * Iterative, so that no input can exhaust the stack (H3), and linear in the length of the text.
 * @module
 */
import { NS } from './namespaces.js';
import type { StanzaError } from './stanzaError.js';
import { xmlError } from './stanzaError.js';
import { LONG_TEXT, utf8Length } from './textLength.js';
import type { XmlElement, XmlLimits, XmlNode } from './xml.js';
import { hasDuplicate, PlainTextElement, XML_LIMITS } from './xml.js';
import { ASCII_NAME, isNcName, isXmlText } from './xmlName.js';
import { expandReferences, normaliseLineEnds } from './xmlReference.js';

/** What surrounds the text that is read. */
export interface ReadXmlOptions {
  /** Default namespace in scope, as for a stanza cut from a stream: `jabber:client`. None if absent. */
  readonly defaultNamespace?: string;
}

/**
 * Reads a text that is exactly one element, white space around it allowed.
 * @throws StanzaError `ERR_XML` for anything that is not well formed, not allowed in a stanza, or beyond the limits
 * @see RFC 6120 §11
 * @example
 * readXml("<message to='romeo@example.net'><body>Hi</body></message>", XML_LIMITS, { defaultNamespace: 'jabber:client' });
 */
export function readXml(text: string, limits: XmlLimits = XML_LIMITS, options: ReadXmlOptions = {}): XmlElement {
  if (exceeds(text, limits.octets)) throw xmlError('text is longer than the limit');
  return readText(text, limits, options);
}

/**
 * Reads UTF-8 octets that are exactly one element. Overlong forms, surrogates and a byte order mark are refused (H8).
 * @throws StanzaError `ERR_XML`
 */
export function readXmlOctets(
  octets: Uint8Array,
  limits: XmlLimits = XML_LIMITS,
  options: ReadXmlOptions = {},
): XmlElement {
  if (octets.length > limits.octets) throw xmlError('text is longer than the limit');
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch (cause) {
    throw xmlError('octets are not UTF-8', cause);
  }
  // A byte order mark is kept by the decoder and is no white space, so the scan refuses it.
  return readText(text, limits, options);
}

/** Reads a text whose length was checked. */
function readText(text: string, { depth }: XmlLimits, { defaultNamespace = '' }: ReadXmlOptions): XmlElement {
  if (!isXmlText(text)) throw xmlError('text holds a character that XML has not');
  return new Scan(text, depth, defaultNamespace).run();
}

const utf8: TextDecoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function exceeds(text: string, octets: number): boolean {
  const units = text.length;
  return units > octets || (units * 3 > octets && utf8Length(text) > octets);
}

interface Frame {
  /** Name as written, for the end tag. */
  readonly tag: string;
  readonly element: XmlElement;
  readonly children: XmlNode[];
  /** Default namespace outside this element. */
  readonly outer: string;
  /** Prefixes this element declares. */
  readonly declared: readonly string[] | undefined;
}

const AMP = 38;
const APOS = 39;
const SLASH = 47;
const COLON = 58;
const LT = 60;
const EQUALS = 61;
const GT = 62;
const QUOTE = 34;
const SPACE = 32;

class Scan {
  readonly text: string;
  readonly depth: number;
  position = 0;
  namespace: string;
  /** Uris a prefix stands for, innermost last; made when the first prefix is declared. */
  prefixes: Map<string, string[]> | undefined = undefined;
  /** Of the start tag being read: its attributes; where one has a prefix, the prefixes of all; the prefixes it declares. */
  attributes: { namespace: string; readonly name: string; readonly value: string }[] = [];
  attributePrefixes: string[] | undefined = undefined;
  declared: string[] | undefined = undefined;
  declaredSet: Set<string> | undefined = undefined;
  /** Of that start tag: its name, and where the name as written ends. */
  tagPrefix = '';
  tagLocal = '';
  tagEnd = 0;
  /** The name read last. */
  namePrefix = '';
  nameLocal = '';
  /** Whether text needs care at all: a document without references, returns and `]]>` has its text sliced as it is. */
  readonly careful: boolean;

  constructor(text: string, depth: number, namespace: string) {
    this.text = text;
    this.depth = depth;
    this.namespace = namespace;
    this.careful = text.includes('&') || text.includes('\r') || text.includes(']]>');
  }

  run(): XmlElement {
    const text = this.text;
    const length = text.length;
    this.skipSpace();
    if (text.charCodeAt(this.position) !== LT) throw xmlError('text does not begin with an element');
    const stack: Frame[] = [];
    let frame: Frame | undefined;
    let pending = '';
    for (;;) {
      // this.position is at a '<'.
      const next = text.charCodeAt(this.position + 1);
      if (next === SLASH) {
        if (frame === undefined) throw xmlError('text does not begin with an element');
        if (pending !== '') {
          frame.children.push(pending);
          pending = '';
        }
        this.endTag(frame.tag);
        const closed: XmlElement = frame.element;
        this.leave(frame);
        frame = stack.pop();
        if (frame === undefined) return this.finish(closed);
        const [only] = closed.children;
        if (typeof only === 'string' && only.length >= LONG_TEXT && this.isPlain(closed, only))
          frame.children[frame.children.length - 1] = new PlainTextElement(closed.namespace, closed.name, only);
      } else if (next === 33 /* ! */) {
        if (frame === undefined || !text.startsWith('<![CDATA[', this.position))
          throw xmlError('comments and document types are not allowed');
        const end = text.indexOf(']]>', this.position + 9);
        if (end < 0) throw xmlError('a CDATA section is not closed');
        pending += normaliseLineEnds(text.slice(this.position + 9, end));
        this.position = end + 3;
      } else {
        if (frame !== undefined && pending !== '') {
          frame.children.push(pending);
          pending = '';
        }
        if (stack.length + (frame === undefined ? 0 : 1) >= this.depth) throw xmlError('elements are nested too deep');
        const outer = this.namespace;
        const start = this.position + 1;
        const empty = this.startTag();
        const tag = text.slice(start, this.tagEnd);
        const children: XmlNode[] = [];
        const made = this.resolve(children);
        const opened: Frame = { tag, element: made, children, outer, declared: this.declared };
        if (frame !== undefined) frame.children.push(made);
        if (empty) {
          this.leave(opened);
          if (frame === undefined) return this.finish(made);
        } else {
          if (frame !== undefined) stack.push(frame);
          frame = opened;
        }
      }
      const from = this.position;
      const to = text.indexOf('<', from);
      if (to < 0) throw xmlError(from < length ? 'an element is not closed' : 'text ends inside an element');
      if (to > from) {
        const run = text.slice(from, to);
        pending = pending === '' ? this.characters(run) : pending + this.characters(run);
        this.position = to;
      }
    }
  }

  /** Whether an element has one text alone, which was looked at and can be written as it is. */
  isPlain({ attributes, children }: XmlElement, text: string): boolean {
    return !this.careful && children.length === 1 && attributes.length === 0 && !text.includes('>');
  }

  /** Checks that nothing but white space follows the root. */
  finish(root: XmlElement): XmlElement {
    this.skipSpace();
    if (this.position !== this.text.length) throw xmlError('something follows the element');
    return root;
  }

  skipSpace(): void {
    while (isSpace(this.text.charCodeAt(this.position))) this.position++;
  }

  characters(run: string): string {
    if (!this.careful) return run;
    if (run.includes(']]>')) throw xmlError("']]>' stands in text"); // XML 1.0 §2.4
    const lines = normaliseLineEnds(run);
    return lines.includes('&') ? expandReferences(lines) : lines;
  }

  endTag(tag: string): void {
    const { text } = this;
    const after = this.position + 2 + tag.length;
    if (!text.startsWith(tag, this.position + 2)) throw xmlError('an end tag does not match its start tag');
    this.position = after;
    this.skipSpace();
    if (text.charCodeAt(this.position) !== GT) throw xmlError('an end tag does not match its start tag');
    this.position++;
  }

  /** Reads a start tag up to and with its `>`, leaving its parts in the fields; tells whether it is an empty element. */
  startTag(): boolean {
    const { text } = this;
    this.position++;
    this.name();
    this.tagPrefix = this.namePrefix;
    this.tagLocal = this.nameLocal;
    this.tagEnd = this.position;
    this.attributes = [];
    this.attributePrefixes = undefined;
    this.declared = undefined;
    for (;;) {
      let unit = text.charCodeAt(this.position);
      const spaced = isSpace(unit);
      if (spaced) {
        this.skipSpace();
        unit = text.charCodeAt(this.position);
      }
      if (unit === GT) {
        this.position++;
        return false;
      }
      if (unit === SLASH) {
        if (text.charCodeAt(this.position + 1) !== GT) throw xmlError('a start tag is malformed');
        this.position += 2;
        return true;
      }
      if (!spaced) throw xmlError('a start tag is malformed');
      this.name();
      const attributePrefix = this.namePrefix;
      const attributeLocal = this.nameLocal;
      this.skipSpace();
      if (text.charCodeAt(this.position) !== EQUALS) throw xmlError('an attribute has no value');
      this.position++;
      this.skipSpace();
      const value = this.attributeValue();
      if (attributePrefix === 'xmlns') this.declare(attributeLocal, value);
      else if (attributePrefix === '' && attributeLocal === 'xmlns') this.declareDefault(value);
      else {
        const index = this.attributes.push({ namespace: '', name: attributeLocal, value }) - 1;
        // Resolved only when the tag is read: its later attributes may declare the prefix.
        if (attributePrefix !== '') (this.attributePrefixes ??= [])[index] = attributePrefix;
      }
    }
  }

  /** Reads a qualified name at the position. */
  name(): void {
    const { text } = this;
    const start = this.position;
    let i = start;
    let colon = -1;
    let wide = false;
    for (; ; i++) {
      const unit = text.charCodeAt(i);
      if (unit === COLON) {
        if (colon >= 0) throw xmlError('a name has two colons');
        colon = i;
      } else if (unit > 127) wide = true;
      else if (!((ASCII_NAME[unit] as number) > 0)) break; // NaN at the end of the text leaves here too
    }
    this.position = i;
    const prefix = colon < 0 ? '' : text.slice(start, colon);
    const local = text.slice(colon < 0 ? start : colon + 1, i);
    if (wide ? !isNcName(local) : ASCII_NAME[local.charCodeAt(0)] !== 2) throw xmlError('a name is malformed');
    if (colon >= 0 && (wide ? !isNcName(prefix) : ASCII_NAME[prefix.charCodeAt(0)] !== 2))
      throw xmlError('a name is malformed');
    this.namePrefix = prefix;
    this.nameLocal = local;
  }

  attributeValue(): string {
    const { text } = this;
    const quote = text.charCodeAt(this.position);
    if (quote !== QUOTE && quote !== APOS) throw xmlError('an attribute value is not quoted');
    const start = this.position + 1;
    let plain = true;
    for (let i = start; ; i++) {
      const unit = text.charCodeAt(i);
      if (unit === quote) {
        this.position = i + 1;
        const value = text.slice(start, i);
        if (plain) return value;
        // XML 1.0 §3.3.3: white space becomes spaces, but what a reference stands for is kept.
        const spaced = value.replace(/\r\n?|[\n\t]/g, ' ');
        return spaced.includes('&') ? expandReferences(spaced) : spaced;
      }
      if (unit === LT) throw xmlError("'<' stands in an attribute value");
      if (unit === AMP || unit < SPACE) plain = false;
      else if (Number.isNaN(unit)) throw xmlError('an attribute value is not closed');
    }
  }

  declareDefault(uri: string): void {
    if (this.declared?.includes('')) throw duplicate();
    if (uri === NS.XML || uri === NS.XMLNS) throw xmlError('a reserved namespace is declared as the default');
    this.addDeclared('');
    this.namespace = uri;
  }

  declare(prefix: string, uri: string): void {
    if (prefix === 'xmlns' || uri === NS.XMLNS) throw xmlError('the prefix xmlns is declared');
    if ((prefix === 'xml') !== (uri === NS.XML)) throw xmlError('the prefix xml is declared anew');
    if (uri === '') throw xmlError('a prefix is undeclared'); // Namespaces in XML 1.0 §5
    this.addDeclared(prefix);
    this.prefixes ??= new Map();
    const uris = this.prefixes.get(prefix);
    if (uris === undefined) this.prefixes.set(prefix, [uri]);
    else uris.push(uri);
  }

  addDeclared(prefix: string): void {
    if (this.declared === undefined) {
      this.declared = [prefix];
      this.declaredSet = undefined;
      return;
    }
    // A Set, for one start tag may declare ten thousand prefixes.
    this.declaredSet ??= new Set(this.declared);
    if (this.declaredSet.has(prefix)) throw duplicate();
    this.declaredSet.add(prefix);
    this.declared.push(prefix);
  }

  /** Forgets what an element declared. */
  leave(frame: Frame): void {
    this.namespace = frame.outer;
    if (frame.declared === undefined) return;
    for (const prefix of frame.declared) if (prefix !== '') this.prefixes?.get(prefix)?.pop();
  }

  lookUp(prefix: string): string {
    const uris = this.prefixes?.get(prefix);
    const uri = uris === undefined ? undefined : uris[uris.length - 1];
    if (uri !== undefined) return uri;
    if (prefix === 'xml') return NS.XML;
    throw xmlError('a prefix is not declared');
  }

  /** The element of the start tag just read, its names resolved. */
  resolve(children: XmlNode[]): XmlElement {
    const namespace = this.tagPrefix === '' ? this.namespace : this.lookUp(this.tagPrefix);
    const { attributes } = this;
    this.attributePrefixes?.forEach((prefix, index) => {
      (attributes[index] as (typeof attributes)[number]).namespace = this.lookUp(prefix);
    });
    if (hasDuplicate(attributes)) throw duplicate();
    return { namespace, name: this.tagLocal, attributes, children };
  }
}

function duplicate(): StanzaError {
  return xmlError('an attribute stands twice');
}

function isSpace(unit: number): boolean {
  return unit === SPACE || unit === 10 || unit === 9 || unit === 13;
}
