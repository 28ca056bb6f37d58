/**
 * An archive for the time of a verb.
 * @module
 */
import { stat } from 'node:fs/promises';
import type { Archive, ArchiveEvent } from '@stanzaseal/archive';
import type { Command } from 'commander';
import { CliFailure, usageFailure, warn } from '../failure.js';
import { bareJidOption } from '../options.js';
import type { System } from '../system.js';
import { checkpointKeeper, newestIn, notGrown } from './newestCheckpoint.js';
import { createSigning, isSigningThere, type NewSigning, readSigning, type Signing } from './signingDirectory.js';

/** Options that say which archive. */
export interface ArchiveOptions extends NewSigning {
  /** `sqlite:FILE` or `postgres://…`. */
  readonly archive: string;
  /** Directory of what it signs with. */
  readonly signing?: string;
}

/** Adds `--archive` and `--signing`. */
export function withArchive(command: Command): Command {
  return command
    .requiredOption('--archive <url>', 'sqlite:FILE or postgres://...')
    .option('--signing <dir>', 'directory of checkpoint and record keys; of sqlite:FILE it is FILE.signing');
}

/** Adds the options of verbs that make an archive where there is none. */
export function withNewArchive(command: Command): Command {
  return withArchive(command)
    .option('--origin <name>', "the log's name, where the archive is made: a URL without scheme")
    .option('--keys <url>', "where owners' keys are to be, where the archive is made; else beside the contents");
}

/** An open archive with what it signs with. */
export interface Opened {
  readonly archive: Archive;
  readonly signing: Signing;
}

/** How a verb uses an archive. */
export interface ArchiveUse {
  /** It is made where there is none. */
  readonly makes?: true;
  /** Nothing is added to it, so its log may be of any time (docs/decisions/0036-no-second-history.md). */
  readonly reads?: true;
  /** What happens in it. */
  readonly onEvent?: (event: ArchiveEvent) => void;
}

/**
 * Opens an archive, does the work and closes it.
 * @throws CliFailure `ERR_NOT_FOUND`, `ERR_USAGE`, `ERR_STORE`; `ERR_PROOF` for contents that are older than the last checkpoint
 */
export async function withOpenedArchive<T>(
  options: ArchiveOptions,
  system: System,
  work: (opened: Opened) => Promise<T>,
  { makes, reads, onEvent = tellEvent }: ArchiveUse = {},
): Promise<T> {
  const directory = signingDirectoryOf(options);
  if (options.keys !== undefined) checkUrl(options.keys);
  const isThere = await isFilled(options.archive);
  if (isThere === false && !makes) throw new CliFailure('ERR_NOT_FOUND', `there is no archive in ${options.archive}`);
  // An archive whose keys are missing is not gone on with under new ones: that would be another log over the same entries.
  if (isThere !== true && makes && !(await isSigningThere(directory))) await createSigning(directory, options, system);
  const signing = await readSigning(directory, system);
  if (options.origin !== undefined && options.origin !== signing.origin)
    throw usageFailure(`the archive's log is '${signing.origin}'; its name never changes`);
  const { keys } = signing;
  if (keys !== undefined) checkUrl(keys);
  // A database without them is none of ours, and this verb makes none of it (docs/decisions/0019-archive-at-a-shell.md).
  if (isThere === true && !makes && (await isFilled(keys ?? `${options.archive}.keys`)) === false)
    throw new CliFailure('ERR_STORE', `there are no owners' keys of ${options.archive}`);
  const grownFrom = reads ? undefined : await newestIn(directory);
  if (grownFrom !== undefined && isThere === false) throw notGrown(directory);
  const { ArchiveError, openArchive } = await import('@stanzaseal/archive');
  const keeper = checkpointKeeper(directory);
  const archive = await openArchive(options.archive, {
    origin: signing.origin,
    checkpointKey: signing.checkpointKeys,
    random: system.random,
    clock: system.now,
    crypto: system.crypto,
    onEvent: (event) => {
      if (event.type === 'checkpoint') keeper.keep(event);
      onEvent(event);
    },
    mustExist: makes !== true,
    ...(keys === undefined ? {} : { keys }),
    ...(grownFrom === undefined ? {} : { grownFrom }),
  }).catch((thrown) => {
    throw thrown instanceof ArchiveError && thrown.code === 'ERR_PROOF' ? notGrown(directory, thrown) : thrown;
  });
  let result: T;
  try {
    const [first] = await archive.checkpoints();
    if (first !== undefined && first.note.split('\n')[0] !== signing.origin)
      throw new CliFailure('ERR_STORE', `the keys in ${directory} are those of another archive's log`);
    result = await work({ archive, signing });
  } catch (thrown) {
    // What went wrong first is what is told.
    await archive.close().catch(() => undefined);
    await keeper.settled();
    throw thrown;
  }
  await archive.close();
  await keeper.settled();
  return result;
}

/** A bare JID from the command line. @throws CliFailure `ERR_USAGE` */
export function ownerOption(value: string): string {
  if (value.includes('/')) throw usageFailure(`'${value}' has a resource; an owner is a bare JID`);
  return bareJidOption(value);
}

/** A time from the command line, in ms since 1970. @throws CliFailure `ERR_USAGE` */
export function timeOption(value: string): number {
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  if (!(time >= 0)) throw usageFailure(`'${value}' is no time like 2026-11-21 or 2026-11-21T12:00:00Z`);
  return time;
}

/** A whole number from the command line. @throws CliFailure `ERR_USAGE` */
export function wholeOption(value: string): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw usageFailure(`'${value}' is no whole number`);
  return number;
}

/** The directory of what an archive signs with. */
export function signingDirectoryOf({ archive: url, signing }: ArchiveOptions): string {
  checkUrl(url);
  if (signing !== undefined) return signing;
  if (!url.startsWith('sqlite:')) throw usageFailure("an archive in PostgreSQL needs '--signing'");
  return `${url.slice('sqlite:'.length)}.signing`;
}

function checkUrl(url: string): void {
  if (!/^sqlite:./.test(url) && !(/^postgres(ql)?:\/\/./.test(url) && URL.canParse(url)))
    // A password may stand in it.
    throw usageFailure(`'${url.replace(/\/\/.*@/, '//...@')}' is neither sqlite:FILE nor postgres://...`);
}

/** Whether there is anything: of a file that can be seen before it is opened, since opening makes one. */
async function isFilled(url: string): Promise<boolean | undefined> {
  if (!url.startsWith('sqlite:')) return undefined;
  return stat(url.slice('sqlite:'.length)).then(
    ({ size }) => size > 0,
    () => false,
  );
}

/** Tells what no verb meets by itself: quarantine and damage are told with the place in its input or output. */
export function tellEvent(event: ArchiveEvent): void {
  if (event.type === 'not-durable') warn(`PostgreSQL has ${event.setting} off: what it acknowledges is not durable`);
  if (event.type === 'checkpoint-failed') warn('a checkpoint could not be made');
}
