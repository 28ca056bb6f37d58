/**
 * One real program as a child process: started, awaited, ended by its own process id.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { available } from './available.js';
import { undoAtExit } from './leftovers.js';
import { accepts } from './ports.js';

/** How a program is started. */
export interface ProgramParameters {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Working directory and home; `output.log` in it takes both streams. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user to run as, where this process may choose. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Log files besides `output.log`. */
  readonly logs?: readonly string[];
  /** Ports that accept connections once it is ready. */
  readonly ports: readonly number[];
  /** Asks it to end; SIGTERM unless told otherwise. */
  readonly endSignal?: NodeJS.Signals;
  /** Time until it must be ready or gone, in ms; 30,000 unless told otherwise. */
  readonly patience?: number;
}

/** A program that can be ended and started again. */
export class Program {
  readonly #parameters: ProgramParameters;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #forget: () => void = () => undefined;
  /** How long the last start took, in ms. */
  readyMs = 0;

  constructor(parameters: ProgramParameters) {
    this.#parameters = parameters;
  }

  /** Process id, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until its ports accept connections. @throws Error with the log's tail when they do not in time */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.#parameters.name} is already running`);
    const { ports, patience = 30_000 } = this.#parameters;
    const started = performance.now();
    this.#spawn();
    const waiting = new Set(ports);
    while (waiting.size > 0) {
      for (const port of waiting) if (await accepts(port)) waiting.delete(port);
      if (this.#child === undefined) throw this.#failure('ended when it was started');
      if (performance.now() - started > patience) {
        await this.kill();
        throw this.#failure(`was not ready after ${patience} ms (ports ${[...waiting].join(', ')})`);
      }
      if (waiting.size > 0) await sleep(10);
    }
    this.readyMs = performance.now() - started;
  }

  /** Asks it to end and waits; kills it when it does not in ten seconds. */
  async end(): Promise<void> {
    const child = this.#child;
    child?.kill(this.#parameters.endSignal ?? 'SIGTERM');
    const timer = setTimeout(() => child?.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** The last lines of its output and its logs. */
  logTail(lines = 40): string {
    const { directory, logs = [] } = this.#parameters;
    return [join(directory, 'output.log'), ...logs]
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'))
      .filter((text) => text !== '')
      .join('\n');
  }

  /** Told at once as well: uvu keeps what a `before` hook throws to itself. */
  #failure(reason: string): Error {
    const message = `${this.#parameters.name} ${reason}:\n${this.logTail()}`;
    process.stderr.write(`${message}\n`);
    return new Error(message);
  }

  #spawn(): void {
    const { command, args, directory, env, user, name, endSignal = 'SIGTERM' } = this.#parameters;
    const output = openSync(join(directory, 'output.log'), 'a');
    const child = spawn(...boundToUs(command, args, endSignal), {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', output, output],
      ...user,
    });
    closeSync(output);
    this.#child = child;
    this.#forget = undoAtExit(() => child.kill('SIGKILL'));
    this.#ended = new Promise((resolve) => {
      const gone = () => {
        this.#child = undefined;
        this.#forget();
        resolve();
      };
      child.once('exit', gone).once('error', (error) => {
        process.stderr.write(`${name} cannot be started: ${error.message}\n`);
        gone();
      });
    });
  }
}

/**
 * A command with its arguments that the kernel ends when this process is gone, also where it was killed and can undo nothing any
 * more (Linux; elsewhere as it is).
 */
export function boundToUs(
  command: string,
  args: readonly string[],
  signal: NodeJS.Signals = 'SIGKILL',
): [command: string, args: string[]] {
  if (!available('setpriv')) return [command, [...args]];
  return ['setpriv', ['--pdeathsig', signal.slice(3), command, ...args]];
}

/** Waits. @param ms milliseconds */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
