/**
 * The one error class of `@stanzaseal/envelope`.
 * @module
 */

/** `ERR_OPEN`: not for us, or damaged, or forged; nothing says which. */
export type EnvelopeErrorCode = 'ERR_OPEN';

/** Thrown when an object does not open, for whatever reason. */
export class EnvelopeError extends Error {
  /** Stable name of what went wrong. */
  readonly code: EnvelopeErrorCode;

  /** Makes the one error of opening; the reason is kept as `cause` for debugging and never shown. */
  constructor(options?: ErrorOptions) {
    super('object is not for us, or damaged', options);
    this.name = 'EnvelopeError';
    this.code = 'ERR_OPEN';
  }
}
