/**
 * The one error class of `@stanzaseal/cms`.
 * @module
 */

/** `ERR_DER`: not strict DER, or not the structure expected here. `ERR_UNSUPPORTED`: well formed, but an algorithm, version or alternative that is not spoken here. */
export type CmsErrorCode = 'ERR_DER' | 'ERR_UNSUPPORTED';

/** Thrown by every decoder of this package; `code` is stable, the message is for people. */
export class CmsError extends Error {
  /** Stable name of what went wrong. */
  readonly code: CmsErrorCode;

  /** Makes an error with a stable code, a sentence and, where there is one, the cause. */
  constructor(code: CmsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CmsError';
    this.code = code;
  }
}

/** The error of everything that is not strict DER or not where it belongs (X.690 §10, §11). */
export function derError(message: string): CmsError {
  return new CmsError('ERR_DER', message);
}
