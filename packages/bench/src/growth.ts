/**
 * Cost against length and number of devices: `constant + n * each` by least squares of the relative error, and whether the cost of
 * one more grows.
 * @module
 */
import { createBase } from './base.js';
import { KIBIBYTE, node } from './context.js';
import { objectWork } from './objects.js';
import { couple, message, opened, sealed } from './people.js';
import { timeJobs } from './rounds.js';
import type { Job, Scale, Table } from './table.js';

/** A line through what was measured. */
export interface Growth {
  /** What grows with what. */
  readonly what: string;
  /** What `n` counts. */
  readonly unit: string;
  /** Processor time in µs at each `n`. */
  readonly points: readonly { readonly n: number; readonly time: number }[];
  /** µs that do not depend on `n`. */
  readonly constant: number;
  /** µs for one of `n`. */
  readonly each: number;
  /** Greatest relative error of the line at a point. */
  readonly error: number;
  /** What one of `n` costs at the greatest `n`, all in all, as a multiple of what it costs at the one before. */
  readonly bend: number;
  /** Where it grows faster than linear. */
  readonly missed?: string;
}

/** More than this is beyond noise and caches, and worse than linear. */
const MOST_BEND = 1.1;

interface Curve {
  readonly title: string;
  readonly unit: string;
  readonly at: readonly number[];
  job(n: number): Promise<() => unknown>;
}

const LENGTHS = [200, KIBIBYTE, 4 * KIBIBYTE, 16 * KIBIBYTE, 64 * KIBIBYTE, 200 * KIBIBYTE];
const DEVICES = [1, 10, 100, 300, 1000];

const CURVES: readonly Curve[] = [
  ...(['seal', 'open'] as const).flatMap((verb): Curve[] => [
    {
      title: `base: ${verb}, by length`,
      unit: 'octet',
      at: LENGTHS,
      job: async (n) => createBase(n, 1)[verb],
    },
    {
      title: `object: ${verb}, by length`,
      unit: 'octet',
      at: LENGTHS,
      job: async (n) => (await objectWork(node, n, 1))[verb],
    },
    {
      title: `stanza: ${verb}, by length of text`,
      unit: 'octet',
      at: LENGTHS,
      job: (n) => stanzaJob(verb, n),
    },
  ]),
  { title: 'base: seal, by devices', unit: 'device', at: DEVICES, job: async (n) => createBase(KIBIBYTE, n).seal },
  {
    title: 'object: seal, by devices',
    unit: 'device',
    at: DEVICES,
    job: async (n) => (await objectWork(node, KIBIBYTE, n)).seal,
  },
  {
    title: 'object: open as the last, by devices',
    unit: 'device',
    at: DEVICES,
    job: async (n) => (await objectWork(node, KIBIBYTE, n)).open,
  },
];

/** Measures the curves that are wanted, and prints them. */
export async function fitGrowth(
  scale: Scale,
  isWanted: (table: Pick<Table, 'group' | 'title'>) => boolean,
): Promise<Growth[]> {
  const growth: Growth[] = [];
  for (const curve of CURVES.filter(({ title }) => isWanted({ group: 'growth', title }))) {
    const jobs: Job[] = [];
    for (const n of curve.at) jobs.push({ name: String(n), run: await curve.job(n) });
    const timings = await timeJobs(jobs, scale);
    const points = curve.at.map((n, i) => ({ n, time: timings[i]?.processor as number }));
    const fitted = fit(curve, points);
    growth.push(fitted);
    print(fitted);
  }
  return growth;
}

async function stanzaJob(verb: 'seal' | 'open', textLength: number): Promise<() => unknown> {
  const { romeo, juliet } = await couple({ crypto: node, objectOctets: 2 ** 20 });
  const text = message('x'.repeat(textLength));
  if (verb === 'seal') return () => sealed(romeo, juliet.owner, text);
  const stanza = await sealed(romeo, juliet.owner, text);
  return () => opened(juliet, stanza);
}

function fit({ title, unit }: Curve, points: Growth['points']): Growth {
  // Weighted by 1/time^2, so that a short one counts as much as a long one.
  let [w, wn, wnn, wt, wnt] = [0, 0, 0, 0, 0];
  for (const { n, time } of points) {
    const weight = time ** -2;
    w += weight;
    wn += weight * n;
    wnn += weight * n * n;
    wt += weight * time;
    wnt += weight * n * time;
  }
  const each = (w * wnt - wn * wt) / (w * wnn - wn * wn);
  const constant = (wt - each * wn) / w;
  const error = Math.max(...points.map(({ n, time }) => Math.abs(constant + each * n - time) / time));
  const [before, last] = [points.at(-2), points.at(-1)] as [Point, Point];
  const bend = last.time / last.n / (before.time / before.n);
  const missed =
    bend > MOST_BEND ? `${bend.toFixed(2)} times as much for each at ${last.n} as at ${before.n}` : undefined;
  return { what: title, unit, points, constant, each, error, bend, ...(missed === undefined ? {} : { missed }) };
}

type Point = Growth['points'][number];

function print({ what, unit, points, constant, each, error, missed }: Growth): void {
  console.log(`\ngrowth: ${what}`);
  console.log(`  ${points.map(({ n, time }) => `${n}: ${time.toFixed(0)} µs`).join(', ')}`);
  const line = `${constant.toFixed(1)} µs + ${each < 0.1 ? `${(each * 1000).toFixed(2)} ns` : `${each.toFixed(2)} µs`} for each ${unit}`;
  const linear = missed === undefined ? 'no worse than linear' : `MISSED: ${missed}`;
  console.log(`  ${line} (within ${(error * 100).toFixed(0)} %): ${linear}`);
}
