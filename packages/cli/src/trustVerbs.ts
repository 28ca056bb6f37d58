/**
 * `trust`: what is known of contacts' identity keys.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import { fingerprint, type Party } from '@stanzaseal/trust/fingerprint';
import type { Command } from 'commander';
import { claimedFingerprint } from './claimedFingerprint.js';
import { CliFailure, usageFailure } from './failure.js';
import { type StoreOptions, withOpenedStore } from './openedStore.js';
import { bareJidOption, type InOut, withExamples, withOut, withStore } from './options.js';
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
  addAnswer(group, system);
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
    .description('list contacts, one a line: level, JID, fingerprint, and what earned the level')
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
    const lines = sorted.map(({ jid, fingerprint: own, trust, evidence, changedTo }) => {
      const earned = evidence === undefined ? '' : `  by ${printable(evidence)}`;
      const change = changedTo === undefined ? '' : `  CHANGED TO ${fingerprint(changedTo)}`;
      return `${trust.padEnd(10)}  ${printable(jid)}  ${fingerprint(own)}${earned}${change}\n`;
    });
    await writeOutput(options.json === true ? `${JSON.stringify(json)}\n` : lines.join(''), options.out);
  });
}

function addVerify(group: Command, system: System): void {
  const verb = withStore(group.command('verify'))
    .description(
      "compare a contact's fingerprint that came another way; equal makes the contact verified, other exits 1",
    )
    .requiredOption('--jid <jid>', 'the contact', bareJidOption)
    .requiredOption(
      '--fingerprint <text>',
      '64 hexadecimal digits, where spaces do not matter, or the URI of a scanned code',
    );
  withExamples(
    verb,
    "stanzaseal trust verify --store juliet --jid romeo@montague.example --fingerprint '0123abcd ...'",
    "stanzaseal trust verify --store juliet --jid romeo@montague.example --fingerprint 'xmpp:romeo@montague.example?...'",
  );
  verb.action(async (options: StoreOptions & { jid: string; fingerprint: string }) => {
    const { jid } = options;
    const given = parse(options.fingerprint, jid);
    if (given.jid !== jid) throw new CliFailure('ERR_VERIFY', `the code is that of ${given.jid}, not of ${jid}`);
    const isSame = await withOpenedStore(options, system, ({ messenger }) =>
      messenger.verifyFingerprint(jid, given.identity),
    );
    if (!isSame) throw new CliFailure('ERR_VERIFY', `the fingerprint of ${jid} is another one`);
  });
}

function addAnswer(group: Command, system: System): void {
  const verb = withStore(group.command('answer'))
    .description('say which key of a contact counts that shows another one; until then nothing is sealed to them')
    .requiredOption('--jid <jid>', 'the contact', bareJidOption)
    .option('--take', 'the new one; what was known of the old one does not count for it')
    .option('--keep', 'the old one; the new one stays out');
  withExamples(verb, 'stanzaseal trust answer --store juliet --jid romeo@montague.example --take');
  verb.action(async (options: StoreOptions & { jid: string; take?: true; keep?: true }) => {
    if ((options.take === true) === (options.keep === true)) throw usageFailure("say one of '--take' and '--keep'");
    const { jid } = options;
    const contact = await withOpenedStore(options, system, async ({ messenger }) => {
      const contactNow = async () => (await messenger.contacts()).find((one) => one.jid === jid);
      if ((await contactNow())?.changedTo === undefined)
        throw new CliFailure('ERR_NO_KEYS', `no other key of ${jid} was published; see 'stanzaseal bundle import'`);
      await messenger.answerKeyChange(jid, options.take === true ? 'take' : 'keep');
      return contactNow();
    });
    if (contact === undefined) return;
    const next = options.take === true ? '\nimport their bundle again, to seal to the devices under it' : '';
    process.stderr.write(`${printable(jid)} is ${contact.trust}: ${fingerprint(contact.fingerprint)}${next}\n`);
  });
}

function parse(text: string, jid: string): Party {
  try {
    return claimedFingerprint(text, jid);
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError)
      throw usageFailure("'--fingerprint' is neither 64 hexadecimal digits nor the URI of a code");
    throw cause;
  }
}
