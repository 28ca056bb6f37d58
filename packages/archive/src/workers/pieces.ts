/**
 * What is asked for in one turn of the event loop goes on in pieces: many entries are composed in less time than one by one, and a message to a thread
 * costs as much as an entry.
 * @module
 */
import type { WritingKeys } from '../keys/keyVault.js';
import type { ComposedEntry, EntrySource } from '../log/composedEntry.js';

/** Most entries of a piece: enough for its cost to be spread. */
const PIECE = 64;
/**
 * What ends a piece before: stanzas of so many octets, or characters. All that is made of a piece is there at once: of messages some five times as
 * much, of elements without anything in them thirty times.
 */
const PIECE_LENGTH = 1_048_576;

/** An entry that somebody waits for. */
export interface Asked {
  readonly source: EntrySource;
  readonly keys: WritingKeys;
  readonly resolve: (entry: ComposedEntry) => void;
  readonly reject: (error: unknown) => void;
}

/** Gathers what is asked for. */
export class Pieces {
  readonly #take: (piece: readonly Asked[]) => void;
  #waiting: Asked[] = [];
  /** Of the stanzas that are waiting. */
  #length = 0;

  /** @param take goes on with a piece, and tells those who wait */
  constructor(take: (piece: readonly Asked[]) => void) {
    this.#take = take;
  }

  /** Waits for an entry. */
  ask(source: EntrySource, keys: WritingKeys): Promise<ComposedEntry> {
    return new Promise((resolve, reject) => {
      const count = this.#waiting.push({ source, keys, resolve, reject });
      this.#length += source.stanza.length;
      if (count === PIECE || this.#length >= PIECE_LENGTH) this.#send();
      else if (count === 1) setImmediate(() => this.#send());
    });
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
