/**
 * Keeps own keys on the server: after each login, when something is due, after failures, and when somebody overwrote them, which two
 * devices can do to each other without end (T12).
 * @module
 */
import type { Clock, RandomSource } from '@stanzaseal/cms';
import { KeyStoreError } from '@stanzaseal/keystore';
import { MessengerError } from '@stanzaseal/messenger';
import { backOff, randomDelay, type Schedule } from '../schedule.js';
import type { KeyItem } from './nodes.js';
import { NODES } from './nodes.js';
import { createOwnKeys, type OwnKeysPorts } from './ownKeys.js';
import { takeIn } from './takeIn.js';

/** What it takes. */
export interface OwnKeeperPorts extends OwnKeysPorts {
  /** Time. */
  readonly clock: Clock;
  /** Randomness, for delays. */
  readonly random: RandomSource;
  /** Timers. */
  readonly schedule: Schedule;
}

/** Keeps own keys on the server. */
export interface OwnKeeper {
  /** Runs work on own keys when no other is under way. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Takes in what the server has. @throws as `OwnKeys.fetch` */
  fetch(): Promise<void>;
  /** Brings server and store together; see `KeyService.publish`. */
  publish(replace: boolean): Promise<void>;
  /** Takes in what the server told of own nodes; `isLoss`: something was taken away. */
  take(items: readonly KeyItem[], isLoss: boolean): Promise<void>;
  /** Looks soon whether something is to be published. */
  refillSoon(): void;
  /** Tells of a failure, and looks again where that may help. */
  failed(cause: unknown): void;
  /** Ends timers. */
  close(): void;
}

const HOUR = 3_600_000;
/** How long nothing is looked at, at most: clocks are put right and machines sleep. */
const LONGEST_WAIT = 6 * HOUR;
const FIRST_RETRY = 15_000;
const LONGEST_RETRY = HOUR;
const REFILL_DELAY = 10_000;
/** How often in an hour is put back what somebody overwrites or takes away. */
const MAX_RESTORED = 6;

/** Makes it; it does nothing until it is told. */
export function createOwnKeeper(ports: OwnKeeperPorts): OwnKeeper {
  const { link, messenger, clock, random, schedule, onEvent } = ports;
  const own = createOwnKeys(ports);
  let cancel = (): void => {};
  let wakesAt = Number.POSITIVE_INFINITY;
  let failures = 0;
  let restored: number[] = [];
  let isProvoked = false;
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = last.then(work, work);
    last = run.catch(() => undefined);
    return run;
  }

  /** Looks again after a delay, unless that is to be done sooner anyway. */
  function wake(delay: number): void {
    const at = clock() + delay;
    if (isClosed || at >= wakesAt) return;
    cancel();
    wakesAt = at;
    cancel = schedule(() => {
      wakesAt = Number.POSITIVE_INFINITY;
      // Offline nothing can be done: the next login publishes.
      if (link.isOnline()) inTurn(keepUp).catch(failed);
    }, delay);
  }

  async function keepUp(): Promise<void> {
    if (isClosed) return;
    const isRestoring = isProvoked || (await own.isListMissing());
    isProvoked = false;
    if (isRestoring && !mayRestore()) return;
    await own.fetch();
    await settle(await own.publish());
  }

  async function settle(due: number): Promise<void> {
    failures = 0;
    onEvent({ kind: 'keys-published', due });
    await messenger.erase();
    wake(Math.min(Math.max(due - clock(), 1000), LONGEST_WAIT));
  }

  function failed(cause: unknown): void {
    // A store that was put back, another identity, a device that nobody admitted: time heals none of them.
    const isFinal = cause instanceof KeyStoreError || cause instanceof MessengerError;
    const delay = isFinal ? undefined : backOff(random, ++failures, FIRST_RETRY, LONGEST_RETRY);
    if (delay !== undefined) wake(delay);
    onEvent({ kind: 'publish-failed', cause, retryAt: delay === undefined ? undefined : clock() + delay });
  }

  /** Whether what was overwritten or taken away may be put back once more. */
  function mayRestore(): boolean {
    const now = clock();
    restored = restored.filter((at) => at > now - HOUR && at <= now);
    if (restored.length < MAX_RESTORED) {
      restored.push(now);
      return true;
    }
    const retryAt = (restored[0] as number) + HOUR;
    wake(retryAt - now);
    onEvent({ kind: 'keys-contended', retryAt });
    return false;
  }

  return {
    inTurn,
    fetch: () => inTurn(() => own.fetch()),
    publish: (replace) =>
      inTurn(async () => {
        own.reset();
        try {
          await own.fetch().catch((cause) => {
            if (!replace || !(cause instanceof MessengerError)) throw cause;
          });
          await settle(await own.publish());
        } catch (cause) {
          failed(cause);
          throw cause;
        }
      }),
    async take(items, isLoss) {
      let isOdd = isLoss;
      for (const item of items) {
        if (item.node !== NODES.DEVICES) await takeIn(messenger, messenger.owner, [item]);
        else if ((await own.takeList(item)) !== 'same') isOdd = true;
      }
      if (!isOdd) return;
      isProvoked = true;
      if (isLoss) own.reset();
      // Two primary devices that both put it right at once would contradict each other again: chance says who is first.
      wake(randomDelay(random, 0, 1000 * 2 ** Math.min(restored.length, 6)));
    },
    refillSoon: () => wake(REFILL_DELAY),
    failed,
    close() {
      isClosed = true;
      cancel();
    },
  };
}
