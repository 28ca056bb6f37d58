/**
 * `trust receive`, `trust tell`: messages about trust as they arrive, of contacts and of one's own other devices, and what these are told.
 * @module
 */
import type { OpenResult } from '@stanzaseal/messenger';
import { exportTrustMessage, importTrustMessage } from '@stanzaseal/messenger/trust';
import type { Command } from 'commander';
import { CliFailure } from './failure.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { bareJidOption, collect, type InOut, withExamples, withInOut, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { printable } from './printable.js';
import { oneLine, runStream, type StreamResult } from './stanzaStream.js';
import type { System } from './system.js';
import { describe, lineOf, type StepOptions, verificationOver } from './trustRunSteps.js';

/** Adds both. */
export function addReceiveVerbs(group: Command, system: System): void {
  addReceive(group, system);
  addTell(group, system);
}

function addReceive(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('receive')))
    .description(
      'open sealed stanzas that carry verification messages, or what another device of yours decided, and write the sealed answers',
    )
    .option('--json', 'write one object a line (docs/cli/trustRun.schema.json)');
  withExamples(verb, 'stanzaseal trust receive --store romeo < sealed.xml > answer.xml');
  verb.action(async (options: StepOptions) => {
    process.exitCode = await withOpenedStore(options, system, async (opened) => {
      const verification = await verificationOver(opened);
      return runStream(options, async (stanza): Promise<StreamResult> => {
        const result = await opened.messenger.open(stanza);
        if (result.status !== 'opened') throw notOpened(result);
        const decided = await importTrustMessage(opened.messenger, result);
        if (decided !== undefined) {
          if (options.json !== true) for (const one of decided) process.stderr.write(`${wordsOfDecision(one)}\n`);
          const lines = options.json === true ? [{ status: 'told', decided, stanza: '' }] : [];
          return { lines, afterwards: result.accept };
        }
        const settled = await verification.receive(result);
        if (settled === undefined)
          throw new CliFailure('ERR_UNSUPPORTED', "carries nothing about trust; use 'stanzaseal open'");
        const line = await lineOf(settled, opened);
        if (options.json !== true) process.stderr.write(`${describe(settled)}\n`);
        // A stanza of its own in any case with --json; else nothing is written where nothing is to be sent.
        const lines = options.json === true || line.stanza !== '' ? [line] : [];
        return { lines, afterwards: result.accept };
      });
    });
  });
}

function addTell(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('tell')))
    .description(
      'write, sealed to your other devices, which identity keys you verified and of which you took that back',
    )
    .option('--jid <jid>', 'tell of this contact alone; may be repeated', collectJids);
  withExamples(
    verb,
    'stanzaseal trust tell --store phone > told.xml',
    'stanzaseal trust receive --store tablet < told.xml',
  );
  verb.action(async (options: StoreOptions & InOut & { jid?: string[] }) => {
    const jids = options.jid;
    const sealed = await withOpenedStore(options, system, async ({ messenger }) => {
      const message = await exportTrustMessage(messenger, jids);
      return message && (await messenger.seal(message, { to: messenger.owner })).stanza;
    });
    if (sealed === undefined) process.stderr.write('there is nothing to tell: nobody was verified here\n');
    await writeOutput(sealed === undefined ? '' : `${oneLine(sealed)}\n`, options.out);
  });
}

function collectJids(value: string, earlier?: readonly string[]): string[] {
  return collect(bareJidOption(value), earlier);
}

function wordsOfDecision({ jid, trust }: { readonly jid: string; readonly trust: string }): string {
  return `${printable(jid)} is ${trust}: another device of yours says so`;
}

function notOpened({ status }: Exclude<OpenResult, { status: 'opened' }>): CliFailure {
  if (status === 'duplicate') return new CliFailure('ERR_DUPLICATE', 'it was opened before');
  return new CliFailure(
    'ERR_OPEN',
    status === 'queued' ? 'kept unopened: too many strangers today' : 'an error stanza',
  );
}
