/**
 * Many callers, one transaction: what arrives while one is under way goes into the next together.
 * @module
 */

/** Who waits for an item's group. */
export interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Callers that are told of their results in one turn of the event loop. */
const TOLD_AT_ONCE = 32;

/** Hands items over in groups, in the order in which they came, one group after another. */
export class GroupCommit<T, R> {
  readonly #commit: (items: readonly T[]) => Promise<readonly R[]>;
  readonly #most: number;
  readonly #linger: number;
  readonly #moreAreComing: () => boolean;
  #waiting: Waiting<T, R>[] = [];
  #running: Promise<void> | undefined;
  #arrived: () => void = () => undefined;

  /**
   * @param commit gives a result for each item, or fails for all of them
   * @param most items of a group
   * @param linger how long a group waits for items that `moreAreComing` knows of, in ms
   */
  constructor(
    commit: (items: readonly T[]) => Promise<readonly R[]>,
    most: number,
    linger = 0,
    moreAreComing: () => boolean = () => false,
  ) {
    this.#commit = commit;
    this.#most = most;
    this.#linger = linger;
    this.#moreAreComing = moreAreComing;
  }

  /** Waits for the group that the item is in. */
  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => this.enter({ item, resolve, reject }));
  }

  /** As `add`, for who waits already. */
  enter(waiting: Waiting<T, R>): void {
    this.#waiting.push(waiting);
    this.#running ??= this.#run();
    this.#arrived();
  }

  /** Waits until nothing is waiting. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What is ready in this turn of the event loop comes along; later on, who goes on with their next item.
    await turnOfLoop();
    let told = Promise.resolve();
    for (;;) {
      // Where another whole group waits it goes first: the database works on it while callers make their next items.
      if (this.#waiting.length < this.#most) await told;
      if (this.#waiting.length === 0) break;
      await this.#fill();
      const group = this.#waiting.slice(0, this.#most);
      this.#waiting = this.#waiting.slice(this.#most);
      try {
        const results = await this.#commit(group.map(({ item }) => item));
        await told;
        told = tell(group, ({ resolve }, i) => resolve(results[i] as R));
      } catch (error) {
        await told;
        told = tell(group, ({ reject }) => reject(error));
      }
    }
    this.#running = undefined;
  }

  /** Waits for a whole group, as long as there is something to wait for. */
  async #fill(): Promise<void> {
    if (this.#linger === 0) return;
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      this.#arrived();
    }, this.#linger);
    while (!over && this.#waiting.length < this.#most && this.#moreAreComing()) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    clearTimeout(timer);
    this.#arrived = () => undefined;
  }
}

/** Tells callers some at a time, so that what they do next does not keep the database from being answered. */
async function tell<T>(group: readonly T[], each: (waiting: T, index: number) => void): Promise<void> {
  for (const [i, waiting] of group.entries()) {
    if (i % TOLD_AT_ONCE === 0) await turnOfLoop();
    each(waiting, i);
  }
  await turnOfLoop();
}

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
