/**
 * `store devices`: the devices of an account, listed, removed, renewed.
 * @module
 */
import { encodePem, fromHex, toHex } from '@stanzaseal/cms';
import {
  type ContinuedAs,
  continueAsNewDevice,
  encodeRequest,
  type ListedDevice,
  listedDevices,
  removeDevice,
  revokeDevice,
} from '@stanzaseal/messenger/devices';
import { type Command, Option } from 'commander';
import { CliFailure, usageFailure, warn } from './failure.js';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { bareJidOption, type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { printable } from './printable.js';
import { addJoinVerbs } from './storeJoinVerbs.js';
import type { System } from './system.js';

type Options = StoreOptions & InOut;

/** Adds the verbs under `store devices`. */
export function addDeviceVerbs(store: Command, system: System): void {
  const group = store
    .command('devices')
    .description('the devices of the account: list (which is done where nothing is said), add, remove');
  addList(group, system);
  addJoinVerbs(group, system);
  addRemove(group, system);
  addRenew(group, system);
}

function addList(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('list', { isDefault: true })))
    .description('list the devices of the account, or of a contact, one a line')
    .option('--jid <jid>', 'a contact', bareJidOption)
    .option('--json', 'write an array (docs/cli/storeDevices.schema.json)');
  withExamples(verb, 'stanzaseal store devices list --store juliet');
  verb.action(async (options: Options & { jid?: string; json?: true }) => {
    const devices = await withOpenedStore(options, system, ({ messenger }) => listedDevices(messenger, options.jid));
    if (devices.length === 0) warn(`no device of ${options.jid} is known`);
    const json = devices.map(({ device, state, role, isThis, bundleAt }) => ({
      device: toHex(device),
      state,
      ...(role === undefined ? {} : { role }),
      this: isThis,
      ...(bundleAt === undefined ? {} : { bundleAt: new Date(bundleAt).toISOString() }),
    }));
    await writeOutput(options.json === true ? `${JSON.stringify(json)}\n` : devices.map(line).join(''), options.out);
  });
}

function line({ device, state, role, isThis }: ListedDevice): string {
  return `${state.padEnd(8)}  ${(role ?? '').padEnd(9)}  ${toHex(device)}${isThis ? '  this one' : ''}\n`;
}

function addRemove(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('remove')))
    .description('remove a device from the account, and write what is to be published; on a primary device')
    .requiredOption('--device <hex>', 'its identifier, as the list shows it')
    .option('--revoke', 'it is lost or in other hands: no list is to bring it back');
  withExamples(verb, 'stanzaseal store devices remove --store juliet --device 0123... --revoke > lost.bundle');
  verb.action(async (options: Options & { device: string; revoke?: true }) => {
    const device = identifier(options.device);
    const text = await withOpenedStore(options, system, (opened) => removed(opened, device, options.revoke === true));
    await writeOutput(text, options.out);
  });
}

async function removed({ messenger }: OpenedStore, device: Uint8Array, isRevoked: boolean): Promise<string> {
  try {
    if (!isRevoked) return encodePem('CMS', await removeDevice(messenger, device));
    const { deviceList, revocation } = await revokeDevice(messenger, device);
    return encodePem('CMS', deviceList) + encodePem('CMS', revocation);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new CliFailure('ERR_NO_KEYS', thrown.message, { cause: thrown });
    throw thrown;
  }
}

function addRenew(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('renew')))
    .description('go on as a new device, with no prekey of before: the answer to ERR_ROLLBACK; writes its request')
    .addOption(
      new Option(
        '--device <place>',
        'put the new device key into the token; where the old one is there, it is put there anyway',
      ).choices(['token']),
    );
  withExamples(
    verb,
    'stanzaseal store devices renew --store juliet > request.txt',
    'stanzaseal bundle import --store juliet < juliet.bundle && stanzaseal store devices add --store juliet --self',
  );
  verb.action(async (options: Options & { device?: 'token' }) => {
    const usesToken = options.device === 'token';
    const { request, replaced, left } = await withOpenedStore(options, system, renewed(usesToken), usesToken);
    process.stderr.write(`device ${toHex(replaced)} is given up; remove it when this one is admitted\n`);
    if (left !== undefined)
      process.stderr.write(`its key '${printable(left)}' is still in the token, for you to remove\n`);
    await writeOutput(`${await encodeRequest(request, system.crypto)}\n`, options.out);
  });
}

/** Goes on as a new device. A key made for it stays in the token whatever fails: the store may name it already. */
function renewed(
  usesToken: boolean,
): (opened: OpenedStore) => Promise<ContinuedAs & { readonly left?: string | undefined }> {
  return async ({ store, messenger, makeKey }) => {
    const { deviceElsewhere = false, deviceName } = (await store.get('account', 'self')) ?? {};
    const device = usesToken || deviceElsewhere ? { device: await makeKey('device') } : {};
    return { ...(await continueAsNewDevice(messenger, device)), left: deviceName };
  };
}

function identifier(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw usageFailure(`'${text}' is not a device identifier of 64 hexadecimal digits`);
  return fromHex(text);
}
