/**
 * When keys of others are to be fetched: those that are unknown, old or called old; not twice at the same time, not again right after
 * it failed, and not too many at once.
 * @module
 */

/** What a failed fetch holds back, in ms: doubled from the first by each that fails. */
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 3_600_000;
/** Accounts remembered: whoever makes us look up many accounts cannot fill memory (G5). */
const MAX_ACCOUNTS = 1000;
const MAX_PARALLEL = 8;

/** A gate before fetching. */
export interface FetchGate<T> {
  /**
   * Runs a fetch for an account; callers for the same account share one. After a failure, or nothing found, nothing is fetched for a
   * minute, then two, up to an hour, and the last result or error is given again; `force` asks all the same.
   */
  run(jid: string, fetch: () => Promise<T | undefined>, force?: boolean): Promise<T | undefined>;
  /** Calls the keys of an account old: `isMarked` until the next fetch that brings something. */
  mark(jid: string): void;
  /** Whether they were called old. */
  isMarked(jid: string): boolean;
  /** Forgets failures: the connection is another one. */
  reset(): void;
}

interface Failure {
  readonly until: number;
  readonly count: number;
  readonly error: unknown;
}

/** Makes a gate. */
export function createFetchGate<T>(clock: () => number): FetchGate<T> {
  const running = new Map<string, Promise<T | undefined>>();
  const failures = new Map<string, Failure>();
  const marked = new Map<string, true>();
  const waiting: (() => void)[] = [];
  let active = 0;

  async function limited(fetch: () => Promise<T | undefined>): Promise<T | undefined> {
    if (active >= MAX_PARALLEL) await new Promise<void>((resolve) => waiting.push(resolve));
    else active++;
    try {
      return await fetch();
    } finally {
      const next = waiting.shift();
      if (next === undefined) active--;
      else next();
    }
  }

  async function attempt(jid: string, fetch: () => Promise<T | undefined>): Promise<T | undefined> {
    const failed = (error: unknown): void => {
      const count = (failures.get(jid)?.count ?? 0) + 1;
      const until = clock() + Math.min(FIRST_PAUSE * 2 ** (count - 1), LONGEST_PAUSE);
      put(failures, jid, { until, count, error });
    };
    try {
      const found = await limited(fetch);
      if (found === undefined) failed(undefined);
      else {
        failures.delete(jid);
        marked.delete(jid);
      }
      return found;
    } catch (error) {
      failed(error);
      throw error;
    } finally {
      running.delete(jid);
    }
  }

  return {
    run(jid, fetch, force = false) {
      const known = running.get(jid);
      if (known !== undefined) return known;
      const failure = failures.get(jid);
      if (!force && failure !== undefined && failure.until > clock()) {
        return failure.error === undefined ? Promise.resolve(undefined) : Promise.reject(failure.error);
      }
      const run = attempt(jid, fetch);
      running.set(jid, run);
      return run;
    },
    mark: (jid) => put(marked, jid, true),
    isMarked: (jid) => marked.has(jid),
    reset: () => failures.clear(),
  };
}

/** Puts an entry; the oldest leaves where there are too many. */
function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  if (map.size >= MAX_ACCOUNTS) map.delete(map.keys().next().value as string);
  map.set(key, value);
}
