/**
 * How often a peer may be tried. A run is one guess, whoever began it; a restart forgets none.
 * @module
 */
import { TrustError } from '../trustError.js';
import type { AttemptRecord, RunChange, RunStore } from './runStore.js';

/** Numbers of the limit. */
export interface AttemptRules {
  /** So many runs with a peer that did not end well may follow on each other at once. */
  readonly freeAttempts: number;
  /** How long after the first of them the next may be, in ms; each after that, twice as long. */
  readonly firstPause: number;
}

/** Counts one run of a protocol with a peer. @throws TrustError `ERR_LIMIT` with `retryAt` */
export async function countedAttempt(
  store: RunStore,
  { protocol, jid, now, rules }: { protocol: string; jid: string; now: number; rules: AttemptRules },
): Promise<RunChange> {
  const key = attemptKey(protocol, jid);
  const before = await store.get('attempts', key);
  const retryAt = before === undefined ? now : allowedAt(before, rules);
  if (retryAt > now) throw new TrustError('ERR_LIMIT', 'too many runs with this peer did not end well', { retryAt });
  const record: AttemptRecord = { count: (before?.count ?? 0) + 1, since: before?.since ?? now };
  return { table: 'attempts', key, record };
}

/** A run ended well: the others are forgotten. */
export function forgottenAttempts(protocol: string, jid: string): RunChange {
  return { table: 'attempts', key: attemptKey(protocol, jid), record: undefined };
}

/**
 * When the next run may be, in ms since 1970. Counted from the first: who waits for a year has some thirteen guesses more, and
 * doubling leaves few for the years after it.
 */
function allowedAt({ count, since }: AttemptRecord, { freeAttempts, firstPause }: AttemptRules): number {
  return count < freeAttempts ? since : since + firstPause * 2 ** Math.min(count - freeAttempts, 30);
}

function attemptKey(protocol: string, jid: string): string {
  return `${protocol} ${jid}`;
}
