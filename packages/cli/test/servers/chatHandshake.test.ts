import { needing, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chatPeople, type Ended, said } from './chatPeople.js';

const test = suite('stanzaseal chat exchanges keys, on Prosody');
const people = chatPeople();

test.after(() => {
  stopEverything();
  people.remove();
});

test(
  'R09: a handshake with somebody who has published nothing, never online together; what waited for keys goes',
  needing(['prosody'], async () => {
    const server = await startProsody();
    await Promise.all(['romeo', 'juliet', 'nurse'].map((user) => server.register(user)));
    const chat = (from: string, to: string, input = ''): Promise<Ended> =>
      people.piped(server.tcpUrl, { from, to }, input);

    const begun = await chat('romeo', 'juliet', '/handshake perhaps\n/handshake\nbefore any keys\n');
    assert.is(begun.code, 1, begun.stdout + begun.stderr);
    assert.match(
      begun.stdout,
      /nothing is known of juliet@localhost yet; where they have published no keys, \/handshake/,
    );
    assert.match(begun.stdout, /^\* it is \/handshake, or \/handshake responder$/m);
    assert.match(begun.stdout, /^\* it is the turn of juliet@localhost; that may be later$/m);
    assert.match(begun.stderr, /^error: ERR_OFFLINE: 1 message\(s\) are not sent/m);

    const asked = await chat('nurse', 'romeo', '/handshake\n');
    assert.is(asked.code, 0, asked.stdout + asked.stderr);
    const answered = await chat('juliet', 'romeo');
    assert.match(answered.stdout, /^\* it is the turn of romeo@localhost$/m);
    assert.match(answered.stdout, /^\* a handshake is under way: it is the turn of romeo@localhost$/m);

    const done = await chat('romeo', 'juliet');
    assert.is(done.code, 0, done.stdout + done.stderr);
    assert.match(
      done.stdout,
      /^\* keys of juliet@localhost are known; they are unverified\n\* {3}([0-9a-f]{8} ?){8}$/m,
    );
    assert.match(done.stdout, /^\* nurse@localhost asks for your keys by a handshake; only a chat with them answers/m);
    const got = await chat('juliet', 'romeo');
    assert.match(got.stdout, /^\* keys of romeo@localhost are known; they are unverified$/m);
    assert.equal(said(got.stdout), ['romeo@localhost (unverified): before any keys']);
    const waiting = await chat('nurse', 'romeo');
    assert.match(waiting.stdout, /^\* a handshake is under way: it is the turn of romeo@localhost$/m);
    await server.stop();
  }),
);

test.run();
