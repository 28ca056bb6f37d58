/**
 * `archive hold` and `archive shred`: legal hold, and erasing for good.
 * @module
 */
import type { Erased, Retention, RetentionRule } from '@stanzaseal/archive';
import type { Command } from 'commander';
import { CliFailure, usageFailure } from '../failure.js';
import { readText } from '../input.js';
import { type InOut, withExamples, withOut } from '../options.js';
import { writeOutput } from '../output.js';
import type { System } from '../system.js';
import {
  type ArchiveOptions,
  ownerOption,
  timeOption,
  wholeOption,
  withArchive,
  withOpenedArchive,
} from './openedArchive.js';
import { withProgress } from './progress.js';

interface Options extends ArchiveOptions, InOut {
  readonly json?: true;
  readonly owner?: string;
  readonly start?: number;
  readonly end?: number;
  readonly reason?: string;
}

/** Adds `archive hold`. */
export function addHoldVerb(group: Command, system: System): void {
  const verb = withScope(withOut(withArchive(group.command('hold'))))
    .description(
      'put a legal hold on, which nothing erases until it is lifted; all of everybody where nothing is given',
    )
    .option('--lift <hold>', 'lift this hold in place of putting one on', wholeOption)
    .option('--list', 'list the holds in force in place of putting one on')
    .option('--json', 'write an object, or an array of them (docs/cli/archiveHold.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive hold --archive sqlite:archive.db --owner juliet@capulet.example --reason "case 17"',
    'stanzaseal archive hold --archive sqlite:archive.db --list',
    'stanzaseal archive hold --archive sqlite:archive.db --lift 4 --reason "case 17 is closed"',
  );
  verb.action(async (options: Options & { lift?: number; list?: true }) => {
    const { lift, list, json } = options;
    if (list !== true) reasonOf(options);
    const made = await withRetention(options, system, async (retention) => {
      if (list === true) return undefined;
      if (lift === undefined) return retention.hold(scopeOf(options), reasonOf(options));
      await retention.lift(lift, reasonOf(options));
      return undefined;
    });
    if (made !== undefined) return writeOutput(json === true ? `{"hold":${made}}\n` : `${made}\n`, options.out);
    if (list !== true) return;
    const holds = await withRetention(options, system, (retention) => retention.holds());
    const lines = holds.map(({ hold, owner, start, end }) => `${hold} owner ${owner} ${start}-${end}\n`);
    await writeOutput(json === true ? `${JSON.stringify(holds)}\n` : lines.join(''), options.out);
  });
}

/** Adds `archive shred`. */
export function addShredVerb(group: Command, system: System): void {
  const verb = withScope(withOut(withArchive(group.command('shred'))))
    .description('erase for good by destroying keys; proofs of the log go on verifying. Copies that others hold stay')
    .option('--due', 'erase what the rules of retention no longer keep, in place of an owner')
    .option('--rules <file>', 'put these rules in force first: a JSON array of {owner?, with?, namespace?, days}')
    .option('--resume', 'carry on erasures that were stopped, and begin none')
    .option('--json', 'write an array (docs/cli/archiveShred.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive shred --archive sqlite:archive.db --owner juliet@capulet.example --end 2025-12-31 --reason "asked for"',
    `echo '[{"days":365},{"with":"counsel@law.example","days":3650}]' > rules.json`,
    'stanzaseal archive shred --archive sqlite:archive.db --due --rules rules.json',
  );
  verb.action(async (options: Options & { due?: true; rules?: string; resume?: true }) => {
    const { owner, due, resume, rules: file } = options;
    if ([owner, due, resume].filter((each) => each !== undefined).length !== 1)
      throw usageFailure("say one of '--owner', '--due' and '--resume'");
    if (file !== undefined && due === undefined) throw usageFailure("'--rules' goes with '--due'");
    if (owner !== undefined) reasonOf(options);
    const rules = file === undefined ? undefined : await readRules(file);
    const erased = await withRetention(options, system, (retention) =>
      withProgress('keys', async (show) => {
        if (rules !== undefined) await retention.setRules(rules);
        if (resume === true) return retention.resume(show);
        if (owner === undefined) return retention.applyRules(show);
        return retention.shred({ ...scopeOf(options), owner }, reasonOf(options), show);
      }),
    );
    await writeOutput(
      options.json === true ? `${JSON.stringify(erased)}\n` : erased.map(inWords).join(''),
      options.out,
    );
  });
}

function withScope(command: Command): Command {
  return command
    .option('--owner <jid>', 'whose entries', ownerOption)
    .option('--start <time>', 'received then or later', timeOption)
    .option('--end <time>', 'received then or earlier', timeOption)
    .option('--reason <text>', 'why: it stands in the log for good');
}

function scopeOf({ owner, start, end }: Options): { owner?: string; start?: number; end?: number } {
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}

function reasonOf({ reason }: Options): string {
  if (reason === undefined || reason === '') throw usageFailure("'--reason' is missing");
  return reason;
}

async function withRetention<T>(
  options: Options,
  system: System,
  work: (retention: Retention) => Promise<T>,
): Promise<T> {
  const { openRetention } = await import('@stanzaseal/archive');
  return withOpenedArchive(options, system, async ({ archive, signing }) =>
    work(await openRetention(archive, { recordKey: signing.recordKey })),
  );
}

async function readRules(file: string): Promise<RetentionRule[]> {
  const text = await readText(file, 1_048_576);
  let rules: unknown;
  try {
    rules = JSON.parse(text);
  } catch (cause) {
    throw new CliFailure('ERR_UNSUPPORTED', `${file} is no JSON`, { cause });
  }
  if (!Array.isArray(rules) || !rules.every(isRule))
    throw new CliFailure('ERR_UNSUPPORTED', `${file} is no array of {owner?, with?, namespace?, days}`);
  return rules;
}

/** A misspelt member would keep, or erase, more than was meant. */
function isRule(value: unknown): value is RetentionRule {
  if (typeof value !== 'object' || value === null) return false;
  const { days, ...rest } = value as Record<string, unknown>;
  const names = Object.entries(rest);
  if (typeof days !== 'number' || !(days >= 0 && days <= 100_000)) return false;
  return names.every(([name, text]) => ['owner', 'with', 'namespace'].includes(name) && typeof text === 'string');
}

function inWords({ erasure, record, keys, entries }: Erased): string {
  return `erasure ${erasure}: ${keys} keys destroyed, ${entries} entries gone; record ${record}\n`;
}
