import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needing, PASSWORD, sleep, startProsody, startTerminal, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cli } from '../shell.js';

const test = suite('stanzaseal chat, on Prosody');
const folder = mkdtempSync(join(tmpdir(), 'stanzaseal-chat-'));
const [secret, wrong] = [join(folder, 'password'), join(folder, 'wrong')];
writeFileSync(secret, `${PASSWORD}\n`);
writeFileSync(wrong, 'not it\n');

test.after(() => {
  stopEverything();
  rmSync(folder, { recursive: true, force: true });
});

const words = (service: string, from: string, to: string, password = secret, store = from): readonly string[] =>
  `chat --jid ${from}@localhost --to ${to}@localhost --service ${service} --store ${join(folder, store)} --password-file ${password} --passphrase-file ${secret}`.split(
    ' ',
  );

test(
  'by pipes and at a terminal: keys, messages kept for who is away, history, presence, fingerprints, a changed key',
  needing(['prosody', 'tmux'], async () => {
    const server = await startProsody();
    await Promise.all(['romeo', 'juliet'].map((user) => server.register(user)));
    const piped = (from: string, to: string, input: string, store?: string) =>
      run(words(server.tcpUrl, from, to, secret, store), input);

    // Nobody can be sealed to yet: it stays in the outbox, and the exit code says so.
    const early = await piped('romeo', 'juliet', 'too early\n');
    assert.is(early.code, 1, early.stderr);
    assert.match(early.stderr, /^error: ERR_OFFLINE: 1 message\(s\) are not sent/m);
    assert.is((await piped('juliet', 'romeo', '')).code, 0);
    const sent = await piped('romeo', 'juliet', '/retry\nwhile you were away\n//stroke\n/nonsense\n');
    assert.is(sent.code, 0, sent.stdout + sent.stderr);
    assert.match(sent.stdout, /no such command/);
    assert.match(sent.stdout, /romeo@localhost: too early/);

    const got = await piped('juliet', 'romeo', 'an answer\n');
    assert.equal(said(got.stdout), [
      'romeo@localhost: too early',
      'romeo@localhost: while you were away',
      'romeo@localhost: /stroke',
    ]);
    assert.match(got.stdout, /romeo@localhost is unverified/);
    const later = await piped('juliet', 'romeo', '');
    assert.equal(said(later.stdout), [
      'romeo@localhost: too early',
      'romeo@localhost: while you were away',
      'romeo@localhost: /stroke',
      'juliet@localhost: an answer',
    ]);
    const [history = ''] = readdirSync(join(folder, 'juliet')).filter((name) => name.startsWith('history-'));
    assert.not.match(readFileSync(join(folder, 'juliet', history), 'latin1'), /away|romeo/);

    const fingerprints = (await piped('romeo', 'juliet', '/fingerprint\n')).stdout;
    const hers = /theirs: ([0-9a-f ]+)/.exec(fingerprints)?.[1]?.trim() ?? '';
    const terminal = await startTerminal([...cli, ...words(server.tcpUrl, 'romeo', 'juliet')].map(quoted).join(' '));
    await terminal.until(/juliet@localhost: an answer.*juliet@localhost is unverified/);
    await terminal.type(`/verify ${'0'.repeat(64)}`);
    await terminal.until('NOT THE SAME');
    await terminal.type(`/verify ${hers}`);
    await terminal.until('juliet@localhost is verified');
    await terminal.type('from a terminal');

    const other = await startTerminal([...cli, ...words(server.tcpUrl, 'juliet', 'romeo')].map(quoted).join(' '));
    await other.until('romeo@localhost: from a terminal');
    await terminal.type('/subscribe');
    await other.until('asks to see when you are there');
    await other.type('/allow');
    await terminal.until('juliet@localhost is there');
    await other.type('both at terminals');
    await terminal.until('juliet@localhost: both at terminals');
    await other.type('/quit');
    await terminal.until('juliet@localhost is not there');
    await other.stop();

    // Juliet begins anew, with another identity.
    const begun = await piped('juliet', 'romeo', '/replace\nwho am I\n', 'juliet-anew');
    assert.is(begun.code, 0, begun.stdout + begun.stderr);
    assert.match(begun.stdout, /keys of another identity on the server/);
    await terminal.until(/THE KEY OF juliet@localhost IS ANOTHER ONE.*\(verified\)/);
    assert.not.match(await terminal.screen(), /who am I/);
    await terminal.type('/take');
    await terminal.until(/juliet@localhost is unverified.*juliet@localhost: who am I/);
    await terminal.type('anybody there?');
    // What is typed behind it is done behind it.
    await terminal.type('/fingerprint');
    await terminal.until(/yours: .*theirs: /);
    await sleep(1000);
    await terminal.press('C-c');
    await terminal.stop();
    const anew = await piped('juliet', 'romeo', '', 'juliet-anew');
    assert.ok(said(anew.stdout).includes('romeo@localhost: anybody there?'), anew.stdout + anew.stderr);
    await server.stop();
  }),
);

test(
  'a wrong password, another owner and a damaged history are told in a line',
  needing(['prosody'], async () => {
    const server = await startProsody();
    await Promise.all(['romeo', 'juliet'].map((user) => server.register(user)));
    const refused = await run(words(server.tcpUrl, 'romeo', 'juliet', wrong, 'r'), '');
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /^error: ERR_REFUSED: the server refuses: not-authorized$/m);
    const other = await run(words(server.tcpUrl, 'juliet', 'romeo', secret, 'r'), '');
    assert.match(other.stderr, /^error: ERR_ADDRESS: the store is that of romeo@localhost$/m);
    await run(words(server.tcpUrl, 'romeo', 'juliet', secret, 'r'), 'kept\nand kept\n');
    const [name = ''] = readdirSync(join(folder, 'r')).filter((each) => each.startsWith('history-'));
    const file = join(folder, 'r', name);
    assert.ok(existsSync(file));
    const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${second}\n${first}\n`);
    const damaged = await run(words(server.tcpUrl, 'romeo', 'juliet', secret, 'r'), '');
    assert.match(damaged.stderr, /^error: ERR_CORRUPT: line 1 of the history is damaged$/m);
    // What was being written when the process ended is no damage.
    writeFileSync(file, `${first}\n${second.slice(0, 20)}`);
    const cut = await run(words(server.tcpUrl, 'romeo', 'juliet', secret, 'r'), '');
    assert.equal(said(cut.stdout), ['romeo@localhost: kept']);
    await server.stop();
    const away = await run(words(server.tcpUrl, 'romeo', 'juliet', secret, 'r'), '');
    assert.match(away.stderr, /^error: ERR_OFFLINE: the server is not to be reached$/m);
  }),
);

/** Lines of people, without their times. */
function said(output: string): string[] {
  return output.split('\n').flatMap((line) => /^\[[^\]]*\] (.*)/.exec(line)?.[1] ?? []);
}

function quoted(word: string): string {
  return `'${word}'`;
}

function run(args: readonly string[], input: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [command = '', ...before] = cli;
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...args], { timeout: 60_000 });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

test.run();
