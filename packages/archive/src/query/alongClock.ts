/**
 * Entries of a stretch of an owner's log, looked for in few months first. PostgreSQL plans for each partition that a statement does not rule
 * out (two years: 2 to 4 ms, and 50 where a connection meets them first), and looks into each; a page is mostly of one month or two.
 * @module
 */
import type { Row, Rows, Value } from '../engine/database.js';
import { monthOf } from '../keys/keyVault.js';

/** A stretch by the owner's clock, both ends within. */
export interface Stretch {
  /** In ms since 1970; `undefined` for the beginning. */
  readonly from: number | undefined;
  /** In ms since 1970. */
  readonly until: number;
  /** How far a time of the owner's stands behind the clock at most, in ms. */
  readonly lateness: number;
}

/** Conditions of a WHERE and what they are compared with. */
export interface Conditions {
  /** By what rows are to be sorted: that of the index that finds them. */
  readonly order: readonly string[];
  /** Conditions with values in their places. */
  readonly where: string;
  /** The values. */
  readonly values: readonly Value[];
  /** Where all that is selected stands, for a table in partitions. */
  readonly stretch: Stretch | undefined;
}

/** Which of the rows. */
export interface Section {
  /** From the end. */
  readonly backwards: boolean;
  /** Most rows. */
  readonly limit: number;
  /** How many are passed over. */
  readonly offset: number;
}

/** Months in which a section is looked for, until it is full. */
const SPANS = [3, 24];

/** A section of what is selected. @param columns of `entries` */
export async function rowsAlong(
  rows: Rows,
  columns: string,
  conditions: Conditions,
  section: Section,
): Promise<readonly Row[]> {
  const { stretch } = conditions;
  if (stretch === undefined) return selected(rows, columns, conditions, section);
  let found: readonly Row[] = [];
  for (const window of windowsOf(stretch, section.backwards)) {
    found = await selected(rows, columns, within(conditions, window), section);
    if (found.length === section.limit) break;
  }
  return found;
}

function* windowsOf(stretch: Stretch, backwards: boolean): Generator<Stretch> {
  const { from, until } = stretch;
  if (from !== undefined && from > until) return;
  const [first, last] = [monthOf(from ?? 0), monthOf(until)];
  // Forwards from the beginning: in which month that is nobody knows.
  const spans = backwards || from !== undefined ? SPANS.filter((span) => span <= last - first) : [];
  for (const span of spans)
    yield backwards
      ? { ...stretch, from: beginningOf(last - span + 1) }
      : { ...stretch, until: beginningOf(first + span) - 1 };
  yield stretch;
}

/** Times are never after the clock, and behind it by the lateness at most: that rules out months. */
function within(conditions: Conditions, { from, until, lateness }: Stretch): Conditions {
  const values = [...conditions.values];
  const value = (each: number) => `$${values.push(each)}`;
  const terms = [conditions.where, `clock <= ${value(until)}`, `month <= ${value(monthOf(until))}`];
  if (from !== undefined)
    terms.push(`clock >= ${value(from)}`, `month >= ${value(monthOf(Math.max(0, from - lateness)))}`);
  return { ...conditions, where: terms.join(' AND '), values };
}

function selected(
  rows: Rows,
  columns: string,
  { where, order, values }: Conditions,
  { backwards, limit, offset }: Section,
): Promise<Row[]> {
  const sorted = order.map((column) => `${column} ${backwards ? 'DESC' : 'ASC'}`).join();
  const window = `LIMIT $${values.length + 1} OFFSET $${values.length + 2}`;
  return rows.rows(`SELECT ${columns} FROM entries WHERE ${where} ORDER BY ${sorted} ${window}`, [
    ...values,
    limit,
    offset,
  ]);
}

/** Of a month, by the number that `monthOf` gives. */
function beginningOf(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12);
}
