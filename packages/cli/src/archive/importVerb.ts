/**
 * `archive import`: what another archive has, whoever's it is, into this one.
 * @module
 */
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Archive, Followed, MamServer, Source, StanzaItem } from '@stanzaseal/archive';
import { bareJid } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { CliFailure, EXIT_REFUSED, reportFailure, tell, usageFailure, warn } from '../failure.js';
import { readTextChunks } from '../input.js';
import { choose, type InOut, withExamples, withInOut } from '../options.js';
import { writeOutput } from '../output.js';
import type { System } from '../system.js';
import { entryOfLine, linesOf } from './entryLines.js';
import { type ArchiveOptions, withNewArchive, withOpenedArchive } from './openedArchive.js';
import { withProgress } from './progress.js';
import { untilSignal } from './untilSignal.js';

const FORMATS = ['jsonl', 'xep0227', 'prosody', 'ejabberd'] as const;
type Format = (typeof FORMATS)[number];

type Options = ArchiveOptions &
  InOut & { json?: true; format: Format; from?: string; host?: string; follow?: true; printTrigger?: true };

/** Adds `archive import`. */
export function addImportVerb(group: Command, system: System): void {
  const verb = withInOut(withNewArchive(group.command('import')))
    .description(
      'keep what export wrote, a file of XEP-0227, or the archive of a server; what is there is not kept again',
    )
    .option('--format <name>', `what is imported: ${FORMATS.join('|')}`, choose('format', FORMATS), 'jsonl')
    .option('--from <url>', 'postgres://... where Prosody or ejabberd have their archive; goes on where it was')
    .option('--host <domain>', "domain of ejabberd's accounts, where its tables do not say it")
    .option('--follow', 'go on with what comes, until the process is ended')
    .option(
      '--print-trigger',
      'write SQL that wakes --follow at once, for whoever runs the database, and do nothing else',
    )
    .option('--json', 'write an object (docs/cli/archiveImport.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive import --archive sqlite:other.db --in archive.jsonl',
    'stanzaseal archive import --archive sqlite:archive.db --format xep0227 --in capulet.xml',
    'stanzaseal archive import --archive sqlite:archive.db --format prosody --from postgres://archiver@localhost/prosody --follow',
  );
  verb.action((options: Options) => importAll(options, system));
}

async function importAll(options: Options, system: System): Promise<void> {
  const { format } = options;
  checkUsage(options);
  if (options.printTrigger) {
    const { wakeUpSql } = await import('@stanzaseal/archive');
    return writeOutput(wakeUpSql(format as MamServer), options.out);
  }
  const imports = format === 'jsonl' ? importLines : importSource;
  const done = await withOpenedArchive(options, system, ({ archive }) => imports(archive, options), { makes: true });
  const { kept, duplicates, quarantined, refused } = done;
  const words = `${kept} kept, ${quarantined} in quarantine, ${duplicates} there already, ${refused} refused\n`;
  await writeOutput(options.json === true ? `${JSON.stringify(done)}\n` : words, options.out);
  if (refused > 0) process.exitCode = EXIT_REFUSED;
}

function checkUsage({ format, from, host, follow, printTrigger, in: file }: Options): void {
  const isServer = format === 'prosody' || format === 'ejabberd';
  const given = { '--from': from, '--follow': follow, '--print-trigger': printTrigger };
  for (const [option, value] of Object.entries(given))
    if (!isServer && value !== undefined) throw usageFailure(`'${option}' is for the formats prosody and ejabberd`);
  if (host !== undefined && format !== 'ejabberd') throw usageFailure("'--host' is for the format ejabberd");
  if (isServer && file !== undefined) throw usageFailure("'--in' is for files; of a server use '--from'");
  if (isServer && printTrigger === undefined && !(/^postgres(ql)?:\/\//.test(from ?? '') && URL.canParse(from ?? '')))
    throw usageFailure(`'--format ${format}' needs '--from postgres://...'`);
}

async function importSource(archive: Archive, options: Options): Promise<Followed> {
  const { follow } = await import('@stanzaseal/archive');
  const source = await sourceOf(options);
  const ending = new AbortController();
  if (options.follow === true) {
    untilSignal().then(() => ending.abort());
    process.stderr.write(`following ${options.format}\n`);
  }
  return withProgress('entries', (onProgress) =>
    follow(archive, source, {
      signal: ending.signal,
      onProgress,
      onRefused: ({ cursor, refused }) =>
        reportFailure({ code: 'ERR_UNSUPPORTED', sentence: `item ${cursor}: ${refused}`, exitCode: EXIT_REFUSED }),
    }),
  );
}

async function sourceOf({ format, from = '', host, follow, in: file }: Options): Promise<Source> {
  const { ejabberdArchive, prosodyArchive, xep0227File } = await import('@stanzaseal/archive');
  const server = {
    url: from,
    live: follow === true,
    onAway: () => warn('the database is away; it is asked again'),
  };
  if (format === 'prosody') return prosodyArchive(server);
  if (format === 'ejabberd')
    return ejabberdArchive({ ...server, ...(host === undefined ? {} : { host: bareJid(host) }) });
  const open = () => readTextChunks(file);
  // Without a name: a file is read from its beginning each time, since what it includes may be other than it was. Its ids tell what is there already.
  return xep0227File(file === undefined ? { open } : { open, include: (href) => readTextChunks(beside(file, href)) });
}

/** A file that another one includes: below the same directory. */
function beside(file: string, href: string): string {
  const directory = dirname(resolve(file));
  let path: string;
  try {
    path = resolve(directory, decodeURIComponent(href));
  } catch (cause) {
    throw new CliFailure('ERR_XML', 'file includes another one by a name that is none', { cause });
  }
  const from = relative(directory, path);
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || from === '' || from.startsWith('..') || isAbsolute(from))
    throw new CliFailure('ERR_XML', 'file includes one that is not below its own directory');
  return path;
}

async function importLines(archive: Archive, options: Options): Promise<Followed> {
  const { itemOfJsonLine } = await import('@stanzaseal/archive');
  const found = { kept: 0, duplicates: 0, quarantined: 0, refused: 0 };
  async function* items(): AsyncGenerator<StanzaItem, void, undefined> {
    let number = 0;
    for await (const line of linesOf(readTextChunks(options.in))) {
      number++;
      if (line.trim() === '') continue;
      try {
        yield entryOfLine(line, itemOfJsonLine);
      } catch (thrown) {
        found.refused++;
        const { code, sentence } = tell(thrown);
        reportFailure({ code, sentence: `line ${number}: ${sentence}`, exitCode: EXIT_REFUSED });
      }
    }
  }
  await withProgress('entries', async (show) => {
    let done = 0;
    for await (const { duplicate, quarantined } of archive.ingest(items())) {
      found[duplicate ? 'duplicates' : quarantined === undefined ? 'kept' : 'quarantined']++;
      show({ done: ++done, total: undefined });
    }
  });
  return found;
}
