/**
 * Several values of which some may be promises.
 * @module
 */
import type { MaybePromise } from '@stanzaseal/cms';

/** All values, at once where all are there. */
export function settled<T>(values: readonly MaybePromise<T>[]): MaybePromise<T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as T[]);
}
