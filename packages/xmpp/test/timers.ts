/**
 * Timers that run when a test moves its world's clock.
 */
import type { World } from '@stanzaseal/testkit';
import type { Schedule } from '../src/schedule.js';

/** Timers of a world. */
export interface Timers {
  readonly schedule: Schedule;
  /** Moves the clock, and runs what falls due on the way, each with what follows from it. */
  advance(ms: number): Promise<void>;
  /** How many wait. */
  count(): number;
}

/** Timers over a world's clock. */
export function createTimers(world: World): Timers {
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    schedule(run, delay) {
      const timer = { at: world.now + delay, run };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
    async advance(ms) {
      const until = world.now + ms;
      await settled();
      for (;;) {
        const [next] = [...waiting].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        waiting.delete(next);
        world.now = Math.max(world.now, next.at);
        next.run();
        await settled();
      }
      world.now = until;
    },
    count: () => waiting.size,
  };
}

/** Lets everything run that waits for nothing from outside: promises, and what crypto and stores do on other threads. */
export async function settled(turns = 60): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until something holds. @throws Error where it does not within 10 s */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
