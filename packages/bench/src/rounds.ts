/**
 * Timing: warm-up, then rounds in which every job of a group runs in turn, so that a change of the machine's speed meets all
 * of them; medians with spread.
 * @module
 */

/** A job to be timed. */
export interface Job {
  /** Name in the table. */
  readonly name: string;
  /** One run; a promise is awaited. */
  run(): unknown;
}

/** What a job took, in µs a run. */
export interface Timing {
  /** Name in the table. */
  readonly name: string;
  /** Median over the rounds. */
  readonly median: number;
  /** Fastest round. */
  readonly least: number;
  /** Slowest round. */
  readonly most: number;
  /** Median over the rounds of the ratio to the first job in the same round. */
  readonly ratio: number;
}

/** Times jobs against the first of them. @param slice ms that each job runs in each round */
export async function timeJobs(jobs: readonly Job[], rounds: number, slice: number): Promise<Timing[]> {
  const counts: number[] = [];
  for (const job of jobs) counts.push(await calibrate(job, slice));
  const times: number[][] = jobs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, job] of jobs.entries()) {
      (times[i] as number[]).push(await timeRuns(job, counts[i] as number));
    }
  }
  const base = times[0] as number[];
  return jobs.map(({ name }, i) => {
    const own = times[i] as number[];
    const ratio = median(own.map((time, round) => time / (base[round] as number)));
    return { name, median: median(own), least: Math.min(...own), most: Math.max(...own), ratio };
  });
}

/** Slices that each job runs before anything is counted: optimising compilers take their time. */
const WARM_UP = 15;

/** Runs in one slice, found by running for a while, which warms up too. */
async function calibrate(job: Job, slice: number): Promise<number> {
  let count = 1;
  for (let spent = 0; spent < slice * WARM_UP; ) {
    const time = (await timeRuns(job, count)) * count;
    spent += time / 1000;
    count = Math.max(1, Math.round((slice * 1000 * count) / Math.max(time, 1)));
  }
  return count;
}

async function timeRuns(job: Job, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const result = job.run();
    if (result instanceof Promise) await result;
  }
  return ((performance.now() - start) * 1000) / count;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
