/**
 * The work of `trust vouch`: asking the domain's component, as the account itself. Loaded when it runs.
 * @module
 */
import { XmppError } from '@stanzaseal/xmpp';
import { requestVouch } from '@stanzaseal/xmpp/vouches';
import { clientOf, loginFailure } from './connect.js';
import { CliFailure } from './failure.js';
import { passphraseText } from './passphrase.js';
import { printable } from './printable.js';
import type { System } from './system.js';

/** Logs in, asks, and goes. DER of the vouch. @throws CliFailure */
export async function fetchVouch(
  owner: string,
  options: { component: string; service?: string; passwordFile?: string },
  { random }: System,
): Promise<Uint8Array> {
  const { component, service, passwordFile } = options;
  const prompt = `password of ${printable(owner)}`;
  const password = await passphraseText({ passphraseFile: passwordFile, prompt, what: 'password' });
  const client = clientOf({ jid: owner, password, service });
  client.reconnect.stop();
  try {
    await client.start().catch((thrown: unknown) => {
      throw loginFailure(thrown);
    });
    return await requestVouch(client, { owner, service: component, random });
  } catch (thrown) {
    if (!(thrown instanceof XmppError)) throw thrown;
    const { condition } = thrown;
    throw new CliFailure(thrown.code, WORDS[condition ?? ''] ?? `${component}: ${thrown.message}`, { cause: thrown });
  } finally {
    await client.stop().catch(() => undefined);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  'item-not-found': 'the account has not published its keys yet, and is not vouched for',
  'not-acceptable': 'what the account has published is not its own, or out of date',
  forbidden: 'who vouches does so for another domain',
};
