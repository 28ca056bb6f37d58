/**
 * `seal`: stanzas in, sealed stanzas out.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import type { Messenger, SealTarget } from '@stanzaseal/messenger';
import type { XmlElement } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { addressOption, collect, type InOut, withExamples, withInOut, withStore } from './options.js';
import { oneLine, runStream, type StreamResult } from './stanzaStream.js';
import type { System } from './system.js';

interface SealOptions extends StoreOptions, InOut {
  to?: string[];
  room?: string;
  member?: string[];
  json?: true;
}

/** Adds `seal`. */
export function addSealVerb(program: Command, system: System): void {
  const verb = withInOut(withStore(program.command('seal')))
    .description('seal stanzas to people, or to the members of a room')
    .option('--to <jid>', 'recipient; each gives a stanza of its own, in order (may be repeated)', collectAddresses)
    .option('--room <jid>', 'room', addressOption)
    .option('--member <jid>', 'member of the room (may be repeated)', collectAddresses)
    .option('--json', 'write one object a line (docs/cli/stream.schema.json)');
  withExamples(
    verb,
    'stanzaseal seal --store romeo --to juliet@capulet.example < stanza.xml > sealed.xml',
    'stanzaseal seal --store hecate --room coven@chat.shakespeare.example --member wiccarocks@shakespeare.example < stanza.xml',
  );
  verb.action(async (options: SealOptions) => {
    const targets = targetsOf(options);
    process.exitCode = await withOpenedStore(options, system, ({ messenger }) =>
      runStream(options, (stanza) => sealTo(messenger, stanza, targets)),
    );
  });
}

function collectAddresses(value: string, earlier?: readonly string[]): string[] {
  return collect(addressOption(value), earlier);
}

function targetsOf({ to, room, member }: SealOptions): SealTarget[] {
  if (room !== undefined && to === undefined && member !== undefined) return [{ room, members: member }];
  if (room === undefined && member === undefined && to !== undefined) return to.map((jid) => ({ to: jid }));
  throw usageFailure("name recipients with '--to', or a room with '--room' and its members with '--member'");
}

async function sealTo(messenger: Messenger, stanza: XmlElement, targets: readonly SealTarget[]): Promise<StreamResult> {
  const lines = [];
  for (const target of targets) {
    const sealed = await messenger.seal(stanza, target).catch((thrown: unknown) => {
      // What this profile does not seal is a mistake of who calls the package, and an input here.
      throw thrown instanceof TypeError ? new CliFailure('ERR_UNSUPPORTED', thrown.message, { cause: thrown }) : thrown;
    });
    const recipients = sealed.recipients.map(({ jid, deviceKey, class: recipientClass, organisation }) => ({
      jid,
      device: toHex(deviceKey),
      class: recipientClass,
      ...(organisation === undefined ? {} : { organisation }),
    }));
    const warnings = [
      ...sealed.skipped.map(({ jid, device }) => ({ code: 'device-skipped', jid, device: toHex(device) })),
      ...sealed.stale.map((jid) => ({ code: 'keys-stale', jid })),
    ];
    lines.push({ status: 'sealed', stanza: oneLine(sealed.stanza), recipients, octets: sealed.octets, warnings });
  }
  return { lines };
}
