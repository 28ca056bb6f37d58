/**
 * What sealing costs on a real server: messages a second and latency against the same unsealed, and the time from login to caught up.
 * Server and clients share one machine and both clients one process, so ratios say more than numbers.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCryptoProvider, systemRandom as random } from '@stanzaseal/cms/provider';
import { createAccount, createKeyStore, createMemoryStorage, type KeyStoreStorage } from '@stanzaseal/keystore';
import { createFileStorage, givenKeySecret } from '@stanzaseal/keystore/file';
import { chat } from '@stanzaseal/testkit';
import { connectClient, sleep, type XmppServer, xml } from '@stanzaseal/testkit/servers';
import { actorOver, createActor } from './actors.js';
import { processorTime } from './processorTime.js';

/** A payload of 2 KB. */
const TEXT = 'The quality of mercy is not strained. '.repeat(53).slice(0, 2000);
const ROUNDS = 3;
const SINGLE = 30;
/** Messages given away at a time, by all ways: who has many to send does not wait for the disk with each. */
const AT_A_TIME = 16;
const crypto = createCryptoProvider();

/** What was measured of one way to send. */
export interface Figures {
  /** Messages a second, many under way, from the first taken to the last delivered. */
  readonly perSecond: number;
  /** Octets of a message on the wire. */
  readonly octets: number;
  /** From `send` to the other side's handler, one at a time, in ms: half of them took less, and 99 of 100. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of this process, both clients together, in ms a message. */
  readonly cpu: number;
  /** Processor time of the server, in ms a message; 0 where the system does not tell. */
  readonly server: number;
}

/** The ways: sealed with stores in memory and in files, in the clear, and in the clear with a text as long as the sealed ones. */
export type Way = 'sealed' | 'files' | 'plain' | 'long';

/** A pair of clients. */
interface Lane {
  send(): Promise<unknown>;
  readonly came: Counter;
  octets(): number;
  stop(): Promise<void>;
}

/** Measures live messages of 2 KB, the ways in turn, so that what else the machine does falls on all of them. */
export async function measureLive(server: XmppServer, count: number): Promise<Readonly<Record<Way, Figures>>> {
  const sealed = await sealedLane(server, 'memory');
  const files = await sealedLane(server, 'files');
  const plain = await plainLane(server, 'plain', () => TEXT);
  const long = await plainLane(server, 'long', () => 'x'.repeat(sealed.octets() - 150));
  const lanes = { sealed, files, plain, long };
  const spent = new Map(
    Object.keys(lanes).map((way) => [way, { ms: 0, cpu: 0, server: 0, latencies: [] as number[] }]),
  );
  for (const lane of Object.values(lanes)) for (let i = 0; i < 20; i++) await one(lane);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, lane] of Object.entries(lanes)) {
      const of = spent.get(way);
      if (of === undefined) continue;
      for (let i = 0; i < SINGLE; i++) of.latencies.push(await timed(() => one(lane)));
      const end = lane.came.count() + count;
      const cpu = process.cpuUsage();
      const serverBefore = processorTime(server.pid);
      of.ms += await timed(async () => {
        for (let i = 0; i < count; i += AT_A_TIME)
          await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count - i) }, () => lane.send()));
        await lane.came.reaches(end);
      });
      of.server += processorTime(server.pid) - serverBefore;
      const { user, system } = process.cpuUsage(cpu);
      of.cpu += (user + system) / 1000;
    }
  }
  const figuresOf = (way: Way): Figures => {
    const { ms = 0, cpu = 0, server: serverMs = 0, latencies = [] } = spent.get(way) ?? {};
    latencies.sort((a, b) => a - b);
    const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? 0;
    const sent = count * ROUNDS;
    return {
      perSecond: (sent * 1000) / ms,
      octets: lanes[way].octets(),
      p50: at(0.5),
      p99: at(0.99),
      cpu: cpu / sent,
      server: serverMs / sent,
    };
  };
  const figures = {
    sealed: figuresOf('sealed'),
    files: figuresOf('files'),
    plain: figuresOf('plain'),
    long: figuresOf('long'),
  };
  for (const lane of Object.values(lanes)) await lane.stop();
  return figures;
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

/** Two who talk already: from here on it is reply prekeys. */
async function sealedLane(server: XmppServer, kind: 'memory' | 'files'): Promise<Lane> {
  const [came, answered] = [counter(), counter()];
  const folders: string[] = [];
  const actor = async (user: string, onMessage: () => void) => {
    await server.register(user);
    const owner = `${user}@${server.domain}`;
    const directory = join(tmpdir(), `stanzaseal-figures-${process.pid}-${server.name}-${user}`);
    if (kind === 'files') folders.push(directory);
    const storage: KeyStoreStorage =
      kind === 'memory'
        ? createMemoryStorage()
        : await createFileStorage({ directory, secret: givenKeySecret(random(32)), random, crypto });
    // Opened from here on by the actor, over the same storage.
    await createKeyStore(storage, await createAccount({ owner, random, clock: Date.now, crypto }));
    return actorOver(server, storage, user, { onMessage, onEvent: () => undefined });
  };
  const [romeo, juliet] = [await actor(`from-${kind}`, answered.add), await actor(`to-${kind}`, came.add)];
  await Promise.all([romeo.connection.start(), juliet.connection.start()]);
  let octets = 0;
  romeo.client.on('send', (stanza) => {
    if (stanza.is('message')) octets = String(stanza).length;
  });
  const send = (): Promise<unknown> => romeo.connection.send(chat(TEXT, { to: juliet.jid }));
  await send();
  await came.reaches(1);
  await juliet.connection.send(chat('hello', { to: romeo.jid }));
  await answered.reaches(1);
  return {
    send,
    came,
    octets: () => octets,
    async stop() {
      await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
      await Promise.all([romeo.store.close(), juliet.store.close()]);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function plainLane(server: XmppServer, name: string, text: () => string): Promise<Lane> {
  const users = [`${name}-from`, `${name}-to`] as const;
  for (const user of users) await server.register(user);
  const from = await connectClient(server, { username: users[0], resource: 'a' });
  const to = await connectClient(server, { username: users[1], resource: 'b' });
  const came = counter();
  to.client.on('stanza', (stanza) => void (stanza.is('message') && came.add()));
  const make = (): ReturnType<typeof xml> => xml('message', { to: to.bareJid, type: 'chat' }, xml('body', {}, text()));
  return {
    send: () => from.send(make()),
    came,
    octets: () => String(make()).length,
    stop: async () => void (await Promise.all([from.stop(), to.stop()])),
  };
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

async function one({ send, came }: Lane): Promise<void> {
  const next = came.count() + 1;
  await send();
  await came.reaches(next);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
