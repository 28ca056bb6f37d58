/**
 * What arrives: whether it belongs to a run, whether it is its turn, and what ends the run.
 * @module
 */
import { CmsError, copyOctets, type DerReader, equal, toHex } from '@stanzaseal/cms';
import { decodeMessage, END_STEP } from '../verificationMessage.js';
import type { EndReason, Outcome } from './outcome.js';
import { normalParty, type Party } from './party.js';
import type { Protocol, Turn } from './protocol.js';
import {
  allRuns,
  end,
  endedByTime,
  expired,
  findRun,
  forget,
  isOurTurn,
  isRequest,
  type Kept,
  nameOf,
  newRecord,
  type RunBook,
  settle,
  WIRE_REASONS,
} from './runBook.js';
import type { Run } from './runState.js';

const IGNORED: Outcome = Object.freeze({ kind: 'ignored' });

/** Takes a message that `from` signed. @throws TrustError `ERR_MESSAGE` */
export async function takeMessage(book: RunBook, octets: Uint8Array, from: Party): Promise<Outcome> {
  const message = copyOctets(octets);
  const { run: id, step, body } = decodeMessage(message);
  const sender = normalParty(from);
  const kept = await findRun(book, toHex(id));
  if (sender.jid === book.own.jid) return kept === undefined ? IGNORED : answeredElsewhere(book, kept, step, sender);
  if (kept === undefined) return takeRequest(book, { id, message, step, body, peer: sender });
  const { record, run } = kept;
  // Nobody else's words end a run.
  if (sender.jid !== run.peer.jid) return IGNORED;
  if (record.expires <= book.clock()) {
    await forget(book, kept);
    return run.done ? IGNORED : endedByTime(kept);
  }
  const isSame = equal(sender.identity, run.peer.identity) && equal(book.own.identity, run.own.identity);
  if (!isSame) return run.done ? IGNORED : end(book, kept, 'deviation');
  if (step === END_STEP) return takeEnd(book, kept, body);
  const before = run.transcript.findIndex((known, turn) => isOurTurn(run, turn + 1) && equal(known, message));
  if (before >= 0) {
    const answer = run.transcript[before + 1];
    return answer === undefined ? IGNORED : { kind: 'ignored', send: answer };
  }
  const protocol = book.protocols.find(({ name }) => name === record.kind);
  if (run.done || protocol === undefined) return IGNORED;
  const turn = run.transcript.length;
  if (isOurTurn(run, turn) || protocol.steps[turn] !== step) return end(book, kept, 'deviation');
  const next: Run = { ...run, transcript: [...run.transcript, message] };
  return settle(book, { record, run: next }, await taken(protocol, next, body));
}

/** The first message of a run. */
async function takeRequest(
  book: RunBook,
  {
    id,
    message,
    step,
    body,
    peer,
  }: { id: Uint8Array; message: Uint8Array; step: number; body: DerReader; peer: Party },
): Promise<Outcome> {
  const protocol = book.protocols.find(({ steps }) => steps[0] === step);
  if (protocol === undefined) return IGNORED;
  const now = book.clock();
  const waiting = (await allRuns(book)).filter(({ record, run }) => record.expires > now && isRequest(run));
  const ofPeer = waiting.filter(({ record }) => record.peer === peer.jid);
  if (waiting.length >= book.rules.requests || ofPeer.length >= book.rules.requestsOfPeer) return IGNORED;
  const { own } = book;
  const run: Run = { id, role: 'responder', own, peer, transcript: [message], secret: undefined, done: false };
  const turn = await taken(protocol, run, body);
  // What does not begin well never began.
  if (turn.result.kind === 'ended') return IGNORED;
  return settle(book, { record: newRecord(book, protocol, peer), run }, turn, (await expired(book)).changes);
}

/** What a peer says of the end. A finished run stays remembered, so that a `mismatch` on the other side is heard. */
async function takeEnd(book: RunBook, kept: Kept, body: DerReader): Promise<Outcome> {
  let reason: EndReason = 'deviation';
  try {
    const told = body.enumerated(WIRE_REASONS.length);
    body.end();
    reason = WIRE_REASONS[told] as EndReason;
  } catch (error) {
    if (!(error instanceof CmsError)) throw error;
  }
  if (kept.run.done && reason !== 'mismatch') return IGNORED;
  await forget(book, kept);
  return { ...nameOf(kept), kind: 'ended', reason, by: 'them' };
}

/** A message that another of the own devices sent, as it comes back by carbon or archive. */
async function answeredElsewhere(book: RunBook, kept: Kept, step: number, sender: Party): Promise<Outcome> {
  if (!equal(sender.identity, book.own.identity) || !isRequest(kept.run)) return IGNORED;
  const answer = book.protocols.find(({ name }) => name === kept.record.kind)?.steps[1];
  if (step !== END_STEP && step !== answer) return IGNORED;
  await forget(book, kept);
  return { ...nameOf(kept), kind: 'elsewhere' };
}

/** What a protocol makes of a message; octets that are not of its shape are a deviation. */
async function taken(protocol: Protocol, run: Run, body: DerReader): Promise<Turn> {
  try {
    return await protocol.take(run, body);
  } catch (error) {
    if (error instanceof CmsError) return { result: { kind: 'ended', reason: 'deviation' } };
    throw error;
  }
}
