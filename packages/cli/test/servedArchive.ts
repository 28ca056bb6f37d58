// An archive of these tests, served by a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ORIGIN } from '../../archive/test/fixture.js';
import { ARCHIVE } from './archiveFixture.js';
import { cli, folder, write } from './shell.js';

/** What `Authorization: Bearer` has. */
export const TOKEN = 'a-token-of-this-test-only-9d1f';
write('token', `${TOKEN}\n`);

/** An archive that is served. */
export interface Served {
  readonly process: ChildProcess;
  readonly url: string;
  /** What it said by standard output so far. */
  readonly lines: string[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(body: string): Promise<Response>;
  /** Exit code and standard error. */
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

/** Serves the archive of the tests' folder. */
export async function serve(options = ''): Promise<Served> {
  const args = `archive serve ${ARCHIVE} --origin ${ORIGIN} --token-file token ${options}`.trim().split(' ');
  const [command, ...rest] = [...cli, ...args] as [string, ...string[]];
  const child = spawn(command, rest, { cwd: folder, stdio: 'pipe' });
  let [stderr, stdout] = ['', ''];
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    lines.splice(0, lines.length, ...stdout.split('\n').slice(0, -1));
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
      const found = /^serving (http:\S+)\n/m.exec(stderr)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(() => reject(new Error(stderr)));
  });
  const known = { Authorization: `Bearer ${TOKEN}` };
  return {
    process: child,
    url,
    lines,
    ended,
    get: (path, headers = known) => fetch(`${url}${path}`, { headers }),
    post: (body) => fetch(`${url}/ingest`, { method: 'POST', headers: known, body }),
  };
}
