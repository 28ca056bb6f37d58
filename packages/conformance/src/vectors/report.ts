/**
 * What a run says at its end: a table of the sources, reasons, differences, failures, sums.
 * @module
 */
import { DIFFERENCES } from './differences.js';
import type { Counts, Tally } from './tally.js';

const HEAD = [
  'source',
  'cases',
  'ran',
  'passed',
  'refused as they must be',
  'differing on purpose',
  'not run',
  'failed',
];

/** The least number of Wycheproof cases that must be judged on their merits. */
export const LEAST_JUDGED = 4000;

/** Rows of numbers, a head and the sum among them. */
export function tableOf(tally: Tally): string[][] {
  const rows = [...tally.rows].map(([name, counts]) => [name, ...numbersOf(counts)]);
  return [HEAD, ...rows, ['total', ...numbersOf(tally.total())]];
}

/** The table, its columns in line. */
export function printedTable(tally: Tally): string {
  const table = tableOf(tally);
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
        .join('  '),
    )
    .join('\n');
}

/** What is wrong with the run as a whole: rows of the documented differences that do not fit, too few cases judged. */
export function faultsOf(tally: Tally): string[] {
  const faults: string[] = [];
  for (const difference of DIFFERENCES) {
    const { name, cases } = difference;
    const met = tally.met.get(difference)?.length ?? 0;
    if (met !== cases) faults.push(`the documented difference "${name}" has ${cases} cases, but ${met} were met`);
  }
  const judged = tally.judged.get('wycheproof') ?? 0;
  if (judged < LEAST_JUDGED)
    faults.push(`${judged} Wycheproof cases were judged on their merits, fewer than ${LEAST_JUDGED}`);
  return faults;
}

function numbersOf({ passed, refused, differs, failed, 'not applicable': notRun }: Counts): string[] {
  const ran = passed + refused + differs + failed;
  return [ran + notRun, ran, passed, refused, differs, notRun, failed].map(String);
}
