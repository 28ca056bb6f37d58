/**
 * The two answers of opening: `ERR_OPEN` for whatever is wrong, `ERR_UNSUPPORTED` for what is plainly another thing.
 * @module
 */
import { CmsError } from '@stanzaseal/cms';
import { EnvelopeError } from '../envelopeError.js';

/** What is thrown for a cause: a clean refusal as it is, all else as the one error. */
export function refusalOf(cause: unknown): CmsError | EnvelopeError {
  if (cause instanceof EnvelopeError || isUnsupported(cause)) return cause;
  return new EnvelopeError({ cause });
}

/** Whether something thrown says that an algorithm or a kind of content is not spoken here. */
export function isUnsupported(thrown: unknown): thrown is CmsError {
  return thrown instanceof CmsError && thrown.code === 'ERR_UNSUPPORTED';
}

/** The clean refusal, with a sentence about public octets alone. */
export function unsupported(sentence: string): CmsError {
  return new CmsError('ERR_UNSUPPORTED', sentence);
}
