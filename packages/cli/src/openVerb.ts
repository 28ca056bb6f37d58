/**
 * `open`: sealed stanzas in, stanzas out; each becomes part of the store when its line is safe.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import type { Messenger, Opened } from '@stanzaseal/messenger';
import { bareJid, type XmlElement } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { collect, type InOut, withExamples, withInOut, withStore } from './options.js';
import { oneLine, runStream, type StreamResult } from './stanzaStream.js';
import type { System } from './system.js';

interface OpenOptions extends StoreOptions, InOut {
  occupant?: string[];
  json?: true;
}

/** Adds `open`. */
export function addOpenVerb(program: Command, system: System): void {
  const verb = withInOut(withStore(program.command('open')))
    .description('open sealed stanzas; a stanza that was opened before is refused as a duplicate')
    .option('--occupant <seat=jid>', "in a room: the real JID of an occupant's JID (may be repeated)", collect)
    .option('--json', 'write one object a line with sender, trust, time and warnings (docs/cli/stream.schema.json)');
  withExamples(
    verb,
    'stanzaseal open --store juliet < sealed.xml > stanza.xml',
    "stanzaseal open --store juliet --occupant 'coven@chat.shakespeare.example/hecate=hecate@shakespeare.example' < sealed.xml",
  );
  verb.action(async (options: OpenOptions) => {
    const occupants = occupantsOf(options.occupant ?? []);
    process.exitCode = await withOpenedStore(options, system, async ({ messenger }) => {
      const opened = new Set<string>();
      const exitCode = await runStream(options, (stanza) => openOne(messenger, stanza, occupants, opened));
      await messenger.erase();
      return exitCode;
    });
  });
}

function occupantsOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      if (at < 1) throw usageFailure(`'${pair}' is not SEAT=JID`);
      return [pair.slice(0, at), bareJid(pair.slice(at + 1))];
    }),
  );
}

/** @param seen messages of this run, which are accepted only when an output file has appeared */
async function openOne(
  messenger: Messenger,
  stanza: XmlElement,
  occupants: ReadonlyMap<string, string>,
  seen: Set<string>,
): Promise<StreamResult> {
  const result = await messenger.open(stanza, { occupant: (seat) => occupants.get(seat) });
  switch (result.status) {
    case 'duplicate':
      throw duplicate();
    case 'queued':
      throw new CliFailure('ERR_OPEN', 'kept unopened: too many strangers today');
    case 'bounce':
      throw new CliFailure('ERR_OPEN', `an error stanza: message ${result.id ?? 'without id'} bounced`);
    case 'opened': {
      const name = `${toHex(result.sender.device)} ${toHex(result.messageId)}`;
      if (seen.has(name)) throw duplicate();
      seen.add(name);
      return { lines: [lineOf(result)], afterwards: result.accept };
    }
  }
}

function duplicate(): CliFailure {
  return new CliFailure('ERR_DUPLICATE', 'it was opened before');
}

function lineOf(opened: Opened): StreamResult['lines'][0] {
  const { sender, recipients } = opened;
  return {
    status: 'opened',
    stanza: oneLine(opened.stanza),
    sender: { jid: sender.jid, device: toHex(sender.device), firstContact: sender.firstContact },
    trust: sender.trust,
    time: new Date(opened.time).toISOString(),
    class: opened.class,
    messageId: toHex(opened.messageId),
    recipients: recipients.map(({ deviceKey, class: recipientClass }) => ({
      device: toHex(deviceKey),
      class: recipientClass,
    })),
    warnings: opened.warnings,
  };
}
