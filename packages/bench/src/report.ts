/**
 * Tables as text, and as rows for `--json`.
 * @module
 */
import { cpus, totalmem } from 'node:os';
import type { Timing } from './rounds.js';
import type { Job, Table } from './table.js';

/** One job of one table, as `--json` has it. Times are µs for one piece. */
export interface Row extends Timing {
  readonly group: string;
  readonly title: string;
  /** Whether the verdict is about the clock; else it is about processor time. */
  readonly byClock: boolean;
  /** The ratio that the verdict is about. */
  readonly judged: number;
  readonly must?: number;
  readonly aim?: number;
  /** Least ratio that is taken, or aimed at: of peers. */
  readonly leastRatio?: number;
  readonly aimLeast?: number;
  readonly note?: string;
  /** What the row misses, in words. */
  readonly missed: readonly string[];
}

/** What the figures were measured on. */
export interface Machine {
  readonly node: string;
  readonly openssl: string;
  readonly processor: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
}

/** This machine. */
export function machine(): Machine {
  return {
    node: process.version,
    openssl: process.versions.openssl,
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: cpus().length,
    memory: Math.round(totalmem() / 1024 ** 3),
  };
}

/** The row of a job, judged. */
export function rowOf(table: Table, job: Job, timing: Timing): Row {
  const { pieces = 1 } = table;
  const byClock = table.clock === 'wall';
  const judged = byClock ? timing.ratio : timing.processorRatio;
  const missed: string[] = [];
  if (job.must !== undefined && judged > job.must) missed.push(`${judged.toFixed(2)} > ${short(job.must)}`);
  if (job.least !== undefined && judged < job.least) missed.push(`${judged.toFixed(2)} < ${short(job.least)}`);
  const other = job.missed?.();
  if (other !== undefined) missed.push(other);
  const note = job.note?.();
  return {
    group: table.group,
    title: table.title,
    ...timing,
    median: timing.median / pieces,
    least: timing.least / pieces,
    most: timing.most / pieces,
    processor: timing.processor / pieces,
    byClock,
    judged,
    ...(job.must === undefined ? {} : { must: job.must }),
    ...(job.aim === undefined ? {} : { aim: job.aim }),
    ...(job.least === undefined ? {} : { leastRatio: job.least }),
    ...(job.aimLeast === undefined ? {} : { aimLeast: job.aimLeast }),
    ...(note === undefined ? {} : { note }),
    missed,
  };
}

/** The line of a row. */
export function lineOf(row: Row): string {
  const { name, median, least, most, ratio, processorRatio, byClock, judged, must, aim, note, missed } = row;
  const time = `${digits(median).padStart(9)} µs  (${digits(least)}-${digits(most)})`;
  const line = `  ${name.padEnd(40)} ${time.padEnd(36)} ${times(ratio)}  ${byClock ? '        -' : times(processorRatio)}`;
  const verdict = must === undefined ? '' : `  must <= ${short(must)}: ${judged > must ? 'MISSED' : 'met'}`;
  const aimed = aim === undefined ? '' : `, aim ${short(aim)}${judged > aim ? '' : ': met'}`;
  const others = missed
    .filter((_, i) => i > 0 || must === undefined || judged <= must)
    .map((text) => `  MISSED: ${text}`);
  return `${line}${verdict}${aimed}${note === undefined ? '' : `  ${note}`}${others.join('')}`;
}

function times(ratio: number): string {
  return `${ratio.toFixed(2).padStart(7)} x`;
}

function short(ratio: number): string {
  return String(Math.round(ratio * 100) / 100);
}

/** Three digits that count. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
