/**
 * Who is sent to in a chat: everybody, or the verified alone. It is the rule of the store, which other programs keep too.
 * @module
 */
import type { Messenger } from '@stanzaseal/messenger';
import { setTrustPolicy, trustPolicy } from '@stanzaseal/messenger/trust';
import { acceptedLevels, LEVELS } from '@stanzaseal/trust/levels';
import { printable } from '../printable.js';

/** The rule for one contact. */
export interface SendingRule {
  /** Whether a level is enough to be sent to. */
  allows(level: (typeof LEVELS)[number]): Promise<boolean>;
  /** `/policy`: sets the rule by `verified` or `any`, and says what it is. */
  command(words: string): Promise<void>;
}

/** The rule for `to`, kept by the messenger's store. */
export function sendingRule(messenger: Messenger, to: string, say: (line: string) => void): SendingRule {
  const enough = async (): Promise<readonly string[]> => acceptedLevels(await trustPolicy(messenger), to);
  return {
    allows: async (level) => (await enough()).includes(level),
    async command(words) {
      const choice = words.trim();
      if (!['', 'verified', 'any'].includes(choice)) return say('* it is /policy, /policy verified or /policy any');
      if (choice !== '') {
        const others = (await trustPolicy(messenger)).filter(({ jid }) => jid !== to);
        const accept = choice === 'verified' ? (['verified'] as const) : LEVELS;
        await setTrustPolicy(messenger, [...others, { jid: to, accept: [...accept] }]);
      }
      const levels = await enough();
      say(
        levels.length === LEVELS.length
          ? `* what you write goes to ${printable(to)} whether verified or not`
          : `* what you write goes to ${printable(to)} only while they are ${levels.join(' or ') || '(never)'}`,
      );
    },
  };
}
