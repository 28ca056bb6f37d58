/**
 * How long a call takes at its best: a pause of the machine is not the call's fault.
 * @module
 */

/** Time in ms of the fastest of five runs. */
export async function fastest(call: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const begin = performance.now();
    await call();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}
