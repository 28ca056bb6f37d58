/**
 * The one error class of `@stanzaseal/stanza`.
 * @module
 */

/**
 * `ERR_XML`: not XML that may stand in a stanza (RFC 6120 §11). `ERR_ADDRESS`: not a JID that can be normalised (RFC 7622).
 * `ERR_OPEN`: a sealed stanza did not open, for whatever reason. `ERR_TOO_LARGE`: it would not fit the limit asked for.
 */
export type StanzaErrorCode = 'ERR_XML' | 'ERR_ADDRESS' | 'ERR_OPEN' | 'ERR_TOO_LARGE';

/** Thrown by everything in this package that judges input; `code` is stable, the message is for people. */
export class StanzaError extends Error {
  /** Stable name of what went wrong. */
  readonly code: StanzaErrorCode;

  /** Makes an error with a stable code, a sentence and, where there is one, the cause. */
  constructor(code: StanzaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StanzaError';
    this.code = code;
  }
}

/** The error of text that is no XML, or XML that no stanza may hold (RFC 6120 §11.1). */
export function xmlError(message: string, cause?: unknown): StanzaError {
  return new StanzaError('ERR_XML', message, cause === undefined ? undefined : { cause });
}

/** The error of an address that cannot be normalised (RFC 7622 §3). */
export function addressError(message: string, cause?: unknown): StanzaError {
  return new StanzaError('ERR_ADDRESS', message, cause === undefined ? undefined : { cause });
}
