/**
 * A client that is killed at any moment, again and again, while both sides talk: every message in both directions is given, accepted and
 * shown, once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chat } from '@stanzaseal/testkit';
import { PASSWORD, sleep, type XmppServer } from '@stanzaseal/testkit/servers';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { createActor } from './actors.js';

const here = dirname(fileURLToPath(import.meta.url));

/** Kills a client of a server that was just started so many times, and gives how many messages came in each direction. */
export async function killClient(server: XmppServer, kills: number): Promise<{ there: number; back: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-kill-'));
  const romeo = await createActor(server, 'romeo');
  await server.register('juliet');
  const juliet = 'juliet@localhost';
  await romeo.connection.start();
  const args = [await bundled(folder), server.tcpUrl, juliet, PASSWORD, romeo.jid, folder];
  let said = 0;
  let isOver = false;
  let talking: Promise<void> | undefined;
  const talk = async (): Promise<void> => {
    for (; !isOver; await sleep(60)) await romeo.connection.send(chat(`${said++}`, { to: juliet }));
  };
  let readyCount = 0;
  let child: ChildProcess | undefined;
  let errors = '';
  const start = (): Promise<void> => {
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    started.stderr.on('data', (data) => (errors += data));
    return new Promise((resolve) => {
      started.stdout.once('data', () => {
        readyCount++;
        resolve();
      });
      started.once('exit', () => resolve());
    });
  };
  const kill = async (): Promise<unknown> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    return ended;
  };
  try {
    for (let i = 0; i < kills; i++) {
      const ready = start();
      // The first lives, so that there are keys to seal to. Of the others a third dies on its way to being caught up.
      if (i === 0 || i % 3 > 0) await ready;
      talking ??= talk();
      await sleep((i * 137) % 431);
      await kill();
    }
    isOver = true;
    await talking;
    await start();
    assert.is(errors, '');
    const linesOf = (name: string): string[] => {
      const path = join(folder, name);
      return existsSync(path)
        ? readFileSync(path, 'utf8')
            .split('\n')
            .slice(0, -1)
            .filter((line) => line !== '')
        : [];
    };
    const shown = (): string[] => linesOf('history').map((line) => line.split(' ')[2] ?? '');
    await romeo.until(() => shown().length >= said, 60_000);
    await kill();
    const taken = linesOf('taken').length;
    // What it had taken and not sent leaves with the next; and nothing is shown again.
    await start();
    await romeo.until(() => romeo.messages.length >= taken, 60_000);
    await kill();
    const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
    const byNumber = (a: string, b: string): number => Number(a) - Number(b);
    assert.equal(shown().sort(byNumber), numbers(said), 'shown once');
    assert.equal(
      linesOf('given').filter((line) => /^(unopened|plain)/.test(line)),
      [],
    );
    const came = romeo.texts().map((text) => text.replace('own: ', ''));
    assert.equal([...new Set(came)].length, came.length, 'none came twice');
    assert.equal(came.sort(byNumber).slice(0, taken), numbers(taken), 'all that was taken came');
    const gaps = romeo.messages.filter((one) => !one.plain && one.warnings.some(({ code }) => code === 'gap'));
    assert.equal(gaps, [], 'and nothing looks as if it were missing (C7)');
    console.log(`${kills} kills, ${readyCount} caught up; ${said} one way, ${taken} the other`);
    console.log(`${linesOf('given').length - said} given a second time after a kill, under the same name`);
    return { there: said, back: taken };
  } finally {
    isOver = true;
    await kill();
    await romeo.connection.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One file, because fifty starts should be fifty kills and not fifty times a loader. */
async function bundled(folder: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'killedClient.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@stanzaseal/source'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'silent',
  });
  const program = join(folder, 'client.mjs');
  writeFileSync(program, outputFiles[0]?.contents ?? '');
  return program;
}
