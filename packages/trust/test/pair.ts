/**
 * Two accounts that verify each other: verifiers over stores that can be looked into, one clock, and a network that does what a
 * test says.
 */
import { fromHex, type RandomSource } from '@stanzaseal/cms';
import { unsafeSeededRandom } from '@stanzaseal/testkit';
import {
  createMemoryRunStore,
  createVerifier,
  type Outcome,
  type Party,
  type Protocol,
  type RunRules,
  type RunStore,
  type Verifier,
} from '../src/index.js';

export const HOUR = 3_600_000;
export const DAY: number = 24 * HOUR;

export const ROMEO: Party = { jid: 'romeo@montague.example', identity: fromHex('a1'.repeat(32)) };
export const JULIET: Party = { jid: 'juliet@capulet.example', identity: fromHex('b2'.repeat(32)) };
/** Who sits in between: the key that Romeo and Juliet have for each other, where they were given a wrong one. */
export const MERCUTIO: Uint8Array = fromHex('c3'.repeat(32));

export interface Side {
  readonly own: Party;
  readonly store: RunStore;
  verifier: Verifier;
  /** Ends the process, so to speak, and begins it anew over the same store. */
  restart(): void;
}

export interface Pair {
  now: number;
  readonly random: RandomSource;
  readonly romeo: Side;
  readonly juliet: Side;
}

export function createPair(seed: string, protocols: readonly Protocol[], rules: Partial<RunRules> = {}): Pair {
  const clock = { now: Date.UTC(2026, 10, 21, 4) };
  const random = unsafeSeededRandom(seed);
  const side = (own: Party): Side => {
    const store = createMemoryRunStore();
    const make = (): Verifier => createVerifier({ store, own, random, clock: () => clock.now, protocols, rules });
    const made: Side = {
      own,
      store,
      verifier: make(),
      restart: () => {
        made.verifier = make();
      },
    };
    return made;
  };
  return Object.assign(clock, { random, romeo: side(ROMEO), juliet: side(JULIET) });
}

/** The outcome, which must be of a kind. @throws Error for another */
export function expectKind<K extends Outcome['kind']>(outcome: Outcome, kind: K): Extract<Outcome, { kind: K }> {
  if (outcome.kind !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(outcome)}`);
  return outcome as Extract<Outcome, { kind: K }>;
}

/** What goes out. @throws Error for nothing */
export function sent({ send, ...outcome }: { readonly send?: Uint8Array; readonly kind: string }): Uint8Array {
  if (send === undefined) throw new Error(`${outcome.kind} sends nothing`);
  return send;
}
