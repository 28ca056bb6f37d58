/**
 * Cuts a stream of XML into tags, text and the rest, chunk by chunk, judging nothing.
 * @module
 */

/** A piece of the stream. All sources joined are the stream, but for the source of what is longer than the limit. */
export interface XmlToken {
  /** `other`: comment, CDATA section, instruction, declaration, or a `<` that begins nothing. Text may come in several pieces. */
  readonly kind: 'text' | 'start' | 'empty' | 'end' | 'other';
  /** As written; `''` if longer than the limit. */
  readonly source: string;
  /** UTF-16 code units, also where the source was dropped. */
  readonly length: number;
  /** Name of a tag as written, else `''`. */
  readonly name: string;
  /** Whether it begins a line. */
  readonly atLine: boolean;
  /** Whether it was cut off by the next `<` or the end of the stream. */
  readonly cut: boolean;
}

/** The scan between two chunks. It looks at every character once, and keeps a piece that is under way as parts. */
export class XmlTokenizer {
  readonly #limit: number;
  readonly #take: (token: XmlToken) => void;
  #inMarkup = false;
  /** The first characters of the markup under way, its last three, and an open quote. */
  #head = '';
  #tail = '';
  #quote = '';
  #parts: string[] = [];
  #length = 0;
  #atLine = true;
  #markupAtLine = true;

  /** @param limit longest markup that is kept, UTF-16 code units */
  constructor(limit: number, take: (token: XmlToken) => void) {
    this.#limit = limit;
    this.#take = take;
  }

  /** Takes the next chunk. */
  push(chunk: string): void {
    let from = 0;
    for (let i = 0; i < chunk.length; ) {
      if (!this.#inMarkup) {
        const next = chunk.indexOf('<', i);
        const to = next < 0 ? chunk.length : next;
        if (to > i) this.#text(chunk.slice(i, to));
        if (next < 0) return;
        this.#begin();
        from = next;
        i = next + 1;
        continue;
      }
      const character = chunk[i] as string;
      if (character === '<' && this.#head[1] !== '!' && this.#head[1] !== '?') {
        this.#keep(chunk.slice(from, i));
        this.#finish(true);
        continue;
      }
      i++;
      if (this.#ends(character)) {
        this.#keep(chunk.slice(from, i));
        this.#finish(false);
      }
    }
    if (this.#inMarkup) this.#keep(chunk.slice(from));
  }

  /** Takes the end of the stream. */
  end(): void {
    if (this.#inMarkup) this.#finish(true);
  }

  #text(source: string): void {
    this.#take({ kind: 'text', source, length: source.length, name: '', atLine: this.#atLine, cut: false });
    this.#atLine = source.endsWith('\n');
  }

  #begin(): void {
    this.#inMarkup = true;
    this.#markupAtLine = this.#atLine;
    this.#atLine = false;
    this.#head = this.#tail = '<';
    this.#quote = '';
    this.#parts = [];
    this.#length = 0;
  }

  /** Whether the markup under way ends with this character. */
  #ends(character: string): boolean {
    if (this.#head.length < 1024) this.#head += character;
    this.#tail = (this.#tail + character).slice(-3);
    const head = this.#head;
    if (head[1] === '?') return this.#tail.endsWith('?>') && head.length > 3;
    if (head[1] === '!') {
      if (head.startsWith('<!--')) return this.#tail === '-->' && head.length > 6;
      if (head.startsWith('<![CDATA[')) return this.#tail === ']]>' && head.length > 11;
      return character === '>';
    }
    if (this.#quote !== '') {
      if (character === this.#quote) this.#quote = '';
      return false;
    }
    if ((character === '"' || character === "'") && head[1] !== '/') this.#quote = character;
    return character === '>';
  }

  #keep(source: string): void {
    this.#length += source.length;
    if (this.#length > this.#limit) this.#parts = [];
    else this.#parts.push(source);
  }

  #finish(cut: boolean): void {
    const head = this.#head;
    const end = head[1] === '/';
    const name = /^<\/?([^\s<>/&"'=!?]+)/.exec(head)?.[1] ?? '';
    const kind = name === '' ? 'other' : end ? 'end' : !cut && this.#tail.endsWith('/>') ? 'empty' : 'start';
    this.#inMarkup = false;
    this.#atLine = cut && this.#tail.endsWith('\n');
    this.#take({ kind, source: this.#parts.join(''), length: this.#length, name, atLine: this.#markupAtLine, cut });
    this.#parts = [];
  }
}
