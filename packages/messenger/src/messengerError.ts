/**
 * The one error class of `@stanzaseal/messenger`.
 * @module
 */
import { KeyStoreError } from '@stanzaseal/keystore';

/**
 * `ERR_OPEN`: a stanza did not open, for whatever reason. `ERR_VERIFY`: published keys were not taken in. `ERR_NO_KEYS`: there
 * is no key to seal to. `ERR_KEY_CHANGED`: a contact's identity key changed and nobody answered yet. `ERR_TOO_LARGE`: the
 * object would not fit. `ERR_ADDRESS`: an address that cannot be normalised or does not agree. `ERR_TRUST`: the policy asks for another
 * level of trust than the contact has.
 */
export type MessengerErrorCode =
  | 'ERR_OPEN'
  | 'ERR_VERIFY'
  | 'ERR_NO_KEYS'
  | 'ERR_KEY_CHANGED'
  | 'ERR_TOO_LARGE'
  | 'ERR_ADDRESS'
  | 'ERR_TRUST';

/** Thrown by the messenger; `code` is stable, the message is for people. */
export class MessengerError extends Error {
  /** Stable name of what went wrong. */
  readonly code: MessengerErrorCode;

  /** Makes an error with a stable code, a sentence and, where there is one, the cause. */
  constructor(code: MessengerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MessengerError';
    this.code = code;
  }
}

/**
 * What failed opening comes to: the one error that never says why; but a store that failed is no damaged stanza, and its error
 * is thrown as it is, lest an application throw a good message away.
 */
export function openFailure(cause: unknown): Error {
  for (let error = cause; error instanceof Error; error = error.cause) if (error instanceof KeyStoreError) return error;
  return openError(cause);
}

/** The one error of opening: never says why; the reason is kept as `cause` for debugging. */
export function openError(cause?: unknown): MessengerError {
  return new MessengerError(
    'ERR_OPEN',
    'stanza is not for us, or damaged',
    cause === undefined ? undefined : { cause },
  );
}

/** The one error of taking in published keys. */
export function verifyError(cause?: unknown): MessengerError {
  return new MessengerError('ERR_VERIFY', 'published keys do not verify', cause === undefined ? undefined : { cause });
}
