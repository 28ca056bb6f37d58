/**
 * A program on a terminal of its own: tmux, without a window.
 * @module
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pathOf } from './available.js';
import { temporaryDirectory } from './leftovers.js';
import { Program, sleep } from './program.js';

/** A terminal with a program in it. */
export interface Terminal {
  /** Its directory, which is the program's home. */
  readonly directory: string;
  /** Types a line and Enter. */
  type(line: string): Promise<void>;
  /** Presses a key by tmux's name of it, as `C-c` or `PageUp`. */
  press(key: string): Promise<void>;
  /** What stands on it, line by line. */
  screen(): Promise<string>;
  /**
   * Waits until the screen shows it, however the program broke the lines: runs of white space count as one space.
   * @param patience in ms, 15,000 unless told otherwise
   * @throws Error with the screen when it does not in time
   */
  until(shown: RegExp | string, patience?: number): Promise<string>;
  /** Ends the program with its terminal. */
  stop(): Promise<void>;
}

/** How a terminal is made. */
export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Columns and lines; 160 by 48. */
  readonly columns?: number;
  readonly lines?: number;
  /** Puts into its home what the program wants to find there. */
  readonly prepare?: (directory: string) => void;
}

const run = promisify(execFile);
const NAME = 'only';

/** Starts a command of the shell on a terminal. */
export async function startTerminal(command: string, options: TerminalOptions = {}): Promise<Terminal> {
  const { columns = 160, lines = 48 } = options;
  const tmux = pathOf('tmux');
  const directory = temporaryDirectory('terminal');
  options.prepare?.(directory.path);
  const socket = join(directory.path, 'tmux');
  const env = { HOME: directory.path, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...options.env };
  // In the foreground (-D), so that it is our child: what runs in it loses its terminal with it.
  const args = ['-S', socket, '-f', '/dev/null', '-D'];
  const server = new Program({ name: 'tmux', command: tmux, args, directory: directory.path, env, ports: [] });
  const ask = async (...words: string[]) =>
    (await run(tmux, ['-S', socket, ...words], { env: { PATH: process.env.PATH, ...env } })).stdout;
  // With the lines joined (-J) that the terminal broke, not the program.
  const screen = () => ask('capture-pane', '-p', '-J', '-t', NAME);
  const stop = async () => {
    await server.end();
    directory.remove();
  };
  try {
    await server.start();
    for (let waited = 0; !existsSync(socket) && waited < 5000; waited += 10) await sleep(10);
    await ask('new-session', '-d', '-s', NAME, '-x', String(columns), '-y', String(lines), command);
    // A program that ends at once shall leave its last words.
    await ask('set-option', '-g', 'remain-on-exit', 'on');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    directory: directory.path,
    type: async (line) => {
      await ask('send-keys', '-t', NAME, '-l', line);
      await ask('send-keys', '-t', NAME, 'Enter');
    },
    press: async (key) => void (await ask('send-keys', '-t', NAME, key)),
    screen,
    until: async (shown, patience = 15_000) => {
      const wanted = typeof shown === 'string' ? flat(shown) : shown;
      const fits = (text: string) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text));
      const ending = performance.now() + patience;
      for (;;) {
        const text = await screen();
        if (fits(flat(text))) return text;
        if (performance.now() > ending) throw new Error(`not on the screen in ${patience} ms: ${shown}\n${text}`);
        await sleep(50);
      }
    },
    stop,
  };
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
