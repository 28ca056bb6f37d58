/**
 * What sealing costs on a real server: messages a second and latency against the same unsealed, and the time from login to caught up.
 * Figures of one run on one machine, server and clients together: ratios say more than numbers.
 */
import { chat } from '@stanzaseal/testkit';
import { connectClient, type TestClient, type XmppServer, xml } from '@stanzaseal/testkit/servers';
import { actorOver, createActor } from './actors.js';

/** A payload of 2 KB. */
const TEXT = 'The quality of mercy is not strained. '.repeat(53).slice(0, 2000);

/** What was measured. */
export interface Figures {
  /** Messages a second, many under way, from the first taken to the last delivered. */
  readonly sealedPerSecond: number;
  readonly plainPerSecond: number;
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
  const [romeo, juliet] = [await createActor(server, 'fast'), await createActor(server, 'fastest')];
  await Promise.all([romeo.connection.start(), juliet.connection.start()]);
  await romeo.say(juliet, 'hello');
  await juliet.say(romeo, 'hello');
  const sealedLatency = await latencies(200, async (i) => {
    await romeo.connection.send(chat(`${i} ${TEXT}`, { to: juliet.jid }));
    await juliet.until(() => juliet.messages.length === i + 2);
  });
  juliet.messages.length = 0;
  const sealedMs = await timed(async () => {
    for (let i = 0; i < count; i++) await romeo.connection.send(chat(`${i} ${TEXT}`, { to: juliet.jid }));
    await juliet.until(() => juliet.messages.length === count, 90_000);
  });
  await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
  for (const user of ['plain', 'plainer']) await server.register(user);
  const [from, to] = [
    await connectClient(server, { username: 'plain', resource: 'a' }),
    await connectClient(server, { username: 'plainer', resource: 'b' }),
  ];
  const isBody = (stanza: ReturnType<typeof xml>): boolean => stanza.is('message');
  const send = (i: number): Promise<void> =>
    from.send(xml('message', { to: to.bareJid, type: 'chat', id: `${i}` }, xml('body', {}, TEXT)));
  const came = (n: number): Promise<void> => arrived(to, isBody, n);
  const plainLatency = await latencies(200, async (i) => {
    await send(i);
    await came(i + 1);
  });
  to.stanzas.length = 0;
  const plainMs = await timed(async () => {
    for (let i = 0; i < count; i++) await send(i);
    await came(count);
  });
  await Promise.all([from.stop(), to.stop()]);
  return {
    sealedLatency,
    plainLatency,
    sealedPerSecond: (count * 1000) / sealedMs,
    plainPerSecond: (count * 1000) / plainMs,
  };
}

/** Measures the time from login to caught up, in ms, with so many messages waiting. */
export async function measureCatchUp(server: XmppServer, count: number): Promise<number> {
  const [romeo, juliet] = [await createActor(server, 'filler'), await createActor(server, 'waiting')];
  await juliet.connection.start();
  await juliet.connection.stop();
  await romeo.connection.start();
  for (let i = 0; i < count; i++) {
    await romeo.connection.send(chat(`${i}`, { to: juliet.jid }));
    romeo.events.length = 0;
  }
  await romeo.until(() => romeo.connection.outbox.pending().length === 0, 100_000);
  const again = await actorOver(server, juliet.storage, 'waiting');
  const ms = await timed(() => again.connection.start());
  if (again.messages.length !== count) throw new Error(`${again.messages.length} of ${count} came`);
  await Promise.all([romeo.connection.stop(), again.connection.stop()]);
  return ms;
}

async function arrived(
  client: TestClient,
  fits: (stanza: ReturnType<typeof xml>) => boolean,
  count: number,
): Promise<void> {
  while (client.stanzas.filter(fits).length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function latencies(count: number, run: (i: number) => Promise<void>): Promise<Percentiles> {
  const all: number[] = [];
  for (let i = 0; i < count; i++) all.push(await timed(() => run(i)));
  all.sort((a, b) => a - b);
  return { p50: all[Math.floor(count / 2)] ?? 0, p99: all[Math.floor(count * 0.99)] ?? 0 };
}
