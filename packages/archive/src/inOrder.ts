/**
 * Back-pressure.
 * @module
 */

/**
 * Does a work for each item, several at once, and gives the results in the order of items, each as soon as it is there, also while the source has
 * nothing more for now. No more than `most` items are taken from the source and not given out.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  work: (item: T) => Promise<R>,
  most: number,
): AsyncGenerator<R, void, undefined> {
  const underWay: Promise<R>[] = [];
  const begin = (item: T) => {
    const result = work(item);
    result.catch(() => undefined); // it is thrown in its turn
    underWay.push(result);
    return underWay.length >= most;
  };
  const next = () => underWay.shift() as Promise<R>;
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : undefined;
  let coming: Promise<IteratorResult<T>> | undefined;
  try {
    // What is no async iterable has no pauses, and waiting for it would cost promises.
    if (source === undefined) for (const item of items as Iterable<T>) if (begin(item)) yield next();
    while (source !== undefined) {
      coming ??= source.next();
      if (underWay[0] !== undefined && (await isFirst(underWay[0], coming))) {
        yield next();
        continue;
      }
      const result = await coming;
      coming = undefined;
      if (result.done === true) break;
      if (begin(result.value)) yield next();
    }
    while (underWay.length > 0) yield next();
  } finally {
    coming?.catch(() => undefined);
    const left = source?.return?.();
    // A source that was asked and waits would let go only with its next item.
    if (coming === undefined) await left;
    else left?.catch(() => undefined);
    await Promise.allSettled(underWay); // nothing goes on behind the caller's back
  }
}

/** Whether a work is done, well or not, before the next item is there. */
function isFirst(work: Promise<unknown>, item: Promise<unknown>): Promise<boolean> {
  const yes = () => true;
  const no = () => false;
  return Promise.race([item.then(no, no), work.then(yes, yes)]);
}
