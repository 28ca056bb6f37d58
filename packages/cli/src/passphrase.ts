/**
 * Asking for a passphrase: from a file, or on the terminal without echo. Never from an argument or the environment, which
 * other processes can read; never from standard input, which carries stanzas.
 * @module
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { fromUtf8, toUtf8 } from '@stanzaseal/cms';
import { CliFailure, usageFailure } from './failure.js';
import { readInput } from './input.js';

const MAX_PASSPHRASE_OCTETS = 1024;
const TERMINAL = process.platform === 'win32' ? '\\\\.\\CONIN$' : '/dev/tty';
const SCREEN = process.platform === 'win32' ? '\\\\.\\CONOUT$' : '/dev/tty';

/** What to ask. */
export interface PassphraseQuestion {
  /** The file of `--passphrase-file`: its octets without one line end at their end. */
  readonly passphraseFile?: string | undefined;
  /** The words on the terminal: `passphrase of the store`. */
  readonly prompt: string;
  /** Ask twice, for a new passphrase. */
  readonly confirm?: boolean;
  /** What is asked for: a passphrase when left out. */
  readonly what?: 'passphrase' | 'PIN' | 'password';
  /** The option that names the file, where it is not that of what is asked for. */
  readonly option?: string;
}

/**
 * The octets of a passphrase, at least one. The caller overwrites them when done.
 * @throws CliFailure `ERR_USAGE` (exit code 2) where there is no file and no terminal; `ERR_PASSPHRASE` for an empty one, or
 * two that differ
 */
export async function readPassphrase(question: PassphraseQuestion): Promise<Uint8Array> {
  const { passphraseFile, prompt, confirm, what = 'passphrase', option = `--${what.toLowerCase()}-file` } = question;
  if (passphraseFile !== undefined) {
    return checked(withoutLineEnd(await readInput(passphraseFile, MAX_PASSPHRASE_OCTETS)), what);
  }
  const first = await ask(`${prompt}: `, what, option);
  if (confirm === true && first !== (await ask(`${prompt}, again: `, what, option))) {
    throw new CliFailure('ERR_PASSPHRASE', `the two ${what}s differ`);
  }
  return checked(toUtf8(first), what);
}

/** The passphrase as text. */
export async function passphraseText(question: PassphraseQuestion): Promise<string> {
  const octets = await readPassphrase(question);
  try {
    return fromUtf8(octets);
  } catch (cause) {
    throw new CliFailure('ERR_PASSPHRASE', `the ${question.what ?? 'passphrase'} is not UTF-8`, { cause });
  } finally {
    octets.fill(0);
  }
}

function checked(passphrase: Uint8Array, what: string): Uint8Array {
  if (passphrase.length === 0) throw new CliFailure('ERR_PASSPHRASE', `the ${what} is empty`);
  return passphrase;
}

function withoutLineEnd(octets: Uint8Array): Uint8Array {
  let end = octets.length;
  if (octets[end - 1] === 0x0a) end--;
  if (octets[end - 1] === 0x0d) end--;
  return octets.slice(0, end);
}

async function ask(prompt: string, what: string, option: string): Promise<string> {
  const { terminal, screen } = openTerminal(what, option);
  try {
    // First: what is typed as soon as the question shows must not show.
    terminal.setRawMode(true);
    writeSync(screen, prompt);
    return await readLine(terminal, what);
  } finally {
    terminal.setRawMode(false);
    writeSync(screen, '\n');
    terminal.destroy();
    closeSync(screen);
  }
}

function openTerminal(what: string, option: string): { terminal: ReadStream; screen: number } {
  try {
    const screen = openSync(SCREEN, 'r+');
    return { terminal: new ReadStream(openSync(TERMINAL, 'r+')), screen };
  } catch {
    throw usageFailure(`there is no terminal to ask for the ${what}; use '${option}'`);
  }
}

/** A line in raw mode: the terminal edits nothing, so rubbing out and giving up are done here. */
function readLine(terminal: ReadStream, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const characters: string[] = [];
    const decoder = new TextDecoder();
    terminal.on('error', reject);
    terminal.on('end', () => reject(givenUp(what)));
    terminal.on('data', (octets: Uint8Array) => {
      for (const character of decoder.decode(octets, { stream: true })) {
        if (character === '\r' || character === '\n') return resolve(characters.join(''));
        if (character === '\u0003' || (character === '\u0004' && characters.length === 0)) return reject(givenUp(what));
        if (character === '\u007f' || character === '\b') characters.pop();
        else if (character === '\u0015') characters.length = 0;
        else if (character >= ' ' && characters.length < MAX_PASSPHRASE_OCTETS) characters.push(character);
      }
    });
  });
}

function givenUp(what: string): CliFailure {
  return new CliFailure('ERR_PASSPHRASE', `no ${what} was given`);
}
