/**
 * Time to come: timers as a port, delays with jitter, and back-off.
 * @module
 */
import { drawOctets, type RandomSource } from '@stanzaseal/cms';

/** Runs something once, so many ms from now; gives what calls it off. */
export type Schedule = (run: () => void, delay: number) => () => void;

/** The timers of the runtime. A delay of more than a day is cut to one: timers stop while a machine sleeps, so look at the clock again. */
export const systemSchedule: Schedule = (run, delay) => {
  const timer = setTimeout(run, Math.min(Math.max(0, delay), DAY));
  return () => clearTimeout(timer);
};

const DAY = 86_400_000;

/** A delay of `low` to `high` ms, drawn evenly: so that those who failed together do not try again together. */
export function randomDelay(random: RandomSource, low: number, high: number): number {
  const [a = 0, b = 0, c = 0] = drawOctets(random, 3);
  return low + Math.floor(((high - low) * ((a << 16) | (b << 8) | c)) / 0x1000000);
}

/** The delay before the next attempt after `failures` failed ones (1 at least): it doubles from `first` up to `most`, half of it by chance. */
export function backOff(random: RandomSource, failures: number, first: number, most: number): number {
  const delay = Math.min(first * 2 ** Math.min(failures - 1, 30), most);
  return randomDelay(random, delay / 2, delay);
}
