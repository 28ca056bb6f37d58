/** Runs the command line on sources, as a process of its own. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledProgram } from '@stanzaseal/testkit/programs';

const MAIN = await bundledProgram(new URL('../src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What came of a run. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line with text as its standard input. */
export function stanzaseal(args: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: ROOT,
      detached: true,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdin.on('error', () => undefined);
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

/** A directory for one suite, with a passphrase file in it. */
export function workspace(): { path: (name: string) => string; passphrase: string[]; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'stanzaseal-test-'));
  const path = (name: string): string => join(directory, name);
  writeFileSync(path('passphrase'), 'wherefore art thou\n');
  return {
    path,
    passphrase: ['--passphrase-file', path('passphrase')],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A digest of every file in a directory: to see that nothing changed. */
export function stateOf(directory: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(directory).sort()) hash.update(name).update(readFileSync(join(directory, name)));
  return hash.digest('hex');
}
