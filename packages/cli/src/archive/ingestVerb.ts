/**
 * `archive ingest`: stanzas into an archive.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Receipt, StanzaItem } from '@stanzaseal/archive';
import { toHex } from '@stanzaseal/cms';
import { attribute, bareJid, childrenOf, readXml, splitXml, type XmlElement } from '@stanzaseal/stanza';
import type { Command } from 'commander';
import { CliFailure, EXIT_REFUSED, reportFailure, tell, warn } from '../failure.js';
import { readTextChunks } from '../input.js';
import { type InOut, withExamples, withInOut } from '../options.js';
import { openOutput } from '../output.js';
import { printable } from '../printable.js';
import type { System } from '../system.js';
import { type ArchiveOptions, ownerOption, withNewArchive, withOpenedArchive } from './openedArchive.js';
import { withProgress } from './progress.js';

type Options = ArchiveOptions & InOut & { json?: true; owner?: string };

/** Adds `archive ingest`. */
export function addIngestVerb(group: Command, system: System): void {
  const verb = withInOut(withNewArchive(group.command('ingest')))
    .description('keep stanzas; a line for each when it is durable: its id, its place in the log, what became of it')
    .option('--owner <jid>', "in whose archive; else the one that a stanza's stanza-id names, or its 'to'", ownerOption)
    .option('--json', 'write an object a line (docs/cli/archiveIngest.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive ingest --archive sqlite:archive.db --owner juliet@capulet.example < stanzas.xml',
  );
  verb.action(async (options: Options) => {
    process.exitCode = await ingest(options, system);
  });
}

async function ingest(options: Options, system: System): Promise<number> {
  const output = await openOutput(options.out);
  let refused = 0;
  const under: number[] = [];
  async function* items(): AsyncGenerator<StanzaItem, void, undefined> {
    for await (const item of splitXml(readTextChunks(options.in))) {
      try {
        if (item.error !== undefined) throw item.error;
        const described = contextOf(item.text, options.owner, system);
        under.push(item.index);
        yield { ...described, stanza: item.text };
      } catch (thrown) {
        refused++;
        const told = tell(thrown);
        reportFailure({ ...told, sentence: `stanza ${item.index}: ${told.sentence}` });
      }
    }
  }
  try {
    const kept = await withOpenedArchive(
      options,
      system,
      ({ archive }) =>
        withProgress('stanzas', async (show) => {
          let done = 0;
          for await (const receipt of archive.ingest(items())) {
            const index = under.shift() as number;
            if (receipt.quarantined !== undefined)
              warn(`stanza ${index} is in quarantine as ${receipt.id}: ${receipt.quarantined}`);
            await output.write(options.json === true ? `${JSON.stringify(asJson(index, receipt))}\n` : line(receipt));
            show({ done: ++done, total: undefined });
          }
          return done;
        }),
      { makes: true },
    );
    if (kept + refused === 0) throw new CliFailure('ERR_XML', 'input holds no stanza');
    // What was kept is kept, whatever else was refused: the receipts are worth having.
    await output.commit();
    return refused === 0 ? 0 : EXIT_REFUSED;
  } catch (thrown) {
    await output.discard();
    throw thrown;
  }
}

/** Whose stanza it is, under which id, and since when: as its server said (XEP-0359, XEP-0203); else a new id, and now. */
function contextOf(
  text: string,
  given: string | undefined,
  { now }: System,
): { readonly owner: string; readonly stanzaId: string; readonly receivedAt: number } {
  const stanza = parsed(text);
  const named = stanza === undefined ? [] : childrenOf(stanza, 'urn:xmpp:sid:0', 'stanza-id');
  const by = (element: XmlElement): string => lenient(attribute(element, 'by') ?? '');
  const only = named.length === 1 ? named[0] : undefined;
  const to = stanza && attribute(stanza, 'to');
  const owner = given ?? (only === undefined ? to && bareJid(to) : by(only));
  if (owner === undefined || owner === '')
    throw new CliFailure('ERR_ADDRESS', "stanza says not whose it is; use '--owner'");
  const own = named.find((element) => by(element) === owner);
  const id = (own && attribute(own, 'id')) ?? '';
  const good = id !== '' && id.length <= 1023 && !/^#\d*$/.test(id);
  const delay = stanza && childrenOf(stanza, 'urn:xmpp:delay', 'delay')[0];
  const stamp = delay && attribute(delay, 'stamp');
  const time = stamp === undefined ? Number.NaN : Date.parse(stamp);
  return { owner, stanzaId: good ? id : randomUUID(), receivedAt: time >= 0 ? time : now() };
}

/** What cannot be read is for the archive to put in quarantine. */
function parsed(text: string): XmlElement | undefined {
  try {
    return readXml(text, undefined, { defaultNamespace: 'jabber:client' });
  } catch {
    return undefined;
  }
}

function lenient(jid: string): string {
  try {
    return bareJid(jid);
  } catch {
    return '';
  }
}

function line({ id, leafIndex, duplicate, quarantined }: Receipt): string {
  return `${printable(id)} ${leafIndex}${quarantined !== undefined ? ' quarantined' : duplicate ? ' duplicate' : ''}\n`;
}

function asJson(index: number, { id, leafIndex, leafHash, treeSize, duplicate, quarantined }: Receipt): object {
  const status = quarantined !== undefined ? 'quarantined' : duplicate ? 'duplicate' : 'kept';
  const reason = quarantined === undefined ? {} : { reason: quarantined };
  return { index, status, id, leafIndex, leafHash: toHex(leafHash), treeSize, ...reason };
}
