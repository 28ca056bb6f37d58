// The end of a connection in every state that xmpp.js can be in: it comes, soon, and nothing is left of it.
import { createServer, type Server, type Socket } from 'node:net';
import { chat, createPair } from '@stanzaseal/testkit';
import { type Client, client } from '@xmpp/client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SealedConnection, type SealedOptions, sealed, XmppError } from '../src/index.js';
import { FakeEntity } from './fakeEntity.js';

const test = suite('the end of a connection');
/** Twice what is waited for at most, and something for a slow machine. */
const SOON = 9_000;
const sockets = new Set<Socket>();
let [mute, port] = [undefined as Server | undefined, 0];

test.before(async () => {
  // Takes connections, and says nothing.
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined).resume()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  [mute, port] = [server, (server.address() as { port: number }).port];
});

test.after(() => {
  for (const socket of sockets) socket.destroy();
  mute?.close();
});

async function connectionTo(
  service: string,
  options: Partial<SealedOptions> = {},
): Promise<{ readonly made: Client; readonly connection: SealedConnection }> {
  const [romeo] = await createPair(`stop ${service}`);
  const made = client({ service, domain: 'montague.example', username: 'romeo', password: 'secret' });
  made.on('error', () => undefined);
  const { store, messenger, world } = romeo;
  const ports = { store, clock: Date.now, random: world.random, onMessage() {}, onEvent() {} };
  return { made, connection: sealed(made, messenger, { ...ports, ...options }) };
}

/** Gives what `start` was rejected with, once `stop` has resolved in time. */
async function stopsSoon({ made, connection }: Awaited<ReturnType<typeof connectionTo>>): Promise<void> {
  const start = performance.now();
  await connection.stop();
  assert.ok(performance.now() - start < SOON);
  assert.is(made.status, 'offline');
  assert.is((made as { socket?: unknown }).socket ?? null, null);
}

const reached = (made: Client, status: string): Promise<unknown> =>
  made.status === status ? Promise.resolve() : new Promise((resolve) => made.once(status as never, resolve));
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

test('of one that was never started', async () => {
  const scene = await connectionTo('xmpp://127.0.0.1:1');
  await stopsSoon(scene);
  await scene.connection.stop();
});

test('while nobody answers: of a stream that does not open, and of TLS that does not begin', async () => {
  for (const [scheme, status] of [
    ['xmpp', 'opening'],
    ['xmpps', 'connecting'],
  ] as const) {
    const before = sockets.size;
    const scene = await connectionTo(`${scheme}://127.0.0.1:${port}`);
    const started = scene.connection.start().then(() => 'started', codeOf);
    await reached(scene.made, status);
    while (sockets.size === before) await new Promise((resolve) => setTimeout(resolve, 5));
    await stopsSoon(scene);
    assert.is(await started, 'ERR_OFFLINE', scheme);
    const [last] = [...sockets].slice(-1);
    while (last?.closed === false) await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test('between two attempts of a client that tries again, and in the midst of one', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port: closed } = gone.address() as { port: number };
  await new Promise((resolve) => gone.close(resolve));
  for (const status of ['disconnect', 'connecting']) {
    const scene = await connectionTo(`xmpp://127.0.0.1:${closed}`);
    scene.made.reconnect.delay = 50;
    assert.is(await scene.connection.start().then(() => 'started', codeOf), 'ECONNREFUSED');
    await reached(scene.made, 'connecting');
    await reached(scene.made, status);
    await stopsSoon(scene);
    let attempts = 0;
    scene.made.on('status', () => void attempts++);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.is(attempts, 0, 'and no further attempt is made');
  }
});

test('of one that waits for its first login: start says so, and what was taken stays', async () => {
  const [romeo, juliet] = await createPair('waits');
  const entity = new FakeEntity();
  const { store, messenger, world } = romeo;
  const ports = { store, clock: Date.now, random: world.random, onMessage() {}, onEvent() {} };
  const connection = sealed(entity, messenger, ports);
  const started = connection.start().catch((error: unknown) => error);
  await connection.send(chat('kept', { to: juliet.jid }));
  await connection.stop();
  const error = await started;
  assert.ok(error instanceof XmppError && error.code === 'ERR_OFFLINE');
  assert.is((await store.entries('outbox')).length, 1);
});

test('where the last words are never written the socket is destroyed', async () => {
  const [romeo] = await createPair('never written');
  const entity = new FakeEntity();
  let end = (): void => undefined;
  entity.socket = { destroy: () => end() };
  entity.status = 'online';
  entity.stop = () => new Promise((resolve) => (end = resolve));
  const { store, messenger, world } = romeo;
  const ports = { store, clock: Date.now, random: world.random, onMessage() {}, onEvent() {} };
  await sealed(entity, messenger, ports).stop();
});

test('an attempt that gets through after all is ended', async () => {
  const [romeo] = await createPair('after all');
  const entity = new FakeEntity();
  let begin = (): void => undefined;
  let stops = 0;
  entity.start = () => new Promise((resolve) => (begin = resolve));
  entity.stop = async () => {
    stops++;
    entity.status = 'offline';
  };
  const { store, messenger, world } = romeo;
  const ports = { store, clock: Date.now, random: world.random, onMessage() {}, onEvent() {} };
  const connection = sealed(entity, messenger, ports);
  const started = connection.start().catch(codeOf);
  await connection.stop();
  assert.is(await started, 'ERR_OFFLINE');
  entity.status = 'online';
  begin();
  while (stops < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.is(entity.status, 'offline');
});

test.run();
