/**
 * Timing: warm-up, then rounds in which every job of a table runs in turn, so that a change of the machine's speed meets all
 * of them; medians with spread.
 *
 * A slice ends with a collection of young garbage, inside the clock, and begins with none: what a job leaves behind is its own
 * cost. Without that a job that leaves little is swept by its neighbour, and looks as if sweeping cost nothing.
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isDecided } from './decided.js';
import type { Job, Scale, Table, Took } from './table.js';

/** What a job took, in µs a run: by the clock, and of the processor, which other processes do not disturb. */
export interface Timing {
  /** Name in the table. */
  readonly name: string;
  /** Median over the rounds. */
  readonly median: number;
  /** Fastest round. */
  readonly least: number;
  /** Slowest round. */
  readonly most: number;
  /** Median of the processor time, all threads of this process together. */
  readonly processor: number;
  /** Median over the rounds of the ratio to the first job in the same round, by the clock. */
  readonly ratio: number;
  /** The same of the processor time. */
  readonly processorRatio: number;
  /** Rounds. */
  readonly rounds: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;

/** Slices that each job runs before anything is counted, at least and at most: optimising compilers take their time. */
const [WARM_UP, MOST_WARM_UP] = [15, 150];
/** And runs: on a busy machine the compiler's threads wait while time goes by. A stanza of 200 KiB was still compiled after 2,300: its threads made 1.8 of 1.5. */
const WARM_RUNS = 5_000;

/** So many times as many rounds there are at most, where a ratio is too close to its limit to say on which side it is. */
const MOST_ROUNDS = 8;

/** Times jobs against the first of them. @param how `runs`: how often each job runs, without warm-up; left out, for rounds of slices */
export async function timeJobs(
  jobs: readonly Job[],
  scale: Scale,
  { runs, clock }: Pick<Table, 'runs' | 'clock'> = {},
): Promise<Timing[]> {
  const counts: number[] = [];
  for (const job of jobs) counts.push(runs === undefined ? await calibrate(job, scale, clock === 'wall') : 1);
  const times: Took[][] = jobs.map(() => []);
  const base = times[0] as Took[];
  const ratios = (i: number, part: keyof Took): number[] =>
    (times[i] as Took[]).map((slice, round) => slice[part] / (base[round] as Took)[part]);
  const part = clock === 'wall' ? 'clock' : 'processor';
  const isClear = ({ must, least }: Job, i: number): boolean =>
    [must, least].every((limit) => limit === undefined || isDecided(ratios(i, part), limit));
  const most = runs ?? (scale.isQuick ? 1 : MOST_ROUNDS) * scale.rounds;
  for (let round = 0; round < most; round++) {
    if (runs === undefined && round > 0 && round % scale.rounds === 0 && jobs.every(isClear)) break;
    for (const [i, job] of jobs.entries()) times[i]?.push(await timeSlice(job, counts[i] as number));
  }
  return jobs.map(({ name }, i) => {
    const own = times[i] as Took[];
    const clocks = own.map((slice) => slice.clock);
    return {
      name,
      median: median(clocks),
      least: Math.min(...clocks),
      most: Math.max(...clocks),
      processor: median(own.map((slice) => slice.processor)),
      ratio: median(ratios(i, 'clock')),
      processorRatio: median(ratios(i, 'processor')),
      rounds: own.length,
    };
  });
}

/** Runs in one slice, found by running for a while, which warms up too. */
async function calibrate(job: Job, { slice, isQuick }: Scale, byClock: boolean): Promise<number> {
  const most = isQuick ? 2 * WARM_UP : MOST_WARM_UP;
  let count = 1;
  let runs = 0;
  for (let spent = 0; spent < slice * (runs < WARM_RUNS ? most : WARM_UP); ) {
    // Of the processor: a slice is as much work on a busy machine as on a quiet one.
    const { clock, processor } = await timeSlice(job, count);
    const time = (byClock ? clock : processor) * count;
    runs += count;
    spent += time / 1000;
    // Never many times as often as before: the first run says little.
    count = Math.max(1, Math.round(Math.min((slice * 1000 * count) / Math.max(time, 1), 10 * count)));
  }
  return count;
}

async function timeSlice(job: Job, count: number): Promise<Took> {
  if (job.time !== undefined) return job.time();
  collect({ type: 'minor' });
  const before = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const result = job.run();
    if (result instanceof Promise) await result;
  }
  collect({ type: 'minor' });
  const clock = ((performance.now() - start) * 1000) / count;
  const { user, system } = process.cpuUsage(before);
  return { clock, processor: (user + system) / count };
}

/** The one in the middle; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
