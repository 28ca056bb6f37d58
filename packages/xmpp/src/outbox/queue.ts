/**
 * What becomes of stanzas that were taken: sent in the order of their conversation, kept while an error may follow, sent again where
 * one passes, held where the application has to act, failed where nothing helps.
 * @module
 */
import { type Clock, fromHex, type RandomSource } from '@stanzaseal/cms';
import { bareJid } from '@stanzaseal/stanza';
import type { Link } from '../link.js';
import { backOff, type Schedule } from '../schedule.js';
import { domainOf } from './bounce.js';
import { createConfirmer } from './confirmer.js';
import { type Entry, emptyLane, type Lane, requeue, unqueue } from './entry.js';
import { createLaneRunner, type Outcome } from './laneRunner.js';
import type { OutboxEvent } from './outboxEvents.js';
import type { OutboxTable } from './outboxTable.js';
import type { SealingPorts } from './sealing.js';

/** What it takes. */
export interface QueuePorts {
  /** Sealing. */
  readonly sealing: SealingPorts;
  /** The connection. */
  readonly link: Link;
  /** Where stanzas are. */
  readonly table: OutboxTable;
  /** Time. */
  readonly clock: Clock;
  /** Randomness, for delays. */
  readonly random: RandomSource;
  /** Timers. */
  readonly schedule: Schedule;
  /** Where events go. */
  readonly onEvent: (event: OutboxEvent) => void;
  /** JID that is pinged. */
  readonly server: () => string | undefined;
  /** How long errors of other servers are waited for, in ms. */
  readonly bounceWindow: number;
  /** How long something is tried, in ms. */
  readonly giveUpAfter: number;
}

/** Stanzas that were taken, by their message ids in hexadecimal. */
export interface Queue {
  /** What is in it. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Domain of the own account. */
  ownDomain(): string;
  /** Adds one, and sends it when it may. */
  add(entry: Entry): void;
  /** Puts one back that failed. */
  putBack(entry: Entry): void;
  /** Takes one out for good; `arrived`: the way to where it went is free. */
  leave(entry: Entry, arrived: boolean): void;
  /** An error came for one. */
  conclude(entry: Entry, outcome: Outcome): void;
  /** Tells that the server has one, once. */
  tellSent(entry: Entry): void;
  /** Tries everything that waits. */
  flush(): void;
  /** Ends timers. */
  close(): void;
}

const FIRST_RETRY = 4_000;
const LONGEST_RETRY = 15 * 60_000;
/** After an error that passes: how long nothing may come back before the rest follows. */
const PROBE_QUIET = 10_000;
/** How often what waits for the application is looked at again: it may not say that it answered. */
const HELD_CHECK = 60_000;

/** Makes it. */
export function createQueue(ports: QueuePorts): Queue {
  const { link, table, clock, random, schedule, onEvent, sealing } = ports;
  const entries = new Map<string, Entry>();
  const lanes = new Map<string, Lane>();
  const timers = new Set<() => void>();
  let isClosed = false;
  const confirmer = createConfirmer({ link, clock, schedule, server: ports.server, onConfirmed: confirmed });
  const runner = createLaneRunner({ ports: sealing, link, table, confirmer, clock, conclude });
  const ends = [
    link.onOnline((resumed) => {
      if (resumed) keepOnWaiting();
      else sendAgain();
      flush();
    }),
    link.onOffline(() => {
      for (const entry of confirmer.lose()) requeue(laneOf(entry), [entry]);
    }),
  ];

  const ownDomain = (): string => domainOf(bareJid(link.jid() ?? sealing.messenger.owner));
  const storeFailed = (cause: unknown): void => onEvent({ kind: 'outbox-store-failed', cause });

  function laneOf({ to }: Entry): Lane {
    const key = bareJid(to);
    let lane = lanes.get(key);
    if (lane === undefined) {
      lane = emptyLane(key);
      lanes.set(key, lane);
    }
    return lane;
  }

  function run(lane: Lane): void {
    if (!isClosed) runner.run(lane).then(() => sweep(lane), storeFailed);
  }

  function sweep(lane: Lane): void {
    const isEmpty = lane.waiting.length === 0 && lane.open.size === 0 && !lane.isRunning;
    if (isEmpty && lanes.get(lane.to) === lane) lanes.delete(lane.to);
  }

  function after(delay: number, then: () => void): void {
    const end = schedule(() => {
      timers.delete(end);
      if (!isClosed) then();
    }, delay);
    timers.add(end);
  }

  function flush(): void {
    for (const lane of [...lanes.values()]) {
      lane.isHeld = false;
      lane.heldFor = undefined;
      lane.retryAt = 0;
      run(lane);
    }
  }

  /** A session ended, and with it errors that may have been on their way: what they may have been about is sent once more. */
  function sendAgain(): void {
    for (const lane of lanes.values()) {
      const open = [...lane.open];
      for (const entry of open) confirmer.remove(entry);
      requeue(lane, open);
    }
  }

  /** A stream that was resumed brings what was on its way, errors too. */
  function keepOnWaiting(): void {
    const taken = [...entries.values()].filter(({ state }) => state === 'taken');
    if (taken.length > 0) keepTaken(taken, clock());
  }

  function confirmed(batch: readonly Entry[]): void {
    const kept: Entry[] = [];
    for (const entry of batch) {
      tellSent(entry);
      // Of the own server an error has come by now; of a room its reflection will.
      const isDone = !entry.isRoom && domainOf(bareJid(entry.to)) === ownDomain();
      if (isDone) leave(entry, true);
      else kept.push(entry);
    }
    if (kept.length > 0) keepTaken(kept, clock());
  }

  /** Keeps what went to other servers: that they are down may be told only when they were tried. */
  function keepTaken(kept: readonly Entry[], takenAt: number): void {
    for (const entry of kept) {
      entry.state = 'taken';
      entry.takenAt = takenAt;
    }
    table.note(kept, { sentAt: takenAt }).catch(storeFailed);
    const isQuiet = (entry: Entry): boolean =>
      entry.state === 'taken' && entry.takenAt === takenAt && entries.has(entry.id);
    after(ports.bounceWindow, () => {
      // Offline no error can come: the time begins anew with the connection.
      for (const entry of kept) if (link.isOnline() && isQuiet(entry)) leave(entry, false);
    });
    for (const entry of kept)
      if (laneOf(entry).probe === entry) after(PROBE_QUIET, () => isQuiet(entry) && wayIsFree(laneOf(entry)));
  }

  function tellSent(entry: Entry): void {
    const { id, to, sealed, isTold } = entry;
    entry.isTold = true;
    entry.sealed = undefined;
    if (!isTold) onEvent({ kind: 'sent', messageId: fromHex(id), to, sealed });
  }

  function drop(entry: Entry): Lane {
    const lane = laneOf(entry);
    confirmer.remove(entry);
    runner.forget(entry);
    lane.open.delete(entry);
    if (lane.probe === entry) lane.probe = undefined;
    unqueue(lane, entry);
    return lane;
  }

  function leave(entry: Entry, arrived: boolean): void {
    entries.delete(entry.id);
    const lane = drop(entry);
    table.remove([entry]).catch(storeFailed);
    if (arrived) wayIsFree(lane);
    sweep(lane);
  }

  function wayIsFree(lane: Lane): void {
    lane.failures = 0;
    lane.heldFor = undefined;
    if (!lane.isProbing) return;
    lane.isProbing = false;
    lane.probe = undefined;
    run(lane);
  }

  function conclude(entry: Entry, outcome: Outcome): void {
    if (outcome.kind === 'held') hold(entry, outcome.cause);
    else if (outcome.kind === 'later' && clock() - entry.at < ports.giveUpAfter) retryLater(entry, outcome.condition);
    else {
      const lane = drop(entry);
      entry.state = 'failed';
      const { condition, text, cause } = outcome;
      table.note([entry], { failed: condition }).catch(storeFailed);
      onEvent({ kind: 'failed', messageId: fromHex(entry.id), to: entry.to, condition, text, cause });
      run(lane);
    }
  }

  function retryLater(entry: Entry, condition: string): void {
    const lane = laneOf(entry);
    confirmer.remove(entry);
    if (entry.state !== 'waiting') requeue(lane, [entry]);
    lane.isProbing = true;
    // Of several that come back together the first says when.
    if (lane.retryAt <= clock()) {
      const delay = backOff(random, ++lane.failures, FIRST_RETRY, LONGEST_RETRY);
      lane.retryAt = clock() + delay;
      after(delay, () => {
        // Timers and clocks differ by a little: what fired a ms before its time would wait for ever.
        lane.retryAt = 0;
        run(lane);
      });
    }
    onEvent({ kind: 'bounced', messageId: fromHex(entry.id), to: entry.to, condition, retryAt: lane.retryAt });
  }

  function hold(entry: Entry, cause: unknown): void {
    const lane = laneOf(entry);
    const { code = '' } = cause as { code?: string };
    if (lane.heldFor !== code) onEvent({ kind: 'held', messageId: fromHex(entry.id), to: entry.to, cause });
    lane.heldFor = code;
    lane.isHeld = true;
    after(HELD_CHECK, () => {
      lane.isHeld = false;
      run(lane);
    });
  }

  return {
    entries,
    ownDomain,
    add(entry) {
      entries.set(entry.id, entry);
      if (entry.state !== 'waiting') return;
      const lane = laneOf(entry);
      lane.waiting.push(entry);
      run(lane);
    },
    putBack(entry) {
      const lane = laneOf(entry);
      requeue(lane, [entry]);
      run(lane);
    },
    leave,
    conclude,
    tellSent,
    flush,
    close() {
      isClosed = true;
      for (const end of [...ends, ...timers]) end();
      confirmer.close();
    },
  };
}
