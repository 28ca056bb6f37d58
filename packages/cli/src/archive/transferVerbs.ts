/**
 * `archive export` and `archive import`.
 * @module
 */
import type { Archive, StanzaItem } from '@stanzaseal/archive';
import type { Command } from 'commander';
import { CliFailure, EXIT_REFUSED, reportFailure, tell, usageFailure, warn } from '../failure.js';
import { readTextChunks } from '../input.js';
import { choose, type InOut, withExamples, withInOut, withOut } from '../options.js';
import { openOutput, writeOutput } from '../output.js';
import type { System } from '../system.js';
import { type ArchiveOptions, ownerOption, withArchive, withNewArchive, withOpenedArchive } from './openedArchive.js';
import { withProgress } from './progress.js';

type Format = 'jsonl' | 'directory';

/** Adds `archive export`. */
export function addExportVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('export')))
    .description('write all entries, as JSON lines; or into a new directory, a file for each with its proof')
    .option('--owner <jid>', "this owner's entries alone", ownerOption)
    .option('--format <name>', 'jsonl|directory', choose('format', ['jsonl', 'directory']), 'jsonl');
  withExamples(
    verb,
    'stanzaseal archive export --archive sqlite:archive.db --out archive.jsonl',
    'stanzaseal archive export --archive sqlite:archive.db --owner juliet@capulet.example --format directory --out juliet',
  );
  verb.action(async (options: ArchiveOptions & InOut & { owner?: string; format: Format }) => {
    const { format, out } = options;
    if (format === 'directory' && out === undefined) throw usageFailure("'--format directory' needs '--out'");
    const without = await withOpenedArchive(options, system, ({ archive }) =>
      format === 'directory' ? exportDirectory(archive, options) : exportLines(archive, options),
    );
    if (without > 0) warn(`${without} entries have no stanza any more: their recipients were dropped`);
  });
}

async function exportDirectory(archive: Archive, { owner, out }: InOut & { owner?: string }): Promise<number> {
  const { exportEntries, writeProofDirectory } = await import('@stanzaseal/archive');
  const entries = exportEntries(archive, owner === undefined ? undefined : [owner]);
  const done = await withProgress('entries', (show) => writeProofDirectory(archive, out as string, entries, show));
  return done.withoutStanza;
}

async function exportLines(archive: Archive, { owner, out }: InOut & { owner?: string }): Promise<number> {
  const { exportEntries, jsonLineOf } = await import('@stanzaseal/archive');
  const output = await openOutput(out);
  let [done, without] = [0, 0];
  try {
    await withProgress('entries', async (show) => {
      for await (const entry of exportEntries(archive, owner === undefined ? undefined : [owner])) {
        const line = jsonLineOf(entry);
        if (line === undefined) without++;
        else await output.write(line);
        show({ done: ++done, total: undefined });
      }
    });
    await output.commit();
    return without;
  } catch (thrown) {
    await output.discard();
    throw thrown;
  }
}

/** Adds `archive import`. */
export function addImportVerb(group: Command, system: System): void {
  const verb = withInOut(withNewArchive(group.command('import')))
    .description('keep what export wrote as JSON lines; what is there already is not kept again')
    .option('--json', 'write an object (docs/cli/archiveImport.schema.json)');
  withExamples(verb, 'stanzaseal archive import --archive sqlite:other.db --in archive.jsonl');
  verb.action(async (options: ArchiveOptions & InOut & { json?: true }) => {
    const { itemOfJsonLine } = await import('@stanzaseal/archive');
    const found = { kept: 0, duplicates: 0, quarantined: 0, refused: 0 };
    async function* items(): AsyncGenerator<StanzaItem, void, undefined> {
      let number = 0;
      for await (const line of linesOf(readTextChunks(options.in))) {
        number++;
        if (line.trim() === '') continue;
        try {
          const item = itemOfJsonLine(line);
          yield { ...item, owner: ownerOption(item.owner), stanzaId: idChecked(item.stanzaId) };
        } catch (thrown) {
          found.refused++;
          const { code, sentence } = thrown instanceof SyntaxError ? tell(notALine(thrown)) : tell(thrown);
          reportFailure({ code, sentence: `line ${number}: ${sentence}`, exitCode: EXIT_REFUSED });
        }
      }
    }
    await withOpenedArchive(
      options,
      system,
      ({ archive }) =>
        withProgress('entries', async (show) => {
          let done = 0;
          for await (const { duplicate, quarantined } of archive.ingest(items())) {
            found[duplicate ? 'duplicates' : quarantined === undefined ? 'kept' : 'quarantined']++;
            show({ done: ++done, total: undefined });
          }
        }),
      true,
    );
    const { kept, duplicates, quarantined, refused } = found;
    const words = `${kept} kept, ${quarantined} in quarantine, ${duplicates} there already, ${refused} refused\n`;
    await writeOutput(options.json === true ? `${JSON.stringify(found)}\n` : words, options.out);
    if (refused > 0) process.exitCode = EXIT_REFUSED;
  });
}

/** The longest line: an entry of 256 KiB, each of whose characters is an escape. */
const MAX_LINE = 4_194_304;

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() as string;
    if (rest.length > MAX_LINE) throw new CliFailure('ERR_TOO_LARGE', 'a line is longer than 4 MiB');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function idChecked(id: string): string {
  if (id === '' || id.length > 1023 || /^#\d*$/.test(id)) throw new SyntaxError('id is no id of a stanza');
  return id;
}

function notALine(cause: SyntaxError): CliFailure {
  return new CliFailure('ERR_UNSUPPORTED', 'is no entry as export writes it', { cause });
}
