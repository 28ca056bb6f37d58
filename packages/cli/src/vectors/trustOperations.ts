/**
 * Operations on fingerprints and on runs of verification.
 * @module
 */
import { fromHex, toHex, toUtf8 } from '@stanzaseal/cms';
import {
  createMemoryRunStore,
  createVerifier,
  decodeMessage,
  fingerprint,
  fingerprintUri,
  type Party,
  type Outcome as RunOutcome,
  type Verifier,
} from '@stanzaseal/trust';
import * as cpace from '@stanzaseal/trust/cpace';
import { acceptPassword, beginPassword, password } from '@stanzaseal/trust/password';
import { acceptSas, beginSas, sas } from '@stanzaseal/trust/sas';
import { recordedRandom } from './input.js';
import type { Outcome } from './vector.js';

interface PartyInput {
  /** Any spelling. */
  readonly jid: string;
  /** Key identifier. */
  readonly identity: string;
}

/** A side of a run: who it is, and what it draws, in order. */
interface SideInput extends PartyInput {
  readonly random: string[];
}

/** `trust.fingerprint`: an identity key's forms for people. */
export async function showFingerprint(input: PartyInput): Promise<Outcome> {
  const party = partyOf(input);
  return {
    output: {
      groupsOfEight: fingerprint(party.identity),
      groupsOfFour: fingerprint(party.identity, 4),
      uri: fingerprintUri(party),
    },
  };
}

/** `trust.message`: a verification message, as far as all protocols agree. */
export async function readMessage({ message }: { message: string }): Promise<Outcome> {
  const { run, step } = decodeMessage(fromHex(message));
  return { output: { run: toHex(run), step } };
}

/** `trust.sas`: a run until both see the string. */
export async function runSas(input: { initiator: SideInput; responder: SideInput }): Promise<Outcome> {
  const [hers, his] = [verifierOf(input.initiator), verifierOf(input.responder)];
  const [initiator, responder] = [partyOf(input.initiator), partyOf(input.responder)];
  const commit = sent(await beginSas(hers, responder));
  const asked = await his.receive(commit, initiator);
  if (asked.kind !== 'requested') throw new Error(`responder: ${asked.kind}`);
  const answer = sent(await acceptSas(his, asked.run));
  const shown = await hers.receive(answer, responder);
  const opening = sent(shown);
  const compared = await his.receive(opening, initiator);
  if (shown.kind !== 'compare' || compared.kind !== 'compare') throw new Error('nothing to compare');
  const { characters, spelled, emoji } = shown.value;
  if (compared.value.characters !== characters) throw new Error('the two see different strings');
  const words = emoji.map(({ word }) => word);
  const symbols = emoji.map(({ symbol }) => symbol);
  const messages = [commit, answer, opening].map(toHex);
  const commitment = toHex(decodeMessage(commit).body.octetStringOf(32));
  return { intermediate: { commitment }, output: { messages, characters, spelled, symbols, words } };
}

/** `trust.password`: a run until both know what came of it. */
export async function runPassword(input: {
  initiator: SideInput & { readonly password: string; readonly question?: string };
  responder: SideInput & { readonly password: string };
}): Promise<Outcome> {
  const [hers, his] = [verifierOf(input.initiator), verifierOf(input.responder)];
  const [initiator, responder] = [partyOf(input.initiator), partyOf(input.responder)];
  const { question } = input.initiator;
  const options = question === undefined ? {} : { question };
  const start = sent(await beginPassword(hers, responder, input.initiator.password, options));
  const asked = await his.receive(start, initiator);
  if (asked.kind !== 'requested') throw new Error(`responder: ${asked.kind}`);
  const answer = sent(await acceptPassword(his, asked.run, input.responder.password));
  const atInitiators = await hers.receive(answer, responder);
  const last = sent(atInitiators);
  const atResponders = await his.receive(last, initiator);
  return {
    output: {
      messages: [start, answer, last].map(toHex),
      question: asked.question ?? null,
      initiator: whatCame(atInitiators),
      responder: whatCame(atResponders),
    },
  };
}

/** `trust.cpace`: the exchange alone, as draft-irtf-cfrg-cpace has it; texts are UTF-8, all else octets. */
export async function runCpace(input: {
  password: string;
  channel: string;
  sid: string;
  initiator: { scalar: string; associated: string };
  responder: { scalar: string; associated: string };
  /** In place of the responder's own share. */
  responderShare?: string;
}): Promise<Outcome> {
  const inputs = { password: toUtf8(input.password), channel: fromHex(input.channel), sid: fromHex(input.sid) };
  const [ya, yb] = [fromHex(input.initiator.scalar), fromHex(input.responder.scalar)];
  const initiator = { share: cpace.cpaceShare(inputs, ya), associated: fromHex(input.initiator.associated) };
  const share = input.responderShare === undefined ? cpace.cpaceShare(inputs, yb) : fromHex(input.responderShare);
  const responder = { share, associated: fromHex(input.responder.associated) };
  const isk = cpace.cpaceKey({ sid: inputs.sid, scalar: ya, other: share }, initiator, responder);
  const confirmed = isk && {
    initiator: toHex(cpace.cpaceConfirmation(inputs.sid, isk, initiator)),
    responder: toHex(cpace.cpaceConfirmation(inputs.sid, isk, responder)),
  };
  return {
    intermediate: {
      generatorString: toHex(cpace.generatorString(inputs)),
      generator: toHex(cpace.calculateGenerator(inputs).toBytes()),
      transcript: toHex(cpace.transcriptIr(initiator, responder)),
    },
    output: {
      ya: toHex(initiator.share),
      yb: toHex(share),
      isk: isk === undefined ? null : toHex(isk),
      confirmations: confirmed ?? null,
    },
  };
}

function partyOf({ jid, identity }: PartyInput): Party {
  return { jid, identity: fromHex(identity) };
}

function verifierOf(side: SideInput): Verifier {
  return createVerifier({
    store: createMemoryRunStore(),
    own: partyOf(side),
    random: recordedRandom(side.random),
    clock: () => 0,
    protocols: [sas, password],
  });
}

function sent({ kind, send }: { readonly kind: string; readonly send?: Uint8Array }): Uint8Array {
  if (send === undefined) throw new Error(`${kind} sends nothing`);
  return send;
}

function whatCame(outcome: RunOutcome): string {
  return outcome.kind === 'ended' ? outcome.reason : outcome.kind;
}
