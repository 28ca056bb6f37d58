/**
 * Runs of octets put together to pieces that are worth handing on.
 * @module
 */
import { PIECE_LENGTH } from './octetStream.js';

/** Shorter runs are copied together: a piece of few octets costs more to hand on than to copy. */
const COPIED_LENGTH = 16384;
/** Below this a native copy costs more than the loop. */
const SHORT = 32;

/** Takes runs of any length, gives pieces of up to 64 KiB or what came in one. */
export class PieceBuffer {
  #pieces: Uint8Array[] = [];
  #held: Uint8Array | undefined;
  #length = 0;

  /** Adds a run of octets: a view of it where it is long. */
  add(octets: Uint8Array, from: number, length: number): void {
    if (length >= COPIED_LENGTH) {
      this.flush();
      this.#pieces.push(octets.subarray(from, from + length));
      return;
    }
    if (this.#length + length > PIECE_LENGTH) this.flush();
    this.#held ??= new Uint8Array(PIECE_LENGTH);
    if (length < SHORT) for (let i = 0; i < length; i++) this.#held[this.#length + i] = octets[from + i] as number;
    else this.#held.set(octets.subarray(from, from + length), this.#length);
    this.#length += length;
  }

  /** Ends the piece that is being put together. */
  flush(): void {
    if (this.#held === undefined) return;
    this.#pieces.push(this.#held.subarray(0, this.#length));
    this.#held = undefined;
    this.#length = 0;
  }

  /** The pieces that are ready. */
  take(): Uint8Array[] {
    if (this.#pieces.length === 0) return this.#pieces;
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}
