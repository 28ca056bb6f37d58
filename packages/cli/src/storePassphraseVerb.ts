/**
 * `store passphrase`: another passphrase for a store, in place.
 * @module
 */
import { passphraseSecret } from '@stanzaseal/keystore/file';
import type { Command } from 'commander';
import { usageFailure } from './failure.js';
import { COST } from './newStore.js';
import { STORE_PATIENCE, type StoreOptions } from './openedStore.js';
import { withExamples, withStore } from './options.js';
import { passphraseText } from './passphrase.js';
import { printable } from './printable.js';
import { openStorage } from './storages.js';
import { storeSecrets } from './storeSecrets.js';
import type { System } from './system.js';

/** Adds `store passphrase`. */
export function addPassphrase(group: Command, system: System): void {
  const verb = withStore(group.command('passphrase'))
    .description('change the passphrase; the old one opens nothing more (docs/where-secrets-live.md says what of)')
    .option(
      '--new-passphrase-file <file>',
      'take the new passphrase from this file; else it is asked for on the terminal',
    );
  withExamples(verb, 'stanzaseal store passphrase --store juliet --passphrase-file old --new-passphrase-file new');
  verb.action((options: StoreOptions & { newPassphraseFile?: string }) => change(options, system));
}

async function change(options: StoreOptions & { readonly newPassphraseFile?: string }, system: System): Promise<void> {
  const { crypto, random } = system;
  const { close, secret, erasure } = await storeSecrets(options, system);
  try {
    if (secret.kind !== 'passphrase') throw usageFailure('the store is not opened by a passphrase');
    const place = { directory: options.store, patience: STORE_PATIENCE };
    const storage = await openStorage({ ...place, secret, erasure, random, crypto });
    try {
      const prompt = `new passphrase of ${printable(options.store)}`;
      const option = '--new-passphrase-file';
      const passphraseFile = options.newPassphraseFile;
      const passphrase = await passphraseText({ passphraseFile, prompt, confirm: true, option });
      await storage.changeSecret(passphraseSecret({ passphrase, cost: COST }));
    } finally {
      await storage.close();
    }
  } finally {
    await close();
  }
}
