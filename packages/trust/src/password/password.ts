/**
 * The password as a protocol of three messages: start, answer, confirm. Each side's one message that depends on the password is worth one
 * guess, and a confirmation is given to nobody who could not make one.
 *
 * ```
 * PasswordChannel ::= SEQUENCE {                          -- CI
 *   label              UTF8String ("stanzaseal/0 password"),
 *   initiator          BareJid,
 *   responder          BareJid,
 *   initiatorIdentity  KeyIdentifier,
 *   responderIdentity  KeyIdentifier }
 *
 * PasswordSide ::= SEQUENCE {                             -- ADa, ADb
 *   role      ENUMERATED { initiator(0), responder(1) },
 *   question  UTF8String OPTIONAL }                       -- initiator's
 * ```
 * @module
 */
import {
  CmsError,
  type DerReader,
  encodeDer,
  enumerated,
  equalConstantTime,
  octetString,
  sequence,
  toUtf8,
  utf8String,
} from '@stanzaseal/cms';
import { opaqueString } from '@stanzaseal/stanza';
import type { Protocol, Result, Turn } from '../runs/protocol.js';
import { type Role, type Run, sidesOf } from '../runs/runState.js';
import { decodeMessage, encodeMessage } from '../verificationMessage.js';
import {
  CONFIRMATION_LENGTH,
  type CpaceInputs,
  type CpaceSaid,
  cpaceConfirmation,
  cpaceKey,
  cpaceShare,
  SHARE_LENGTH,
} from './cpace.js';

/** Octets of a question at most, in UTF-8. */
export const QUESTION_LIMIT = 1024;

const [START, ANSWER, CONFIRM] = [4, 5, 6] as const;
const DEVIATION: Turn = { result: { kind: 'ended', reason: 'deviation' } };
const MISMATCH: Turn = { result: { kind: 'ended', reason: 'mismatch' } };

/** The protocol, for `createVerifier`. */
export const password: Protocol = /* @__PURE__ */ Object.freeze({
  name: 'password',
  steps: [START, ANSWER, CONFIRM],
  take: (run: Run, body: DerReader): Turn => {
    if (run.role === 'initiator') return takeAnswer(run, body);
    return run.transcript.length === 1 ? takeStart(body) : takeConfirmation(run, body);
  },
  show: (run: Run): Result => {
    if (run.role !== 'responder' || run.transcript.length !== 1) return { kind: 'waiting' };
    const { question } = startOf(run);
    return { kind: 'requested', ...(question === undefined ? {} : { question }) };
  },
});

/** The initiator's share, and its question. The password is not needed again; the scalar is kept. */
export function start(run: Run, prs: Uint8Array, scalar: Uint8Array, question: string | undefined): Turn {
  const share = cpaceShare(inputsOf(run, prs), scalar);
  const asked = question === undefined ? [] : [utf8String(question)];
  const says = encodeMessage(run.id, START, octetString(share), ...asked);
  return { says, secret: scalar, result: { kind: 'waiting' } };
}

/** The responder's share and confirmation, by the password that its user gave. What the other must confirm is kept. */
export function answer(run: Run, prs: Uint8Array, scalar: Uint8Array): Turn {
  const { share: other, question } = startOf(run);
  const initiator = said('initiator', other, question);
  const responder = said('responder', cpaceShare(inputsOf(run, prs), scalar));
  const isk = cpaceKey({ sid: run.id, scalar, other }, initiator, responder);
  if (isk === undefined) return DEVIATION;
  const confirmation = cpaceConfirmation(run.id, isk, responder);
  const says = encodeMessage(run.id, ANSWER, octetString(responder.share), octetString(confirmation));
  return { says, secret: cpaceConfirmation(run.id, isk, initiator), result: { kind: 'waiting' } };
}

/** The initiator checks what the responder confirmed, and only then confirms. */
function takeAnswer(run: Run, body: DerReader): Turn {
  const other = body.octetStringOf(SHARE_LENGTH);
  const confirmation = body.octetStringOf(CONFIRMATION_LENGTH);
  body.end();
  const { id, secret: scalar } = run;
  const { share, question } = startOf(run);
  const initiator = said('initiator', share, question);
  const responder = said('responder', other);
  const isk = scalar && cpaceKey({ sid: id, scalar, other }, initiator, responder);
  if (isk === undefined) return DEVIATION;
  if (!equalConstantTime(confirmation, cpaceConfirmation(id, isk, responder))) return MISMATCH;
  const says = encodeMessage(id, CONFIRM, octetString(cpaceConfirmation(id, isk, initiator)));
  return { says, result: { kind: 'verified' } };
}

function takeStart(body: DerReader): Turn {
  const { question } = readStart(body);
  return { result: { kind: 'requested', ...(question === undefined ? {} : { question }) } };
}

function takeConfirmation({ secret: expected }: Run, body: DerReader): Turn {
  const confirmation = body.octetStringOf(CONFIRMATION_LENGTH);
  body.end();
  if (expected === undefined) return DEVIATION;
  return equalConstantTime(confirmation, expected) ? { result: { kind: 'verified' } } : MISMATCH;
}

function startOf({ transcript }: Run): { share: Uint8Array; question: string | undefined } {
  return readStart(decodeMessage(transcript[0] as Uint8Array).body);
}

function readStart(body: DerReader): { share: Uint8Array; question: string | undefined } {
  const share = body.octetStringOf(SHARE_LENGTH);
  const question = body.atEnd ? undefined : body.utf8String();
  body.end();
  // It is shown to people: one line, nothing that hides or turns text around.
  if (question !== undefined && (opaqueString(question) !== question || toUtf8(question).length > QUESTION_LIMIT))
    throw new CmsError('ERR_DER', 'question is not a line of text');
  return { share, question };
}

/** What a side says, with its role: so neither side's confirmation is ever the other's (P06). */
export function said(role: Role, share: Uint8Array, question?: string): CpaceSaid {
  const asked = question === undefined ? [] : [utf8String(question)];
  return { share, associated: encodeDer(sequence(enumerated(role === 'initiator' ? 0 : 1), ...asked)) };
}

/** What both sides put in. Both JIDs and both keys stand in CI, so that a password known to three people verifies nobody else. */
export function inputsOf(run: Run, prs: Uint8Array): CpaceInputs {
  const { initiator, responder } = sidesOf(run);
  const channel = encodeDer(
    sequence(
      utf8String('stanzaseal/0 password'),
      utf8String(initiator.jid),
      utf8String(responder.jid),
      octetString(initiator.identity),
      octetString(responder.identity),
    ),
  );
  return { password: prs, channel, sid: run.id };
}
