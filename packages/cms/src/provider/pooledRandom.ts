/**
 * Random octets drawn through a pool: a call of a platform's generator costs more than the octets it gives.
 * @module
 */
import type { RandomSource } from '../ports.js';

const SIZE = 4096;

/** A random source over what fills octets in place. What was given is wiped from the pool. */
export function pooledRandom(fill: (octets: Uint8Array<ArrayBuffer>) => Uint8Array): RandomSource {
  const pool = new Uint8Array(SIZE);
  let left = 0;
  return (length) => {
    if (length > SIZE / 4) return fill(new Uint8Array(length));
    if (left < length) left = fill(pool).length;
    const octets = pool.slice(left - length, left);
    pool.fill(0, left - length, left);
    left -= length;
    return octets;
  };
}
