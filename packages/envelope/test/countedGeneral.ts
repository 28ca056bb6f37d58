/** Counts what a general provider computes with private keys: refusals must come before it (G1, A12). */
import type { GeneralCrypto } from '@stanzaseal/cms/general';
import { generalCrypto } from './world.js';

const COUNTED = [
  'agree',
  'decryptOaep',
  'decapsulate',
  'unwrapKey',
  'pbkdf2',
  'scrypt',
  'decryptCbc',
  'open',
  'hmac',
] as const;

/** How often each of them ran. */
export type GeneralCounts = Record<(typeof COUNTED)[number], number>;

/** A provider, its counts, and their sum. */
export function countedGeneral(): { crypto: GeneralCrypto; counts: GeneralCounts; total: () => number } {
  const counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as GeneralCounts;
  const counted = Object.fromEntries(
    COUNTED.map((name) => [
      name,
      (...parameters: unknown[]) => {
        counts[name]++;
        return (generalCrypto[name] as (...parameters: unknown[]) => unknown)(...parameters);
      },
    ]),
  );
  const total = (): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { crypto: { ...generalCrypto, ...counted }, counts, total };
}
