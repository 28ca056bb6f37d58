/**
 * Content that would pass as signed attributes (B3), seen while it streams by.
 * @module
 */
import { looksLikeSignedAttributes } from '@stanzaseal/cms';

/** Longer content is judged by its outline: who takes so many attributes takes anything. */
const KEPT_LENGTH = 65536;

/** Watches content from its first octet to its last. */
export class ContentWatch {
  /** The first octets, as long as they begin a SET. */
  #kept: Uint8Array | undefined = new Uint8Array(KEPT_LENGTH);
  #length = 0;

  /** The next piece. */
  update(piece: Uint8Array): void {
    if (this.#length === 0 && piece[0] !== 0x31) this.#kept = undefined;
    if (this.#kept !== undefined && this.#length < KEPT_LENGTH)
      this.#kept.set(piece.subarray(0, KEPT_LENGTH - this.#length), this.#length);
    this.#length += piece.length;
  }

  /** Whether all of it is what `sign` would refuse; of more than 64 KiB: whether it is one SET, whatever stands in it. */
  looksLikeSignedAttributes(): boolean {
    if (this.#kept === undefined || this.#length === 0) return false;
    if (this.#length <= KEPT_LENGTH) return looksLikeSignedAttributes(this.#kept.subarray(0, this.#length));
    const count = (this.#kept[1] as number) - 0x80;
    if (count < 1 || count > 6) return false;
    let length = 0;
    for (const octet of this.#kept.subarray(2, 2 + count)) length = length * 256 + octet;
    return 2 + count + length === this.#length;
  }
}
