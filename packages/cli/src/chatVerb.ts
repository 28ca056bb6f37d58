/**
 * `chat`: a sealed conversation at a terminal.
 * @module
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createAccount } from '@stanzaseal/keystore';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { withNewStore } from './newStore.js';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { bareJidOption, withExamples } from './options.js';
import { passphraseText } from './passphrase.js';
import { withToken } from './storeSecrets.js';
import type { System } from './system.js';

type Options = Omit<StoreOptions, 'store'> & {
  jid: string;
  to: string;
  store?: string;
  service?: string;
  passwordFile?: string;
};

/** Adds `chat`. */
export function addChatVerb(program: Command, system: System): void {
  const verb = program
    .command('chat')
    .description('talk to somebody on your server, sealed; what is said is kept beside the store, encrypted')
    .requiredOption('--jid <jid>', 'your address', bareJidOption)
    .requiredOption('--to <jid>', 'the address of the other side', bareJidOption)
    .option('--store <dir>', 'directory of the key store, made where there is none; one of your home when left out')
    .option('--service <url>', 'xmpp://HOST:PORT or wss://HOST/PATH; looked up by DNS when left out')
    .option('--password-file <file>', 'take the password of the account from this file; else it is asked for')
    .option('--passphrase-file <file>', 'take the passphrase of the store from this file; else it is asked for');
  withToken(verb);
  withExamples(
    verb,
    'stanzaseal chat --jid juliet@capulet.example --to romeo@montague.example',
    'stanzaseal chat --jid juliet@localhost --to romeo@localhost --service xmpp://localhost:5222 --store juliet',
  );
  verb.addHelpText('after', '\nWithin it /help lists the commands; what begins with no stroke is sent.');
  verb.action(async (options: Options) => {
    const { jid, to } = options;
    if (jid === to) throw usageFailure("'--to' is yourself");
    const store = options.store ?? join(homedir(), '.local', 'share', 'stanzaseal', jid);
    const [{ clientOf }, { runChat }, { openHistory }, { openScreen }] = await Promise.all([
      import('./connect.js'),
      import('./chat/chat.js'),
      import('./chat/history.js'),
      import('./chat/screen.js'),
    ]);
    const password = await passphraseText({
      passphraseFile: options.passwordFile,
      prompt: `password of ${jid}`,
      what: 'password',
    });
    const client = clientOf({ jid, password, service: options.service });
    const { waiting, refused } = await withStore({ ...options, store }, jid, system, async (opened) => {
      if (opened.store.owner !== jid) throw new CliFailure('ERR_ADDRESS', `the store is that of ${opened.store.owner}`);
      const history = await openHistory(store, opened.store, system);
      try {
        return await runChat({ store: opened.store, client, to, history, screen: openScreen(), system });
      } finally {
        client.reconnect.stop();
        await history.close();
      }
    });
    if (refused > 0) throw new CliFailure('ERR_TRUST', `${refused} message(s) are not sent: ${to} is not verified`);
    if (waiting > 0) throw new CliFailure('ERR_OFFLINE', `${waiting} message(s) are not sent, and wait in the store`);
  });
}

/** The store that is there, or a new one. */
function withStore<T>(
  options: StoreOptions,
  owner: string,
  system: System,
  use: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  if (existsSync(options.store)) return withOpenedStore(options, system, use);
  const { crypto, random, now: clock } = system;
  const kinds = { secret: 'passphrase', erasure: 'file', storage: 'file' } as const;
  return withNewStore({ ...options, ...kinds }, system, () => createAccount({ owner, random, clock, crypto }), use);
}
