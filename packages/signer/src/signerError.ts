/**
 * The one error class of `@stanzaseal/signer`.
 * @module
 */

/**
 * `ERR_VERIFY`: the octets are no good signature by the keys asked for; nothing says why. `ERR_UNSUPPORTED`, of the general
 * profile alone: a key asked for signed by an algorithm that is not spoken here, such as RSA PKCS#1 v1.5 or SHA-1.
 */
export type SignerErrorCode = 'ERR_VERIFY' | 'ERR_UNSUPPORTED';

/** Thrown when verification fails, for whatever reason. */
export class SignerError extends Error {
  /** Stable name of what went wrong. */
  readonly code: SignerErrorCode;

  /** Makes the error of verification, `ERR_VERIFY` unless said otherwise; the reason is kept as `cause` for debugging and never shown. */
  constructor(
    options?: ErrorOptions,
    code: SignerErrorCode = 'ERR_VERIFY',
    sentence: string = 'signed data does not verify',
  ) {
    super(sentence, options);
    this.name = 'SignerError';
    this.code = code;
  }
}
