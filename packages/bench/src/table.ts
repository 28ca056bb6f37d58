/**
 * What is timed: tables of jobs, the first of which is what the others are compared to.
 * @module
 */

/** A job to be timed. */
export interface Job {
  /** Name in its table. */
  readonly name: string;
  /** One run; a promise is awaited. */
  run(): unknown;
  /** Where a run happens in another process: what it took there. */
  time?(): Promise<Took>;
  /** Greatest ratio to the first job that is taken. */
  readonly must?: number;
  /** Greatest ratio that is aimed at. */
  readonly aim?: number;
  /** Least ratio to the first job that is taken: for peers, to which the first job is ours. */
  readonly least?: number;
  /** Least ratio that is aimed at. */
  readonly aimLeast?: number;
  /** What is to be said of it beside its time. */
  note?(): string;
  /** What else it is held to and misses. */
  missed?(): string | undefined;
  /** Lets go of what it needed, after the last run. */
  close?(): Promise<void>;
}

/** What one run took, in µs. */
export interface Took {
  /** By the clock on the wall. */
  readonly clock: number;
  /** Of the processor, all threads of the process together. */
  readonly processor: number;
}

/** Jobs of one kind, timed in turns. */
export interface Table {
  /** What they do; `--filter` looks at it, and at `group`. */
  readonly title: string;
  /** Which part of stanzaseal this is about. */
  readonly group: string;
  /** Makes the jobs, keys and all; asked only where the table is wanted. */
  jobs(): Promise<readonly Job[]>;
  /** A run is that of so many pieces: figures are for one. */
  readonly pieces?: number;
  /** Verdicts by the clock on the wall: where the work is not this process's own. Else by the processor time it took. */
  readonly clock?: 'wall';
  /** Each job runs this often and no more, cold: for work that takes seconds. */
  readonly runs?: number;
}

/** How thorough a run of the benchmark is. */
export interface Scale {
  /** A quick run: information only. */
  readonly isQuick: boolean;
  /** Rounds of each table. */
  readonly rounds: number;
  /** ms that each job runs in each round. */
  readonly slice: number;
}
