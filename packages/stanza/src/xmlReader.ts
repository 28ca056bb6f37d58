/**
 * Reads one XML element in one scan: strict well-formedness (XML 1.0), namespaces (Namespaces in XML 1.0) and the
 * restrictions of RFC 6120 §11.1: no comments, processing instructions, DTD or entities other than the five predefined.
 * Iterative, so that no input can exhaust the stack (H3), and linear in the length of the text.
 * @module
 */
import { type Base64, fromUtf8 } from '@stanzaseal/cms';
import { NS } from './namespaces.js';
import type { StanzaError } from './stanzaError.js';
import { xmlError } from './stanzaError.js';
import { LONG_TEXT, utf8Length } from './textLength.js';
import type { XmlElement, XmlLimits, XmlNode } from './xml.js';
import { hasDuplicate, PlainTextElement, XML_LIMITS } from './xml.js';
import { ASCII_NAME, checkCharacters, checkText, isNcName } from './xmlName.js';
import { expandReferences, normaliseLineEnds } from './xmlReference.js';

/** What surrounds the text that is read. */
export interface ReadXmlOptions {
  /** Default namespace in scope, as for a stanza cut from a stream: `jabber:client`. None if absent. */
  readonly defaultNamespace?: string;
  /**
   * Base64 of the provider that will open the stanza. A long text that is base64 is decoded when it is read, and so need not be looked at
   * character by character: 5 to 7 of 100 of what it takes to open 200 KiB.
   */
  readonly base64?: Base64 | undefined;
}

/**
 * Reads a text that is exactly one element, white space around it allowed.
 * @throws StanzaError `ERR_XML` for anything that is not well formed, not allowed in a stanza, or beyond the limits
 * @see RFC 6120 §11
 * @example
 * readXml("<message to='romeo@example.net'><body>Hi</body></message>", XML_LIMITS, { defaultNamespace: 'jabber:client' });
 */
export function readXml(text: string, limits: XmlLimits = XML_LIMITS, options: ReadXmlOptions = {}): XmlElement {
  const { octets } = limits;
  const { length } = text;
  // What is too long in any case is not looked at.
  if (length > octets) throw xmlError('text is longer than the limit');
  const lifted = options.base64 && length >= LONG_TEXT ? liftObject(text, options.base64) : [];
  const rest = lifted.reduce((rest, [at, piece]) => rest.slice(0, at) + rest.slice(at + piece.length), text);
  const room = octets - length + rest.length;
  // A unit takes three octets at most.
  if (!checkText(rest) && 3 * rest.length > room && utf8Length(rest) > room)
    throw xmlError('text is longer than the limit');
  return scan(rest, lifted, limits, options, () => text);
}

/** The object of a sealed stanza, where it is written as everybody writes it. */
function liftObject(text: string, base64: Base64): Lifted[] {
  const from = text.indexOf('>', text.indexOf('<sealed ')) + 1;
  const object = text.slice(from, text.indexOf('<', from));
  try {
    return [[from, object, base64.decode(object)]];
  } catch {
    return [];
  }
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
  const lifted: Lifted[] = [];
  // The first piece and the last have markup in them in any case, and those are joined, looked through and cut again.
  const edge = octets.length > PIECE ? EDGE : PIECE;
  let text = '';
  for (let at = 0, end = 0; at < octets.length; at = end) {
    end = at === 0 ? edge : Math.min(at + PIECE, Math.max(at + edge, octets.length - edge));
    // Not inside a character.
    while (((octets[end] as number) & 0xc0) === 0x80) end++;
    const some = octets.subarray(at, end);
    const piece = decode(some);
    // Any other character takes more octets than units.
    checkCharacters(piece, piece.length === some.length ? some : undefined);
    if (at === 0 || MARKUP.some((character) => piece.includes(character))) text += piece;
    else lifted.push([text.length, piece]);
  }
  return scan(text, lifted, limits, options, () => decode(octets));
}

function scan(
  text: string,
  lifted: readonly Lifted[],
  limits: XmlLimits,
  options: ReadXmlOptions,
  whole: () => string,
): XmlElement {
  try {
    return new Scan(text, lifted, limits, options).run();
  } catch (cause) {
    // What was lifted may have stood in a tag or a CDATA section.
    if (lifted.length > 0) return readXml(whole(), limits, { ...options, base64: undefined });
    throw cause;
  }
}

function decode(octets: Uint8Array): string {
  try {
    // A byte order mark is kept and is no white space, so the scan refuses it.
    return fromUtf8(octets);
  } catch (cause) {
    throw xmlError('octets are not UTF-8', cause);
  }
}

/** Text that was lifted out of a longer one, where it stood in what is left, and what it is the base64 of, if that is known. */
type Lifted = readonly [at: number, text: string, octets?: Uint8Array];

/**
 * Octets of a piece of a text. V8 gives a text of more than 128 KiB pages of its own, which the system fills with zeros first: of 256 KiB that
 * costs nine times as much as to decode them. So pieces in which there is nothing to read are joined with the rest only where they are
 * text, and never looked into again.
 */
const PIECE = 24 * 1024;
const EDGE = 1024;
const MARKUP: readonly string[] = [...'<>&]\r'];

interface Frame {
  /** Name as written, for the end tag. */
  readonly tag: string;
  readonly element: XmlElement;
  readonly children: XmlNode[];
  /** Default namespace outside this element. */
  readonly outer: string;
  /** Prefixes this element declares, the default namespace not among them. */
  readonly declared: ReadonlySet<string> | undefined;
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
  readonly #text: string;
  readonly #depth: number;
  #position = 0;
  #namespace: string;
  /** Uris a prefix stands for, innermost last; made when the first prefix is declared. */
  #prefixes: Map<string, string[]> | undefined = undefined;
  /** Of the start tag being read: its attributes; where one has a prefix, the prefixes of all; the prefixes it declares. */
  #attributes: { namespace: string; readonly name: string; readonly value: string }[] = [];
  #attributePrefixes: string[] | undefined = undefined;
  #declared: Set<string> | undefined = undefined;
  #declaresDefault = false;
  /** Of that start tag: its name, and where the name as written ends. */
  #tagPrefix = '';
  #tagLocal = '';
  #tagEnd = 0;
  /** The name read last. */
  #namePrefix = '';
  #nameLocal = '';
  /** The text read last, without what was lifted out of it. */
  #bare = '';
  /** What the text lifted last is the base64 of. */
  #octets: Uint8Array | undefined = undefined;
  /** What was lifted out of the text, and how much of it was put back. */
  readonly #lifted: readonly Lifted[];
  #putBack = 0;
  /** Whether text needs care at all: a document without references, returns and `]]>` has its text sliced as it is. */
  readonly #careful: boolean;

  constructor(
    text: string,
    lifted: readonly Lifted[],
    { depth }: XmlLimits,
    { defaultNamespace = '' }: ReadXmlOptions,
  ) {
    this.#text = text;
    this.#lifted = lifted;
    this.#depth = depth;
    this.#namespace = defaultNamespace;
    this.#careful = text.includes('&') || text.includes('\r') || text.includes(']]>');
  }

  run(): XmlElement {
    const text = this.#text;
    this.#skipSpace();
    if (text.charCodeAt(this.#position) !== LT) throw xmlError('text does not begin with an element');
    const stack: Frame[] = [];
    let frame: Frame | undefined;
    let pending = '';
    for (;;) {
      // this.#position is at a '<'.
      const next = text.charCodeAt(this.#position + 1);
      if (next === SLASH) {
        if (frame === undefined) throw xmlError('text does not begin with an element');
        if (pending !== '') {
          frame.children.push(pending);
          pending = '';
        }
        this.#endTag(frame.tag);
        const closed: XmlElement = frame.element;
        this.#leave(frame);
        frame = stack.pop();
        if (frame === undefined) return this.#finish(closed);
        const [only] = closed.children;
        if (typeof only === 'string' && only.length >= LONG_TEXT && this.#isPlain(closed))
          frame.children[frame.children.length - 1] = new PlainTextElement(
            closed.namespace,
            closed.name,
            only,
            this.#bare === '' ? this.#octets : undefined,
          );
      } else if (next === 33 /* ! */) {
        if (frame === undefined || !text.startsWith('<![CDATA[', this.#position))
          throw xmlError('comments and document types are not allowed');
        const end = text.indexOf(']]>', this.#position + 9);
        if (end < 0) throw xmlError('an element is not closed');
        pending += normaliseLineEnds(text.slice(this.#position + 9, end));
        this.#position = end + 3;
      } else {
        if (frame !== undefined && pending !== '') {
          frame.children.push(pending);
          pending = '';
        }
        if (stack.length + (frame === undefined ? 0 : 1) >= this.#depth) throw xmlError('elements are nested too deep');
        const outer = this.#namespace;
        const start = this.#position + 1;
        const empty = this.#startTag();
        const tag = text.slice(start, this.#tagEnd);
        const children: XmlNode[] = [];
        const made = this.#resolve(children);
        const opened: Frame = { tag, element: made, children, outer, declared: this.#declared };
        if (frame !== undefined) frame.children.push(made);
        if (empty) {
          this.#leave(opened);
          if (frame === undefined) return this.#finish(made);
        } else {
          if (frame !== undefined) stack.push(frame);
          frame = opened;
        }
      }
      const from = this.#position;
      const to = text.indexOf('<', from);
      if (to < 0) throw xmlError('an element is not closed');
      const run = this.#textBetween(from, to);
      if (run !== '') {
        pending = pending === '' ? this.#characters(run) : pending + this.#characters(run);
        this.#position = to;
      }
    }
  }

  /** The text between two places, with what was lifted out of it. */
  #textBetween(from: number, to: number): string {
    const text = this.#text;
    this.#bare = text.slice(from, to);
    let run = '';
    for (let start = from; ; this.#putBack++) {
      const lifted = this.#lifted[this.#putBack];
      if (!lifted || lifted[0] < from || lifted[0] > to) return run + text.slice(start, to);
      run += text.slice(start, lifted[0]) + lifted[1];
      start = lifted[0];
      this.#octets = lifted[2];
    }
  }

  /** Whether an element has one text alone, which was looked at and can be written as it is. */
  #isPlain({ attributes, children }: XmlElement): boolean {
    // Nothing that was lifted holds a `>`, and to look into it would make one long text of the whole.
    return !this.#careful && children.length === 1 && attributes.length === 0 && !this.#bare.includes('>');
  }

  /** Checks that nothing but white space follows the root. */
  #finish(root: XmlElement): XmlElement {
    this.#skipSpace();
    if (this.#position !== this.#text.length || this.#putBack < this.#lifted.length)
      throw xmlError('something follows the element');
    return root;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#position))) this.#position++;
  }

  #characters(run: string): string {
    if (!this.#careful) return run;
    if (run.includes(']]>')) throw xmlError("']]>' stands in text"); // XML 1.0 §2.4
    const lines = normaliseLineEnds(run);
    return lines.includes('&') ? expandReferences(lines) : lines;
  }

  #endTag(tag: string): void {
    const text = this.#text;
    const after = this.#position + 2 + tag.length;
    if (!text.startsWith(tag, this.#position + 2)) throw xmlError('an end tag does not match its start tag');
    this.#position = after;
    this.#skipSpace();
    if (text.charCodeAt(this.#position) !== GT) throw xmlError('an end tag does not match its start tag');
    this.#position++;
  }

  /** Reads a start tag up to and with its `>`, leaving its parts in the fields; tells whether it is an empty element. */
  #startTag(): boolean {
    const text = this.#text;
    this.#position++;
    this.#name();
    this.#tagPrefix = this.#namePrefix;
    this.#tagLocal = this.#nameLocal;
    this.#tagEnd = this.#position;
    this.#attributes = [];
    this.#attributePrefixes = undefined;
    this.#declared = undefined;
    this.#declaresDefault = false;
    for (;;) {
      let unit = text.charCodeAt(this.#position);
      const spaced = isSpace(unit);
      if (spaced) {
        this.#skipSpace();
        unit = text.charCodeAt(this.#position);
      }
      if (unit === GT) {
        this.#position++;
        return false;
      }
      if (unit === SLASH) {
        if (text.charCodeAt(this.#position + 1) !== GT) throw xmlError('a start tag is malformed');
        this.#position += 2;
        return true;
      }
      if (!spaced) throw xmlError('a start tag is malformed');
      this.#name();
      const attributePrefix = this.#namePrefix;
      const attributeLocal = this.#nameLocal;
      this.#skipSpace();
      if (text.charCodeAt(this.#position) !== EQUALS) throw xmlError('an attribute is malformed');
      this.#position++;
      this.#skipSpace();
      const value = this.#attributeValue();
      if (attributePrefix === 'xmlns') this.#declare(attributeLocal, value);
      else if (attributePrefix === '' && attributeLocal === 'xmlns') this.#declareDefault(value);
      else {
        const index = this.#attributes.push({ namespace: '', name: attributeLocal, value }) - 1;
        // Resolved only when the tag is read: its later attributes may declare the prefix.
        if (attributePrefix !== '') (this.#attributePrefixes ??= [])[index] = attributePrefix;
      }
    }
  }

  /** Reads a qualified name at the position. */
  #name(): void {
    const text = this.#text;
    const start = this.#position;
    let i = start;
    let colon = -1;
    let wide = false;
    for (; ; i++) {
      const unit = text.charCodeAt(i);
      if (unit === COLON) {
        if (colon >= 0) throw xmlError('a name is malformed');
        colon = i;
      } else if (unit > 127) wide = true;
      else if (!((ASCII_NAME[unit] as number) > 0)) break; // NaN at the end of the text leaves here too
    }
    this.#position = i;
    const prefix = colon < 0 ? '' : text.slice(start, colon);
    const local = text.slice(colon < 0 ? start : colon + 1, i);
    if (wide ? !isNcName(local) : ASCII_NAME[local.charCodeAt(0)] !== 2) throw xmlError('a name is malformed');
    if (colon >= 0 && (wide ? !isNcName(prefix) : ASCII_NAME[prefix.charCodeAt(0)] !== 2))
      throw xmlError('a name is malformed');
    this.#namePrefix = prefix;
    this.#nameLocal = local;
  }

  #attributeValue(): string {
    const text = this.#text;
    const quote = text.charCodeAt(this.#position);
    if (quote !== QUOTE && quote !== APOS) throw xmlError('an attribute is malformed');
    const start = this.#position + 1;
    let plain = true;
    for (let i = start; ; i++) {
      const unit = text.charCodeAt(i);
      if (unit === quote) {
        this.#position = i + 1;
        const value = text.slice(start, i);
        if (plain) return value;
        // XML 1.0 §3.3.3: white space becomes spaces, but what a reference stands for is kept.
        const spaced = value.replace(/\r\n?|[\n\t]/g, ' ');
        return spaced.includes('&') ? expandReferences(spaced) : spaced;
      }
      if (unit === LT) throw xmlError('an attribute is malformed');
      if (unit === AMP || unit < SPACE) plain = false;
      else if (Number.isNaN(unit)) throw xmlError('an attribute is malformed');
    }
  }

  #declareDefault(uri: string): void {
    if (uri === NS.XML || uri === NS.XMLNS) throw reserved();
    // No member of the Set: most elements declare this and nothing else.
    if (this.#declaresDefault) throw duplicate();
    this.#declaresDefault = true;
    this.#namespace = uri;
  }

  #declare(prefix: string, uri: string): void {
    if (prefix === 'xmlns' || uri === NS.XMLNS) throw reserved();
    if ((prefix === 'xml') !== (uri === NS.XML)) throw reserved();
    if (uri === '') throw xmlError('a prefix is not declared'); // Namespaces in XML 1.0 §5
    // A Set, for one start tag may declare ten thousand prefixes.
    this.#declared ??= new Set();
    if (this.#declared.has(prefix)) throw duplicate();
    this.#declared.add(prefix);
    this.#prefixes ??= new Map();
    const uris = this.#prefixes.get(prefix);
    if (uris === undefined) this.#prefixes.set(prefix, [uri]);
    else uris.push(uri);
  }

  /** Forgets what an element declared. */
  #leave(frame: Frame): void {
    this.#namespace = frame.outer;
    if (frame.declared === undefined) return;
    for (const prefix of frame.declared) this.#prefixes?.get(prefix)?.pop();
  }

  #lookUp(prefix: string): string {
    const uris = this.#prefixes?.get(prefix);
    const uri = uris === undefined ? undefined : uris[uris.length - 1];
    if (uri !== undefined) return uri;
    if (prefix === 'xml') return NS.XML;
    throw xmlError('a prefix is not declared');
  }

  /** The element of the start tag just read, its names resolved. */
  #resolve(children: XmlNode[]): XmlElement {
    const namespace = this.#tagPrefix === '' ? this.#namespace : this.#lookUp(this.#tagPrefix);
    const attributes = this.#attributes;
    this.#attributePrefixes?.forEach((prefix, index) => {
      (attributes[index] as (typeof attributes)[number]).namespace = this.#lookUp(prefix);
    });
    if (hasDuplicate(attributes)) throw duplicate();
    return { namespace, name: this.#tagLocal, attributes, children };
  }
}

function reserved(): StanzaError {
  return xmlError('a reserved prefix or namespace is declared');
}

function duplicate(): StanzaError {
  return xmlError('an attribute stands twice');
}

function isSpace(unit: number): boolean {
  return unit === SPACE || unit === 10 || unit === 9 || unit === 13;
}
