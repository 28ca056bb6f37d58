/** Runs the CLI and other commands on sources, in a folder that goes when the process ends. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledProgram } from '@stanzaseal/testkit/programs';

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The folder that commands run in. */
export const folder: string = mkdtempSync(join(tmpdir(), 'stanzaseal-cli-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The CLI as a command line of its own, for a shell. */
export const cli: readonly string[] = [
  process.execPath,
  await bundledProgram(new URL('../src/main.ts', import.meta.url)),
];

/** Node, for a script that imports sources. */
export const nodeOnSources: readonly string[] = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  '--conditions=@stanzaseal/source',
];

/** Runs `stanzaseal` with arguments. */
export function stanzaseal(args: string, input: Uint8Array | string = ''): Outcome {
  return run([...cli, ...args.split(' ')], input);
}

/** Runs any command; ends it after 30 s. */
export function run([command, ...args]: readonly string[], input: Uint8Array | string = ''): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command as string, args, {
    cwd: folder,
    input,
    timeout: 30_000,
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { code: status, stdout, stderr: stderr.toString() };
}

/** Octets of a file in the folder. */
export function read(name: string): Buffer {
  return readFileSync(join(folder, name));
}

/** Writes a file into the folder. */
export function write(name: string, data: Uint8Array | string): void {
  writeFileSync(join(folder, name), data);
}

/** Whether OpenSSL is here; a `SKIPPED` line where it is not. */
export function hasOpenssl(): boolean {
  const found = spawnSync('openssl', ['version']).status === 0;
  if (!found) console.log('SKIPPED: no openssl');
  return found;
}
