/**
 * Octets that look random and are the same in every run.
 * @module
 */
import { createHash } from 'node:crypto';
import type { RandomSource } from '@stanzaseal/cms';

/** A source of SHA-256(seed || counter): whoever knows the seed knows every key drawn from it. For tests alone. */
export function unsafeSeededRandom(seed: string): RandomSource {
  let counter = 0;
  let left = new Uint8Array(0);
  return (length) => {
    const octets = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (left.length === 0) left = new Uint8Array(createHash('sha256').update(`${seed}|${counter++}`).digest());
      const part = left.subarray(0, length - filled);
      octets.set(part, filled);
      left = left.subarray(part.length);
      filled += part.length;
    }
    return octets;
  };
}
