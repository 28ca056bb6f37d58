/**
 * Many rows as a handful of parameters: arrays of numbers and texts, and octets joined into one parameter, which the protocol carries as
 * they are. The statement is the same for any number of rows, so it is prepared once.
 * @module
 */
import type { Value } from './database.js';

/** A SELECT that gives the rows, columns under their names, and its parameters. */
export function relationOf(
  columns: readonly (readonly [name: string, type: string])[],
  rows: readonly (readonly Value[])[],
): { readonly sql: string; readonly values: Value[] } {
  const values: unknown[] = [];
  const outer: string[] = [];
  const arrays: string[] = [];
  const names: string[] = [];
  const array = (list: readonly unknown[], type: string, name: string) => {
    arrays.push(`$${values.push(type === 'text' ? list : numbersText(list as (number | null)[]))}::${type}[]`);
    names.push(name);
  };
  columns.forEach(([name, type], i) => {
    const column = rows.map((row) => row[i] as Value);
    if (type.startsWith('blob')) {
      const { octets, starts, lengths } = joined(column as (Uint8Array | null)[]);
      const at = values.push(octets);
      array(starts, 'int', `s${i}`);
      array(lengths, 'int', `l${i}`);
      outer.push(`CASE WHEN l${i} IS NULL THEN NULL ELSE substring($${at}::bytea FROM s${i} FOR l${i}) END AS ${name}`);
    } else {
      array(column, type.startsWith('int') ? 'bigint' : 'text', `c${i}`);
      outer.push(`c${i} AS ${name}`);
    }
  });
  return {
    sql: `SELECT ${outer.join()} FROM unnest(${arrays.join()}) AS u(${names.join()})`,
    values: values as Value[],
  };
}

/** An array's text, written at once: the driver looks at each element for what has to be escaped. */
function numbersText(list: readonly (number | null)[]): string {
  return `{${(list.includes(null) ? list.map((number) => number ?? 'NULL') : list).join()}}`;
}

function joined(column: readonly (Uint8Array | null)[]): {
  readonly octets: Uint8Array;
  readonly starts: number[];
  readonly lengths: (number | null)[];
} {
  const octets = new Uint8Array(column.reduce((sum, each) => sum + (each?.length ?? 0), 0));
  const starts: number[] = [];
  let at = 0;
  for (const each of column) {
    starts.push(at + 1);
    if (each === null) continue;
    octets.set(each, at);
    at += each.length;
  }
  return { octets, starts, lengths: column.map((each) => each?.length ?? null) };
}
