import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  connectClient,
  needing,
  omemoPair,
  profanityPeer,
  startProsody,
  startTerminal,
  stopEverything,
  xml,
} from '../../src/servers/index.js';

const test = suite('profanity of the harness');
test.after(stopEverything);

test(
  'a terminal shows what its program writes, and nothing is left of it',
  needing(['tmux'], async () => {
    const terminal = await startTerminal('cat', { columns: 20 });
    await terminal.type('words that are longer than a line');
    await terminal.until(/words that are longer than a line/);
    const error = await terminal.until('other words', 300).then(() => '', String);
    assert.match(error, /not on the screen in 300 ms: other words\n[^]*words that/);
    await terminal.stop();
    assert.not(existsSync(terminal.directory));
  }),
);

test(
  'profanity shows a body that waited and one that comes, and answers',
  needing(['prosody', 'profanity', 'tmux'], async () => {
    const server = await startProsody();
    await Promise.all(['alice', 'bob'].map((user) => server.register(user)));
    const alice = await connectClient(server, { username: 'alice' });
    await alice.say('bob@localhost', 'this one waits');
    await alice.flush();
    const bob = await profanityPeer(server, { username: 'bob' });
    await bob.open(alice.bareJid);
    await bob.until('this one waits');
    const long = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
    await alice.say(bob.bareJid, long);
    await bob.until(long);
    await bob.say(alice.bareJid, 'read it');
    await alice.waitFor((stanza) => stanza.getChildText('body') === 'read it');
    await bob.reconnect();
    await Promise.all([alice.stop(), bob.stop()]);
    await server.stop();
  }),
);

test(
  'two of them speak by OMEMO, and the server archives what it cannot read',
  needing(['prosody', 'profanity', 'tmux'], async () => {
    const server = await startProsody();
    await Promise.all(['alice', 'bob'].map((user) => server.register(user)));
    const pair = await omemoPair(server, ['alice', 'bob']);
    await pair.say(pair.first, 'there, by OMEMO');
    await pair.say(pair.second, 'and back (by OMEMO)');
    const observer = await connectClient(server, { username: 'bob', presence: false });
    await observer.request(xml('iq', { type: 'set' }, xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: 'q' })));
    const archived = observer.stanzas.filter((stanza) => stanza.getChild('result', 'urn:xmpp:mam:2')).map(String);
    assert.is(archived.filter((stanza) => stanza.includes('eu.siacs.conversations.axolotl')).length, 2);
    assert.not.match(archived.join('\n'), /by OMEMO/);
    await Promise.all([observer.stop(), pair.stop()]);
    await server.stop();
  }),
);

test.run();
