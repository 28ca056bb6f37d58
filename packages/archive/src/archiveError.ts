/**
 * The one error class of `@stanzaseal/archive`.
 * @module
 */

/**
 * `ERR_NOT_FOUND`: the owner has no such entry, or there is no archive that must exist. `ERR_HOLD`: a legal hold is in the way. `ERR_PROOF`: a proof does not hold, or
 * what is stored is not what was proved. `ERR_APPROVAL`: too few officers approved a release. `ERR_STORE`: the database cannot be opened, is in use, damaged, or did not keep
 * what it was given.
 */
export type ArchiveErrorCode = 'ERR_NOT_FOUND' | 'ERR_HOLD' | 'ERR_PROOF' | 'ERR_APPROVAL' | 'ERR_STORE';

/** Thrown by every function of this package; `code` is stable, the message is for people. */
export class ArchiveError extends Error {
  /** Stable name of what went wrong. */
  readonly code: ArchiveErrorCode;

  /** Makes an error with a stable code, a sentence and, where there is one, the cause. */
  constructor(code: ArchiveErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
    this.code = code;
  }
}
