/**
 * Works off a conversation's stanzas: keys are fetched for each conversation for itself, sealing and writing goes one after another.
 * @module
 */
import type { Clock } from '@stanzaseal/cms';
import type { Change, PlaceRecord } from '@stanzaseal/keystore';
import { MessengerError } from '@stanzaseal/messenger';
import { StanzaError } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { XmppError } from '../xmppError.js';
import type { Confirmer } from './confirmer.js';
import { type Entry, type Lane, requeue, unqueue } from './entry.js';
import type { OutboxTable } from './outboxTable.js';
import { type Behind, rowBehind } from './row.js';
import {
  isHolding,
  isPassing,
  type Prepared,
  prepare,
  type SealedCopy,
  type SealingPorts,
  sealPrepared,
  sealRow,
  stampOf,
} from './sealing.js';

/** Why a stanza was not sent. */
export type Outcome =
  | { readonly kind: 'held'; readonly cause: unknown }
  | {
      readonly kind: 'later' | 'failed';
      readonly condition: string;
      readonly text: string | undefined;
      readonly cause: unknown;
    };

/** What it takes. */
export interface LaneRunnerPorts {
  /** Sealing. */
  readonly ports: SealingPorts;
  /** The connection. */
  readonly link: Link;
  /** Where stanzas are. */
  readonly table: OutboxTable;
  /** What keeps account of what was written. */
  readonly confirmer: Confirmer;
  /** Time. */
  readonly clock: Clock;
  /** Called with what was not sent. */
  readonly conclude: (entry: Entry, outcome: Outcome) => void;
}

/** Works off conversations. */
export interface LaneRunner {
  /** Sends what may be sent of one now. It throws what the store throws. */
  run(lane: Lane): Promise<void>;
  /** Forgets the copy of a sealed stanza. */
  forget(entry: Entry): void;
}

/** Octets of sealed stanzas kept, in case they have to be sent again: the same octets are a duplicate that leaves no gap in the count. */
const MAX_COPIES = 1_048_576;
const ATTEMPTS = 4;

/** Makes it. */
export function createLaneRunner({ ports, link, table, confirmer, clock, conclude }: LaneRunnerPorts): LaneRunner {
  const copies = new Map<Entry, SealedCopy>();
  const rows = { table, confirmer, hasCopy: (entry: Entry) => copies.has(entry) };
  let copiedOctets = 0;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = last.then(work, work);
    last = run.catch(() => undefined);
    return run;
  }

  function forget(entry: Entry): void {
    const copy = copies.get(entry);
    if (copy === undefined) return;
    copies.delete(entry);
    copiedOctets -= copy.octets;
  }

  function keep(entry: Entry, copy: SealedCopy): void {
    forget(entry);
    copies.set(entry, copy);
    copiedOctets += copy.octets;
    for (const [oldest] of copies) {
      if (copiedOctets <= MAX_COPIES) break;
      forget(oldest);
    }
  }

  const mayRun = (lane: Lane): boolean =>
    link.isOnline() && !lane.isHeld && lane.retryAt <= clock() && !(lane.isProbing && lane.probe !== undefined);

  async function run(lane: Lane): Promise<void> {
    lane.isToRunAgain = true;
    if (lane.isRunning) return;
    lane.isRunning = true;
    try {
      while (lane.isToRunAgain) {
        lane.isToRunAgain = false;
        for (let entry = lane.waiting[0]; entry !== undefined && mayRun(lane); entry = lane.waiting[0]) {
          if (!(await send(lane, entry))) break;
        }
      }
    } finally {
      lane.isRunning = false;
    }
  }

  /** Sends one; gives whether the next may follow. */
  async function send(lane: Lane, entry: Entry): Promise<boolean> {
    let refresh = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const record = await table.get(entry);
        if (record === undefined) {
          unqueue(lane, entry);
          return true;
        }
        const placed = (place: PlaceRecord): Promise<readonly Change[]> => table.placed(entry, place);
        const prepared = await prepare(ports, { record, placed }, refresh);
        const done = await inTurn(() => sealAndWrite(lane, entry, prepared, attempt === 0));
        if (done !== undefined) return done;
      } catch (cause) {
        const isRefreshable = cause instanceof MessengerError && cause.code === 'ERR_NO_KEYS' && !refresh;
        if (isRefreshable && !(await isHolding(cause, ports))) refresh = true;
        else return await refused(lane, entry, cause);
      }
    }
    return false;
  }

  /** Gives `undefined` where it has to be prepared anew. */
  async function sealAndWrite(
    lane: Lane,
    entry: Entry,
    prepared: Prepared,
    mayBeMany: boolean,
  ): Promise<boolean | undefined> {
    if (!(await confirmer.room())) return false;
    if (!lane.waiting.includes(entry)) return true;
    if (!prepared.isCurrent()) return undefined;
    const known = copies.get(entry);
    const isGood = known !== undefined && known.stamp === (await stampOf(ports, prepared.accounts));
    const next = isGood || !mayBeMany ? [] : await rowBehind(rows, lane, entry, prepared);
    const copy = isGood ? known : next.length === 0 ? await sealed(prepared) : await sealedWith(lane, prepared, next);
    if (copy === undefined) return undefined;
    // Those behind it follow on what it was: they are sealed anew as well.
    if (!isGood && prepared.record.place !== undefined) for (const other of lane.waiting) forget(other);
    // It may have been forgotten, or known to have arrived, while it was sealed.
    if (!lane.waiting.includes(entry)) return true;
    keep(entry, copy);
    entry.sealed = copy.sealed;
    // It is there before it is written: an answer may come faster than the write returns.
    entry.state = 'sent';
    unqueue(lane, entry);
    lane.open.add(entry);
    if (lane.isProbing) lane.probe = entry;
    confirmer.add(entry, copy.octets);
    await link.send(copy.stanza);
    confirmer.confirmSoon();
    return true;
  }

  /** Seals one and those behind it, which are written from their copies in their turn; gives `undefined` where it has to be sealed alone. */
  async function sealedWith(lane: Lane, prepared: Prepared, next: readonly Behind[]): Promise<SealedCopy | undefined> {
    const row = await table.whilePlacing(() => sealRow(ports, [prepared, ...next.map(([, other]) => other)]));
    if (row === undefined) return undefined;
    const [copy, ...ahead] = row;
    for (const [i, [other]] of next.entries()) {
      const known = ahead[i];
      if (known !== undefined && lane.waiting.includes(other)) keep(other, known);
    }
    return copy;
  }

  /** Where keys could not be fetched for a reason that passes, it is that which is in the way. */
  async function sealed(prepared: Prepared): Promise<SealedCopy> {
    try {
      return await sealPrepared(ports, prepared);
    } catch (cause) {
      const isLacking = cause instanceof MessengerError && cause.code === 'ERR_NO_KEYS';
      throw isLacking && prepared.passing !== undefined ? prepared.passing : cause;
    }
  }

  async function refused(lane: Lane, entry: Entry, cause: unknown): Promise<boolean> {
    if (entry.state === 'sent') {
      // It was not written, or nobody knows.
      confirmer.remove(entry);
      requeue(lane, [entry]);
    }
    if (cause instanceof XmppError && cause.code === 'ERR_OFFLINE') return false;
    if (await isHolding(cause, ports)) {
      conclude(entry, { kind: 'held', cause });
      return false;
    }
    const { code, condition, text } = cause as { code?: unknown; condition?: string; text?: string };
    // Of what is none of these the store is to blame, and the stanza is not.
    const isFinal = [XmppError, MessengerError, StanzaError, TypeError, RangeError].some(
      (known) => cause instanceof known,
    );
    const isLater = isPassing(cause) || !isFinal;
    const name = condition ?? (typeof code === 'string' ? code : 'ERR_ARGUMENT');
    conclude(entry, { kind: isLater ? 'later' : 'failed', condition: name, text, cause });
    return !isLater;
  }

  return { run, forget };
}
