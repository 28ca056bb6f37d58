/**
 * What a step of a handshake came to, for people.
 * @module
 */
import type { HandshakeOutcome } from '@stanzaseal/messenger/handshake';
import { fingerprint } from '@stanzaseal/trust/fingerprint';
import { printable } from './printable.js';

/** One line, or two where a fingerprint is told. */
export function wordsOfHandshake({
  kind,
  peer,
  trust,
  fingerprint: own,
}: Omit<HandshakeOutcome, 'run' | 'payload'>): string {
  const name = printable(peer);
  switch (kind) {
    case 'waiting':
      return `it is the turn of ${name}`;
    case 'done':
      return own === undefined || trust === undefined
        ? `the handshake with ${name} is done`
        : `keys of ${name} are known; they are ${trust}\n  ${fingerprint(own)}`;
    case 'ended':
      return `the handshake with ${name} ended: something was not as it should be`;
    case 'elsewhere':
      return `another device of yours answered ${name}`;
    case 'ignored':
      return 'nothing to do: of no handshake here, or seen before';
  }
}
