/**
 * `trust sas`, `trust password`: verifying a contact by messages that may be days apart. What is to be
 * sent goes to standard output, sealed; what the user is to know goes to standard error, or into the object of `--json`.
 * @module
 */
import { acceptPassword, beginPassword } from '@stanzaseal/trust/password';
import { acceptSas, beginSas, confirmSas } from '@stanzaseal/trust/sas';
import type { Command } from 'commander';
import { usageFailure } from './failure.js';
import { bareJidOption, withExamples } from './options.js';
import { passphraseText } from './passphrase.js';
import type { System } from './system.js';
import { addReceiveVerbs } from './trustReceiveVerbs.js';
import { type StepOptions as Options, runStep, step } from './trustRunSteps.js';
import { addUpkeepVerbs } from './trustRunUpkeepVerbs.js';

/** Adds the verbs of runs under `trust`. */
export function addRunVerbs(group: Command, system: System): void {
  addSas(group.command('sas').description('compare a short string by telephone or face to face'), system);
  addPassword(group.command('password').description('prove a common password, or the answer to a question'), system);
  addReceiveVerbs(group, system);
  addUpkeepVerbs(group, system);
}

function addSas(group: Command, system: System): void {
  const begin = step(group, 'begin', 'ask a contact to compare').requiredOption(
    '--to <jid>',
    'the contact',
    bareJidOption,
  );
  withExamples(begin, 'stanzaseal trust sas begin --store juliet --to romeo@montague.example > sealed.xml');
  begin.action((options: Options & { to: string }) =>
    runStep(options, system, async (it) => beginSas(it.verifier, await it.party(options.to))),
  );

  const accept = step(group, 'accept', "answer a contact's request").requiredOption('--run <id>', 'the run');
  withExamples(accept, 'stanzaseal trust sas accept --store romeo --run 0123... > sealed.xml');
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
    .requiredOption('--to <jid>', 'the contact', bareJidOption)
    .option('--password-file <file>', 'take the password from this file; else it is asked for on the terminal')
    .option('--question <text>', 'a question to which the password is the answer; the contact is shown it');
  withExamples(
    begin,
    "stanzaseal trust password begin --store juliet --to romeo@montague.example --question 'Where did we meet?'",
  );
  begin.action(async (options: Options & { to: string; passwordFile?: string; question?: string }) => {
    const { question } = options;
    const secret = await askPassword(options.passwordFile);
    await runStep(options, system, async (it) =>
      beginPassword(it.verifier, await it.party(options.to), secret, question === undefined ? {} : { question }),
    );
  });

  const accept = step(group, 'accept', "answer a contact's request with the password")
    .requiredOption('--run <id>', 'the run')
    .option('--password-file <file>', 'take the password from this file; else it is asked for on the terminal');
  withExamples(accept, 'stanzaseal trust password accept --store romeo --run 0123... > sealed.xml');
  accept.action(async (options: Options & { run: string; passwordFile?: string }) => {
    const secret = await askPassword(options.passwordFile);
    await runStep(options, system, ({ verifier }) => acceptPassword(verifier, options.run, secret));
  });
}

function askPassword(passphraseFile: string | undefined): Promise<string> {
  return passphraseText({ passphraseFile, prompt: 'common password', what: 'password', option: '--password-file' });
}
