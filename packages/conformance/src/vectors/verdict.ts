/**
 * How a published vector is judged: what it expects, what we did, and what that makes of it.
 * @module
 */
import { CmsError } from '@stanzaseal/cms';
import { EnvelopeError } from '@stanzaseal/envelope';
import { SignerError } from '@stanzaseal/signer';

/** What the publisher says: `acceptable` leaves it to the implementation, which then must say what it does. */
export type Expected = 'valid' | 'acceptable' | 'invalid';

/** One case of one file of one source. */
export interface VectorCase {
  /** Folder of the published vectors. */
  readonly source: string;
  /** File in it, without `_test.json` for Wycheproof. */
  readonly file: string;
  /** Its number or name inside the file; empty where the file is the case. */
  readonly id: string;
  /** What the publisher says of it. */
  readonly expected: Expected;
  /** Flags and parameters by which a documented difference names its cases. */
  readonly traits: readonly string[];
}

/** What we did with a case. */
export type Answer =
  /** Taken; `right` says whether the value was the published one. */
  | { readonly did: 'accepted'; readonly right: boolean }
  /** Refused with a code of ours, or with an error of the platform where no code is promised. */
  | { readonly did: 'refused'; readonly code: string }
  /** Not run, for a reason that is counted and printed. */
  | { readonly did: 'not applicable'; readonly reason: string };

/** What is made of an answer. `refuses` is a difference that holds only if it is documented. */
export type Verdict = 'passed' | 'refused' | 'differs' | 'not applicable' | 'failed';

/** Judges an answer; `documented` tells whether docs/conformance.md names this case as one we refuse. */
export function judge(expected: Expected, answer: Answer, documented: boolean): Verdict {
  if (answer.did === 'not applicable') return 'not applicable';
  // A documented refusal that did not happen is as wrong as an undocumented one.
  if (answer.did === 'accepted') return answer.right && expected !== 'invalid' && !documented ? 'passed' : 'failed';
  if (expected === 'invalid') return 'refused';
  return documented ? 'differs' : 'failed';
}

/** Taken with the value that was to come out. */
export function accepted(right: boolean): Answer {
  return { did: 'accepted', right };
}

/** Refused with a code. */
export function refused(code: string): Answer {
  return { did: 'refused', code };
}

/** Not run. */
export function notApplicable(reason: string): Answer {
  return { did: 'not applicable', reason };
}

/**
 * Runs a call of one of our packages: what it gives, judged by `isRight`, or the code of its refusal. Any error that is none of
 * ours goes on to the caller: a TypeError on a stranger's octets is a defect.
 */
export async function answerOf<T>(call: () => T | Promise<T>, isRight: (value: T) => boolean): Promise<Answer> {
  let value: T;
  try {
    value = await call();
  } catch (error) {
    if (error instanceof CmsError || error instanceof EnvelopeError || error instanceof SignerError) {
      return refused(error.code);
    }
    throw error;
  }
  return accepted(isRight(value));
}

/** Runs a primitive of a provider: its port promises a throw on failure, not which. */
export async function primitiveAnswer<T>(call: () => T | Promise<T>, isRight: (value: T) => boolean): Promise<Answer> {
  let value: T;
  try {
    value = await call();
  } catch (error) {
    return refused(error instanceof CmsError ? error.code : 'throws');
  }
  return accepted(isRight(value));
}
