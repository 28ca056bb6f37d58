/**
 * The work of `archive serve`. Loaded when it runs.
 * @module
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Archive, ArchiveEvent } from '@stanzaseal/archive';
import { warn } from '../../failure.js';
import { open } from '../../input.js';
import { openOutput } from '../../output.js';
import type { System } from '../../system.js';
import { tellEvent, withOpenedArchive } from '../openedArchive.js';
import { untilSignal } from '../untilSignal.js';
import { archiveService } from './archiveService.js';
import { readToken } from './bearer.js';
import { feed } from './feed.js';
import type { ServeOptions } from './serveVerb.js';

/** How long requests that are under way have when it is to end, in ms. */
const PATIENCE = 10_000;

/** Serves until a signal; then takes nothing new, keeps and answers what it took, signs a last checkpoint and ends. */
export async function serveArchive(options: ServeOptions, system: System): Promise<void> {
  const token = await readToken(options.tokenFile);
  const stopping = new AbortController();
  await withOpenedArchive(
    options,
    system,
    async ({ archive, signing }) => {
      const { openRetention } = await import('@stanzaseal/archive');
      // An erasure that was stopped goes on at every start.
      await (await openRetention(archive, { recordKey: signing.recordKey })).resume();
      const service = archiveService({ archive, token, stopping: stopping.signal, now: system.now });
      const server = await listening(service.fetch, options);
      untilSignal().then(() => stopping.abort());
      const { address, family, port } = server.address() as AddressInfo;
      process.stderr.write(`serving http://${family === 'IPv6' ? `[${address}]` : address}:${port}\n`);
      const ended = once(stopping.signal, 'abort');
      const feeds = [
        ...(options.stdin === true ? [feedInput(archive, stopping.signal)] : []),
        ...(options.source === undefined ? [] : [followSource(archive, options, stopping.signal)]),
      ];
      // A feed that fails ends the rest: the archive is closed when nothing is under way any more.
      for (const each of feeds) each.catch(() => stopping.abort());
      await ended;
      await Promise.allSettled(feeds);
      await closed(server);
      if (options.stdin === true) process.stdin.destroy();
      await Promise.all(feeds);
    },
    { makes: true, onEvent: tellServed },
  );
}

async function feedInput(archive: Archive, signal: AbortSignal): Promise<void> {
  const output = await openOutput(undefined);
  for await (const answer of feed(archive, open(undefined), signal)) await output.write(`${JSON.stringify(answer)}\n`);
}

/** Goes on where the archive is, and with what comes. */
async function followSource(archive: Archive, { source, from = '' }: ServeOptions, signal: AbortSignal): Promise<void> {
  const { ejabberdArchive, follow, prosodyArchive } = await import('@stanzaseal/archive');
  const server = { url: from, live: true, onAway: () => warn('the database is away; it is asked again') };
  await follow(archive, source === 'prosody' ? prosodyArchive(server) : ejabberdArchive(server), {
    signal,
    onRefused: ({ cursor, refused }) => warn(`item ${cursor} is refused: ${refused}`),
  });
}

async function listening(
  fetch: Parameters<typeof createAdaptorServer>[0]['fetch'],
  { port, host }: ServeOptions,
): Promise<Server> {
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Connections without a request end at once, others when they are answered, or after a time. */
async function closed(server: Server): Promise<void> {
  const closing = once(server, 'close');
  server.close();
  const timer = setTimeout(() => server.closeAllConnections(), PATIENCE);
  await closing;
  clearTimeout(timer);
}

function tellServed(event: ArchiveEvent): void {
  if (event.type === 'quarantined') warn(`entry #${event.leafIndex} is in quarantine: ${event.reason}`);
  else if (event.type === 'damaged') warn(`entry #${event.leafIndex} is damaged`);
  else tellEvent(event);
}
