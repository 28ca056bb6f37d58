/**
 * Groups tokens into top-level elements by their tags alone. Whether an element is well formed is for `readXml`; here it only matters
 * that damage stays within its element.
 * @module
 */
import type { XmlLimits } from './xml.js';
import type { XmlToken } from './xmlTokens.js';

/** What the splitter tells, in the order of the input. */
export interface SplitterEvents {
  /** An element is complete. */
  readonly element: (text: string) => void;
  /** Something is no element, or none that ends. */
  readonly damaged: (reason: string) => void;
}

const STANZAS: readonly string[] = ['message', 'presence', 'iq'];

/** The element under way, and how to go on when it turns out never to end. */
export class XmlSplitter {
  readonly #limits: XmlLimits;
  readonly #events: SplitterEvents;
  #tokens: XmlToken[] = [];
  #length = 0;
  #root = '';
  /** Names of the tags open, outermost first; those beyond the limit of depth are counted only. */
  #open: string[] = [];
  #beyond = 0;
  #damage = '';
  #tooLong = false;
  /** Index of the first token that looks like the next stanza. */
  #restart = -1;
  /** Such a token begins a new element at once: in the second, last pass over tokens of an element that did not end. */
  #eager = false;
  #junk = false;

  constructor(limits: XmlLimits, events: SplitterEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  /** Takes the next token. */
  take(token: XmlToken): void {
    const tag = token.kind === 'start' || token.kind === 'empty';
    if (this.#open.length === 0) {
      if (tag) this.#begin(token);
      else this.#outside(token);
      return;
    }
    if (tag && token.atLine && (token.name === this.#root || STANZAS.includes(token.name))) {
      if (this.#eager || this.#tooLong) {
        this.#fail('an element is not closed');
        this.#begin(token);
        return;
      }
      if (this.#restart < 0) this.#restart = this.#tokens.length;
    }
    this.#add(token);
  }

  /** Takes the end of the stream. */
  end(): void {
    while (this.#open.length > 0) this.#fail('an element is not closed');
  }

  #outside(token: XmlToken): void {
    if (token.kind === 'text') {
      if (this.#junk || /^[ \t\r\n]*$/.test(token.source)) return;
      this.#junk = true;
      this.#events.damaged('text stands outside an element');
    } else
      this.#events.damaged(
        token.kind === 'end' ? 'an end tag has no start tag' : 'markup is not allowed between elements',
      );
  }

  #begin(token: XmlToken): void {
    this.#root = token.name;
    this.#junk = false;
    this.#add(token);
  }

  #add(token: XmlToken): void {
    this.#length += token.length;
    if (!this.#tooLong) this.#tokens.push(token);
    if (token.cut || (token.kind === 'other' && !token.source.startsWith('<!['))) this.#damage ||= 'a tag is malformed';
    const closed = this.#track(token);
    if (this.#length > this.#limits.octets && !this.#tooLong) {
      this.#tooLong = true;
      if (!closed && this.#restart >= 0) {
        this.#fail('');
        return;
      }
      this.#tokens = [];
    }
    if (!closed) return;
    const damage = this.#tooLong ? 'an element is longer than the limit' : this.#damage;
    if (damage === '') this.#events.element(this.#tokens.map((part) => part.source).join(''));
    else this.#events.damaged(damage);
    this.#reset();
  }

  /** Keeps the tags open; tells whether the root is closed. An end tag closes what was left open inside its element. */
  #track(token: XmlToken): boolean {
    const { kind, name } = token;
    if (kind === 'empty') return this.#open.length === 0;
    if (kind === 'start') {
      if (this.#open.length < this.#limits.depth) this.#open.push(name);
      else this.#beyond++;
    }
    if (kind !== 'end') return false;
    if (this.#beyond > 0) {
      this.#beyond--;
      return false;
    }
    const match = this.#open.lastIndexOf(name);
    if (match !== this.#open.length - 1) this.#damage ||= 'an end tag does not match its start tag';
    if (match >= 0) this.#open.length = match;
    return match === 0;
  }

  /** Gives the element under way up, and goes back to what looked like the next. */
  #fail(reason: string): void {
    const again = this.#restart < 0 ? [] : this.#tokens.slice(this.#restart);
    this.#events.damaged(this.#tooLong ? 'an element is longer than the limit' : reason);
    this.#reset();
    if (again.length === 0) return;
    this.#eager = true;
    for (const token of again) this.take(token);
    this.#eager = false;
  }

  #reset(): void {
    this.#tokens = [];
    this.#open = [];
    this.#length = 0;
    this.#beyond = 0;
    this.#damage = '';
    this.#tooLong = false;
    this.#restart = -1;
  }
}
