/**
 * The short authentication string as a protocol of three messages: commit, answer, opening.
 *
 * Five rules hold it up, each with an attack where it is missing (`docs/models/`, and `test/sas-rules.test.ts`): the commitment
 * covers nonce, identity key and both JIDs; the string depends on both nonces, keys and JIDs; the initiator takes one answer and has it
 * stored before it opens; the responder draws a nonce for each commitment and takes one opening; whatever else comes ends the run.
 * @module
 */
import { type DerReader, equalConstantTime, octetString } from '@stanzaseal/cms';
import type { Protocol, Result, Turn } from '../runs/protocol.js';
import type { Run } from '../runs/runState.js';
import { decodeMessage, encodeMessage } from '../verificationMessage.js';
import { sasCommitment, sasNumber } from './shortString.js';
import { type ShortString, shortString } from './shortText.js';

/** Octets of a nonce. */
export const NONCE_LENGTH = 32;

const [COMMIT, ANSWER, OPENING] = [1, 2, 3] as const;

/** Bits of a short string: six characters of five. */
export const SAS_BITS = 30;

/** The protocol with strings of so many bits; fewer are for tests of what guessing comes to. */
export function sasProtocol(bits: number): Protocol {
  const show = (run: Run): Result => {
    if (run.transcript.length === 3) return { kind: 'compare', value: shortStringOf(run, bits) };
    return run.role === 'responder' && run.transcript.length === 1 ? { kind: 'requested' } : { kind: 'waiting' };
  };
  return Object.freeze({
    name: 'sas',
    steps: [COMMIT, ANSWER, OPENING],
    take: (run: Run, body: DerReader): Turn =>
      run.role === 'initiator' ? open(run, body, show) : check(run, body, show),
    show,
  });
}

/** The short string of a run that has all its messages. */
export function shortStringOf(run: Run, bits: number): ShortString {
  return shortString(sasNumber(run, bits));
}

/** The initiator's first message: it commits to a nonce, which is kept. */
export function commit(run: Run, nonce: Uint8Array): Turn {
  const says = encodeMessage(run.id, COMMIT, octetString(sasCommitment(run, nonce)));
  return { says, secret: nonce, result: { kind: 'waiting' } };
}

/** The responder's answer: a nonce drawn for this commitment. */
export function answer(run: Run, nonce: Uint8Array): Turn {
  return { says: encodeMessage(run.id, ANSWER, octetString(nonce)), result: { kind: 'waiting' } };
}

/** The initiator has its one answer, and opens. */
function open(run: Run, body: DerReader, show: (run: Run) => Result): Turn {
  readNonce(body);
  const { id, secret, transcript } = run;
  if (secret === undefined) return { result: { kind: 'ended', reason: 'deviation' } };
  const says = encodeMessage(id, OPENING, octetString(secret));
  return { says, result: show({ ...run, transcript: [...transcript, says] }) };
}

/** The responder takes a commitment as it comes, and the opening if it is the one committed to. */
function check(run: Run, body: DerReader, show: (run: Run) => Result): Turn {
  if (run.transcript.length === 1) {
    body.octetStringOf(32);
    body.end();
    return { result: { kind: 'requested' } };
  }
  const promised = decodeMessage(run.transcript[0] as Uint8Array).body.octetStringOf(32);
  if (!equalConstantTime(promised, sasCommitment(run, readNonce(body))))
    return { result: { kind: 'ended', reason: 'deviation' } };
  return { result: show(run) };
}

function readNonce(body: DerReader): Uint8Array {
  const nonce = body.octetStringOf(NONCE_LENGTH);
  body.end();
  return nonce;
}
