/**
 * DDL for PostgreSQL. A partitioned table has a list of shards, made with it, and in each a range for each month, made with the
 * first row.
 * @module
 */
import type { Table } from './database.js';

/** Parts into which owners fall by the hash of their name. */
export const SHARDS = 16;

/** What makes a table with its indexes. */
export function definitionsOf(table: Table): string[] {
  const { name, columns, key, indexes = [], partitioned } = table;
  const list = Object.entries(columns).map(([column, type]) => {
    const optional = type.endsWith('?');
    return `${column} ${TYPES[type.replace('?', '') as keyof typeof TYPES]}${optional ? '' : ' NOT NULL'}`;
  });
  list.push(`PRIMARY KEY (${[...key, ...(partitioned === true ? ['shard', 'month'] : [])].join()})`);
  // Encrypted octets do not shrink, and what fits a page is read with its row: no compression, and no table beside for what is over 2 kB.
  const blobs = Object.keys(columns).filter((column) => columns[column]?.startsWith('blob'));
  const plainly = blobs.map((column) => `ALTER COLUMN ${column} SET STORAGE EXTERNAL`).join();
  const shards = Array.from({ length: partitioned === true ? SHARDS : 0 }, (_, shard) => shard);
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (${list.join()})${partitioned === true ? ' PARTITION BY LIST (shard)' : WITHIN_PAGE}`,
    ...(plainly === '' ? [] : [`ALTER TABLE ${name} ${plainly}`]),
    ...shards.map(
      (shard) =>
        `CREATE TABLE IF NOT EXISTS ${name}_${shard} PARTITION OF ${name} FOR VALUES IN (${shard}) PARTITION BY RANGE (month)`,
    ),
    ...indexes.map((on) => `CREATE INDEX IF NOT EXISTS ${name}_${on.join('_')} ON ${name} (${on.join()})`),
  ];
}

/** The partition of a shard and month, and what makes it. */
export function partitionOf({ name }: Table, shard: number, month: number): { name: string; sql: string } {
  const partition = `${name}_${shard}_${month}`;
  const range = `FROM (${month}) TO (${month + 1})`;
  return {
    name: partition,
    sql: `CREATE TABLE IF NOT EXISTS ${partition} PARTITION OF ${name}_${shard} FOR VALUES ${range}${WITHIN_PAGE}`,
  };
}

/** Rows of up to a page stay whole. */
const WITHIN_PAGE = ' WITH (toast_tuple_target = 8160)';
const TYPES = { int: 'BIGINT', text: 'TEXT', blob: 'BYTEA' } as const;
