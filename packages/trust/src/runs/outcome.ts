/**
 * What comes of a step: what the user is shown, and what goes out.
 * @module
 */
import type { ShortString } from '../sas/shortText.js';
import type { Party } from './party.js';

/**
 * Why a run ended. `declined`: somebody did not want it. `mismatch`: the strings or passwords differ, which is a mistake or
 * somebody in between. `deviation`: what came did not follow the protocol, or came under another key. `expired`: nobody went on.
 */
export type EndReason = 'declined' | 'mismatch' | 'deviation' | 'expired';

/** Which run, with whom, by which protocol, and what goes to the other side now. */
export interface OutcomeOfRun {
  /** Name of the run: 32 hexadecimal digits. */
  readonly run: string;
  /** Name of its protocol. */
  readonly protocol: string;
  /** The other side, under the identity key it had when the run began. */
  readonly peer: Party;
  /** A message to `peer.jid`, already durable here. */
  readonly send?: Uint8Array;
}

/** A run that is over. */
export interface Ended extends OutcomeOfRun {
  /** It is over. */
  readonly kind: 'ended';
  /** Why. */
  readonly reason: EndReason;
  /** Which side ended it. */
  readonly by: 'us' | 'them';
}

/** What a step of a run came to. */
export type RunOutcome =
  /** The other side asks for a run; nothing was answered. `question` is theirs, and says nothing true by itself. */
  | (OutcomeOfRun & { readonly kind: 'requested'; readonly question?: string })
  /** It is the other side's turn. */
  | (OutcomeOfRun & { readonly kind: 'waiting' })
  /** Two people compare this string now. */
  | (OutcomeOfRun & { readonly kind: 'compare'; readonly value: ShortString })
  /** `peer.jid` has the identity key `peer.identity`. */
  | (OutcomeOfRun & { readonly kind: 'verified' })
  /** Another device of this account answered. */
  | (OutcomeOfRun & { readonly kind: 'elsewhere' })
  | Ended;

/** What a message came to. */
export type Outcome =
  | RunOutcome
  /** Of no run here, or a repetition: `send` is then the answer that was given before. */
  | { readonly kind: 'ignored'; readonly send?: Uint8Array };
