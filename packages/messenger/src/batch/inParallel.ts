/**
 * Many pieces of work, some of them under way at a time.
 * @module
 */

/** As many as keep every thread of a runtime's WebCrypto busy, and few enough that what they hold in memory is little. */
const AT_A_TIME = 16;

/** Does work for each item, and gives the outcomes in the order of the items when all of them settled. */
export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const outcomes: PromiseSettledResult<R>[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      const [outcome] = await Promise.allSettled([work(items[at] as T)]);
      outcomes[at] = outcome;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, items.length) }, worker));
  return outcomes;
}
