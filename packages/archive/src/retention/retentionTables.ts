/**
 * Tables of retention: holds, rules, and erasures that were ordered and are not complete.
 * @module
 */
import type { Table } from '../engine/database.js';

/** Legal holds by the leaf index of their record. */
export const HOLDS: Table = {
  name: 'holds',
  columns: {
    hold: 'int',
    owner: 'int', // 0: everybody
    start: 'int',
    last: 'int', // the last ms that is held
  },
  key: ['hold'],
};

/** One row, number 1: the rules in force, as JSON. */
export const RULES: Table = { name: 'retention_rules', columns: { number: 'int', rules: 'text' }, key: ['number'] };

/** One row for each key that an erasure destroys: it stands here from the order until all is done. */
export const ERASURES: Table = {
  name: 'erasures',
  columns: {
    kek: 'int', // to be destroyed
    erasure: 'int', // leaf index of the order's record
    owner: 'int',
    shard: 'int',
    month: 'int',
    renewed: 'int', // key that survivors go under
    terms: 'text', // JSON of Term[]: which entries
    deleted: 'int', // how many rows went; -1 until they did
  },
  key: ['kek'],
};

/** Most ms that a time has: holds and erasures without an end. */
export const FOREVER: number = Number.MAX_SAFE_INTEGER;
