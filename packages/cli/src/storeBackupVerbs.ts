/**
 * `store backup` and `store restore`: identity, devices' endorsements, contacts and trust, under a password of their own. Never prekeys:
 * who restores is a new device.
 * @module
 */
import { encodePem, toHex } from '@stanzaseal/cms';
import { type Change, createKeyStore, createMemoryStorage, type HeldKeys } from '@stanzaseal/keystore';
import { createMessenger, type MessengerEvent } from '@stanzaseal/messenger';
import type { RestoredBackup } from '@stanzaseal/messenger/backup';
import { admitDevice } from '@stanzaseal/messenger/devices';
import type { Command } from 'commander';
import { readBundle } from './bundleVerbs.js';
import { warn } from './failure.js';
import { MAX_CONTENT_OCTETS, readText } from './input.js';
import { withNewStore } from './newStore.js';
import { openObject } from './objectInput.js';
import { describeEvent, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withInOut, withOut, withStore } from './options.js';
import { PRIVATE_FILE, writeOutput } from './output.js';
import { passphraseText } from './passphrase.js';
import { type NewStorageOptions, withNewStorage } from './storages.js';
import { withNewKeys } from './storeKeys.js';
import { type NewSecretOptions, withNewSecret } from './storeSecrets.js';
import type { System } from './system.js';

interface PasswordOptions {
  readonly passwordFile?: string;
}

/** Adds `store backup` and `store restore`. */
export function addBackupVerbs(group: Command, system: System): void {
  addBackup(group, system);
  addRestore(group, system);
}

function withPassword(command: Command): Command {
  return command.option('--password-file <file>', "take the backup's password from this file; else it is asked for");
}

function addBackup(group: Command, system: System): void {
  const verb = withOut(withPassword(withStore(group.command('backup'))))
    .description('write identity, devices, contacts and trust, under a password of its own; no prekeys')
    .option('--pem', 'write PEM');
  withExamples(verb, 'stanzaseal store backup --store juliet --out juliet.backup');
  verb.action(async (options: StoreOptions & InOut & PasswordOptions & { pem?: true }) => {
    const { exportBackup, BACKUP_COST, general } = await tools();
    const backup = await withOpenedStore(options, system, async ({ messenger }) =>
      exportBackup(messenger, { password: await passwordText(options, true), cost: BACKUP_COST, general }),
    );
    await writeOutput(options.pem === true ? encodePem('CMS', backup) : backup, options.out, PRIVATE_FILE);
  });
}

function addRestore(group: Command, system: System): void {
  const { crypto, random, now } = system;
  const verb = withInOut(
    withPassword(withNewKeys(withNewStorage(withNewSecret(withStore(group.command('restore')))), 'device')),
  )
    .description('make a key store of a backup: a new device of the account, which holds the identity key')
    .option('--published <file>', "the account's newest list, a bundle file; the device enters itself in it")
    .option('--json', 'write an object (docs/cli/storeRestore.schema.json)');
  withExamples(
    verb,
    'stanzaseal store restore --store juliet2 --in juliet.backup --published juliet.bundle',
    'stanzaseal store devices remove --store juliet2 --device HEX --revoke > lost.bundle',
  );
  verb.action(
    async (
      options: StoreOptions &
        NewSecretOptions &
        NewStorageOptions &
        InOut &
        PasswordOptions & { published?: string; json?: true },
    ) => {
      const { restoreBackup, general } = await tools();
      const backup = (await openObject(options.in, true)) as Uint8Array;
      const published =
        options.published === undefined ? undefined : readBundle(await readText(options.published, MAX_CONTENT_OCTETS));
      const password = await passwordText(options, false);
      let restored = undefined as RestoredBackup | undefined;
      const first = async (held: HeldKeys): Promise<readonly Change[]> => {
        const { device } = held;
        const keys = { crypto, random, clock: now, ...(device === undefined ? {} : { device }) };
        restored = await restoreBackup(backup, { password, general, ...keys });
        return published === undefined ? restored.changes : admitted(restored, published, held, system);
      };
      await withNewStore(options, system, first, async () => {});
      const { owner, made, devices } = restored as RestoredBackup;
      const shown = {
        owner,
        made: new Date(made).toISOString(),
        admitted: published !== undefined,
        devices: devices.map(toHex),
      };
      await writeOutput(options.json === true ? `${JSON.stringify(shown)}\n` : text(shown), options.out);
    },
  );
}

/** The restored device in the account's newest list; nothing is made on the disk before that went well. */
async function admitted(
  { changes, request }: RestoredBackup,
  published: readonly Uint8Array[],
  held: HeldKeys,
  { crypto, random, now }: System,
): Promise<readonly Change[]> {
  const storage = createMemoryStorage();
  const store = await createKeyStore(storage, changes, held);
  const onEvent = (event: MessengerEvent) => warn(describeEvent(event));
  const messenger = createMessenger({ store, crypto, random, clock: now, onEvent });
  await messenger.importKeys(published);
  await admitDevice(messenger, request);
  return storage.load();
}

function text(shown: { owner: string; made: string; admitted: boolean; devices: string[] }): string {
  return [
    `restored ${shown.owner} as of ${shown.made}`,
    ...shown.devices.map((device) => `device   ${device} of then: remove it where it is lost (store devices remove)`),
    ...(shown.admitted
      ? []
      : ["next     take in the account's newest list (bundle import), then enter it (store devices add --self)"]),
    '',
  ].join('\n');
}

function passwordText({ passwordFile }: PasswordOptions, confirm: boolean): Promise<string> {
  return passphraseText({ passphraseFile: passwordFile, prompt: 'password of the backup', confirm, what: 'password' });
}

/** The general profile, which passwords belong to, is loaded where it is used. */
async function tools() {
  const [backup, { createGeneralCrypto }] = await Promise.all([
    import('@stanzaseal/messenger/backup'),
    import('@stanzaseal/cms/general/provider'),
  ]);
  return { ...backup, general: createGeneralCrypto() };
}
