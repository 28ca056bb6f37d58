/**
 * `store unlock-test`: whether the store opens, by what, and how long that takes. Nothing in it changes.
 * @module
 */
import { openKeyStore } from '@stanzaseal/keystore';
import { passphraseSecret, type StoreSecret } from '@stanzaseal/keystore/file';
import type { Command } from 'commander';
import type { StoreOptions } from './openedStore.js';
import { type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { openStorage } from './storages.js';
import { storeSecrets } from './storeSecrets.js';
import type { System } from './system.js';

/** Adds `store unlock-test`. */
export function addUnlockTest(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('unlock-test')))
    .description('check the passphrase or whatever opens the store, and time it; changes nothing')
    .option('--json', 'write an object (docs/cli/storeUnlockTest.schema.json)');
  withExamples(verb, 'stanzaseal store unlock-test --store juliet');
  verb.action(async (options: StoreOptions & InOut & { json?: true }) => {
    const tested = await unlock(options, system);
    const words = `opened by ${tested.sealedBy}\n${tested.seconds} s\n`;
    await writeOutput(options.json === true ? `${JSON.stringify(tested)}\n` : words, options.out);
  });
}

/** Opens it as it is at this moment, also while another process holds it. */
async function unlock(
  options: StoreOptions,
  system: System,
): Promise<{ owner: string; sealedBy: string; seconds: number }> {
  const { crypto, random } = system;
  const { close, secret, erasure, holder } = await storeSecrets(options, system);
  let ms = 0;
  const timed: StoreSecret = {
    ...secret,
    async open(salt, parameters) {
      const key = await secret.open(salt, parameters);
      ms = await costOf(secret, salt, parameters);
      return key;
    },
  };
  try {
    const place = { directory: options.store, secret: timed, erasure };
    const storage = await openStorage({ ...place, readOnly: true, random, crypto });
    try {
      const { owner } = await openKeyStore(storage, holder);
      return { owner, sealedBy: storage.sealedBy, seconds: Math.round(ms) / 1000 };
    } finally {
      await storage.close();
    }
  } finally {
    await close();
  }
}

/** How long it takes to make the key once more, in ms; of a passphrase with another one, since typing is not to be timed. */
async function costOf(secret: StoreSecret, salt: Uint8Array, parameters: Uint8Array): Promise<number> {
  const again = secret.kind === 'passphrase' ? passphraseSecret({ passphrase: 'any other' }) : secret;
  const begin = performance.now();
  (await again.open(salt, parameters)).fill(0);
  return performance.now() - begin;
}
