/**
 * What is asked for in one turn of the event loop goes on in pieces: many entries are composed in less time than one by one, and a message to a thread
 * costs as much as an entry.
 * @module
 */
import type { AskedEntry } from '../log/composedEntry.js';

/** Most entries of a piece: enough for its cost to be spread. */
const PIECE = 64;
/**
 * What ends a piece before: stanzas of so many octets, or characters. All that is made of a piece is there at once: of messages some five times as
 * much, of elements without anything in them thirty times.
 */
const PIECE_LENGTH = 1_048_576;

/** Gathers what is asked for. */
export class Pieces {
  readonly #take: (piece: readonly AskedEntry[]) => void;
  #waiting: AskedEntry[] = [];
  /** Of the stanzas that are waiting. */
  #length = 0;

  /** @param take goes on with a piece, and tells those who wait */
  constructor(take: (piece: readonly AskedEntry[]) => void) {
    this.#take = take;
  }

  /** Takes an entry in. */
  ask(asked: AskedEntry): void {
    const count = this.#waiting.push(asked);
    this.#length += asked.source.stanza.length;
    if (count === PIECE || this.#length >= PIECE_LENGTH) this.#send();
    else if (count === 1) setImmediate(() => this.#send());
  }

  #send(): void {
    const piece = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    if (piece.length === 0) return;
    try {
      this.#take(piece);
    } catch (error) {
      for (const { reject } of piece) reject(error);
    }
  }
}
