/**
 * One writer among the tabs and workers of an origin, by the Web Locks API: the browser releases the lock of one that ends,
 * in whatever way.
 * @module
 */
import { KeyStoreError } from '../keyStoreError.js';

/** A held lock. */
export interface StoreLock {
  /** Gives it up. */
  release(): void;
}

/** Locks the storage of a name. @param patience how long to wait for another holder, in ms @throws KeyStoreError `ERR_IN_USE` */
export function lockStore(name: string, patience: number): Promise<StoreLock> {
  const options: LockOptions = patience > 0 ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
  return new Promise((resolve, reject) => {
    const inUse = (cause?: unknown) =>
      reject(new KeyStoreError('ERR_IN_USE', 'key store is in use in another tab', { cause }));
    const held = navigator.locks.request(`stanzaseal key store ${name}`, options, (lock) => {
      if (lock === null) return inUse();
      return new Promise<void>((release) => resolve({ release }));
    });
    held.catch((error: unknown) => ((error as DOMException).name === 'TimeoutError' ? inUse(error) : reject(error)));
  });
}
