/**
 * Threads that compose give way to the one that writes. They take all the processors there are, and whoever waits for the disk and has its answer then waits
 * for a processor besides: a third of the time of what all of them wait for.
 * @module
 */
import { getPriority, setPriority } from 'node:os';

/** How much lower, of 19 at most: what nice(1) takes where it is told nothing. */
const STEP = 10;

/** Lowers the priority of this thread. Linux has one for each thread (setpriority(2)); elsewhere it is the whole process's, and is left alone. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, Math.min(19, getPriority(0) + STEP));
  } catch {} // where a sandbox forbids it, all are alike
}
