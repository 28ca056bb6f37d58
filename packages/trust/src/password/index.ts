/**
 * Passwords: two people who share a secret, or one who can answer the other's question, learn that they do, and nobody else
 * learns anything but whether one guess was right.
 * @module
 */
import { toUtf8 } from '@stanzaseal/cms';
import { opaqueString } from '@stanzaseal/stanza';
import type { RunOutcome } from '../runs/outcome.js';
import type { Party } from '../runs/party.js';
import type { Verifier } from '../runs/verifier.js';
import { sampleScalar } from './cpace.js';
import { answer, password, QUESTION_LIMIT, start } from './password.js';

export { password };

/**
 * Begins a run with a password, or with a question and its answer; the outcome is `waiting`, with the start to send.
 * @param secret the password or the answer, in the form OpaqueString (RFC 8265 §4): capital letters count, and so does every space
 * @throws TrustError `ERR_LIMIT`; RangeError for a text that no password can be, a question over 1024 octets, the own account
 * @example
 * await beginPassword(verifier, romeo, 'a rose', { question: 'What smells as sweet by any other name?' });
 */
export function beginPassword(
  verifier: Verifier,
  peer: Party,
  secret: string,
  options: { readonly question?: string } = {},
): Promise<RunOutcome> {
  const octets = secretOctets(secret);
  const question = options.question === undefined ? undefined : questionText(options.question);
  return verifier.begin(password, peer, (run) => start(run, octets, sampleScalar(verifier.random), question));
}

/**
 * Answers a request by the password, or by the answer to its question; the outcome is `waiting`. This is the one guess of the run.
 * @throws TrustError `ERR_RUN`, `ERR_LIMIT`; RangeError for a text that no password can be, and then nothing has changed
 */
export function acceptPassword(verifier: Verifier, run: string, secret: string): Promise<RunOutcome> {
  const octets = secretOctets(secret);
  return verifier.act(run, { protocol: password, at: 1, role: 'responder', counts: true }, (it) =>
    answer(it, octets, sampleScalar(verifier.random)),
  );
}

function secretOctets(secret: string): Uint8Array {
  const text = opaqueString(secret);
  if (text === undefined) throw new RangeError('secret is empty or has characters that a password cannot have');
  return toUtf8(text);
}

function questionText(question: string): string {
  const text = opaqueString(question);
  if (text === undefined || toUtf8(text).length > QUESTION_LIMIT)
    throw new RangeError(
      `question is empty, over ${QUESTION_LIMIT} octets, or has characters that a line of text cannot have`,
    );
  return text;
}
