/**
 * Strict DER in: a position-typed reader. The caller says what stands at each place; anything else, and anything that is
 * BER but not DER, is refused at once (F1-F10). Nothing is copied: octets are views into the input.
 * @module
 */
import { CmsError, derError } from './cmsError.js';
import { fromUtf8 } from './octets.js';
import { isUtcTime, parseGeneralizedTime, parseUtcTime } from './time.js';

/** Bounds on what a decoder takes in; all are checked before anything of that size is allocated. */
export interface DerLimits {
  /** Greatest length of the whole input in octets. */
  readonly octets: number;
  /** Greatest depth of nesting; 16 admits 16 levels of constructed values (F4). */
  readonly depth: number;
}

/** The limits of the sealed profile: 256 KiB, 16 levels. */
export const DER_LIMITS: DerLimits = Object.freeze({ octets: 262144, depth: 16 });

/** Longest OBJECT IDENTIFIER taken, in content octets (F6, CVE-2023-2650). */
export const MAX_OID_OCTETS = 32;

/** Reads DER values one after another from a stretch of octets. */
export class DerReader {
  // Not `#` fields: a reader is made for every constructed value, and those take several times as long to set up.
  private readonly octets: Uint8Array;
  private readonly limits: DerLimits;
  private readonly limit: number;
  private readonly depth: number;
  private position: number;
  /** Where the content of the value read last begins; it ends at `position`. */
  private begin = 0;

  /**
   * A reader over whole input, or over a stretch of it with the depth that is left there.
   * @throws CmsError `ERR_DER` when the input is longer than the limit
   */
  constructor(
    octets: Uint8Array,
    limits: DerLimits = DER_LIMITS,
    start = 0,
    end: number = octets.length,
    depth: number = limits.depth,
  ) {
    if (end - start > limits.octets) throw derError('input is longer than the limit');
    // Views of a Node Buffer are Buffers, whose methods differ: from here on there are plain octets only (J6).
    this.octets =
      octets.constructor === Uint8Array ? octets : new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
    this.limits = limits;
    this.position = start;
    this.limit = end;
    this.depth = depth;
  }

  /** The identifier octet at the present place, or -1 at the end. */
  get tag(): number {
    return this.position < this.limit ? (this.octets[this.position] as number) : -1;
  }

  /** Whether nothing is left. */
  get atEnd(): boolean {
    return this.position === this.limit;
  }

  /** Refuses trailing octets (F3). */
  end(): void {
    if (this.position !== this.limit) throw derError('trailing octets');
  }

  /** A reader over the content of the constructed value here; `tag` for SEQUENCE, SET or a context tag. */
  constructed(tag: number): DerReader {
    this.enter(tag);
    if (this.depth === 0) throw derError('nested deeper than the limit');
    return new DerReader(this.octets, this.limits, this.begin, this.position, this.depth - 1);
  }

  /** A reader over the content of the SEQUENCE here. */
  sequence(): DerReader {
    return this.constructed(0x30);
  }

  /** Content octets of the primitive value here. */
  primitive(tag: number): Uint8Array {
    this.enter(tag);
    return this.octets.subarray(this.begin, this.position);
  }

  /** OCTET STRING, primitive as DER demands (F9). */
  octetString(): Uint8Array {
    return this.primitive(0x04);
  }

  /** OCTET STRING of a fixed length in octets. */
  octetStringOf(length: number, tag = 0x04): Uint8Array {
    const octets = this.primitive(tag);
    if (octets.length !== length) throw derError('octet string of another length');
    return octets;
  }

  /** BIT STRING without unused bits. */
  bitString(): Uint8Array {
    const octets = this.primitive(0x03);
    if (octets[0] !== 0) throw derError('bit string with unused bits');
    return octets.subarray(1);
  }

  /** Content octets of the OBJECT IDENTIFIER here, checked for their form; compared as octets, never as arcs (F6). */
  objectIdentifier(): Uint8Array {
    const octets = this.primitive(0x06);
    checkObjectIdentifier(octets);
    return octets;
  }

  /** INTEGER from 0 to 2^53 - 1, minimal (F7). */
  integer(tag = 0x02): number {
    this.enter(tag);
    const { octets, begin, position: end } = this;
    checkInteger(octets, begin, end);
    if ((octets[begin] as number) >= 0x80 || end - begin > 8) throw derError('integer out of range');
    let value = 0;
    for (let at = begin; at < end; at++) value = value * 256 + (octets[at] as number);
    if (value > Number.MAX_SAFE_INTEGER) throw derError('integer out of range');
    return value;
  }

  /** INTEGER that says which version of a structure this is, and must be the given one. */
  version(version: number): void {
    if (this.integer() !== version) throw derError('another version');
  }

  /** ENUMERATED below the given count. */
  enumerated(count: number): number {
    const value = this.integer(0x0a);
    if (value >= count) throw derError('integer out of range');
    return value;
  }

  /** UTF8String. */
  utf8String(): string {
    return fromUtf8(this.primitive(0x0c));
  }

  /** GeneralizedTime `YYYYMMDDHHMMSSZ` in ms since 1970 (F11). */
  generalizedTime(): number {
    return parseGeneralizedTime(this.primitive(0x18));
  }

  /** `Time`: UTCTime through 2049, GeneralizedTime after (RFC 5652 §11.3), in ms since 1970. */
  time(): number {
    if (this.tag === 0x17) return parseUtcTime(this.primitive(0x17));
    const ms = this.generalizedTime();
    if (isUtcTime(ms)) throw derError('time in the wrong form');
    return ms;
  }

  /** The whole value here, header included, with everything inside it checked to be strict DER. */
  any(): Uint8Array {
    const start = this.position;
    this.skip(this.depth);
    return this.octets.subarray(start, this.position);
  }

  /** The whole value of the given tag here, header included; only its own header is read. */
  encodedAs(tag: number): Uint8Array {
    const start = this.position;
    this.enter(tag);
    return this.octets.subarray(start, this.position);
  }

  /**
   * Moves behind the octets here if they are exactly the given ones, and says whether they are: a whole value, or the beginning of one.
   * @param levels constructed values that these octets open one inside the other
   */
  skipIf(der: Uint8Array, levels = 0): boolean {
    const { octets, position: start } = this;
    const { length } = der;
    if (length > this.limit - start) return false;
    for (let i = 0; i < length; i++) if (octets[start + i] !== der[i]) return false;
    if (levels > this.depth) throw derError('nested deeper than the limit');
    this.position = start + length;
    return true;
  }

  /** So many octets from here, of a value whose header was read by `skipIf`. */
  take(length: number): Uint8Array {
    const start = this.pass(length);
    return this.octets.subarray(start, this.position);
  }

  /** Passes so many octets, and tells where they begin: what few will be asked for needs no view of its own. */
  pass(length: number): number {
    const start = this.position;
    if (length > this.limit - start) throw derError('truncated');
    this.position = start + length;
    return start;
  }

  /**
   * The elements of a SET OF in their order, each with a reader over it; refuses an order that is not DER's, and duplicates (F8).
   * `tag` is the SET tag or the IMPLICIT tag in its place.
   */
  setOf<T>(read: (element: DerReader) => T, limit: number, tag = 0x31): T[] {
    const inside = this.constructed(tag);
    const elements: T[] = [];
    let previous = -1;
    while (!inside.atEnd) {
      if (elements.length === limit) throw derError('more elements than the limit');
      const start = inside.position;
      elements.push(read(inside));
      if (inside.position === start) throw derError('truncated');
      if (previous >= 0) checkOrder(this.octets, previous, start, inside.position);
      previous = start;
    }
    return elements;
  }

  /** The elements of a SEQUENCE OF, refused beyond `limit` of them before the next is read (G1). */
  sequenceOf<T>(read: (element: DerReader) => T, limit: number, tag = 0x30): T[] {
    const inside = this.constructed(tag);
    const elements: T[] = [];
    while (!inside.atEnd) {
      if (elements.length === limit) throw derError('more elements than the limit');
      elements.push(read(inside));
    }
    return elements;
  }

  /** The octets from here to the end of this value, unread. */
  rest(): Uint8Array {
    return this.octets.subarray(this.position, this.limit);
  }

  /** A reader over octets that came from this one, with the depth that is left here: re-reading earns no new depth (F5). */
  over(octets: Uint8Array): DerReader {
    return new DerReader(octets, this.limits, 0, octets.length, this.depth);
  }

  /** Reads the header here, which must be of the given tag: `begin` is then where the content begins, `position` where it ends. */
  private enter(tag: number): void {
    const octets = this.octets;
    let at = this.position;
    if (at >= this.limit || octets[at] !== tag) throw derError('another value than expected');
    at++;
    if (at >= this.limit) throw derError('truncated');
    let length = octets[at++] as number;
    if (length >= 0x80) {
      const count = length & 0x7f;
      // 0x80 is the indefinite length (F1); more than four octets can only announce more than any input holds (F2).
      if (count === 0 || count > 4) throw derError('length not in DER form');
      if (at + count > this.limit) throw derError('truncated');
      if (octets[at] === 0) throw derError('length not minimal');
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (octets[at++] as number);
      if (length < 0x80) throw derError('length not minimal');
    }
    if (length > this.limit - at) throw derError('truncated');
    this.begin = at;
    this.position = at + length;
  }

  private skip(depth: number): void {
    const tag = this.tag;
    if (tag < 0) throw derError('truncated');
    if ((tag & 0x1f) === 0x1f) throw derError('high tag number');
    this.enter(tag);
    const { begin, position: end } = this;
    if ((tag & 0x20) !== 0) {
      if (depth === 0) throw derError('nested deeper than the limit');
      if ((tag & 0xc0) === 0 && tag !== 0x30 && tag !== 0x31) throw derError('constructed form of a primitive type');
      const inside = new DerReader(this.octets, this.limits, begin, end, depth - 1);
      let previous = -1;
      while (!inside.atEnd) {
        const start = inside.position;
        inside.skip(depth - 1);
        if (tag !== 0x31) continue;
        if (previous >= 0) checkOrder(this.octets, previous, start, inside.position);
        previous = start;
      }
    } else if ((tag & 0xc0) === 0 && tag !== 0x04) {
      checkUniversal(tag, this.octets.subarray(begin, end));
    }
  }
}

/** Checks the content of a primitive universal value by the rules of X.690 §8, §10, §11. @throws CmsError `ERR_DER`, or `ERR_UNSUPPORTED` for a type CMS has no use for */
export function checkUniversal(tag: number, content: Uint8Array): void {
  switch (tag) {
    case 0x01:
      if (content.length !== 1 || (content[0] !== 0x00 && content[0] !== 0xff))
        throw derError('boolean not in DER form');
      return;
    case 0x02:
    case 0x0a:
      return checkInteger(content, 0, content.length);
    case 0x03:
      return checkBitString(content);
    case 0x05:
      if (content.length !== 0) throw derError('null not in DER form');
      return;
    case 0x06:
      return checkObjectIdentifier(content);
    case 0x0c:
      fromUtf8(content);
      return;
    case 0x17:
      parseUtcTime(content);
      return;
    case 0x18:
      parseGeneralizedTime(content);
      return;
    // Octets carry no rule; strings of other alphabets stand in names only, and DER adds none to them.
    case 0x04:
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x16:
    case 0x1a:
    case 0x1c:
    case 0x1e:
      return;
    default:
      throw new CmsError('ERR_UNSUPPORTED', 'universal type without use in CMS');
  }
}

/** Refuses two neighbours of a SET OF that are not in DER's order, or the same (X.690 §11.6): from `a` up to `b`, from `b` up to `end`. */
function checkOrder(octets: Uint8Array, a: number, b: number, end: number): void {
  const shorter = Math.min(b - a, end - b);
  for (let i = 0; i < shorter; i++) {
    const difference = (octets[a + i] as number) - (octets[b + i] as number);
    if (difference < 0) return;
    if (difference > 0) throw derError('set not in DER order');
  }
  if (b - a >= end - b) throw derError('set not in DER order');
}

/** Checks the integer whose content stands from `begin` up to `end`. */
function checkInteger(octets: Uint8Array, begin: number, end: number): void {
  if (begin === end) throw derError('integer not minimal');
  if (end - begin === 1) return;
  const first = octets[begin] as number;
  const second = octets[begin + 1] as number;
  if ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80)) throw derError('integer not minimal');
}

function checkBitString(octets: Uint8Array): void {
  const unused = octets[0];
  if (unused === undefined || unused > 7) throw derError('bit string with unused bits');
  if (unused > 0) {
    const last = octets[octets.length - 1] as number;
    if (octets.length === 1 || (last & ((1 << unused) - 1)) !== 0) throw derError('bit string with unused bits');
  }
}

function checkObjectIdentifier(octets: Uint8Array): void {
  const length = octets.length;
  let isWrong = length === 0 || length > MAX_OID_OCTETS;
  let startsArc = true;
  for (let i = 0; i < length && !isWrong; i++) {
    isWrong = startsArc && octets[i] === 0x80;
    startsArc = (octets[i] as number) < 0x80;
  }
  // An arc that has not ended is where the content ends all the same.
  if (isWrong || !startsArc) throw derError('object identifier not in DER form');
}
