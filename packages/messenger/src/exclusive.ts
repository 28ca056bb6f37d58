/**
 * One thing after another.
 * @module
 */

/** Runs what is given one after another, and the first at once: each finds what the one before it did, whether that failed or not. */
export function exclusive(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> | undefined;
  return (work) => {
    const run = last === undefined ? work() : last.then(work, work);
    const forget = (): void => {
      if (last === run) last = undefined;
    };
    last = run;
    run.then(forget, forget);
    return run;
  };
}
