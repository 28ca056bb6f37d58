/**
 * What goes wrong, in one shape: a code, a sentence, an exit code. Standard error gets `error: CODE: sentence`, one line for
 * each thing refused, and nothing else: no stack, no warning of the runtime.
 * @module
 */
import { printable } from './printable.js';

/** Done. */
export const EXIT_DONE = 0;
/** Refused or failed. */
export const EXIT_REFUSED = 1;
/** The command line is not one that can be carried out. */
export const EXIT_USAGE = 2;

/** A failure that the user is told about in a sentence of its own. */
export class CliFailure extends Error {
  /** Stable name: one of the packages' codes, or `ERR_IO`, `ERR_TOO_LARGE`, `ERR_USAGE`, `ERR_INTERNAL`. */
  readonly code: string;
  /** 1 or 2. */
  readonly exitCode: number;

  /** A failure with a code and a lower-case sentence. */
  constructor(code: string, sentence: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(sentence, options);
    this.name = 'CliFailure';
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT_REFUSED;
  }
}

/** A command line that cannot be carried out: exit code 2. */
export function usageFailure(sentence: string): CliFailure {
  return new CliFailure('ERR_USAGE', sentence, { exitCode: EXIT_USAGE });
}

/** Nobody reads our output any more: the end, without a word (exit code 1, for what was asked is not done). */
export class BrokenPipe extends Error {}

/** How a failure is told. */
export interface Told {
  /** Stable name. */
  readonly code: string;
  /** A sentence on one line, without control characters. */
  readonly sentence: string;
  /** 1 or 2. */
  readonly exitCode: number;
}

/** Puts any thrown value into words. What no package throws on purpose is a bug of ours: `ERR_INTERNAL`. */
export function tell(thrown: unknown): Told {
  if (thrown instanceof CliFailure) return told(thrown.code, thrown.message, thrown.exitCode);
  if (thrown instanceof Error) {
    const { code, syscall } = thrown as NodeJS.ErrnoException;
    if (code !== undefined && PACKAGE_CODES.has(code)) return told(code, thrown.message);
    if (code !== undefined && syscall !== undefined) return told('ERR_IO', ioSentence(thrown));
    return told('ERR_INTERNAL', `this should not happen, please report it (${thrown.name}: ${thrown.message})`);
  }
  return told('ERR_INTERNAL', 'this should not happen, please report it');
}

/** Writes a line about something that was refused; for verbs that go on with the rest. */
export function reportFailure({ code, sentence }: Told): void {
  process.stderr.write(`error: ${code}: ${sentence}\n`);
}

/** Writes a line about something odd that is no failure. */
export function warn(sentence: string): void {
  process.stderr.write(`warning: ${printable(sentence)}\n`);
}

/** Every code that a package gives (design: words for bad input). Node has codes that begin with ERR_ as well, and they are bugs. */
const PACKAGE_CODES: ReadonlySet<string> = new Set(
  (
    'DER UNSUPPORTED XML OPEN DUPLICATE VERIFY NO_KEYS KEY_CHANGED TOO_LARGE ADDRESS ' +
    'TRUST MESSAGE LIMIT RUN LOCKED PASSPHRASE CORRUPT ROLLBACK IN_USE NOT_FOUND HOLD PROOF STORE APPROVAL'
  )
    .split(' ')
    .map((name) => `ERR_${name}`),
);

const IO_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'is not a directory',
  EEXIST: 'exists already',
  ENOSPC: 'no space left',
  EROFS: 'file system is read-only',
};

function ioSentence(error: NodeJS.ErrnoException): string {
  const words = IO_WORDS[error.code ?? ''] ?? `input or output failed with ${error.code}`;
  return error.path === undefined ? words : `${error.path === '' ? "''" : error.path}: ${words}`;
}

function told(code: string, sentence: string, exitCode: number = EXIT_REFUSED): Told {
  // What somebody gave is quoted in it, of whatever length.
  const short = sentence.length > MAX_SENTENCE ? `${sentence.slice(0, MAX_SENTENCE)} ...` : sentence;
  return { code, sentence: printable(short), exitCode };
}

const MAX_SENTENCE = 1000;
