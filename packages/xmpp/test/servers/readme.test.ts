import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needing, PASSWORD, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createActor } from './actors.js';

const test = suite('the README’s "Connect to your server", as pasted');
const here = fileURLToPath(new URL('../', import.meta.url));
const run = promisify(execFile);

test.after(stopEverything);

test(
  'makes keys, talks, ends; and goes on with the same keys',
  needing(['prosody'], async () => {
    const readme = readFileSync(join(here, '../README.md'), 'utf8');
    const [, code = ''] = /## Connect to your server[^]*?```ts no-run\n([^]*?)```/.exec(readme) ?? [];
    const program = join(here, `readme-${process.pid}.tmp.ts`);
    const cwd = mkdtempSync(join(tmpdir(), 'stanzaseal-readme-'));
    const server = await startProsody();
    const juliet = await createActor(server, 'juliet');
    await juliet.connection.start();
    await server.register('romeo');
    writeFileSync(program, code);
    const connect = (text: string): Promise<{ stdout: string }> =>
      run(
        process.execPath,
        [
          '--import',
          import.meta.resolve('tsx'),
          '--conditions=@stanzaseal/source',
          program,
          'romeo@localhost',
          PASSWORD,
          juliet.jid,
          text,
        ],
        { cwd, env: { ...process.env, XMPP_SERVICE: server.tcpUrl }, timeout: 60_000 },
      );
    try {
      await connect('first');
      await juliet.until(() => juliet.messages.length === 1);
      await juliet.say('romeo@localhost', 'an answer');
      assert.match((await connect('second')).stdout, /^sealed juliet@localhost an answer$/m);
      await juliet.until(() => juliet.messages.length === 2);
      assert.equal(juliet.texts(), ['first', 'second']);
      const devices = juliet.messages.map(
        (message) => message.plain === false && Buffer.from(message.sender.device).toString('hex'),
      );
      assert.is(devices[0], devices[1]);
    } finally {
      rmSync(program);
      rmSync(cwd, { recursive: true });
      await juliet.connection.stop();
    }
  }),
);

test.run();
