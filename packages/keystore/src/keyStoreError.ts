/**
 * The one error class of `@stanzaseal/keystore`.
 * @module
 */

/**
 * `ERR_LOCKED`: the store is closed, or the keyring or token that keeps a key of it is locked or out of reach: trying again with
 * another secret would not help. `ERR_PASSPHRASE`: the passphrase, PIN or key does not open it. `ERR_CORRUPT`: what is stored is
 * damaged, or not a key store. `ERR_ROLLBACK`: an older state was put back. `ERR_IN_USE`: held by another process, or there
 * already where a new one was to be made.
 */
export type KeyStoreErrorCode = 'ERR_LOCKED' | 'ERR_PASSPHRASE' | 'ERR_CORRUPT' | 'ERR_ROLLBACK' | 'ERR_IN_USE';

/** Thrown by every function of this package; `code` is stable, the message is for people. */
export class KeyStoreError extends Error {
  /** Stable name of what went wrong. */
  readonly code: KeyStoreErrorCode;

  /** Makes an error with a stable code, a sentence and, where there is one, the cause. */
  constructor(code: KeyStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyStoreError';
    this.code = code;
  }
}
