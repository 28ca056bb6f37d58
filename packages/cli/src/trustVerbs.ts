/**
 * `trust`: what is known of contacts' identity keys.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { fingerprint, parseFingerprint } from '@stanzaseal/trust/fingerprint';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { printable } from './printable.js';
import type { System } from './system.js';
import { addEvidenceVerbs } from './trustEvidenceVerbs.js';
import { addHandshakeVerbs } from './trustHandshakeVerbs.js';
import { addRunVerbs } from './trustRunVerbs.js';
import { addStatementVerbs } from './trustStatementVerbs.js';

type Options = StoreOptions & InOut & { json?: true };

/** Adds the verbs under `trust`. */
export function addTrustVerbs(program: Command, system: System): void {
  const group = program.command('trust').description("show and verify contacts' identity keys");
  addFingerprint(group, system);
  addList(group, system);
  addVerify(group, system);
  addRunVerbs(group, system);
  addHandshakeVerbs(group, system);
  addEvidenceVerbs(group, system);
  addStatementVerbs(group, system);
}

function addFingerprint(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('fingerprint')))
    .description('write the own fingerprint: 64 hexadecimal digits in groups')
    .option('--json', 'write an object (docs/cli/trustFingerprint.schema.json)');
  withExamples(verb, 'stanzaseal trust fingerprint --store juliet');
  verb.action(async (options: Options) => {
    const [owner, own] = await withOpenedStore(options, system, async ({ messenger }) => [
      messenger.owner,
      await messenger.fingerprint(),
    ]);
    const text = options.json === true ? JSON.stringify({ owner, fingerprint: toHex(own) }) : fingerprint(own);
    await writeOutput(`${text}\n`, options.out);
  });
}

function addList(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('list')))
    .description('list contacts, one a line: level, JID, fingerprint')
    .option('--json', 'write an array (docs/cli/trustList.schema.json)');
  withExamples(verb, 'stanzaseal trust list --store juliet');
  verb.action(async (options: Options) => {
    const contacts = await withOpenedStore(options, system, ({ messenger }) => messenger.contacts());
    const sorted = [...contacts].sort((a, b) => (a.jid < b.jid ? -1 : 1));
    const json = sorted.map(({ jid, fingerprint: own, trust, evidence, changedTo }) => ({
      jid,
      fingerprint: toHex(own),
      trust,
      ...(evidence === undefined ? {} : { evidence }),
      ...(changedTo === undefined ? {} : { changedTo: toHex(changedTo) }),
    }));
    const lines = sorted.map(({ jid, fingerprint: own, trust, changedTo }) => {
      const change = changedTo === undefined ? '' : `  CHANGED TO ${fingerprint(changedTo)}`;
      return `${trust.padEnd(10)}  ${printable(jid)}  ${fingerprint(own)}${change}\n`;
    });
    await writeOutput(options.json === true ? `${JSON.stringify(json)}\n` : lines.join(''), options.out);
  });
}

function addVerify(group: Command, system: System): void {
  const verb = withStore(group.command('verify'))
    .description(
      "compare a contact's fingerprint that came another way; equal makes the contact verified, other exits 1",
    )
    .requiredOption('--jid <jid>', 'the contact')
    .requiredOption('--fingerprint <hex>', '64 hexadecimal digits; spaces do not matter');
  withExamples(
    verb,
    "stanzaseal trust verify --store juliet --jid romeo@montague.example --fingerprint '0123abcd ...'",
  );
  verb.action(async (options: StoreOptions & { jid: string; fingerprint: string }) => {
    const given = parse(options.fingerprint);
    const isSame = await withOpenedStore(options, system, ({ messenger }) =>
      messenger.verifyFingerprint(options.jid, given),
    );
    if (!isSame) throw new CliFailure('ERR_VERIFY', `the fingerprint of ${options.jid} is another one`);
  });
}

function parse(text: string): Uint8Array {
  try {
    return parseFingerprint(text);
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError)
      throw usageFailure('the fingerprint is not 64 hexadecimal digits');
    throw cause;
  }
}
