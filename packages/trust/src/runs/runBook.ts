/**
 * The runs of one account in their store: what each step leaves behind, and that it is durable before anything is given out.
 * @module
 */
import { type Clock, enumerated, fromHex, type RandomSource, toHex } from '@stanzaseal/cms';
import { runError } from '../trustError.js';
import { END_STEP, encodeMessage } from '../verificationMessage.js';
import { type AttemptRules, forgottenAttempts } from './attempts.js';
import type { Ended, EndReason, OutcomeOfRun, RunOutcome } from './outcome.js';
import type { Party } from './party.js';
import type { Protocol, Turn } from './protocol.js';
import { decodeRun, encodeRun, type Run } from './runState.js';
import { HANDSHAKE_KIND, type RunChange, type RunRecord, type RunStore } from './runStore.js';

/** The numbers; a caller may give others. */
export interface RunRules extends AttemptRules {
  /** How long a run waits, and how long a finished one is remembered, in ms. */
  readonly validity: number;
  /** Requests that nobody answered yet, of one peer; more are ignored. */
  readonly requestsOfPeer: number;
  /** Requests that nobody answered yet, of all peers. */
  readonly requests: number;
}

/** What runs are kept with. */
export interface RunBook {
  /** Where they are kept. */
  readonly store: RunStore;
  /** This account, its JID in normal form. */
  readonly own: Party;
  /** Randomness. */
  readonly random: RandomSource;
  /** Time. */
  readonly clock: Clock;
  /** The protocols spoken. */
  readonly protocols: readonly Protocol[];
  /** The numbers. */
  readonly rules: RunRules;
}

/** A run with its record. */
export interface Kept {
  /** Its record, but for the state. */
  readonly record: Omit<RunRecord, 'state'>;
  /** The run. */
  readonly run: Run;
}

/** Numbers of reasons in messages; why a run deviated is nobody's business on the other side. */
export const WIRE_REASONS: readonly EndReason[] = ['declined', 'mismatch', 'deviation'];

/** The run of that name, whether it has expired or not. */
export async function findRun({ store, own }: RunBook, key: string): Promise<Kept | undefined> {
  const record = await store.get('runs', key);
  return record === undefined ? undefined : { record, run: runOf(own, key, record) };
}

/** A run that has not expired. @throws TrustError `ERR_RUN` */
export async function loadRun(book: RunBook, key: string): Promise<Kept> {
  const kept = await findRun(book, key);
  if (kept === undefined || kept.record.expires <= book.clock()) throw runError();
  return kept;
}

/** All runs. */
export async function allRuns({ store, own }: RunBook): Promise<Kept[]> {
  return (await store.entries('runs'))
    .filter(([, { kind }]) => kind !== HANDSHAKE_KIND)
    .map(([key, record]) => ({ record, run: runOf(own, key, record) }));
}

/** A new run's record. */
export function newRecord({ clock, rules }: RunBook, { name }: Protocol, peer: Party): Omit<RunRecord, 'state'> {
  const at = clock();
  return { kind: name, peer: peer.jid, at, expires: at + rules.validity };
}

/** Puts down what a turn leaves behind, together with other changes, and says what it comes to. */
export async function settle(
  book: RunBook,
  { record, run }: Kept,
  turn: Turn,
  changes: readonly RunChange[] = [],
): Promise<RunOutcome> {
  const { says, secret, result } = turn;
  if (result.kind === 'ended') return end(book, { record, run }, result.reason, changes);
  const done = result.kind === 'verified';
  const transcript = says === undefined ? run.transcript : [...run.transcript, says];
  const state = encodeRun({ ...run, transcript, secret, done });
  const kept: RunChange = { table: 'runs', key: toHex(run.id), record: { ...record, state } };
  const forgotten = done ? [forgottenAttempts(record.kind, record.peer)] : [];
  await book.store.commit([...changes, kept, ...forgotten]);
  return { ...nameOf({ record, run }), ...result, ...(says === undefined ? {} : { send: says }) };
}

/** Ends a run, and tells the other side so. */
export async function end(
  book: RunBook,
  kept: Kept,
  reason: EndReason,
  changes: readonly RunChange[] = [],
): Promise<Ended> {
  const { id } = kept.run;
  await forget(book, kept, changes);
  const send = encodeMessage(id, END_STEP, enumerated(WIRE_REASONS.indexOf(reason)));
  return { ...nameOf(kept), kind: 'ended', reason, by: 'us', send };
}

/** Erases a run. */
export function forget({ store }: RunBook, { run }: Kept, changes: readonly RunChange[] = []): Promise<void> {
  return store.commit([...changes, { table: 'runs', key: toHex(run.id), record: undefined }]);
}

/** Changes that drop what has expired, and what of it was not finished. */
export async function expired(book: RunBook): Promise<{ changes: RunChange[]; ended: Ended[] }> {
  const now = book.clock();
  const old = (await allRuns(book)).filter(({ record }) => record.expires <= now);
  return {
    changes: old.map(({ run }) => ({ table: 'runs', key: toHex(run.id), record: undefined })),
    ended: old.filter(({ run }) => !run.done).map(endedByTime),
  };
}

/** What a run that has expired comes to. */
export function endedByTime(kept: Kept): Ended {
  return { ...nameOf(kept), kind: 'ended', reason: 'expired', by: 'us' };
}

/** Which run it is. */
export function nameOf({ record, run }: Kept): OutcomeOfRun {
  return { run: toHex(run.id), protocol: record.kind, peer: run.peer };
}

/** Whether a turn is this side's: the initiator has the even ones. */
export function isOurTurn({ role }: Run, turn: number): boolean {
  return (turn % 2 === 0) === (role === 'initiator');
}

/** Whether this side was asked and did not answer yet. */
export function isRequest({ role, transcript, done }: Run): boolean {
  return role === 'responder' && transcript.length === 1 && !done;
}

function runOf(own: Party, key: string, { peer, state }: RunRecord): Run {
  return decodeRun(state, { id: fromHex(key), own: own.jid, peer });
}
