/**
 * DDL for PostgreSQL. A partitioned table has a list of shards, made with it, and in each a range for each month, made with the
 * first row.
 * @module
 */
import type { Table } from './database.js';

/** Parts into which owners fall by the hash of their name. */
export const SHARDS = 16;

/** What makes a table with its indexes, unless it is there. */
export function definitionsOf(table: Table): string[] {
  const { name, columns, key, indexes = [], partitioned } = table;
  const list = Object.entries(columns).map(([column, type]) => {
    const optional = type.endsWith('?');
    return `${column} ${TYPES[type.replace('?', '') as keyof typeof TYPES]}${optional ? '' : ' NOT NULL'}`;
  });
  list.push(`PRIMARY KEY (${[...key, ...(partitioned === true ? ['shard', 'month'] : [])].join()})`);
  const shards = Array.from({ length: partitioned === true ? SHARDS : 0 }, (_, shard) => shard);
  return [
    `CREATE TABLE IF NOT EXISTS ${name} (${list.join()})${partitioned === true ? ' PARTITION BY LIST (shard)' : ''}`,
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
    sql: `CREATE TABLE IF NOT EXISTS ${partition} PARTITION OF ${name}_${shard} FOR VALUES ${range}`,
  };
}

const TYPES = { int: 'BIGINT', text: 'TEXT', blob: 'BYTEA' } as const;
