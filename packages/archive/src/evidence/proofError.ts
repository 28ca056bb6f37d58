/**
 * The one answer to evidence that does not hold.
 * @module
 */
import { ArchiveError } from '../archiveError.js';

/** `ERR_PROOF`, whatever is wrong; the reason is kept as `cause` for debugging. */
export function proofError(cause?: unknown): ArchiveError {
  return new ArchiveError('ERR_PROOF', 'proof does not verify', cause === undefined ? undefined : { cause });
}

/** Gives what a check of foreign octets gives; every throw comes to `ERR_PROOF`. A bug of the caller (TypeError, RangeError of an argument) must be thrown before. */
export function orProofError<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw cause instanceof ArchiveError && cause.code === 'ERR_PROOF' ? cause : proofError(cause);
  }
}
