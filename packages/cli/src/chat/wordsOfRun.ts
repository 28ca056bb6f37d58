/**
 * What a chat says of verification runs: what came of a step, and what to type next.
 * @module
 */
import type { TrustLevel } from '@stanzaseal/keystore';
import type { EndReason, Outcome } from '@stanzaseal/trust';
import { printable } from '../printable.js';

const ENDED: Readonly<Record<EndReason, string>> = {
  declined: 'was declined',
  mismatch: 'DOES NOT MATCH: a mistake, or somebody stands between you. Do not go on before you know which',
  deviation: 'DID NOT GO BY THE RULES: somebody may stand between you',
  expired: 'was given up: nobody went on for too long',
};

/** A step as lines, or `undefined` where there is nothing to say. `to` is the other side of the chat, which commands are about. */
export function wordsOfRun(outcome: Outcome, trust: TrustLevel | undefined, to: string): string | undefined {
  if (outcome.kind === 'ignored') return undefined;
  const { peer, protocol } = outcome;
  const name = printable(peer.jid);
  const elsewhere = peer.jid === to ? '' : ` (in the chat with ${name})`;
  switch (outcome.kind) {
    case 'requested':
      if (protocol === 'sas')
        return `* ${name} asks you to compare a short string, by telephone or face to face: /accept, or /decline${elsewhere}`;
      return `* ${name} asks for ${
        outcome.question === undefined
          ? 'the password that you share'
          : `the answer to "${printable(outcome.question)}"`
      }: /password, or /decline${elsewhere}`;
    case 'waiting':
      return `* it is the turn of ${name}; that may be later`;
    case 'compare': {
      const { characters, spelled, emoji } = outcome.value;
      return [
        `* Ring ${name} up, or go there. Do you both see this?`,
        `*   ${characters.slice(0, 3)} ${characters.slice(3)}   (${spelled.join(' ')})`,
        `*   ${emoji.map(({ symbol, word }) => `${symbol} ${word}`).join('   ')}`,
        `* /same if you do, /different if not; /same ABC123 takes what they read to you${elsewhere}`,
      ].join('\n');
    }
    case 'verified':
      return `* ${name} is ${trust ?? 'verified'}`;
    case 'elsewhere':
      return `* another device of yours answered ${name}`;
    case 'ended':
      return `* the verification with ${name} ${ENDED[outcome.reason]}`;
  }
}
