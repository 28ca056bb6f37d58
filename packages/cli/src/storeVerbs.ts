/**
 * `store`: making a key store and looking at it.
 * @module
 */
import { createAccount } from '@stanzaseal/keystore';
import type { Command } from 'commander';
import { usageFailure, warn } from './failure.js';
import { withNewStore } from './newStore.js';
import type { StoreOptions } from './openedStore.js';
import { bareJidOption, type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { type NewStorageOptions, withNewStorage } from './storages.js';
import { addBackupVerbs } from './storeBackupVerbs.js';
import { addDeviceVerbs } from './storeDeviceVerbs.js';
import { invitedDevice } from './storeJoinVerbs.js';
import { withNewKeys } from './storeKeys.js';
import { addPassphrase } from './storePassphraseVerb.js';
import { addRotate } from './storeRotateVerb.js';
import { type NewSecretOptions, withNewSecret } from './storeSecrets.js';
import { addShow } from './storeShowVerb.js';
import { addUnlockTest } from './storeUnlockVerb.js';
import type { System } from './system.js';

/** Adds the verbs under `store`. */
export function addStoreVerbs(program: Command, system: System): void {
  const group = program.command('store').description('make a key store, look at it and keep it in order');
  addCreate(group, system);
  addShow(group, system);
  addUnlockTest(group, system);
  addPassphrase(group, system);
  addRotate(group, system);
  addBackupVerbs(group, system);
  addDeviceVerbs(group, system);
}

function addCreate(group: Command, system: System): void {
  const { crypto, random, now } = system;
  const verb = withOut(
    withNewKeys(withNewStorage(withNewSecret(withStore(group.command('create')))), 'identity', 'device'),
  )
    .description('make a key store: of a new account, or of a new device that asks to join one and writes its request')
    .option('--owner <jid>', 'bare JID of the new account', bareJidOption)
    .option('--join <file>', "invitation of the account to join ('store devices invite'); writes the request");
  withExamples(
    verb,
    'stanzaseal store create --store juliet --owner juliet@capulet.example',
    'stanzaseal store create --store juliet --owner juliet@capulet.example --secret keyring',
    'stanzaseal store create --store bot --owner bot@capulet.example --storage sqlite --passphrase-file pass',
    'stanzaseal store create --store juliet --owner juliet@capulet.example --identity token --device token --pkcs11-module LIBRARY --token juliet',
    'stanzaseal store create --store tablet --join invitation.txt > request.txt',
  );
  verb.action(
    async (
      options: StoreOptions & NewSecretOptions & NewStorageOptions & InOut & { owner?: string; join?: string },
    ) => {
      if ((options.owner === undefined) === (options.join === undefined)) {
        throw usageFailure("one of '--owner' and '--join' is needed");
      }
      if (options.owner !== undefined) {
        const { owner } = options;
        if (!owner.includes('@')) warn(`${owner} is a domain, not the address of an account`);
        await withNewStore(
          options,
          system,
          (held) => createAccount({ owner, ...held, random, clock: now, crypto }),
          async () => {},
        );
        return;
      }
      if (options.identity === 'token') {
        throw usageFailure("'--identity token' is for a new account: one that is joined has its identity key");
      }
      let request = '';
      await withNewStore(
        options,
        system,
        async (held) => {
          const invited = await invitedDevice(options.join as string, held, system);
          request = invited.request;
          return invited.changes;
        },
        () => writeOutput(`${request}\n`, options.out),
      );
    },
  );
}
