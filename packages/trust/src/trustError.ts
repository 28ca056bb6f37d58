/**
 * The one error class of `@stanzaseal/trust`.
 * @module
 */

/**
 * `ERR_MESSAGE`: octets that are no verification message. `ERR_LIMIT`: too many runs with a peer did not end well. `ERR_RUN`:
 * no such run, or one that is not at the stage asked for. `ERR_VERIFY`: a statement about a key that is not what it should be; nothing
 * says why. `ERR_PASSPHRASE`: a passphrase does not open the file. `ERR_UNSUPPORTED`: a key or a file of a kind that is not spoken here.
 */
export type TrustErrorCode =
  | 'ERR_MESSAGE'
  | 'ERR_LIMIT'
  | 'ERR_RUN'
  | 'ERR_VERIFY'
  | 'ERR_PASSPHRASE'
  | 'ERR_UNSUPPORTED';

/** Thrown by everything in this package that judges input; `code` is stable, the message is for people. */
export class TrustError extends Error {
  /** Stable name of what went wrong. */
  readonly code: TrustErrorCode;
  /** With `ERR_LIMIT`: when there may be another run, in ms since 1970. */
  readonly retryAt: number | undefined;

  /** Makes an error with a stable code and a sentence. */
  constructor(code: TrustErrorCode, message: string, options?: ErrorOptions & { readonly retryAt?: number }) {
    super(message, options);
    this.name = 'TrustError';
    this.code = code;
    this.retryAt = options?.retryAt;
  }
}

/** The error of a run that is not there or not at that stage. */
export function runError(): TrustError {
  return new TrustError('ERR_RUN', 'no such run, or it is not at that stage');
}

/** The one answer to a statement that is not good; the reason is kept as `cause`, for debugging, and never shown. */
export function statementError(cause?: unknown): TrustError {
  return new TrustError('ERR_VERIFY', 'the statement does not hold', cause === undefined ? {} : { cause });
}
