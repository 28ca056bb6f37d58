/**
 * Octets put together bit by bit, up to a limit.
 * @module
 */
import { derError } from '../../cmsError.js';

/** A buffer that grows. */
export class KeptOctets {
  readonly #limit: number;
  #octets = new Uint8Array(1024);
  #length = 0;

  /** Takes at most so many octets. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds octets. @throws CmsError `ERR_DER` beyond the limit */
  add(octets: Uint8Array): void {
    this.expect(octets.length);
    const length = this.#length + octets.length;
    if (length > this.#octets.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#octets.length));
      grown.set(this.#octets.subarray(0, this.#length));
      this.#octets = grown;
    }
    this.#octets.set(octets, this.#length);
    this.#length = length;
  }

  /** Refuses octets that are announced and would be too many, before they come. @throws CmsError `ERR_DER` */
  expect(length: number): void {
    if (this.#length + length > this.#limit) throw derError('input goes beyond the limits');
  }

  /** A copy of what is there. */
  copy(): Uint8Array {
    return this.#octets.slice(0, this.#length);
  }
}
