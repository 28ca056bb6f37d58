import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePemBlocks } from '@stanzaseal/cms';
import { needing, PASSWORD, sleep, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
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

test(
  'two people chat: at the same time, and while one of them is away',
  needing(['prosody'], async () => {
    const server = await startProsody();
    for (const user of ['romeo', 'juliet']) await server.register(user);
    const password = join(folder, 'chat-password');
    writeFileSync(password, PASSWORD);
    const start = (user: string, peer: string) => {
      const args = [`${user}@localhost`, password, join(folder, user), `${peer}@localhost`];
      return startExample('chat.ts', args, server.tcpUrl);
    };
    const [juliet, romeo] = [await start('juliet', 'romeo'), await start('romeo', 'juliet')];
    romeo.type('what light through yonder window breaks?');
    await juliet.shows('romeo@localhost (unverified): what light through yonder window breaks?');
    juliet.type('how camest thou hither?');
    await romeo.shows('juliet@localhost (unverified): how camest thou hither?');
    assert.is(await juliet.finish(), 0);
    romeo.type('with love’s light wings');
    assert.is(await romeo.finish(), 0);
    const again = await start('juliet', 'romeo');
    await again.shows('romeo@localhost (unverified): with love’s light wings');
    assert.is(await again.finish(), 0);
    assert.not.match(romeo.output() + again.output(), /NOT SEALED|not sent|CHANGED/);
    await server.stop();
  }),
);

/** An example that runs. */
interface Example {
  /** All that it wrote. */
  output(): string;
  /** Waits until it wrote something. */
  shows(text: string): Promise<void>;
  /** Types a line. */
  type(line: string): void;
  /** Ends its input, and gives its exit code. */
  finish(): Promise<number | null>;
  /** Asks it to end, and gives its exit code. */
  end(): Promise<number | null>;
}

/** Starts an example, and waits until it says that it is there. */
async function startExample(name: string, args: readonly string[], service: string): Promise<Example> {
  const file = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  const options = ['--import', import.meta.resolve('tsx'), '--conditions=@stanzaseal/source', file, ...args];
  const child = spawn(process.execPath, options, { env: { ...process.env, XMPP_SERVICE: service } });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const shows = async (text: string): Promise<void> => {
    for (const patience = Date.now() + 40_000; !output.includes(text); await sleep(20))
      if (Date.now() > patience || child.exitCode !== null) throw new Error(`${name} does not say ${text}: ${output}`);
  };
  await shows('is there');
  return {
    output: () => output,
    shows,
    type: (line) => void child.stdin.write(`${line}\n`),
    finish() {
      child.stdin.end();
      return ended;
    },
    end() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

test.run();
