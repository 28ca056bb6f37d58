/**
 * Runs of verification protocols: what a user does, what arrives, one change after another.
 * @module
 */
import { type Clock, drawOctets, equal, type MaybePromise, type RandomSource } from '@stanzaseal/cms';
import { runError } from '../trustError.js';
import { RUN_LENGTH } from '../verificationMessage.js';
import { countedAttempt } from './attempts.js';
import type { Ended, Outcome, OutcomeOfRun, RunOutcome } from './outcome.js';
import { normalParty, type Party } from './party.js';
import type { Protocol, Turn } from './protocol.js';
import {
  allRuns,
  end,
  expired,
  isOurTurn,
  isRequest,
  loadRun,
  nameOf,
  newRecord,
  type RunBook,
  type RunRules,
  settle,
} from './runBook.js';
import type { Role, Run } from './runState.js';
import type { RunStore } from './runStore.js';
import { takeMessage } from './takeMessage.js';

const HOUR = 3_600_000;

/** The numbers of the specification. */
export const RUN_RULES: RunRules = Object.freeze({
  validity: 7 * 24 * HOUR,
  freeAttempts: 5,
  firstPause: HOUR,
  requestsOfPeer: 3,
  requests: 50,
});

/** What a verifier works with. */
export interface VerifierOptions {
  /** Where runs are kept. Another verifier over it at the same time would not see what this one is about to write. */
  readonly store: RunStore;
  /** This account. */
  readonly own: Party;
  /** Randomness. */
  readonly random: RandomSource;
  /** Time. */
  readonly clock: Clock;
  /** The protocols spoken: `sas` of `./sas`, `password` of `./password`. */
  readonly protocols: readonly Protocol[];
  /** Other numbers. */
  readonly rules?: Partial<RunRules>;
}

/** A run as it is listed. */
export interface RunSummary extends OutcomeOfRun {
  /** `requested`: this side was asked and did not answer; `here`: its user is to do something; `waiting`: the other side is; `done`. */
  readonly stage: 'requested' | 'here' | 'waiting' | 'done';
  /** When it began, in ms since 1970. */
  readonly at: number;
  /** When it is given up, in ms since 1970. */
  readonly expires: number;
}

/** What a user does in a run: at so many messages, and whether it is a guess. */
export interface Stage {
  /** The run's protocol. */
  readonly protocol: Protocol;
  /** How many messages there are. */
  readonly at: number;
  /** Which side may do it, where not both. */
  readonly role?: Role;
  /** Whether it counts as an attempt. */
  readonly counts?: boolean;
}

/** Verifies who people are, by runs of messages. */
export interface Verifier {
  /** Randomness, for protocols. */
  readonly random: RandomSource;
  /**
   * Takes a message that was opened from a sealed one.
   * @param from who signed it: bare JID, and the identity key under which it opened
   * @throws TrustError `ERR_MESSAGE`
   */
  receive(message: Uint8Array, from: Party): Promise<Outcome>;
  /** All runs that are known, finished ones until they expire. */
  runs(): Promise<RunSummary[]>;
  /** What an unfinished run is at: the request, the string to compare. @throws TrustError `ERR_RUN` */
  show(run: string): Promise<RunOutcome>;
  /** The last message that this side sent in a run, the same octets; `undefined` where it sent none. @throws TrustError `ERR_RUN` */
  resend(run: string): Promise<Uint8Array | undefined>;
  /** Ends a run, or declines it. @throws TrustError `ERR_RUN` */
  cancel(run: string): Promise<Ended>;
  /** Forgets what has expired, and gives what of it was not finished. */
  expire(): Promise<Ended[]>;
  /** For protocols: begins a run. @throws TrustError `ERR_LIMIT`; RangeError for the own account */
  begin(protocol: Protocol, peer: Party, first: (run: Run) => MaybePromise<Turn>): Promise<RunOutcome>;
  /** For protocols: goes on with a run by what the user did. @throws TrustError `ERR_RUN`, `ERR_LIMIT` */
  act(run: string, stage: Stage, turn: (run: Run) => MaybePromise<Turn>): Promise<RunOutcome>;
}

/**
 * Makes a verifier.
 * @throws RangeError for an identity that is no key identifier; StanzaError `ERR_ADDRESS`
 * @example
 * const verifier = createVerifier({ store: keyStore, own, random, clock: Date.now, protocols: [sas, password] });
 */
export function createVerifier({ rules, own, ...options }: VerifierOptions): Verifier {
  const book: RunBook = { ...options, own: normalParty(own), rules: { ...RUN_RULES, ...rules } };
  const { store, random, clock, protocols } = book;
  let last: Promise<unknown> = Promise.resolve();

  /** One change at a time: two copies of an answer must not both be the first. */
  function exclusively<T>(change: () => Promise<T>): Promise<T> {
    const next = last.then(change);
    last = next.catch(() => undefined);
    return next;
  }

  function spoken(protocol: Protocol): Protocol {
    if (!protocols.includes(protocol)) throw new TypeError(`protocols does not have ${protocol.name}`);
    return protocol;
  }

  return {
    random,
    receive: (message, from) => exclusively(() => takeMessage(book, message, from)),
    runs: async () =>
      (await allRuns(book)).map((kept) => {
        const { kind, at, expires } = kept.record;
        const protocol = protocols.find(({ name }) => name === kind);
        return { ...nameOf(kept), stage: stageOf(kept.run, protocol), at, expires };
      }),
    show: async (key) => {
      const kept = await loadRun(book, key);
      const protocol = protocols.find(({ name }) => name === kept.record.kind);
      if (protocol === undefined || kept.run.done) throw runError();
      const result = protocol.show(kept.run);
      return result.kind === 'ended' ? { ...nameOf(kept), ...result, by: 'us' } : { ...nameOf(kept), ...result };
    },
    resend: async (key) => {
      const { run } = await loadRun(book, key);
      return run.transcript.findLast((_, turn) => isOurTurn(run, turn));
    },
    cancel: (key) =>
      exclusively(async () => {
        const kept = await loadRun(book, key);
        if (kept.run.done) throw runError();
        return end(book, kept, 'declined');
      }),
    expire: () =>
      exclusively(async () => {
        const { changes, ended } = await expired(book);
        if (changes.length > 0) await store.commit(changes);
        return ended;
      }),
    begin: (protocol, whom, first) =>
      exclusively(async () => {
        const { name } = spoken(protocol);
        const peer = normalParty(whom);
        if (peer.jid === book.own.jid) throw new RangeError('peer is the own account');
        const attempt = await countedAttempt(store, { protocol: name, jid: peer.jid, now: clock(), rules: book.rules });
        const id = drawOctets(random, RUN_LENGTH);
        const run: Run = {
          id,
          role: 'initiator',
          own: book.own,
          peer,
          transcript: [],
          secret: undefined,
          done: false,
        };
        const changes = [...(await expired(book)).changes, attempt];
        return settle(book, { record: newRecord(book, protocol, peer), run }, await first(run), changes);
      }),
    act: (key, { protocol, at, role, counts }, turn) =>
      exclusively(async () => {
        const { name } = spoken(protocol);
        const kept = await loadRun(book, key);
        const { run, record } = kept;
        if (record.kind !== name || run.done || run.transcript.length !== at) throw runError();
        if (role !== undefined && run.role !== role) throw runError();
        // An identity key that was replaced since is not the one that this run is about.
        if (!equal(book.own.identity, run.own.identity)) return end(book, kept, 'deviation');
        const attempt = { protocol: name, jid: record.peer, now: clock(), rules: book.rules };
        const changes = counts ? [await countedAttempt(store, attempt)] : [];
        return settle(book, kept, await turn(run), changes);
      }),
  };
}

function stageOf(run: Run, protocol: Protocol | undefined): RunSummary['stage'] {
  if (run.done) return 'done';
  if (isRequest(run)) return 'requested';
  const turn = run.transcript.length;
  return isOurTurn(run, turn) || turn === protocol?.steps.length ? 'here' : 'waiting';
}
