/**
 * What the outbox holds in memory of a stanza that was taken: never its text, which stays in the store.
 * @module
 */
import type { Sealed } from '@stanzaseal/messenger';

/**
 * `waiting` to be sent; `sent` and not known to have come to the server; `taken` by the server, and kept for an error that may follow;
 * `failed`, kept until the application forgets it.
 */
export type EntryState = 'waiting' | 'sent' | 'taken' | 'failed';

/** A stanza that was taken. */
export interface Entry {
  /** Its key in the table `outbox`: the order of acceptance. */
  readonly key: string;
  /** Its message id in hexadecimal: the outer id. */
  readonly id: string;
  /** Whom it goes to, as it was given. */
  readonly to: string;
  /** Whether that is a room. */
  readonly isRoom: boolean;
  /** When it was taken, in ms since 1970. */
  readonly at: number;
  /** What becomes of it. */
  state: EntryState;
  /** What sealing it last came to. */
  sealed: Omit<Sealed, 'stanza'> | undefined;
  /** When the server took it last, in ms since 1970. */
  takenAt: number;
  /** Whether `sent` was told. */
  isTold: boolean;
}

/** Stanzas of one conversation, which leave in order. */
export interface Lane {
  /** Whom they go to. */
  readonly to: string;
  /** Those to be sent, in order. */
  waiting: Entry[];
  /** Those that the server has, or may have, and of which an error may come. */
  readonly open: Set<Entry>;
  /** Whether somebody works on it. */
  isRunning: boolean;
  /** Whether to look again when they are done. */
  isToRunAgain: boolean;
  /** Whether it waits for the application: for an answer to a changed key, for a room. */
  isHeld: boolean;
  /** What it was told last that it waits for. */
  heldFor: string | undefined;
  /** Whether only one at a time is sent, to see whether the way is free again. */
  isProbing: boolean;
  /** That one, while it is on its way. */
  probe: Entry | undefined;
  /** Failures in a row. */
  failures: number;
  /** Not before this, in ms since 1970. */
  retryAt: number;
}

/** A lane with nothing in it. */
export function emptyLane(to: string): Lane {
  return {
    to,
    waiting: [],
    open: new Set(),
    isRunning: false,
    isToRunAgain: false,
    isHeld: false,
    heldFor: undefined,
    isProbing: false,
    probe: undefined,
    failures: 0,
    retryAt: 0,
  };
}

/** Takes an entry out of those that wait. */
export function unqueue(lane: Lane, entry: Entry): void {
  // It is the first but where it was forgotten: of thousands none is looked at twice.
  if (lane.waiting[0] === entry) lane.waiting.shift();
  else lane.waiting = lane.waiting.filter((other) => other !== entry);
}

/** Puts entries back among those that wait, in their order. */
export function requeue(lane: Lane, entries: readonly Entry[]): void {
  for (const entry of entries) {
    entry.state = 'waiting';
    lane.open.delete(entry);
    if (lane.probe === entry) lane.probe = undefined;
  }
  lane.waiting = [...entries, ...lane.waiting].sort((a, b) => (a.key < b.key ? -1 : 1));
}
