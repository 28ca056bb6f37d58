/**
 * Handshakes of a chat: keys of the other side where none are published, by messages that may be days apart.
 * @module
 */
import type { HandshakeOutcome } from '@stanzaseal/messenger/handshake';
import type { SealedConnection } from '@stanzaseal/xmpp';
import { handshakesOn } from '@stanzaseal/xmpp/handshakes';
import { wordsOfHandshake } from '../handshakeWords.js';
import { printable } from '../printable.js';
import { codeOf } from './words.js';

/** What it takes. */
export interface HandshakingParts {
  /** What carries them; not yet started. */
  readonly connection: SealedConnection;
  /** Bare JID of the other side. */
  readonly to: string;
  /** Says a line. */
  readonly say: (line: string) => void;
  /** Sends what could not be sent before. */
  readonly retry: () => Promise<void>;
}

/** Handshakes in a chat. */
export interface Handshaking {
  /** Says what waits for the other side, once what came at login was dealt with. */
  show(): Promise<void>;
  /** `/handshake`, by its name. */
  readonly commands: Readonly<Record<'handshake', (words: string) => Promise<void>>>;
}

/** Makes it. Whom the chat is with is answered: the user wants to talk to them. Nobody else is, and that is said once of each. */
export function createHandshaking({ connection, to, say, retry }: HandshakingParts): Handshaking {
  const unanswered = new Set<string>();
  let retried: Promise<void> = Promise.resolve();

  function answers(jid: string): boolean {
    if (jid === to) return true;
    if (!unanswered.has(jid))
      say(`* ${printable(jid)} asks for your keys by a handshake; only a chat with them answers, when they ask again`);
    unanswered.add(jid);
    return false;
  }

  function onOutcome(outcome: HandshakeOutcome): void {
    say(`* ${wordsOfHandshake(outcome).replace('\n', '\n* ')}`);
    // What there were no keys for goes now.
    if (outcome.kind === 'done') retried = retry().catch(onError);
  }

  function onError(error: unknown): void {
    say(`* ${codeOf(error)}`);
  }

  const handshakes = handshakesOn(connection, { answers, onOutcome, onError });

  return {
    async show() {
      await retried;
      for (const { peer, isDone } of await handshakes.runs.list())
        if (peer === to && !isDone) say(`* a handshake is under way: ${wordsOfHandshake({ kind: 'waiting', peer })}`);
    },
    commands: {
      async handshake(words) {
        const protects = words.trim() || 'initiator';
        if (protects !== 'initiator' && protects !== 'responder')
          return say('* it is /handshake, or /handshake responder');
        const begun = await handshakes.begin(to, protects);
        // By iq it may be over by now, which was said already.
        if (begun.kind === 'waiting') say(`* ${wordsOfHandshake(begun)}; that may be later`);
      },
    },
  };
}
