/**
 * What is made of a key once and kept for as long as the key object lives.
 * @module
 */

/** The value kept for a key, made at its first use. */
export function kept<K extends WeakKey, V>(cache: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  let value = cache.get(key);
  if (value === undefined) {
    value = make(key);
    cache.set(key, value);
  }
  return value;
}
