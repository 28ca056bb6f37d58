/**
 * The one place where the CLI takes what is trusted from the system: primitives, randomness, the clock.
 * @module
 */
import type { Clock, CryptoProvider, RandomSource } from '@stanzaseal/cms';
import { createCryptoProvider, systemRandom } from '@stanzaseal/cms/provider';

/** Everything that a verb is given. */
export interface System {
  /** The primitives, by `node:crypto`. */
  readonly crypto: CryptoProvider;
  /** The operating system's randomness. */
  readonly random: RandomSource;
  /** The time in ms since 1970. */
  readonly now: Clock;
}

/** The system that this process runs on. */
export function createSystem(): System {
  return {
    crypto: createCryptoProvider(),
    random: systemRandom,
    now: Date.now,
  };
}
