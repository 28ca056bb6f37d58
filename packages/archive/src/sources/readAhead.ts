/**
 * Reads on while what was read before is being written: so many items go into a transaction as came during the one before it.
 * @module
 */

/** Items of an iterable, in groups of what is there. */
export class ReadAhead<T> {
  readonly #most: number;
  #items: T[] = [];
  #failure: { readonly error: unknown } | undefined;
  #ended = false;
  #stopped = false;
  #changed: () => void = () => undefined;

  /** @param most items that are read and not taken */
  constructor(source: AsyncIterable<T>, most: number) {
    this.#most = most;
    void this.#read(source);
  }

  /** The next group, as soon as there is one item; `undefined` at the end. @throws what the source threw, after what came before it */
  async take(most: number): Promise<T[] | undefined> {
    while (this.#items.length === 0 && !this.#ended) await this.#change();
    // What is ready in this turn of the event loop comes along.
    await new Promise((resolve) => setImmediate(resolve));
    const group = this.#items.splice(0, most);
    this.#changed();
    if (group.length > 0) return group;
    if (this.#failure !== undefined) throw this.#failure.error;
    return undefined;
  }

  /** Reads nothing more, and waits until the source is let go of. */
  async stop(): Promise<void> {
    this.#stopped = true;
    while (!this.#ended) {
      this.#changed();
      await this.#change();
    }
  }

  async #read(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) {
        if (this.#stopped) break;
        this.#items.push(item);
        this.#changed();
        while (this.#items.length >= this.#most && !this.#stopped) await this.#change();
        if (this.#stopped) break;
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#ended = true;
      this.#changed();
    }
  }

  /** Both sides wait here, never at once for each other: the one for an item, the other for room. */
  #change(): Promise<void> {
    const before = this.#changed;
    return new Promise((resolve) => {
      this.#changed = () => {
        this.#changed = () => undefined;
        before();
        resolve();
      };
    });
  }
}
