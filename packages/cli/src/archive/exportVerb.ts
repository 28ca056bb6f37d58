/**
 * `archive export`.
 * @module
 */
import type { Archive, LeftOutReason } from '@stanzaseal/archive';
import type { Command } from 'commander';
import { usageFailure, warn } from '../failure.js';
import { choose, type InOut, withExamples, withOut } from '../options.js';
import { openOutput } from '../output.js';
import type { System } from '../system.js';
import { type ArchiveOptions, ownerOption, withArchive, withOpenedArchive } from './openedArchive.js';
import { withProgress } from './progress.js';

const FORMATS = ['jsonl', 'directory', 'xep0227'] as const;
type Format = (typeof FORMATS)[number];

/** Adds `archive export`. */
export function addExportVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('export')))
    .description(
      'write all entries, as JSON lines; or into a new directory, a file for each with its proof; or as a file of XEP-0227',
    )
    .option('--owner <jid>', "this owner's entries alone", ownerOption)
    .option('--format <name>', FORMATS.join('|'), choose('format', FORMATS), 'jsonl');
  withExamples(
    verb,
    'stanzaseal archive export --archive sqlite:archive.db --out archive.jsonl',
    'stanzaseal archive export --archive sqlite:archive.db --owner juliet@capulet.example --format directory --out juliet',
    'stanzaseal archive export --archive sqlite:archive.db --format xep0227 --out capulet.xml',
  );
  verb.action(async (options: Options) => {
    const { format, out } = options;
    if (format === 'directory' && out === undefined) throw usageFailure("'--format directory' needs '--out'");
    const left = await withOpenedArchive(options, system, ({ archive }) => EXPORTS[format](archive, options), {
      reads: true,
    });
    for (const [reason, count] of left) warn(`${count} entries are not in the file: ${WORDS[reason]}`);
  });
}

type Options = ArchiveOptions & InOut & { readonly owner?: string; readonly format: Format };
/** How many entries were left out, and why. */
type LeftOut = ReadonlyMap<LeftOutReason, number>;

const EXPORTS: Readonly<Record<Format, (archive: Archive, options: Options) => Promise<LeftOut>>> = {
  jsonl: exportLines,
  directory: exportDirectory,
  xep0227: exportXep0227,
};

const WORDS: Readonly<Record<LeftOutReason, string>> = {
  dropped: 'they have no stanza any more, since their recipients were dropped',
  quarantined: 'they are in quarantine; JSON lines have them',
  'no message': 'they are no messages; JSON lines have them',
  'no account': 'their owner is no account; JSON lines have them',
};

async function exportDirectory(archive: Archive, { owner, out }: Options): Promise<LeftOut> {
  const { exportEntries, writeProofDirectory } = await import('@stanzaseal/archive');
  const entries = exportEntries(archive, owner === undefined ? undefined : [owner]);
  const done = await withProgress('entries', (show) => writeProofDirectory(archive, out as string, entries, show));
  return dropped(done.withoutStanza);
}

async function exportLines(archive: Archive, { owner, out }: Options): Promise<LeftOut> {
  const { exportEntries, jsonLineOf } = await import('@stanzaseal/archive');
  let without = 0;
  await written(out, async function* (show) {
    let done = 0;
    for await (const entry of exportEntries(archive, owner === undefined ? undefined : [owner])) {
      const line = jsonLineOf(entry);
      if (line === undefined) without++;
      else yield line;
      show({ done: ++done, total: undefined });
    }
  });
  return dropped(without);
}

async function exportXep0227(archive: Archive, { owner, out }: Options): Promise<LeftOut> {
  const { writeXep0227 } = await import('@stanzaseal/archive');
  const left = new Map<LeftOutReason, number>();
  const onLeftOut = (_: unknown, reason: LeftOutReason) => left.set(reason, (left.get(reason) ?? 0) + 1);
  const owners = owner === undefined ? {} : { owners: [owner] };
  await written(out, (onProgress) => writeXep0227(archive, { ...owners, onLeftOut, onProgress }));
  return left;
}

type Show = (progress: { readonly done: number; readonly total: undefined }) => void;

/** All of it, or no file. */
async function written(out: string | undefined, texts: (show: Show) => AsyncIterable<string>): Promise<void> {
  const output = await openOutput(out);
  try {
    await withProgress('entries', async (show) => {
      for await (const text of texts(show)) await output.write(text);
    });
    await output.commit();
  } catch (thrown) {
    await output.discard();
    throw thrown;
  }
}

function dropped(count: number): LeftOut {
  return new Map(count === 0 ? [] : [['dropped', count]]);
}
