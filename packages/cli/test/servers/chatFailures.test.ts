import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needing, startProsody, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chatPeople, type Ended, said } from './chatPeople.js';

const test = suite('stanzaseal chat, where something is wrong');
const people = chatPeople();
const { folder } = people;

test.after(() => {
  stopEverything();
  people.remove();
});

test(
  'a wrong password, another owner and a damaged history are told in a line',
  needing(['prosody'], async () => {
    const server = await startProsody();
    await Promise.all(['romeo', 'juliet'].map((user) => server.register(user)));
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, 'not it\n');
    const piped = (from: string, to: string, input: string, password?: string): Promise<Ended> =>
      people.piped(server.tcpUrl, { from, to, store: 'r', ...(password === undefined ? {} : { password }) }, input);
    const refused = await piped('romeo', 'juliet', '', wrong);
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /^error: ERR_REFUSED: the server refuses: not-authorized$/m);
    const other = await piped('juliet', 'romeo', '');
    assert.match(other.stderr, /^error: ERR_ADDRESS: the store is that of romeo@localhost$/m);
    await piped('romeo', 'juliet', 'kept\nand kept\n');
    const [name = ''] = readdirSync(join(folder, 'r')).filter((each) => each.startsWith('history-'));
    const file = join(folder, 'r', name);
    assert.ok(existsSync(file));
    const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${second}\n${first}\n`);
    const damaged = await piped('romeo', 'juliet', '');
    assert.match(damaged.stderr, /^error: ERR_CORRUPT: line 1 of the history is damaged$/m);
    // What was being written when the process ended is no damage.
    writeFileSync(file, `${first}\n${second.slice(0, 20)}`);
    const cut = await piped('romeo', 'juliet', '');
    assert.equal(said(cut.stdout), ['romeo@localhost: kept']);
    await server.stop();
    const away = await piped('romeo', 'juliet', '');
    assert.match(away.stderr, /^error: ERR_OFFLINE: the server is not to be reached$/m);
  }),
);

test.run();
