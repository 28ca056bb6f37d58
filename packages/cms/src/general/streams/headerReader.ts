/**
 * Identifier and length octets of BER values, taken one by one.
 * @module
 */
import { derError } from '../../cmsError.js';

/** Length of a value of the indefinite form. */
export const INDEFINITE = -1;

/** Identifier and length octets of a value. */
export interface WireHeader {
  /** The first identifier octet; the number is in those after it where its low five bits are set. */
  readonly tag: number;
  /** Length of the content in octets, or `INDEFINITE`. */
  readonly length: number;
  /** The header as it stood: a view, good until the next header. */
  readonly octets: Uint8Array;
}

/** As in the whole-object reader: a tag number of more than four octets is nobody's, nor is a length of more than six. */
const MAX_TAG_OCTETS = 4;
const MAX_LENGTH_OCTETS = 6;

/** Takes headers apart. */
export class HeaderReader {
  readonly #octets = new Uint8Array(2 + MAX_TAG_OCTETS + MAX_LENGTH_OCTETS);
  #count = 0;
  /** Where the length octets begin; 0 until that is known. */
  #lengthAt = 0;

  /** Takes an octet; gives the header with its last one. @throws CmsError `ERR_DER` */
  take(octet: number): WireHeader | undefined {
    const at = this.#count++;
    this.#octets[at] = octet;
    if (at === 0) {
      // Universal tag 0 is the end-of-contents octets' alone (X.690 §8.1.5).
      if (octet === 0x20) throw derError('octets are not BER');
      this.#lengthAt = (octet & 0x1f) === 0x1f ? 0 : 1;
      return undefined;
    }
    if (this.#lengthAt === 0) {
      if ((octet & 0x80) === 0) this.#lengthAt = at + 1;
      else if (at === MAX_TAG_OCTETS) throw derError('octets are not BER');
      return undefined;
    }
    const first = this.#octets[this.#lengthAt] as number;
    if (first <= 0x80) return this.#header(first === 0x80 ? INDEFINITE : first);
    const count = first & 0x7f;
    if (count > MAX_LENGTH_OCTETS) throw derError('octets are not BER');
    if (at < this.#lengthAt + count) return undefined;
    let length = 0;
    for (let i = 1; i <= count; i++) length = length * 256 + (this.#octets[this.#lengthAt + i] as number);
    return this.#header(length);
  }

  #header(length: number): WireHeader {
    const tag = this.#octets[0] as number;
    if (length === INDEFINITE && (tag & 0x20) === 0) throw derError('octets are not BER');
    const octets = this.#octets.subarray(0, this.#count);
    this.#count = 0;
    return { tag, length, octets };
  }
}
