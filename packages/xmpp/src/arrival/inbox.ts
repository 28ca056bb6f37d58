/**
 * One message at a time, in a stable order: what the archive has comes first, and what arrives live meanwhile waits behind it.
 * @module
 */

/** Messages of one archive that wait at most: it has them all, and gives them again. */
const WAITING = 1000;
/** Messages that are handled together at most: what a crash brings to the application once more, and what one commit pays for. */
export const TOGETHER = 16;

/** Where messages wait. `T` is what waits. */
export interface Inbox<T> {
  /** Runs a task when all before it are done. */
  run<R>(task: () => Promise<R>): Promise<R>;
  /** Takes in what came live, for an archive: now, or when the archive was read. */
  take(archive: string, item: T): void;
  /** Lets what comes live for an archive wait. */
  hold(archive: string): void;
  /**
   * Whether so much came meanwhile that what waited was let go, for the archive has it: then it has to be read once more. Asking
   * forgets it.
   */
  overflowed(archive: string): boolean;
  /** Lets go on what waits for an archive. */
  release(archive: string): void;
  /** Resolves when everything taken in before is done. */
  settled(): Promise<void>;
}

/** @param handle handles what came, in its order, as much as waited together; it throws nothing */
export function createInbox<T>(handle: (items: readonly T[]) => Promise<void>): Inbox<T> {
  const waiting = new Map<string, T[]>();
  const overflows = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  // The last in the row, while it has not begun: what comes next goes with it.
  let group: T[] | undefined;
  const run = <R>(task: () => Promise<R>): Promise<R> => {
    group = undefined;
    const running = last.then(task, task);
    last = running.catch(() => undefined);
    return running;
  };
  const add = (item: T): void => {
    if (group !== undefined && group.length < TOGETHER) {
      group.push(item);
      return;
    }
    const items = [item];
    void run(() => {
      if (group === items) group = undefined;
      return handle(items);
    });
    group = items;
  };
  return {
    run,
    take(archive, item) {
      const queue = waiting.get(archive);
      if (queue === undefined) add(item);
      else if (queue.push(item) > WAITING) {
        queue.length = 0;
        overflows.add(archive);
      }
    },
    hold(archive) {
      if (!waiting.has(archive)) waiting.set(archive, []);
    },
    overflowed: (archive) => overflows.delete(archive),
    release(archive) {
      const queue = waiting.get(archive) ?? [];
      waiting.delete(archive);
      overflows.delete(archive);
      for (const item of queue) add(item);
    },
    settled: () => run(async () => undefined),
  };
}
