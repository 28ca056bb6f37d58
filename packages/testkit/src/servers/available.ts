/**
 * Whether the programs that a test wants are installed here.
 * @module
 */

import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What each program is found by, and the Debian packages that bring it. */
const PROGRAMS = {
  prosody: { command: 'prosody', packages: 'prosody prosody-modules lua-sec lua-event lua-unbound lua-dbi-postgresql' },
  ejabberd: { command: 'ejabberdctl', packages: 'ejabberd erlang-p1-pgsql' },
  postgres: { command: 'postgres', packages: 'postgresql' },
  chromium: { command: 'chromium', packages: 'chromium' },
  profanity: { command: 'profanity', packages: 'profanity' },
  slixmpp: { command: 'slixmpp', packages: 'python3-slixmpp' },
  tmux: { command: 'tmux', packages: 'tmux' },
  openssl: { command: 'openssl', packages: 'openssl' },
  setpriv: { command: 'setpriv', packages: 'util-linux' },
} as const;

/** A program that the harness starts; `slixmpp` is the Python library of Debian's own Python. */
export type ProgramName = keyof typeof PROGRAMS;

const found = new Map<ProgramName, string | undefined>();

/** Whether a program is installed. */
export function available(program: ProgramName): boolean {
  return whereIs(program) !== undefined;
}

/**
 * A test's body that runs where the programs are installed. Where one is missing it says `SKIPPED: reason`, which the runner
 * counts; under `CI=true` it fails instead: there the programs are brought, and a server that is missing is a defect.
 * @example
 * test('two clients', needing(['prosody'], async () => { ... }));
 */
export function needing(programs: readonly ProgramName[], body: () => Promise<void>): () => Promise<void> {
  return async () => {
    const missing = programs.filter((program) => !available(program));
    if (missing.length === 0) return await body();
    const packages = missing.map((program) => PROGRAMS[program].packages).join(' ');
    const reason = `no ${missing.join(', no ')} (apt-get install ${packages})`;
    if (process.env.CI === 'true') throw new Error(reason);
    console.log(`SKIPPED: ${reason}`);
  };
}

/** The path a program is started by. @throws Error where it is not installed */
export function pathOf(program: ProgramName): string {
  const path = whereIs(program);
  if (path === undefined) throw new Error(`${program} is not installed: apt-get install ${PROGRAMS[program].packages}`);
  return path;
}

function whereIs(program: ProgramName): string | undefined {
  if (!found.has(program)) found.set(program, program === 'slixmpp' ? pythonWithSlixmpp() : onPath(program));
  return found.get(program);
}

function onPath(program: ProgramName): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  // Debian keeps the servers of PostgreSQL off the path, one folder per major version: the newest.
  if (program === 'postgres') folders.push(...postgresFolders());
  return [...folders, '/usr/sbin'].map((folder) => join(folder, PROGRAMS[program].command)).find(isExecutable);
}

function postgresFolders(): string[] {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian's Python: another one on the path does not see the libraries that apt-get brought. */
function pythonWithSlixmpp(): string | undefined {
  const python = '/usr/bin/python3';
  try {
    execFileSync(python, ['-c', 'import slixmpp'], { stdio: 'ignore' });
    return python;
  } catch {
    return undefined;
  }
}
