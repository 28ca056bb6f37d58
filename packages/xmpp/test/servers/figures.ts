/**
 * What sealing costs on a real server: messages a second and latency against the same unsealed, and the time from login to caught up.
 * Figures of one run on one machine, server and clients together: ratios say more than numbers.
 */
import { chat } from '@stanzaseal/testkit';
import { connectClient, sleep, type XmppServer, xml } from '@stanzaseal/testkit/servers';
import { actorOver, createActor } from './actors.js';

/** A payload of 2 KB. */
const TEXT = 'The quality of mercy is not strained. '.repeat(53).slice(0, 2000);

/** What was measured. */
export interface Figures {
  /** Messages a second, many under way, from the first taken to the last delivered. */
  readonly sealedPerSecond: number;
  readonly plainPerSecond: number;
  /** Of plain messages that are as long as the sealed ones were, so that the server has as much to do. */
  readonly longPerSecond: number;
  /** Octets of a sealed message on the wire. */
  readonly sealedOctets: number;
  /** From `send` to `onMessage`, one at a time, in ms. */
  readonly sealedLatency: Percentiles;
  readonly plainLatency: Percentiles;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Measures live messages of 2 KB. */
export async function measureLive(server: XmppServer, count: number): Promise<Figures> {
  const sealed = counter();
  const answered = counter();
  const romeo = await createActor(server, 'fast', { onMessage: answered.add, onEvent: () => undefined });
  const juliet = await createActor(server, 'faster', { onMessage: sealed.add, onEvent: () => undefined });
  await Promise.all([romeo.connection.start(), juliet.connection.start()]);
  await romeo.connection.send(chat('hello', { to: juliet.jid }));
  await sealed.reaches(1);
  // A conversation: from here on it is reply prekeys.
  await juliet.connection.send(chat('hello', { to: romeo.jid }));
  await answered.reaches(1);
  let sealedOctets = 0;
  romeo.client.on('send', (stanza) => {
    if (stanza.is('message')) sealedOctets = String(stanza).length;
  });
  const send = (): Promise<unknown> => romeo.connection.send(chat(TEXT, { to: juliet.jid }));
  const sealedFigures = await measured(count, send, sealed);
  await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);

  for (const user of ['plain', 'plainer']) await server.register(user);
  const from = await connectClient(server, { username: 'plain', resource: 'a' });
  const to = await connectClient(server, { username: 'plainer', resource: 'b' });
  const plain = counter();
  to.client.on('stanza', (stanza) => stanza.is('message') && plain.add());
  const message = (text: string): ReturnType<typeof xml> =>
    xml('message', { to: to.bareJid, type: 'chat' }, xml('body', {}, text));
  const plainFigures = await measured(count, () => from.send(message(TEXT)), plain);
  const longText = 'x'.repeat(sealedOctets - String(message('')).length);
  const longFigures = await measured(count, () => from.send(message(longText)), plain);
  await Promise.all([from.stop(), to.stop()]);
  return {
    sealedPerSecond: sealedFigures.perSecond,
    plainPerSecond: plainFigures.perSecond,
    longPerSecond: longFigures.perSecond,
    sealedOctets,
    sealedLatency: sealedFigures.latency,
    plainLatency: plainFigures.latency,
  };
}

/** Measures the time from login to caught up, in ms, with so many messages waiting. */
export async function measureCatchUp(server: XmppServer, count: number): Promise<number> {
  const [romeo, juliet] = [
    await createActor(server, 'filler', { onEvent: () => undefined }),
    await createActor(server, 'waiting'),
  ];
  await juliet.connection.start();
  await juliet.connection.stop();
  await romeo.connection.start();
  for (let i = 0; i < count; i++) await romeo.connection.send(chat(`${i}`, { to: juliet.jid }));
  while (romeo.connection.outbox.pending().length > 0) await sleep(200);
  const again = await actorOver(server, juliet.storage, 'waiting');
  const ms = await timed(() => again.connection.start());
  if (again.messages.length !== count) throw new Error(`${again.messages.length} of ${count} came`);
  await Promise.all([romeo.connection.stop(), again.connection.stop()]);
  return ms;
}

/** Counts what comes, and tells when it is enough. */
interface Counter {
  add(): void;
  count(): number;
  reaches(count: number): Promise<void>;
}

function counter(): Counter {
  let [came, wanted, tell] = [0, Number.POSITIVE_INFINITY, (): void => undefined];
  return {
    add() {
      if (++came >= wanted) tell();
    },
    count: () => came,
    reaches: (count) =>
      new Promise((resolve) => {
        [wanted, tell] = [count, resolve];
        if (came >= count) resolve();
      }),
  };
}

async function measured(
  count: number,
  send: () => Promise<unknown>,
  came: Counter,
): Promise<{ readonly perSecond: number; readonly latency: Percentiles }> {
  const one = async (): Promise<void> => {
    const next = came.count() + 1;
    await send();
    await came.reaches(next);
  };
  for (let i = 0; i < 50; i++) await one();
  const latency = await latencies(200, one);
  const end = came.count() + count;
  const ms = await timed(async () => {
    for (let i = 0; i < count; i++) await send();
    await came.reaches(end);
  });
  return { perSecond: (count * 1000) / ms, latency };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function latencies(count: number, run: () => Promise<void>): Promise<Percentiles> {
  const all: number[] = [];
  for (let i = 0; i < count; i++) all.push(await timed(run));
  all.sort((a, b) => a - b);
  return { p50: all[Math.floor(count / 2)] ?? 0, p99: all[Math.floor(count * 0.99)] ?? 0 };
}
