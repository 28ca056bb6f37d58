import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needing, sleep } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { searchDisk } from '../../src/demo/serverHoldings.js';
import { cli } from '../shell.js';

const test = suite('stanzaseal demo --server');
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-demo-test-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

for (const name of ['prosody', 'ejabberd'] as const)
  test(
    `${name}: written to who is offline, read later, answered on reply prekeys, sealed in archive and files, nothing left`,
    needing([name], async () => {
      const { code, output, errors } = await demo(name);
      assert.is(code, 0, output + errors);
      assert.is(errors, '');
      const [, letters, same] = /sealed (\d+) messages to her.*?back: (\d+) of \1 opened/s.exec(output) ?? [];
      assert.ok(Number(letters) >= 20 && letters === same, output);
      assert.match(output, new RegExp(`arrived: [^;]*(archive|offline)[^;]*; keys used: ${letters} one-time`));
      assert.match(output, /Both answered: 6 of 6 opened with a reply prekey/);
      const all = Number(letters) + 6;
      assert.match(output, `${all} messages, ${all} of them one sealed object and nothing to read`);
      assert.match(output, new RegExp(`${all} of ${all} message ids, 0 of [1-9]\\d* texts`));
      assert.match(output, `demo: ${all} sealed, ${all} opened, ${all} in ${name}'s archive, 0 legible there`);
      assertGone(output);
    }),
  );

test(
  'a signal in the middle leaves neither process nor directory',
  needing(['prosody'], async () => {
    const { code, output } = await demo('prosody', { endAt: /went away/ });
    assert.is(code, 143, output);
    for (let i = 0; i < 100 && isAlive(processOf(output)); i++) await sleep(20);
    assertGone(output);
  }),
);

test('a server that is not installed, one that does not start, and one that nobody knows are told in a line', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const unknown = await demo('openfire');
  assert.is(unknown.code, 2);
  assert.match(unknown.errors, /^error: ERR_USAGE: unknown server 'openfire'; supported now: prosody, ejabberd$/m);
  // Erlang is off the path, and ejabberd no program of its own: missing wherever this runs.
  const missing = await demo('ejabberd', { path: empty });
  assert.is(missing.code, 1);
  assert.match(missing.errors, /^error: ERR_UNSUPPORTED: ejabberd is not installed \(.*apt-get install ejabberd\)$/m);
  writeFileSync(join(empty, 'prosody'), '#!/bin/sh\necho no such luck\nexit 1\n');
  chmodSync(join(empty, 'prosody'), 0o755);
  const broken = await demo('prosody', { path: empty });
  assert.is(broken.code, 1);
  assert.match(broken.errors, /^error: ERR_OFFLINE: prosody does not start: no such luck$/m);
  assert.equal(leftIn(folder), []);
});

test('the search of the files finds what stands in one of them', () => {
  const place = join(folder, 'files', 'deep');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'a'), Buffer.concat([Buffer.of(0, 255), Buffer.from('Call me but love')]));
  const { files, found } = searchDisk(join(folder, 'files'), ['me but', 'me and']);
  assert.is(files, 1);
  assert.equal([...found], ['me but']);
});

function processOf(output: string): number {
  return Number(/\(process (\d+)/.exec(output)?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function assertGone(output: string): void {
  assert.ok(processOf(output) > 0, output);
  assert.not.ok(isAlive(processOf(output)), 'the server still runs');
  assert.equal(leftIn(folder), []);
}

/** Directories of servers that were left. */
function leftIn(place: string): string[] {
  return readdirSync(place).filter((name) => name.startsWith('stanzaseal-'));
}

interface Choices {
  /** PATH in place of ours. */
  readonly path?: string;
  /** Output after which the process gets SIGTERM. */
  readonly endAt?: RegExp;
}

function demo(
  name: string,
  { path, endAt }: Choices = {},
): Promise<{ code: number | null; output: string; errors: string }> {
  const [command = '', ...before] = cli;
  const env = { ...process.env, TMPDIR: folder, ...(path === undefined ? {} : { PATH: path }) };
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, 'demo', '--server', name], { env, timeout: 60_000 });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (endAt?.test(output)) child.kill('SIGTERM');
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', reject).on('close', (code) => resolve({ code, output, errors }));
  });
}

test.run();
