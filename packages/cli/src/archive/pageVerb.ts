/**
 * `archive page`: a page of an owner's entries.
 * @module
 */
import type { PageQuery } from '@stanzaseal/archive';
import { bareJid, readXmlOctets } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { EXIT_REFUSED, reportFailure, usageFailure } from '../failure.js';
import { type InOut, withExamples, withOut } from '../options.js';
import { writeOutput } from '../output.js';
import { oneLine } from '../stanzaStream.js';
import type { System } from '../system.js';
import {
  type ArchiveOptions,
  ownerOption,
  timeOption,
  wholeOption,
  withArchive,
  withOpenedArchive,
} from './openedArchive.js';

type Options = ArchiveOptions & InOut & Omit<PageQuery, 'before'> & { json?: true };

/** Adds `archive page`. */
export function addPageVerb(group: Command, system: System): void {
  const verb = withOut(withArchive(group.command('page')))
    .description("write a page of an owner's messages, one a line, in the order in which they were kept")
    .requiredOption('--owner <jid>', 'in whose archive', ownerOption)
    .option('--with <jid>', 'with this contact or room; of a full JID this resource alone', peerOption)
    .option('--start <time>', 'received then or later', timeOption)
    .option('--end <time>', 'received then or earlier', timeOption)
    .option('--after <id>', 'the page that follows this id')
    .option('--before [id]', 'the page that ends before this id; without one the last page')
    .option('--max <number>', 'entries at most; 250 in any case', wholeOption)
    .option('--json', 'write an object a line (docs/cli/archivePage.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive page --archive sqlite:archive.db --owner juliet@capulet.example --before --max 20',
    'stanzaseal archive page --archive sqlite:archive.db --owner juliet@capulet.example --with romeo@montague.example --json',
  );
  verb.action(async (options: Options & { before?: string | true }) => {
    const { owner, with: peer, start, end, after, before, max } = options;
    const query: Record<string, unknown> = {
      with: peer,
      start,
      end,
      after,
      before: before === true ? '' : before,
      max,
    };
    const asked = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    const page = await withOpenedArchive(options, system, ({ archive }) => archive.page({ owner, ...asked }), {
      reads: true,
    });
    const lines = page.entries.map(({ id, leafIndex, receivedAt, sealed, kind, octets }) => {
      // What an archive keeps it has read before: no limit of today's applies.
      const stanza = octets && oneLine(readXmlOctets(octets, UNLIMITED, { defaultNamespace: 'jabber:client' }));
      if (options.json !== true) return stanza;
      const time = new Date(receivedAt).toISOString();
      return JSON.stringify({
        id,
        leafIndex,
        receivedAt: time,
        sealed,
        kind,
        ...(stanza === undefined ? {} : { stanza }),
      });
    });
    await writeOutput(lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join(''), options.out);
    for (const leafIndex of page.damaged)
      reportFailure({ code: 'ERR_PROOF', sentence: `entry #${leafIndex} is damaged`, exitCode: EXIT_REFUSED });
    if (page.damaged.length > 0) process.exitCode = EXIT_REFUSED;
  });
}

const UNLIMITED = { octets: Number.MAX_SAFE_INTEGER, depth: 256 };

function peerOption(value: string): string {
  try {
    bareJid(value);
  } catch {
    throw usageFailure(`'${value}' is no JID`);
  }
  return value;
}
