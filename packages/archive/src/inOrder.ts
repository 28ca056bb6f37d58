/**
 * Back-pressure.
 * @module
 */

/** Does a work for each item, several at once, and gives the results in the order of items. No more than `most` items are taken from the source and not given out. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  work: (item: T) => Promise<R>,
  most: number,
): AsyncGenerator<R, void, undefined> {
  const underWay: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      result.catch(() => undefined); // it is thrown in its turn
      underWay.push(result);
      if (underWay.length >= most) yield await (underWay.shift() as Promise<R>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(underWay); // nothing goes on behind the caller's back
  }
}
