/**
 * People who chat: each with a store of their own in one folder, by pipes or at a terminal.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PASSWORD, startTerminal, type Terminal } from '@stanzaseal/testkit/servers';
import { cli } from '../shell.js';

/** What a chat that ended left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who chats with whom, on `localhost`; with another store or password file than their own where it is said. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly store?: string;
  readonly password?: string;
}

/** A folder with stores. */
export interface ChatPeople {
  readonly folder: string;
  /** Types lines into a chat and ends its input. */
  piped(service: string, pair: Pair, input: string): Promise<Ended>;
  /** Begins a chat at a terminal. */
  atTerminal(service: string, pair: Pair): Promise<Terminal>;
  /** Takes the folder away. */
  remove(): void;
}

/** Makes a folder for stores. */
export function chatPeople(): ChatPeople {
  const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-chat-'));
  const secret = join(folder, 'password');
  writeFileSync(secret, `${PASSWORD}\n`);
  const words = (service: string, { from, to, store = from, password = secret }: Pair): readonly string[] =>
    `chat --jid ${from}@localhost --to ${to}@localhost --service ${service} --store ${join(folder, store)} --password-file ${password} --passphrase-file ${secret}`.split(
      ' ',
    );
  return {
    folder,
    piped: (service, pair, input) => run(words(service, pair), input),
    atTerminal: (service, pair) =>
      startTerminal([...cli, ...words(service, pair)].map((word) => `'${word}'`).join(' ')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Lines of people, without their times. */
export function said(output: string): string[] {
  return output.split('\n').flatMap((line) => /^\[[^\]]*\] (.*)/.exec(line)?.[1] ?? []);
}

function run(args: readonly string[], input: string): Promise<Ended> {
  const [command = '', ...before] = cli;
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...args], { timeout: 60_000 });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
