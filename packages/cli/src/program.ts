/**
 * The command line: groups of verbs put together, and their outcome told.
 * @module
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addArchiveVerbs } from './archive/archiveVerbs.js';
import { addBundleVerbs } from './bundleVerbs.js';
import { addChatVerb } from './chatVerb.js';
import { addCmsVerbs } from './cmsVerbs.js';
import { addDemoVerb } from './demoVerb.js';
import {
  BrokenPipe,
  EXIT_DONE,
  EXIT_REFUSED,
  EXIT_USAGE,
  reportFailure,
  type Told,
  tell,
  usageFailure,
} from './failure.js';
import { addKeyVerbs } from './keyVerbs.js';
import { addOpenVerb } from './openVerb.js';
import { addSealVerb } from './sealVerb.js';
import { addStoreVerbs } from './storeVerbs.js';
import type { System } from './system.js';
import { addTrustVerbs } from './trustVerbs.js';
import { addVectorsVerbs } from './vectorsVerb.js';
import { addVouchVerbs } from './vouchVerbs.js';

/**
 * Adds a group of verbs. A verb's action throws for a refusal of everything; one that refuses some items and goes on reports
 * each by `reportFailure` and sets `process.exitCode` to `EXIT_REFUSED`.
 */
export type VerbGroup = (program: Command, system: System) => void;

/** The groups, in the order that help shows them. */
const GROUPS: readonly VerbGroup[] = [
  addKeyVerbs,
  addCmsVerbs,
  addStoreVerbs,
  addBundleVerbs,
  addSealVerb,
  addOpenVerb,
  addTrustVerbs,
  addVouchVerbs,
  addArchiveVerbs,
  addChatVerb,
  addVectorsVerbs,
  addDemoVerb,
];

/** What help ends with. */
const BEGINNING = `
To begin:
  stanzaseal demo                      see it done, in memory
  stanzaseal chat --jid YOU --to THEM  talk sealed on your server; keys are made the first time
  stanzaseal trust --help              know whom you talk to

Each verb has --help with examples. Exit codes: 0 done, 1 refused or failed, 2 the command line cannot be carried out.`;

/** Runs a command line (without the runtime and the script). Gives the exit code; never throws. */
export async function run(args: readonly string[], system: System): Promise<number> {
  try {
    const program = createProgram(system);
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? EXIT_DONE);
  } catch (thrown) {
    if (thrown instanceof BrokenPipe) return EXIT_REFUSED;
    if (thrown instanceof CommanderError && HELP.has(thrown.code))
      return thrown.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
    const told = thrown instanceof CommanderError ? tellUsage(thrown) : tell(thrown);
    reportFailure(told);
    return told.exitCode;
  }
}

/** The command line with all its verbs. */
export function createProgram(system: System): Command {
  const program = new Command('stanzaseal')
    .description('seals XMPP stanzas end to end as CMS objects under bare keys')
    .version(version())
    // Failures come out of parseAsync, and are told here alone.
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  for (const addGroup of GROUPS) addGroup(program, system);
  return program.addHelpText('after', BEGINNING);
}

/** What commander throws after it has shown help or the version: nothing more is to be said. */
const HELP: ReadonlySet<string> = new Set(['commander.help', 'commander.helpDisplayed', 'commander.version']);

function tellUsage({ message }: CommanderError): Told {
  return tell(usageFailure(message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')));
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return manifest.version;
}
