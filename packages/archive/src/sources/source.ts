/**
 * Where stanzas come from: a file, another server's database, a feed. Whatever it is, the archive reads it by this port.
 * @module
 */
import type { StanzaItem } from '../archive.js';

/** A stanza of a source. */
export interface SourceItem extends StanzaItem {
  /** The source's own mark of this place: from here it goes on. */
  readonly cursor: string;
}

/** Something in a source that cannot be put anywhere: without an owner, or no stanza at all. */
export interface RefusedItem {
  /** The place behind it. */
  readonly cursor: string;
  /** Why, for people: a sentence without what it said. */
  readonly refused: string;
}

/** A source of stanzas. */
export interface Source {
  /**
   * What its place is kept under, 1 to 255 characters: the same whenever it is the same source. `undefined` for one whose place means nothing later, as of a
   * feed: then nothing is kept of it, and `items` begins anew each time.
   */
  readonly name: string | undefined;
  /**
   * What comes after a cursor, in a fixed order; all of it where there is none. It ends when there is nothing more, or never: then when the signal says so.
   * Items that were given may come again, with their ids; none may be left out.
   */
  items(after: string | undefined, signal: AbortSignal): AsyncIterable<SourceItem | RefusedItem>;
  /** Is told that all up to a cursor is durable; for sources that forget only then. */
  kept?(cursor: string): void | Promise<void>;
}
