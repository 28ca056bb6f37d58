/**
 * What a peer is to the matrix: something that writes and reads CMS, and says what it cannot.
 * @module
 */
import type { Case } from './cases.js';

/** Whose turn it is: the peer writes and we read, or the peer reads what we wrote. */
export type Turn = 'writes' | 'reads';

/** Files of one turn, as names in the workshop. */
export interface TurnFiles {
  /** The object: written or read. */
  readonly object: string;
  /** Where a reader puts the content. */
  readonly content: string;
}

/** What came of asking a peer. */
export interface Attempt {
  /** The commands, word for word, with the version's own program name in front. */
  readonly commands: readonly string[];
  /** Why it did not do it; `undefined` where it says that it did. */
  readonly refusal: string | undefined;
}

/** A program or a library of others that is there to be asked. */
export interface Peer {
  /** Its version in its own words. */
  readonly version: string;
  /** Why it cannot do a case by what is known of it; `undefined` where it should. */
  cannot(test: Case, turn: Turn): string | undefined;
  /** Why we must refuse what it writes, where we must: its own choice of algorithm or encoding. */
  mustBeRefused?(test: Case): string | undefined;
  /** Asks it; `undefined` where it has no way to be asked. */
  ask(test: Case, turn: Turn, files: TurnFiles): Promise<Attempt> | undefined;
  /** Gives it any other command, for what is no row of the matrix. */
  tell?(words: readonly string[]): Promise<Attempt>;
  /** Ends what still runs. */
  close?(): void;
}

/** A column of the matrix. */
export interface PeerColumn {
  /** Heading, such as `OpenSSL 3.0`. */
  readonly name: string;
  /** Commands of one family are the same but for the program. */
  readonly family: string;
  /** Whether `.ci/run` must have brought it. */
  readonly required: boolean;
  /** The peer, or why it is not here. */
  readonly peer: Peer | { readonly absent: string };
}

/** The peer of a column, if it is there. */
export function peerOf({ peer }: PeerColumn): Peer | undefined {
  return 'absent' in peer ? undefined : peer;
}
