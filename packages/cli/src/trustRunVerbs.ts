/**
 * `trust sas`, `trust password`, `trust receive`, `trust runs`: verifying a contact by messages that may be days apart. What is to be
 * sent goes to standard output, sealed; what the user is to know goes to standard error, or into the object of `--json`.
 * @module
 */
import { toHex } from '@stanzaseal/cms';
import type { OpenResult } from '@stanzaseal/messenger';
import { createVerification, type Settled, type Verification } from '@stanzaseal/messenger/verification';
import type { Outcome, RunOutcome } from '@stanzaseal/trust';
import { acceptPassword, beginPassword, password } from '@stanzaseal/trust/password';
import { acceptSas, beginSas, confirmSas, sas } from '@stanzaseal/trust/sas';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from './failure.js';
import { type OpenedStore, type StoreOptions, withOpenedStore } from './openedStore.js';
import { type InOut, withExamples, withInOut, withOut, withStore } from './options.js';
import { writeOutput } from './output.js';
import { passphraseText } from './passphrase.js';
import { printable } from './printable.js';
import { oneLine, runStream, type StreamResult } from './stanzaStream.js';
import type { System } from './system.js';
import { handshakesOver } from './trustHandshakeVerbs.js';

type Options = StoreOptions & InOut & { json?: true };
type Step = (verification: Verification) => Promise<RunOutcome>;

/** Adds the verbs of runs under `trust`. */
export function addRunVerbs(group: Command, system: System): void {
  addSas(group.command('sas').description('compare a short string by telephone or face to face'), system);
  addPassword(group.command('password').description('prove a common password, or the answer to a question'), system);
  addReceive(group, system);
  addRuns(group, system);
}

function addSas(group: Command, system: System): void {
  const begin = step(group, 'begin', 'ask a contact to compare').requiredOption('--to <jid>', 'the contact');
  withExamples(begin, 'stanzaseal trust sas begin --store juliet --to romeo@montague.example > sealed.xml');
  begin.action((options: Options & { to: string }) =>
    runStep(options, system, async (it) => beginSas(it.verifier, await it.party(options.to))),
  );

  const accept = step(group, 'accept', "answer a contact's request").requiredOption('--run <id>', 'the run');
  accept.action((options: Options & { run: string }) =>
    runStep(options, system, ({ verifier }) => acceptSas(verifier, options.run)),
  );

  const confirm = step(group, 'confirm', 'say what the comparison came to; there is one try')
    .requiredOption('--run <id>', 'the run')
    .option('--typed <characters>', "the other side's string, as it was read to you")
    .option('--same', 'you compared them, and they are the same')
    .option('--different', 'you compared them, and they are not');
  withExamples(confirm, "stanzaseal trust sas confirm --store juliet --run 0123... --typed 'K7Q 2WM'");
  confirm.action((options: Options & { run: string; typed?: string; same?: true; different?: true }) => {
    const { typed, same, different } = options;
    if ([typed, same, different].filter((given) => given !== undefined).length !== 1)
      throw usageFailure("say one of '--typed', '--same' and '--different'");
    return runStep(options, system, ({ verifier }) => confirmSas(verifier, options.run, typed ?? same === true));
  });
}

function addPassword(group: Command, system: System): void {
  const begin = step(group, 'begin', 'prove a password to a contact, who is to know it too')
    .requiredOption('--to <jid>', 'the contact')
    .option('--password-file <file>', 'take the password from this file; else it is asked for on the terminal')
    .option('--question <text>', 'a question to which the password is the answer; the contact is shown it');
  withExamples(
    begin,
    "stanzaseal trust password begin --store juliet --to romeo@montague.example --question 'Where did we meet?'",
  );
  begin.action(async (options: Options & { to: string; passwordFile?: string; question?: string }) => {
    const { question } = options;
    const secret = await askPassword(options.passwordFile);
    await runStep(options, system, async ({ verifier, party }) =>
      beginPassword(verifier, await party(options.to), secret, question === undefined ? {} : { question }),
    );
  });

  const accept = step(group, 'accept', "answer a contact's request with the password")
    .requiredOption('--run <id>', 'the run')
    .option('--password-file <file>', 'take the password from this file; else it is asked for on the terminal');
  accept.action(async (options: Options & { run: string; passwordFile?: string }) => {
    const secret = await askPassword(options.passwordFile);
    await runStep(options, system, ({ verifier }) => acceptPassword(verifier, options.run, secret));
  });
}

function addReceive(group: Command, system: System): void {
  const verb = withInOut(withStore(group.command('receive')))
    .description('open sealed stanzas that carry verification messages, and write the sealed answers')
    .option('--json', 'write one object a line (docs/cli/trustRun.schema.json)');
  withExamples(verb, 'stanzaseal trust receive --store romeo < sealed.xml > answer.xml');
  verb.action(async (options: Options) => {
    process.exitCode = await withOpenedStore(options, system, async (opened) => {
      const verification = await verificationOver(opened);
      return runStream(options, async (stanza): Promise<StreamResult> => {
        const result = await opened.messenger.open(stanza);
        if (result.status !== 'opened') throw notOpened(result);
        const settled = await verification.receive(result);
        if (settled === undefined)
          throw new CliFailure('ERR_UNSUPPORTED', "carries no verification message; use 'stanzaseal open'");
        const line = await lineOf(settled, opened);
        if (options.json !== true) process.stderr.write(`${describe(settled)}\n`);
        // A stanza of its own in any case with --json; else nothing is written where nothing is to be sent.
        const lines = options.json === true || line.stanza !== '' ? [line] : [];
        return { lines, afterwards: result.accept };
      });
    });
  });
}

function addRuns(group: Command, system: System): void {
  const verb = withOut(withStore(group.command('runs')))
    .description('list verification runs and handshakes, and what they wait for')
    .option('--json', 'write an array (docs/cli/trustRuns.schema.json)');
  verb.action(async (options: Options) => {
    const runs = await withOpenedStore(options, system, async (opened) => {
      const { verifier } = await verificationOver(opened);
      await verifier.expire();
      const handshakes = handshakesOver(opened);
      await handshakes.expire();
      return [
        ...(await verifier.runs()).map(({ peer, ...run }) => ({ ...run, peer: peer.jid })),
        ...(await handshakes.list()).map(({ isDone, ...run }) => ({
          ...run,
          protocol: 'handshake',
          stage: isDone ? 'done' : 'waiting',
        })),
      ];
    });
    const json = runs.map(({ run, protocol, peer, stage, at, expires }) => ({
      run,
      protocol,
      peer,
      stage,
      at: new Date(at).toISOString(),
      expires: new Date(expires).toISOString(),
    }));
    const lines = json.map(
      ({ run, protocol, peer, stage }) => `${run}  ${protocol.padEnd(9)}  ${stage.padEnd(9)}  ${printable(peer)}\n`,
    );
    await writeOutput(options.json === true ? `${JSON.stringify(json)}\n` : lines.join(''), options.out);
  });
}

function step(group: Command, name: string, description: string): Command {
  return withOut(withStore(group.command(name)))
    .description(description)
    .option('--json', 'write an object (docs/cli/trustRun.schema.json)');
}

async function runStep(options: Options, system: System, take: Step): Promise<void> {
  const [settled, line] = await withOpenedStore(options, system, async (opened) => {
    const verification = await verificationOver(opened);
    const done = await verification.settle(await take(verification));
    return [done, await lineOf(done, opened)] as const;
  });
  if (options.json !== true) process.stderr.write(`${describe(settled)}\n`);
  const text = options.json === true ? `${JSON.stringify(line)}\n` : line.stanza && `${line.stanza}\n`;
  await writeOutput(text, options.out);
  if (settled.outcome.kind === 'ended') throw new CliFailure('ERR_VERIFY', 'the run ended without verifying anybody');
}

function verificationOver({ messenger }: OpenedStore): Promise<Verification> {
  return createVerification(messenger, { protocols: [sas, password] });
}

function askPassword(passphraseFile: string | undefined): Promise<string> {
  return passphraseText({ passphraseFile, prompt: 'common password', what: 'password', option: '--password-file' });
}

/** What a step came to, for programs; `stanza` is sealed, and empty where nothing is to be sent. */
async function lineOf({ outcome, message, trust }: Settled<Outcome>, { messenger }: OpenedStore) {
  const to = outcome.kind === 'ignored' ? undefined : outcome.peer.jid;
  const stanza =
    message === undefined || to === undefined ? '' : oneLine((await messenger.seal(message, { to })).stanza);
  if (outcome.kind === 'ignored') return { status: 'ignored', stanza };
  const { run, protocol, peer } = outcome;
  return {
    status: outcome.kind,
    run,
    protocol,
    peer: { jid: peer.jid, fingerprint: toHex(peer.identity) },
    ...(outcome.kind === 'compare' && { value: outcome.value }),
    ...(outcome.kind === 'requested' && outcome.question !== undefined && { question: outcome.question }),
    ...(outcome.kind === 'ended' && { reason: outcome.reason, by: outcome.by }),
    ...(trust !== undefined && { trust }),
    stanza,
  };
}

const WARNINGS = {
  declined: 'was declined',
  mismatch: 'DOES NOT MATCH: a mistake, or somebody stands between you',
  deviation: 'did not go by the rules: somebody may stand between you',
  expired: 'expired',
} as const;

/** What a step came to, for people. */
function describe({ outcome, trust }: Settled<Outcome>): string {
  if (outcome.kind === 'ignored') return 'nothing to do: of no run here, or seen before';
  const { run, protocol, peer } = outcome;
  const name = printable(peer.jid);
  switch (outcome.kind) {
    case 'requested':
      return `${name} asks (${protocol})${outcome.question === undefined ? '' : `: "${printable(outcome.question)}"`}\nanswer with: stanzaseal trust ${protocol} accept --run ${run}`;
    case 'waiting':
      return `run ${run}: it is the turn of ${name}`;
    case 'compare': {
      const { characters, spelled, emoji } = outcome.value;
      return [
        `compare with ${name}, over the telephone or face to face, not here:`,
        `  ${characters.slice(0, 3)} ${characters.slice(3)}   (${spelled.join(' ')})`,
        `  ${emoji.map((picture) => `${picture.symbol} ${picture.word}`).join('   ')}`,
        `then: stanzaseal trust sas confirm --run ${run} --typed 'what they read', or --same, or --different`,
      ].join('\n');
    }
    case 'verified':
      return `${name} is ${trust ?? 'verified'}`;
    case 'elsewhere':
      return `run ${run}: another device of yours answered`;
    case 'ended':
      return `run ${run} with ${name} ${WARNINGS[outcome.reason]}`;
  }
}

function notOpened({ status }: Exclude<OpenResult, { status: 'opened' }>): CliFailure {
  if (status === 'duplicate') return new CliFailure('ERR_DUPLICATE', 'it was opened before');
  return new CliFailure(
    'ERR_OPEN',
    status === 'queued' ? 'kept unopened: too many strangers today' : 'an error stanza',
  );
}
