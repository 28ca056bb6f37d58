/**
 * A real XMPP server for the time of a demo: on the loopback, on a free port, in a directory that goes with it.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliFailure } from '../failure.js';
import { HOST, RECIPES, type ServerName } from './serverRecipes.js';

/** A server that runs. */
export interface LocalServer {
  /** Which it is. */
  readonly name: ServerName;
  /** `xmpp://HOST:PORT`. */
  readonly service: string;
  /** TCP port of its clients. */
  readonly port: number;
  /** Process id. */
  readonly pid: number;
  /** Where its data are. */
  readonly directory: string;
  /** Ends it, and waits until it has written down what it holds. Does nothing the second time. */
  stop(): Promise<void>;
  /** Removes its directory. */
  remove(): void;
}

/** How long it may take to listen, and to end, in ms. */
const PATIENCE = { start: 60_000, stop: 15_000 } as const;

/** Starts one. @throws CliFailure `ERR_UNSUPPORTED` where it is not installed, `ERR_OFFLINE` where it does not start */
export async function startLocalServer(name: ServerName): Promise<LocalServer> {
  const recipe = RECIPES[name];
  const program = recipe.find();
  if (program === undefined)
    throw new CliFailure('ERR_UNSUPPORTED', `${name} is not installed (Debian: apt-get install ${name})`);
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), `stanzaseal-${name}-`));
  const clear = (): void => removeUntilGone(directory);
  let child: ChildProcess | undefined;
  // Whichever way this process ends, by a signal too: main.ts turns those into an exit.
  const leave = (): void => {
    child?.kill('SIGKILL');
    clear();
  };
  process.once('exit', leave);
  const remove = (): void => {
    clear();
    process.removeListener('exit', leave);
  };
  try {
    const { args, env } = recipe.prepare({ directory, port, program });
    const output = openSync(join(directory, 'output.log'), 'a');
    const [command = '', ...rest] = boundToUs([recipe.command(program), ...args]);
    child = spawn(command, rest, {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
  } catch (error) {
    remove();
    throw error;
  }
  const running = child;
  const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()).once('error', () => resolve()));
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });

  async function stop(): Promise<void> {
    running.kill('SIGTERM');
    const timer = setTimeout(() => running.kill('SIGKILL'), PATIENCE.stop);
    await ended;
    clearTimeout(timer);
  }

  for (const end = performance.now() + PATIENCE.start; !(await accepts(port)); ) {
    if (hasEnded || performance.now() > end) {
      await stop();
      const last = readFileSync(join(directory, 'output.log'), 'utf8').trim().split('\n').at(-1);
      remove();
      throw new CliFailure('ERR_OFFLINE', `${name} does not start${last ? `: ${last}` : ''}`);
    }
    await new Promise((go) => setTimeout(go, 20));
  }
  return { name, service: `xmpp://${HOST}:${port}`, port, pid: running.pid ?? 0, directory, stop, remove };
}

/** A command that the kernel ends when this process is gone, also where it was killed (Linux; elsewhere as it is). */
function boundToUs(words: readonly string[]): readonly string[] {
  const setpriv = '/usr/bin/setpriv';
  return existsSync(setpriv) ? [setpriv, '--pdeathsig', 'TERM', ...words] : words;
}

/** Below the range from which systems number outgoing connections, so that nobody takes it before the server does. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, HOST, () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    const answer = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

/** Again and again, for up to a second: a server that is dying still writes into it, and `maxRetries` of `rmSync` would not see that. */
function removeUntilGone(directory: string): void {
  for (let pauses = 0; existsSync(directory); pauses++) {
    try {
      rmSync(directory, { recursive: true });
    } catch (error) {
      if (pauses === 50) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
