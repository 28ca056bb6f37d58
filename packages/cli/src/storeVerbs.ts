/**
 * `store`: making a key store and looking at it.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { createAccount, createKeyStore, fingerprint } from '@stanzaseal/keystore';
import { createFileStorage, type ScryptCost } from '@stanzaseal/keystore/file';
import { bareJid } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { passphraseText, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import type { System } from './system.js';

/** Cost of the passphrase: 64 MiB and some 0.2 s. */
const COST: ScryptCost = { N: 65536, r: 8, p: 1 };

/** Adds the verbs under `store`. */
export function addStoreVerbs(program: Command, system: System): void {
  const group = program.command('store').description('make a key store and look at it');
  addCreate(group, system);
  addShow(group, system);
}

function addCreate(group: Command, { crypto, random, now }: System): void {
  const verb = withStore(group.command('create'))
    .description('make a key store with a new account: identity key, device key, prekeys')
    .requiredOption('--owner <jid>', 'bare JID of the account');
  withExamples(verb, 'stanzaseal store create --store juliet --owner juliet@capulet.example');
  verb.action(async (options: StoreOptions & { owner: string }) => {
    const owner = bareJid(options.owner);
    const prompt = `new passphrase of ${options.store}`;
    const storage = await createFileStorage({
      directory: options.store,
      passphrase: () => passphraseText({ passphraseFile: options.passphraseFile, prompt, confirm: true }),
      cost: COST,
      random,
      crypto,
    });
    try {
      await createKeyStore(storage, await createAccount({ owner, random, clock: now, crypto }));
    } finally {
      await storage.close();
    }
  });
}

function addShow(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('show')))
    .description('show whose store it is and what is in it; no secret')
    .option('--json', 'write an object (docs/cli/storeShow.schema.json)');
  withExamples(verb, 'stanzaseal store show --store juliet', 'stanzaseal store show --store juliet --json');
  verb.action(async (options: StoreOptions & InOut & { json?: true }) => {
    const shown = await withOpenedStore(options, system, async ({ store, messenger }) => {
      const prekeys = (await store.entries('prekeys')).map(([, record]) => record);
      const count = (name: string): number => prekeys.filter((prekey) => prekey.class === name).length;
      const { keyIdentifier: device } = (await store.deviceKey(system.crypto)).publicKey;
      return {
        owner: store.owner,
        fingerprint: toHex(await messenger.fingerprint()),
        device: toHex(device),
        role: (await store.get('account', 'self'))?.role ?? null,
        prekeys: { reply: count('reply'), oneTime: count('one-time'), lastResort: count('last-resort') },
        contacts: (await messenger.contacts()).length,
        requests: (await messenger.requests()).length,
      };
    });
    await writeOutput(options.json === true ? `${JSON.stringify(shown)}\n` : text(shown), options.out);
  });
}

interface Shown {
  owner: string;
  fingerprint: string;
  device: string;
  role: string | null;
  prekeys: { reply: number; oneTime: number; lastResort: number };
  contacts: number;
  requests: number;
}

function text(shown: Shown): string {
  const { reply, oneTime, lastResort } = shown.prekeys;
  return [
    `owner        ${shown.owner}`,
    `fingerprint  ${fingerprint(Buffer.from(shown.fingerprint, 'hex'))}`,
    `device       ${shown.device} (${shown.role})`,
    `prekeys      ${oneTime} one-time, ${lastResort} last-resort, ${reply} reply`,
    `contacts     ${shown.contacts}`,
    `requests     ${shown.requests} of strangers, unopened`,
    '',
  ].join('\n');
}
