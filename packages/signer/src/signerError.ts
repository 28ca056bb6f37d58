/**
 * The one error class of `@stanzaseal/signer`.
 * @module
 */

/** `ERR_VERIFY`: the octets are no good signature by the keys asked for; nothing says why. */
export type SignerErrorCode = 'ERR_VERIFY';

/** Thrown when verification fails, for whatever reason. */
export class SignerError extends Error {
  /** Stable name of what went wrong. */
  readonly code: SignerErrorCode;

  /** Makes the one error of verification; the reason is kept as `cause` for debugging and never shown. */
  constructor(options?: ErrorOptions) {
    super('signed data does not verify', options);
    this.name = 'SignerError';
    this.code = 'ERR_VERIFY';
  }
}
