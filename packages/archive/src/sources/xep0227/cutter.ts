/**
 * Cuts the items out of a file of XEP-0227 as it comes, so that its length does not matter: what is kept is the tags that are open, and one item.
 * @module
 */
import { readXml, StanzaError, type XmlElement, type XmlLimits, type XmlToken } from '@stanzaseal/stanza';
import { type Holder, stepInto } from './places.js';

/** What is found, in the order of the file. */
export type Found =
  /** An item, or why it cannot be read. */
  | {
      readonly kind: 'item';
      readonly holder: Holder;
      readonly element: XmlElement | undefined;
      readonly refused: string;
    }
  /** Another file stands here. */
  | { readonly kind: 'include'; readonly holder: Holder; readonly href: string };

/** An element that was entered, with its start tag as written: the namespaces of what is inside hang on it. */
interface Opened {
  readonly name: string;
  readonly source: string;
  readonly holder: Holder;
}

/** An item or something that is passed over, under way. */
interface UnderWay {
  readonly isItem: boolean;
  readonly open: string[];
  sources: string[];
  length: number;
  refused: string;
}

/** Takes tokens and tells what they are. */
export class Cutter {
  readonly #limits: XmlLimits;
  readonly #begin: Holder;
  readonly #found: (found: Found) => void;
  readonly #opened: Opened[] = [];
  #underWay: UnderWay | undefined;
  #isDone = false;

  /** @param begin what the file stands in: the place of an include, or `start` */
  constructor(begin: Holder, limits: XmlLimits, found: (found: Found) => void) {
    this.#begin = begin;
    this.#limits = limits;
    this.#found = found;
  }

  /** @throws StanzaError `ERR_XML` for a file that is none, or is damaged between its items */
  take(token: XmlToken): void {
    if (this.#underWay !== undefined) this.#inside(this.#underWay, token);
    else if (token.kind === 'text') this.#text(token);
    else if (token.kind === 'other') this.#other(token);
    else if (token.cut) throw damaged('a tag is malformed');
    else if (token.kind === 'end') this.#end(token);
    else this.#tag(token);
  }

  /** @throws StanzaError `ERR_XML` for a file that ends too early */
  end(): void {
    if (!this.#isDone) throw damaged('it ends too early');
  }

  get #holder(): Holder {
    return this.#opened.at(-1)?.holder ?? this.#begin;
  }

  #text({ source }: XmlToken): void {
    if (!/^[ \t\r\n]*$/.test(this.#opened.length === 0 ? source.replace(/^\uFEFF/, '') : source))
      throw damaged('text stands where none may');
  }

  /** A declaration and comments may be there; a document type, which could bring entities, may not. */
  #other({ source }: XmlToken): void {
    if (!/^<\?xml[ \t\r\n]/.test(source) && !source.startsWith('<!--')) throw damaged('markup stands where none may');
  }

  #end({ name }: XmlToken): void {
    if (this.#opened.pop()?.name !== name) throw damaged('an end tag does not match its start tag');
    this.#isDone = this.#opened.length === 0;
  }

  #tag(token: XmlToken): void {
    if (this.#isDone) throw damaged('something follows its end');
    const isEmpty = token.kind === 'empty';
    const { place } = this.#holder;
    const step =
      place === 'archive' || place === 'offline'
        ? ({ do: 'take' } as const)
        : stepInto(this.#holder, this.#read(isEmpty ? token.source : `${token.source.slice(0, -1)}/>`));
    if (step.do === 'refuse') throw damaged('it is not of XEP-0227, or includes in a way that is not supported');
    if (step.do === 'enter') {
      if (!isEmpty) this.#opened.push({ name: token.name, source: token.source, holder: step.holder });
      else this.#isDone = this.#opened.length === 0;
      return;
    }
    if (step.do === 'include') this.#found({ kind: 'include', holder: this.#holder, href: step.href });
    this.#underWay = { isItem: step.do === 'take', open: [], sources: [], length: 0, refused: '' };
    this.#inside(this.#underWay, token);
  }

  /** Follows tags until the element is closed; keeps its text where it is an item within the limits. */
  #inside(underWay: UnderWay, token: XmlToken): void {
    const { open, isItem } = underWay;
    underWay.length += token.length;
    if (underWay.length > this.#limits.octets) underWay.refused ||= 'longer than the limit';
    if (token.kind === 'start') {
      if (token.cut) throw damaged('a tag is malformed');
      if (open.length > 4 * this.#limits.depth) throw damaged('elements are nested too deep');
      open.push(token.name);
    }
    if (token.kind === 'end' && open.pop() !== token.name) throw damaged('an end tag does not match its start tag');
    if (underWay.refused !== '') underWay.sources = [];
    else if (isItem) underWay.sources.push(token.source);
    if (open.length > 0) return;
    this.#underWay = undefined;
    if (this.#opened.length === 0) this.#isDone = true;
    if (isItem) this.#found({ kind: 'item', holder: this.#holder, ...this.#item(underWay) });
  }

  #item({ sources, refused }: UnderWay): { element: XmlElement | undefined; refused: string } {
    if (refused !== '') return { element: undefined, refused };
    try {
      return { element: this.#read(sources.join('')), refused };
    } catch (error) {
      if (!(error instanceof StanzaError)) throw error;
      return { element: undefined, refused: 'not well-formed XML of a stanza' };
    }
  }

  /** Reads an element with the tags around it, and takes it out again. */
  #read(source: string): XmlElement {
    const before = this.#opened.map((opened) => opened.source).join('');
    const after = this.#opened.map(({ name }) => `</${name}>`).reverse();
    const octets = this.#limits.octets + 2 * before.length;
    const depth = this.#limits.depth + this.#opened.length;
    let element = readXml(`${before}${source}${after.join('')}`, { octets, depth });
    for (const _ of this.#opened) element = element.children[0] as XmlElement;
    return element;
  }
}

function damaged(how: string): StanzaError {
  return new StanzaError('ERR_XML', `file is damaged: ${how}`);
}
