import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needing, sleep, startProsody, stopEverything } from '../../src/servers/index.js';
import { temporaryDirectory } from '../../src/servers/leftovers.js';

const test = suite('what the harness leaves behind');
test.after(stopEverything);

const SCRIPT = `
  import { startProsody, startPostgres } from '@stanzaseal/testkit/servers';
  for (const server of await Promise.all([startProsody(), startPostgres()])) {
    console.log(JSON.stringify({ pid: server.pid, directory: server.directory }));
  }
  setInterval(() => undefined, 1000);`;

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(
    `no process, when the test's own is ended by ${signal}`,
    needing(['prosody', 'postgres', 'setpriv'], async () => {
      const options = ['--import', 'tsx', '--conditions=@stanzaseal/source', '--input-type=module', '-e', SCRIPT];
      const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
      const servers: { pid: number; directory: string }[] = [];
      for await (const line of createInterface(child.stdout)) {
        servers.push(JSON.parse(line));
        if (servers.length === 2) break;
      }
      child.kill(signal);
      await new Promise((resolve) => child.once('exit', resolve));
      for (const { pid } of servers) await gone(pid);
      const left = servers.filter(({ directory }) => existsSync(directory));
      // Who is killed cannot clear up.
      assert.is(left.length, signal === 'SIGKILL' ? 2 : 0);
      for (const { directory } of left) rmSync(directory, { recursive: true });
    }),
  );
}

test(
  'nothing, when a test failed before it could stop its server',
  needing(['prosody'], async () => {
    const { pid, directory } = await startProsody();
    stopEverything();
    await gone(Number(pid));
    assert.not(existsSync(directory));
  }),
);

test('not a directory that is still written into while it is removed', async () => {
  const { path, remove } = temporaryDirectory('leftovers');
  mkdirSync(join(path, 'inner'));
  // For 0.8 s at most, however slow the disk is: removing goes on for longer.
  const script = 'cd "$0"; for i in $(seq 4000); do : > $i; : > inner/$i; done';
  const dying = spawn('timeout', ['0.8', 'sh', '-c', script, path], { stdio: 'ignore' });
  while (readdirSync(path).length < 100 && dying.exitCode === null) await sleep(1);
  remove();
  assert.not(existsSync(path));
  if (dying.exitCode === null) await new Promise((resolve) => dying.once('exit', resolve));
});

async function gone(pid: number): Promise<void> {
  for (let waited = 0; existsSync(`/proc/${pid}`); waited += 20) {
    assert.ok(waited < 5000, `process ${pid} still runs`);
    await sleep(20);
  }
}

test.run();
