import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectClient, type Element, needing, startFederation, stopEverything } from '../../src/servers/index.js';

const test = suite('federation of the harness');
test.after(stopEverything);

for (const other of ['prosody', 'ejabberd'] as const) {
  test(
    `Prosody and ${other} carry messages both ways, and tell of one that is down`,
    needing(['prosody', other], async () => {
      const federation = await startFederation([{ program: 'prosody' }, { program: other }]);
      const [a, b] = federation.servers;
      await Promise.all([a.register('alice'), b.register('bob')]);
      const alice = await connectClient(a, { username: 'alice' });
      const bob = await connectClient(b, { username: 'bob' });
      assert.is(alice.bareJid, 'alice@a.example');
      const there = await alice.say('bob@b.example', 'over the border');
      assert.is((await bob.waitFor(named(there))).attrs.from, alice.jid);
      const back = await bob.say('alice@a.example', 'and back');
      assert.is((await alice.waitFor(named(back))).attrs.from, bob.jid);
      assert.ok(federation.nameServer.questions.includes('_xmpp-server._tcp.b.example 33'));

      await Promise.all([bob.stop(), b.halt()]);
      const lost = await alice.say('bob@b.example', 'is somebody there?');
      const bounce = await alice.waitFor((stanza) => named(lost)(stanza) && stanza.attrs.type === 'error', 20_000);
      assert.is(bounce.attrs.from, 'bob@b.example');

      await b.restart();
      const again = await connectClient(b, { username: 'bob' });
      const later = await again.say('alice@a.example', 'here again');
      await alice.waitFor(named(later));
      await Promise.all([alice.stop(), again.stop()]);
      await federation.stop();
    }),
  );
}

const named = (id: string) => (stanza: Element) => stanza.attrs.id === id;

test.run();
