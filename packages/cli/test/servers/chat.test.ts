import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needing, sleep, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chatPeople, type Ended, said } from './chatPeople.js';

const test = suite('stanzaseal chat, on Prosody');
const people = chatPeople();
const { folder } = people;

test.after(() => {
  stopEverything();
  people.remove();
});

test(
  'by pipes and at a terminal: keys, messages kept for who is away, history, presence, fingerprints, a changed key',
  needing(['prosody', 'tmux'], async () => {
    const server = await startProsody();
    await Promise.all(['romeo', 'juliet'].map((user) => server.register(user)));
    const piped = (from: string, to: string, input: string, store = from): Promise<Ended> =>
      people.piped(server.tcpUrl, { from, to, store }, input);
    const atTerminal = (from: string, to: string) => people.atTerminal(server.tcpUrl, { from, to });

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
      'romeo@localhost (unverified): too early',
      'romeo@localhost (unverified): while you were away',
      'romeo@localhost (unverified): /stroke',
    ]);
    assert.match(got.stdout, /romeo@localhost is unverified/);
    const later = await piped('juliet', 'romeo', '');
    assert.equal(said(later.stdout), [
      'romeo@localhost (unverified): too early',
      'romeo@localhost (unverified): while you were away',
      'romeo@localhost (unverified): /stroke',
      'juliet@localhost: an answer',
    ]);
    const [history = ''] = readdirSync(join(folder, 'juliet')).filter((name) => name.startsWith('history-'));
    assert.not.match(readFileSync(join(folder, 'juliet', history), 'latin1'), /away|romeo/);

    const fingerprints = (await piped('romeo', 'juliet', '/fingerprint\n')).stdout;
    const hers = /theirs: ([0-9a-f ]+)/.exec(fingerprints)?.[1]?.trim() ?? '';
    const terminal = await atTerminal('romeo', 'juliet');
    await terminal.until(/juliet@localhost \(unverified\): an answer.*juliet@localhost is unverified/);
    await terminal.type(`/verify ${'0'.repeat(64)}`);
    await terminal.until('NOT THE SAME');
    await terminal.type(`/verify ${hers}`);
    await terminal.until('juliet@localhost is verified');
    await terminal.type('from a terminal');

    const other = await atTerminal('juliet', 'romeo');
    await other.until('romeo@localhost (unverified): from a terminal');
    await terminal.type('/subscribe');
    await other.until('asks to see when you are there');
    await other.type('/allow');
    await terminal.until('juliet@localhost is there');
    await other.type('both at terminals');
    await terminal.until('juliet@localhost (verified): both at terminals');
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
    await terminal.until(/juliet@localhost is unverified.*juliet@localhost \(unverified\): who am I/);
    await terminal.type('anybody there?');
    // What is typed behind it is done behind it.
    await terminal.type('/fingerprint');
    await terminal.until(/yours: .*theirs: /);
    await sleep(1000);
    await terminal.press('C-c');
    await terminal.stop();
    const anew = await piped('juliet', 'romeo', '', 'juliet-anew');
    assert.ok(said(anew.stdout).includes('romeo@localhost (unverified): anybody there?'), anew.stdout + anew.stderr);
    await server.stop();
  }),
);

test.run();
