/**
 * What a protocol is to the verifier: numbers of its messages, and what it makes of each. It keeps nothing and draws nothing of
 * its own accord.
 * @module
 */
import type { DerReader, MaybePromise } from '@stanzaseal/cms';
import type { ShortString } from '../sas/shortText.js';
import type { EndReason } from './outcome.js';
import type { Run } from './runState.js';

/** What a run comes to at a turn. */
export type Result =
  | { readonly kind: 'requested'; readonly question?: string }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'compare'; readonly value: ShortString }
  | { readonly kind: 'verified' }
  | { readonly kind: 'ended'; readonly reason: EndReason };

/** What a side makes of its turn. */
export interface Turn {
  /** What it says: a whole message. */
  readonly says?: Uint8Array;
  /** What it must remember and not show; what was remembered before is erased. */
  readonly secret?: Uint8Array;
  /** What that comes to. */
  readonly result: Result;
}

/** A protocol whose messages the two sides send in turn, the initiator first. */
export interface Protocol {
  /** Its name in stores and outcomes. */
  readonly name: string;
  /** Numbers of its steps, in order. */
  readonly steps: readonly number[];
  /**
   * Takes the other side's message, which is the last of `run.transcript`; `body` has its members. What throws a `CmsError`, and
   * what it ends for a `deviation`, is told to the other side without a reason.
   */
  take(run: Run, body: DerReader): MaybePromise<Turn>;
  /** What an unfinished run is at, for who comes back to it. */
  show(run: Run): Result;
}
