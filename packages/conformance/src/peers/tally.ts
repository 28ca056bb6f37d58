/**
 * Counts what a run found and says what failed.
 * @module
 */
import type { Verdict } from './matrix.js';
import { type PeerColumn, peerOf } from './peer.js';
import { type Run, versionOf } from './report.js';

/** The sums. */
export interface Tally {
  /** How many cells, refusals and claims are as they must be. */
  readonly passed: number;
  /** What is not, a sentence each. */
  readonly failures: string[];
  /** What could not be shown, a sentence each. */
  readonly skips: string[];
}

const MARKS: Readonly<Record<Verdict, string>> = {
  works: '+',
  refused: 'x',
  cannot: '-',
  none: ' ',
  absent: '?',
  failed: 'F',
};

/** Prints a line for each row: for each peer what it wrote for us, and what it read of ours. */
export function printMatrix({ columns, cells }: Run): void {
  console.log('+ works  x refused as must be  - peer cannot  ? not run; first they write, then we write\n');
  columns.forEach((column, i) => {
    console.log(`${'|  '.repeat(i)}${column.name} ${versionOf(column)}`);
  });
  const rows = new Map<string, Map<string, string>>();
  for (const { test, column, turn, verdict } of cells) {
    const row = rows.get(test.name) ?? new Map<string, string>();
    row.set(`${column.name} ${turn}`, MARKS[verdict]);
    rows.set(test.name, row);
  }
  for (const [name, row] of rows) {
    const marks = columns.map(
      (column) => `${row.get(`${column.name} writes`) ?? ' '}${row.get(`${column.name} reads`) ?? ' '}`,
    );
    console.log(`${marks.join(' ')}  ${name}`);
  }
  console.log();
}

/**
 * Judges a run.
 * @param documented versions that the committed documentation speaks of: a peer of a newer suite that has changed since cannot fail
 * us until somebody has looked at it
 * @param strict whether a missing peer that must be here is a failure
 */
export function tally(run: Run, documented: ReadonlyMap<string, string>, strict: boolean): Tally {
  const { columns, cells, refusals, tamperings, disagreements } = run;
  const result: { passed: number; failures: string[]; skips: string[] } = { passed: 0, failures: [], skips: [] };
  const isNew = (column: PeerColumn): boolean =>
    !column.required && documented.has(column.name) && documented.get(column.name) !== versionOf(column);
  const fail = (sentence: string, changed: boolean): void => {
    if (changed) result.skips.push(`${sentence} (the peer is another version than the documented one)`);
    else result.failures.push(sentence);
  };
  for (const { name, required, peer } of columns) {
    if (!('absent' in peer)) continue;
    if (required && strict) result.failures.push(`${name} must be here: ${peer.absent}`);
    else result.skips.push(`${name}: not run: ${peer.absent}`);
  }
  for (const { test, column, turn, verdict, reason } of cells) {
    if (verdict === 'works' || verdict === 'cannot' || verdict === 'refused') result.passed++;
    else if (verdict === 'failed') fail(`${column.name} ${turn}: ${test.name}: ${reason}`, isNew(column));
  }
  for (const { name, ours, honest } of [...refusals, ...tamperings]) {
    if (ours === (honest ? 'opens' : 'refuses')) result.passed++;
    else result.failures.push(`${name}: we: ${ours}`);
  }
  for (const { name, claims, columns: names } of disagreements) {
    const changed = columns.some(
      (column) => names.includes(column.name) && peerOf(column) !== undefined && isNew(column),
    );
    for (const { sentence, held, seen, commands } of claims) {
      if (held === true) result.passed++;
      else if (held === undefined) result.skips.push(`${name}: ${sentence}: ${seen}`);
      else fail(`${name}: ${sentence}: ${seen} [${commands.join('; ')}]`, changed);
    }
  }
  return result;
}
