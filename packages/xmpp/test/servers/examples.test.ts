import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePemBlocks } from '@stanzaseal/cms';
import { needing, PASSWORD, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createActor } from './actors.js';

const test = suite('examples on Prosody');
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-examples-'));

test.after(() => {
  stopEverything();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'the echo bot answers, goes away, and answers later what came meanwhile',
  needing(['prosody'], async () => {
    const server = await startProsody();
    await server.register('bot');
    const romeo = await createActor(server, 'romeo');
    await romeo.connection.start();
    const password = join(folder, 'password');
    writeFileSync(password, PASSWORD);
    const start = () => startExample('echoBot.ts', ['bot@localhost', password, join(folder, 'bot')], server.tcpUrl);
    const bot = await start();
    await romeo.say('bot@localhost', 'one');
    await romeo.until(() => romeo.texts().length === 1);
    assert.is(await bot.end(), 0);
    await romeo.say('bot@localhost', 'two');
    const again = await start();
    await romeo.until(() => romeo.texts().length === 2);
    assert.equal(romeo.texts(), ['you said: one', 'you said: two']);
    assert.is(await again.end(), 0);
    await romeo.connection.stop();
    await server.stop();
  }),
);

test(
  'the component tells the time to who took its keys in',
  needing(['prosody'], async () => {
    const domain = 'time.localhost';
    const server = await startProsody({ components: { [domain]: 'secret' } });
    const romeo = await createActor(server, 'romeo');
    await romeo.connection.start();
    writeFileSync(join(folder, 'secret'), 'secret');
    const service = `xmpp://${server.host}:${server.componentPort}`;
    const clock = await startExample('component.ts', [domain, join(folder, 'secret'), join(folder, 'clock')], service);
    await romeo.messenger.importKeys(
      decodePemBlocks(readFileSync(join(folder, 'clock.bundle'), 'utf8')).map(({ der }) => der),
    );
    await romeo.say(`time@${domain}`, 'What is the time?');
    await romeo.until(() => romeo.texts().length === 1);
    assert.match(romeo.texts()[0] ?? '', /^it is \d{4}-\d\d-\d\dT\d\d:\d\d/);
    assert.is(await clock.end(), 0);
    await romeo.connection.stop();
    await server.stop();
  }),
);

/** Starts an example, and waits until it says that it is there. */
async function startExample(
  name: string,
  args: readonly string[],
  service: string,
): Promise<{ end(): Promise<number | null> }> {
  const file = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  const options = ['--import', import.meta.resolve('tsx'), '--conditions=@stanzaseal/source', file, ...args];
  const child = spawn(process.execPath, options, { env: { ...process.env, XMPP_SERVICE: service } });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} is not there: ${output}`)), 40_000);
    const take = (text: Buffer): void => {
      output += String(text);
      if (!output.includes('is there')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
  });
  return {
    end() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

test.run();
