/**
 * `archive feed`: what a server hands to a component, while people talk.
 * @module
 */
import type { Archive, Followed } from '@stanzaseal/archive';
import type { Command } from 'commander';
import { EXIT_REFUSED, reportFailure, tell, warn } from '../failure.js';
import { bareJidOption, collect, type InOut, withExamples, withOut } from '../options.js';
import { writeOutput } from '../output.js';
import type { System } from '../system.js';
import { type ArchiveOptions, withNewArchive, withOpenedArchive } from './openedArchive.js';
import { untilSignal } from './untilSignal.js';

type Options = ArchiveOptions &
  Pick<InOut, 'out'> & {
    json?: true;
    domain: string[];
    rooms?: string[];
    component: string;
    service: string;
    secretFile: string;
  };

/** Adds `archive feed`. */
export function addFeedVerb(group: Command, system: System): void {
  const verb = withOut(withNewArchive(group.command('feed')))
    .description('keep the messages that a server forwards to a component (XEP-0297), until the process is ended')
    .requiredOption(
      '--domain <domain>',
      'whose accounts have archives here, and whose server is believed; again for more',
      collectDomain,
    )
    .option('--rooms <domain>', 'domain of rooms that have archives here; again for more', collectDomain)
    .requiredOption('--component <domain>', 'domain of the component')
    .requiredOption('--service <url>', 'where the server takes components: xmpp://localhost:5347')
    .requiredOption('--secret-file <file>', "the component's secret")
    .option('--json', 'write an object at the end (docs/cli/archiveImport.schema.json)');
  withExamples(
    verb,
    'stanzaseal archive feed --archive sqlite:archive.db --domain capulet.example --component archiver.capulet.example --service xmpp://localhost:5347 --secret-file secret',
  );
  verb.action(async (options: Options) => {
    const sum = await withOpenedArchive(options, system, ({ archive }) => feedInto(archive, options, system), {
      makes: true,
    });
    const { kept, duplicates, quarantined, refused } = sum;
    const words = `${kept} kept, ${quarantined} in quarantine, ${duplicates} copies, ${refused} refused\n`;
    await writeOutput(options.json === true ? `${JSON.stringify(sum)}\n` : words, options.out);
  });
}

async function feedInto(archive: Archive, options: Options, { now: clock, crypto }: System): Promise<Followed> {
  const [{ follow, forwardedFeed }, { fromXmppElement }, { startComponent }] = await Promise.all([
    import('@stanzaseal/archive'),
    import('@stanzaseal/xmpp'),
    import('../component.js'),
  ]);
  const feed = forwardedFeed({ domains: options.domain, rooms: options.rooms ?? [], clock, crypto });
  const ending = new AbortController();
  let isListening = false;
  // Before it is connected: what comes first is not to be lost.
  const following = follow(archive, feed.source, {
    signal: ending.signal,
    onRefused: ({ refused }) => reportFailure({ code: 'ERR_UNSUPPORTED', sentence: refused, exitCode: EXIT_REFUSED }),
  });
  following.catch(() => undefined); // it is thrown below
  try {
    const { entity } = await startComponent(options, (made) => {
      made.on('stanza', (stanza) => {
        try {
          feed.push(fromXmppElement(stanza));
        } catch (thrown) {
          const { code, sentence } = tell(thrown);
          warn(`${code}: a stanza was passed over: ${sentence}`);
        }
      });
      made.on(
        'disconnect',
        () => isListening && warn('the server is away; what it says meanwhile only its own archive has'),
      );
    });
    isListening = true;
    process.stderr.write(`listening as ${options.component}\n`);
    await Promise.race([untilSignal(), following]);
    entity.reconnect.stop();
    isListening = false;
    // What the server has handed over already still comes, until it closes its side.
    await entity.stop().catch(() => undefined);
  } finally {
    ending.abort();
    await following.catch(() => undefined);
  }
  return following;
}

function collectDomain(value: string, earlier?: readonly string[]): string[] {
  return collect(bareJidOption(value), earlier);
}
