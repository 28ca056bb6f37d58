/**
 * Walks a ContentInfo in BER as its octets come, hands its content through and keeps the rest, which is then read whole, with an
 * empty string in the content's place. What stands around the content is kept under indefinite lengths, since its own lengths count
 * the content. A state machine without promises: whoever cuts content into chunks of one octet makes each cost the same.
 * @module
 */
import { derError } from '../../cmsError.js';
import { concat } from '../../octets.js';
import type { GeneralLimits } from '../generalNode.js';
import { notAnOctetString } from '../structures/signedData.js';
import { type ContentLayout, contentLayout, LEVEL } from './contentLayout.js';
import { HeaderReader, INDEFINITE, type WireHeader } from './headerReader.js';
import { KeptOctets } from './keptOctets.js';
import { PieceBuffer } from './pieceBuffer.js';

/** Most octets beside the content: what comes along with 512 recipients or a chain of certificates is less. */
export const MAX_BESIDE_CONTENT = 1048576;

/** What a value is by its place: `around` the content, `beside` it, the content itself or a chunk of it. */
type Role = 'around' | 'beside' | 'content' | 'chunk';

/** A constructed value that is not over. */
interface Frame {
  readonly role: Role;
  /** Of what is around the content. */
  readonly level: number;
  /** Where it ends in octets from the start, or `INDEFINITE`. */
  readonly end: number;
  /** Where everything in it must have ended. */
  readonly limit: number;
}

const END_OF_CONTENTS = Uint8Array.of(0, 0);

/** Reads one ContentInfo: octets are fed in pieces, the content is taken in pieces. */
export class ContentScanner {
  readonly #limits: GeneralLimits;
  readonly #kept: KeptOctets;
  readonly #content = new PieceBuffer();
  readonly #header = new HeaderReader();
  readonly #frames: Frame[] = [];
  #layout: ContentLayout | undefined;
  #sequences = 0;
  /** Octets read. */
  #at = 0;
  /** Octets left of a value that is not looked into. */
  #left = 0;
  #leftIsContent = false;
  #head: Uint8Array | undefined;
  #isOver = false;

  /** A scanner before its first octet. What stands beside the content is bounded by `limits.octets`, and by 1 MiB. */
  constructor(limits: GeneralLimits) {
    this.#limits = { ...limits, octets: Math.min(limits.octets, MAX_BESIDE_CONTENT) };
    this.#kept = new KeptOctets(this.#limits.octets);
  }

  /** Once the content begins, or is known to be detached: an object with this head, empty content and as little as may follow. */
  get head(): Uint8Array | undefined {
    return this.#head;
  }

  /** The object, its content empty where it was handed through. @throws CmsError `ERR_DER` where its end has not come */
  whole(): Uint8Array {
    if (!this.#isOver) throw derError('input ends too early');
    return this.#kept.copy();
  }

  /** The content that has come. What is too little for a piece waits until there is more of it, or no more. */
  take(): Uint8Array[] {
    return this.#content.take();
  }

  /** Reads on. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
  feed(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; ) {
      if (this.#isOver) throw derError('trailing octets');
      if (this.#left === 0) {
        this.#at++;
        const header = this.#header.take(octets[at++] as number);
        if (header !== undefined) this.#begin(header);
      } else {
        const taken = Math.min(this.#left, octets.length - at);
        if (this.#leftIsContent) this.#content.add(octets, at, taken);
        else this.#kept.add(octets.subarray(at, at + taken));
        at += taken;
        this.#at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#end();
      }
    }
  }

  #begin(header: WireHeader): void {
    const { tag, length } = header;
    const around = this.#frames[this.#frames.length - 1];
    const limit = around?.limit ?? Number.POSITIVE_INFINITY;
    if (this.#at > limit || length > limit - this.#at) throw derError('value is longer than what it stands in');
    if (tag === 0) return this.#endIndefinite(header, around);
    const role = this.#roleOf(tag, around);
    this.#keep(header, role);
    const isContent = role === 'content' || role === 'chunk';
    // What is beside the content and has a length is kept unseen: its reader looks into it.
    if ((tag & 0x20) !== 0 && (isContent || role === 'around' || length === INDEFINITE)) {
      if (this.#frames.length >= this.#limits.depth) throw derError('input goes beyond the limits');
      const end = length === INDEFINITE ? INDEFINITE : this.#at + length;
      const level = role === 'around' ? (around?.level ?? -1) + 1 : -1;
      this.#frames.push({ role, level, end, limit: end === INDEFINITE ? limit : end });
    } else {
      this.#left = length;
      this.#leftIsContent = isContent;
    }
    if (this.#left === 0) this.#end();
  }

  #roleOf(tag: number, around: Frame | undefined): Role {
    if (around === undefined) {
      if (tag !== 0x30) throw derError('another value than expected');
      return 'around';
    }
    if (around.role === 'beside') return 'beside';
    if (around.role !== 'around') {
      if ((tag & ~0x20) !== 0x04) throw derError('string with a chunk of another type');
      return 'chunk';
    }
    switch (around.level) {
      case LEVEL.contentInfo:
        if (tag !== 0xa0) return 'beside';
        // Before it stands contentType, behind the two octets that the ContentInfo was given.
        this.#layout ??= contentLayout(this.#kept.copy().subarray(2), this.#limits);
        return 'around';
      case LEVEL.content:
        return tag === 0x30 ? 'around' : 'beside';
      case LEVEL.data:
        return tag === 0x30 && this.#sequences++ === this.#layout?.sequencesBefore ? 'around' : 'beside';
      case LEVEL.encapsulated:
        if ((tag & ~0x20) !== 0x80) return 'beside';
        if (this.#head !== undefined) throw derError('more parts than expected');
        if (this.#layout?.isExplicit !== true) return 'content';
        if (tag !== 0xa0) throw derError('another value than expected');
        return 'around';
      default:
        if (this.#head !== undefined) throw derError('more parts than expected');
        if ((tag & ~0x20) !== 0x04) throw notAnOctetString();
        return 'content';
    }
  }

  #keep({ tag, length, octets }: WireHeader, role: Role): void {
    if (role === 'around') this.#kept.add(Uint8Array.of(tag, 0x80));
    else if (role === 'content') {
      const empty = Uint8Array.of(tag & ~0x20, 0x00);
      this.#head = this.#headWith(empty);
      this.#kept.add(empty);
    } else if (role === 'beside') {
      this.#kept.add(octets);
      this.#kept.expect(length);
    }
  }

  #endIndefinite({ octets, length }: WireHeader, around: Frame | undefined): void {
    if (octets.length !== 2 || length !== 0 || around?.end !== INDEFINITE) throw derError('octets are not BER');
    this.#leave(around);
    this.#end();
  }

  /** After the last octet of a value: leaves all that ends with it. */
  #end(): void {
    let around = this.#frames[this.#frames.length - 1];
    while (around?.end === this.#at) {
      this.#leave(around);
      around = this.#frames[this.#frames.length - 1];
    }
    if (around === undefined) this.#isOver = true;
    // Nothing of the content is to come once its place is left.
    else if (around.role === 'around') this.#content.flush();
  }

  #leave({ role, level }: Frame): void {
    this.#frames.pop();
    if (role === 'around' && this.#head === undefined) {
      if (level === LEVEL.eContent) throw derError('part missing');
      if (level === LEVEL.encapsulated) this.#head = this.#headWith();
    }
    if (role === 'around' || role === 'beside') this.#kept.add(END_OF_CONTENTS);
  }

  /** What is kept so far, with content that is empty, or none, and all that is around it ended. */
  #headWith(content?: Uint8Array): Uint8Array {
    const { isExplicit, leastTail } = this.#layout as ContentLayout;
    const inside = content === undefined ? [] : isExplicit ? [content, END_OF_CONTENTS] : [content];
    const ends = [END_OF_CONTENTS, END_OF_CONTENTS, END_OF_CONTENTS];
    return concat(this.#kept.copy(), ...inside, END_OF_CONTENTS, leastTail, ...ends);
  }
}
