/**
 * Processor time of a program that runs beside the test, as Linux tells it.
 */
import { readFileSync } from 'node:fs';

/** Ticks of `/proc` are of 10 ms on every Linux that runs on our processors. */
const TICK = 10;

/** What a process and those that it started and that still run have used, in ms; 0 where the system does not tell. */
export function processorTime(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    // Fields behind the name, which may hold anything: proc(5) counts them from 3.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [user, system] = [Number(fields[11]), Number(fields[12])];
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const below = children.filter(Boolean).map((child) => processorTime(Number(child)));
    return (user + system) * TICK + below.reduce((sum, ms) => sum + ms, 0);
  } catch {
    return 0;
  }
}
