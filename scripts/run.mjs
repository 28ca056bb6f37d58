// Starts a program and keeps what it says; every program has a time limit and dies with its children.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './repository.mjs';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const searchPath = [join(modules, '.bin'), ...pnpmFolder(), process.env.PATH].join(delimiter);
const windows = process.platform === 'win32';

/** Where scripts/pnpm.mjs found the pinned pnpm, so that turbo and `pnpm pack` find it too. */
function pnpmFolder() {
  try {
    return [JSON.parse(readFileSync(join(modules, '.stanzaseal-install.json'), 'utf8')).pnpmFolder];
  } catch {
    return [];
  }
}

/**
 * @typedef {{ code: number, output: string, stdout: string, timedOut: boolean, seconds: number }} Outcome
 *   code: exit code, 1 when killed or not startable; output: both streams as they came
 * @param {string} command found on the path or in node_modules/.bin
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limitSeconds?: number, show?: boolean, input?: string }} [options]
 *   show: also pass the output on while it comes
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { cwd = root, env = {}, limitSeconds = 600, show = false, input } = {}) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', PATH: searchPath, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: !windows,
      shell: windows && !command.endsWith('.exe') && command !== process.execPath,
    });
    let output = '';
    let stdout = '';
    let timedOut = false;
    const kill = () => {
      // The group, not the process: a test's own children would otherwise hold the pipes open for ever.
      try {
        if (!windows && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // already gone
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, limitSeconds * 1000);
    /** @param {NodeJS.Signals} signal */
    const stop = (signal) => {
      kill();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    /** @param {number} code */
    const finish = (code) => {
      clearTimeout(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve({ code, output, stdout, timedOut, seconds: (performance.now() - started) / 1000 });
    };
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
      if (show) process.stdout.write(text);
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (show) process.stderr.write(text);
    });
    child.on('error', (error) => {
      output += `${command} cannot be started: ${error.message}\n`;
      finish(1);
    });
    child.on('exit', (code, signal) => {
      if (signal !== null && !timedOut) {
        // Nobody else says so of one that the system ended for its memory.
        output += `killed by ${signal}\n`;
        if (show) process.stderr.write(`killed by ${signal}\n`);
      }
      // A grandchild may keep the pipes open after the program itself is gone: wait for them two seconds at most.
      setTimeout(() => finish(code ?? 1), 2000).unref();
    });
    child.on('close', (code) => finish(code ?? 1));
    if (input !== undefined) child.stdin?.end(input);
  });
}

/**
 * Runs a job for each item, some at a time, and keeps the order of the results.
 * @template Item, Result
 * @param {Item[]} items
 * @param {number} atOnce
 * @param {(item: Item) => Promise<Result>} job
 * @returns {Promise<Result[]>}
 */
export async function runEach(items, atOnce, job) {
  /** @type {Result[]} */
  const results = new Array(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await job(/** @type {Item} */ (items[index]));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return results;
}
