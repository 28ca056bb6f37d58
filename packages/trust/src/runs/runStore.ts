/**
 * Where runs and their counts are kept. The key store of `@stanzaseal/keystore` is one as it stands: its tables `runs` and
 * `attempts` have these records, and its commits are durable together.
 * @module
 */
import type { MaybePromise } from '@stanzaseal/cms';

/**
 * The kind of a handshake's record: it lies in the same table, under `JID RUN`, with a state that `./handshake` writes and a verifier does
 * not touch.
 */
export const HANDSHAKE_KIND = 'handshake';

/** A run under way or done. Key: its name in hexadecimal, 32 digits. */
export interface RunRecord {
  /** Name of its protocol: `sas`. */
  readonly kind: string;
  /** Bare JID of the other side. */
  readonly peer: string;
  /** Its state: nonces and private scalars that nobody else may see, and that are gone from the store when it is replaced. */
  readonly state: Uint8Array;
  /** When it began, in ms since 1970. */
  readonly at: number;
  /** When it is given up, in ms since 1970. */
  readonly expires: number;
}

/** Runs with a peer that did not end well. Key: `PROTOCOL JID`. */
export interface AttemptRecord {
  /** How many. */
  readonly count: number;
  /** When the first of them began, in ms since 1970. */
  readonly since: number;
}

/** One change: a record to be put under a key, or, where the record is `undefined`, to be erased. */
export type RunChange =
  | { readonly table: 'runs'; readonly key: string; readonly record: RunRecord | undefined }
  | { readonly table: 'attempts'; readonly key: string; readonly record: AttemptRecord | undefined };

/** Records of runs and attempts; a `KeyStore` fits. */
export interface RunStore {
  /** The run of that name, or `undefined`. */
  get(table: 'runs', key: string): MaybePromise<RunRecord | undefined>;
  /** The count of a protocol and a peer, or `undefined`. */
  get(table: 'attempts', key: string): MaybePromise<AttemptRecord | undefined>;
  /** All runs with their keys. */
  entries(table: 'runs'): MaybePromise<readonly (readonly [string, RunRecord])[]>;
  /** Makes changes, all or none; they are durable when the promise resolves. */
  commit(changes: readonly RunChange[]): Promise<void>;
}

/** A store in memory, for programs that end before a run does. */
export function createMemoryRunStore(): RunStore {
  const tables = { runs: new Map<string, RunRecord>(), attempts: new Map<string, AttemptRecord>() };
  function get(table: 'runs', key: string): RunRecord | undefined;
  function get(table: 'attempts', key: string): AttemptRecord | undefined;
  function get(table: 'runs' | 'attempts', key: string): RunRecord | AttemptRecord | undefined {
    return tables[table].get(key);
  }
  return {
    get,
    entries: () => [...tables.runs],
    commit: async (changes) => {
      for (const { table, key, record } of changes) {
        if (record === undefined) tables[table].delete(key);
        else (tables[table] as Map<string, RunRecord | AttemptRecord>).set(key, record);
      }
    },
  };
}
