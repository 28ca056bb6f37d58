/**
 * A conversation that goes on for ever on a clock of its own: half an hour a turn, erasure daily, keys published anew and taken in
 * before they end. What is stored stays as much as a conversation needs.
 * @module
 */
import type { CryptoProvider } from '@stanzaseal/cms';
import type { Messenger } from '@stanzaseal/messenger';
import { couple, introduce, message, opened, paddedTo, sealed } from './people.js';

const HALF_HOUR = 1_800_000;
const TURNS_A_DAY = 48;
const TURNS_A_BUNDLE = 960;

/** Two who write by turns. */
export interface Conversation {
  /** What a stanza with 1 KiB of text is padded to. */
  readonly paddedTo: number;
  /** Both write once, and read and accept what the other wrote. */
  turn(stanza: string): Promise<void>;
  /** Lets so much time pass that all prekeys and with them all replay entries end, and writes on: what is stored is as little as ever. */
  settle(stanza: string): Promise<void>;
}

/** Begins a conversation. */
export async function createConversation(crypto: CryptoProvider): Promise<Conversation> {
  let now = Date.now();
  const { romeo, juliet } = await couple({ crypto, clock: () => now });
  let turns = 0;

  async function renew(): Promise<void> {
    await introduce(romeo, juliet);
    await introduce(juliet, romeo);
  }

  async function erase(): Promise<void> {
    for (const each of [romeo, juliet]) await each.caughtUp();
  }

  async function exchange(stanza: string): Promise<void> {
    await carry(romeo, juliet, stanza);
    await carry(juliet, romeo, stanza);
  }

  return {
    paddedTo: paddedTo(await sealed(romeo, juliet.owner, message('x'.repeat(1024)))),
    async turn(stanza) {
      now += HALF_HOUR;
      turns++;
      if (turns % TURNS_A_BUNDLE === 0) await renew();
      if (turns % TURNS_A_DAY === 0) await erase();
      await exchange(stanza);
    },
    async settle(stanza) {
      now += 50 * TURNS_A_DAY * HALF_HOUR;
      await erase();
      await renew();
      await exchange(stanza);
      turns = 0;
    },
  };
}

async function carry(from: Messenger, to: Messenger, stanza: string): Promise<void> {
  await (await opened(to, await sealed(from, to.owner, stanza))).accept();
}
