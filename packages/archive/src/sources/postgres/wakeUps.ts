/**
 * Waiting for something to happen, for a while.
 * @module
 */

/** What happens while nobody waits ends the next wait at once. */
export class WakeUps {
  #happened = false;
  #wake: () => void = () => undefined;

  /** Something happened. */
  wake(): void {
    this.#happened = true;
    this.#wake();
  }

  /** Waits so many ms at most; less, where something happened or the signal says so. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#happened && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        this.#wake = end;
        signal.addEventListener('abort', end);
      });
    }
    this.#happened = false;
    this.#wake = () => undefined;
  }
}
