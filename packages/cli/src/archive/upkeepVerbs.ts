/**
 * `archive stats` and `archive scrub`.
 * @module
 */
import type { Scrubbed } from '@stanzaseal/archive';
import type { Command } from 'commander';
import { EXIT_REFUSED, reportFailure } from '../failure.js';
import { type InOut, withExamples, withOut } from '../options.js';
import { writeOutput } from '../output.js';
import type { System } from '../system.js';
import {
  type ArchiveOptions,
  type Opened,
  signingDirectoryOf,
  wholeOption,
  withArchive,
  withOpenedArchive,
} from './openedArchive.js';
import { withProgress } from './progress.js';
import { isSigningThere } from './signingDirectory.js';

type Options = ArchiveOptions & InOut & { json?: true };

/** Adds `archive stats`. */
export function addStatsVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('stats')))
    .description('write figures for monitoring, as OpenMetrics text')
    .option('--json', 'write an object (docs/cli/archiveStats.schema.json)');
  withExamples(verb, 'stanzaseal archive stats --archive sqlite:archive.db');
  verb.action(async (options: Options) => {
    const { openMetrics, stats } = await import('@stanzaseal/archive');
    const figures = await withOpenedArchive(options, system, ({ archive }) => stats(archive), { reads: true });
    await writeOutput(options.json === true ? `${JSON.stringify(figures)}\n` : openMetrics(figures), options.out);
  });
}

/** Adds `archive scrub`. */
export function addScrubVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('scrub')))
    .description('read every entry and compare it with the log; goes on where it was stopped')
    .option('--rate <octets>', 'read so many octets a second at most', wholeOption)
    .option('--repair-from <url>', 'a copy of this archive, from which damaged entries are repaired')
    .option('--json', 'write an object (docs/cli/archiveScrub.schema.json)');
  withExamples(verb, 'stanzaseal archive scrub --archive sqlite:archive.db --rate 50000000');
  verb.action(async (options: Options & { rate?: number; repairFrom?: string }) => {
    const { scrub } = await import('@stanzaseal/archive');
    const { rate, repairFrom } = options;
    const pace = rate === undefined ? {} : { octetsPerSecond: Math.max(1, rate) };
    const scrubbing = async ({ archive }: Opened): Promise<Scrubbed> => {
      if (repairFrom === undefined)
        return withProgress('entries', (onProgress) => scrub(archive, { ...pace, onProgress }));
      // A copy of the databases alone signs with the keys of the original.
      const own = repairFrom.startsWith('sqlite:') ? signingDirectoryOf({ archive: repairFrom }) : undefined;
      const isOwnThere = own !== undefined && (await isSigningThere(own));
      const copy = { archive: repairFrom, signing: isOwnThere ? own : signingDirectoryOf(options) };
      const repairing = ({ archive: other }: Opened) =>
        withProgress('entries', (onProgress) => scrub(archive, { ...pace, repairFrom: other, onProgress }));
      return withOpenedArchive(copy, system, repairing, { reads: true });
    };
    const scrubbed = await withOpenedArchive(options, system, scrubbing, { reads: true });
    await tellScrubbed(scrubbed, options);
  });
}

/** Writes what a scrub found; exit code 1 where it found anything. */
export async function tellScrubbed(found: Scrubbed, { json, out }: InOut & { json?: true }): Promise<void> {
  const { octets, damaged, repaired, missing, logHolds } = found;
  const words = `${octets} octets read; ${damaged.length} damaged, ${repaired.length} repaired, ${missing} erased or dropped; the log ${logHolds ? 'holds' : 'DOES NOT HOLD'}\n`;
  await writeOutput(json === true ? `${JSON.stringify(found)}\n` : words, out);
  const failed = (sentence: string) => {
    reportFailure({ code: 'ERR_PROOF', sentence, exitCode: EXIT_REFUSED });
    process.exitCode = EXIT_REFUSED;
  };
  for (const leafIndex of damaged) failed(`entry #${leafIndex} is damaged`);
  if (!logHolds) failed('the leaves do not make the root that the newest checkpoint signed');
}
