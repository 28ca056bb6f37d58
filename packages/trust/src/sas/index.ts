/**
 * Short authentication strings: two people compare six characters, or four pictures, once.
 * @module
 */
import { drawOctets } from '@stanzaseal/cms';
import type { RunOutcome } from '../runs/outcome.js';
import type { Party } from '../runs/party.js';
import type { Protocol } from '../runs/protocol.js';
import type { Verifier } from '../runs/verifier.js';
import { answer, commit, NONCE_LENGTH, SAS_BITS, sasProtocol, shortStringOf } from './sas.js';
import { isSameString } from './shortText.js';

export type { Picture } from './pictures.js';
export type { ShortString } from './shortText.js';

/** The protocol, for `createVerifier`: strings of 30 bits. */
export const sas: Protocol = /* @__PURE__ */ sasProtocol(SAS_BITS);

/**
 * Begins a run; the outcome is `waiting`, with the commitment to send.
 * @throws TrustError `ERR_LIMIT`; RangeError for the own account
 * @example
 * const { run, send } = await beginSas(verifier, { jid: 'romeo@montague.example', identity });
 */
export function beginSas(verifier: Verifier, peer: Party): Promise<RunOutcome> {
  return verifier.begin(sas, peer, (run) => commit(run, drawOctets(verifier.random, NONCE_LENGTH)));
}

/** Answers a request; the outcome is `waiting`. @throws TrustError `ERR_RUN`, `ERR_LIMIT` */
export function acceptSas(verifier: Verifier, run: string): Promise<RunOutcome> {
  return verifier.act(run, { protocol: sas, at: 1, role: 'responder', counts: true }, (it) =>
    answer(it, drawOctets(verifier.random, NONCE_LENGTH)),
  );
}

/**
 * Says how the comparison went: what the other one reads, as it was typed here, or whether the two saw the same. It went over
 * another way than these messages. The outcome is `verified` or `ended` for a `mismatch`; there is no second try in a run.
 * @throws TrustError `ERR_RUN`; RangeError for what is no short string, and then nothing has changed
 */
export function confirmSas(verifier: Verifier, run: string, seen: string | boolean): Promise<RunOutcome> {
  return verifier.act(run, { protocol: sas, at: 3 }, (it) => {
    const same = typeof seen === 'boolean' ? seen : isSameString(shortStringOf(it, SAS_BITS), seen);
    return { result: same ? { kind: 'verified' } : { kind: 'ended', reason: 'mismatch' } };
  });
}
