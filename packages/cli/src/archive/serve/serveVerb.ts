/**
 * `archive serve`: a small archiver process.
 * @module
 */
import type { Command } from 'commander';
import { usageFailure } from '../../failure.js';
import { choose, withExamples } from '../../options.js';
import type { System } from '../../system.js';
import { type ArchiveOptions, withNewArchive } from '../openedArchive.js';

/** Options of `archive serve`. */
export interface ServeOptions extends ArchiveOptions {
  readonly tokenFile: string;
  readonly port: number;
  readonly host: LoopbackHost;
  readonly stdin?: true;
  readonly source?: 'prosody' | 'ejabberd';
  readonly from?: string;
}

/** Where it may listen: nowhere that another machine reaches. */
export type LoopbackHost = (typeof LOOPBACK)[number];
const LOOPBACK = ['127.0.0.1', '::1'] as const;
const SERVERS = ['prosody', 'ejabberd'] as const;

/** Adds `archive serve`. */
export function addServeVerb(group: Command, system: System): void {
  const verb = withNewArchive(group.command('serve'))
    .description('take a feed and keep it, and answer for the log, on the loopback, until SIGTERM')
    .requiredOption('--token-file <file>', "the token of 'Authorization: Bearer': 22 characters at least")
    .option('--port <number>', 'where to listen; 0 for any that is free, which is told', portOption, 0)
    .option('--host <address>', LOOPBACK.join('|'), choose('address of the loopback', LOOPBACK), LOOPBACK[0])
    .option(
      '--stdin',
      'also keep JSON lines of standard input; a line for each, when it is durable, on standard output',
    )
    .option('--source <server>', 'also keep what this server archives: prosody|ejabberd', choose('server', SERVERS))
    .option('--from <url>', "postgres://... where that server has its archive; 'archive import' tells more");
  withExamples(
    verb,
    'stanzaseal archive serve --archive sqlite:archive.db --token-file token --port 8480',
    'curl -H "Authorization: Bearer $(cat token)" --data-binary @stanzas.jsonl http://127.0.0.1:8480/ingest',
  );
  verb.action(async (options: ServeOptions) => {
    if ((options.source === undefined) !== (options.from === undefined))
      throw usageFailure("'--source' and '--from' go together");
    const { serveArchive } = await import('./serveArchive.js');
    await serveArchive(options, system);
  });
}

function portOption(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65535)) throw usageFailure(`'${value}' is no port`);
  return port;
}
