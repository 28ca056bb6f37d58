import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  connectClient,
  connectComponent,
  type Element,
  needing,
  slixmppPeer,
  startEjabberd,
  startProsody,
  stopEverything,
  xml,
} from '../../src/servers/index.js';

const test = suite('slixmpp and components of the harness');
test.after(stopEverything);

for (const [program, start] of [
  ['prosody', startProsody],
  ['ejabberd', startEjabberd],
] as const) {
  test(
    `slixmpp reads, answers, fetches and enters a room on ${program}`,
    needing([program, 'slixmpp'], async () => {
      const server = await start({ components: { 'ours.localhost': 'a secret' } });
      await Promise.all(['alice', 'bob'].map((user) => server.register(user)));
      const alice = await connectClient(server, { username: 'alice', resource: 'node' });
      const message = (id: string) =>
        xml(
          'message',
          { to: 'bob@localhost', type: 'chat', id },
          xml('sealed', { xmlns: 'urn:xmpp:sealed:0' }, 'AAAA'),
          xml('encryption', { xmlns: 'urn:xmpp:eme:0', namespace: 'urn:xmpp:sealed:0', name: 'Sealed' }),
          xml('body', {}, 'in place of what is sealed'),
        );
      await alice.send(message('offline'));
      await alice.flush();
      const bob = await slixmppPeer(server, { username: 'bob' });
      assert.is(bob.jid, 'bob@localhost/slixmpp');
      const waited = await bob.waitFor(({ messageId }) => messageId === 'offline');
      assert.is(waited.delayed, true);
      assert.equal(waited.encryption, { namespace: 'urn:xmpp:sealed:0', name: 'Sealed' });
      assert.is(waited.body, 'in place of what is sealed');
      assert.match(waited.xml, /<(\w+:)?sealed[^>]*>AAAA</);
      await alice.send(message('live'));
      assert.is((await bob.waitFor(({ messageId }) => messageId === 'live')).delayed, false);

      const id = await bob.say(alice.jid, 'understood', { child: '<seen xmlns="urn:example:seen">1</seen>' });
      const answer = await alice.waitFor((stanza) => stanza.attrs.id === id);
      assert.is(answer.getChildText('body'), 'understood');
      assert.is(answer.getChildText('seen'), '1');

      const archived = await bob.archive('alice@localhost');
      assert.equal(
        archived.map(({ messageId }) => messageId),
        ['offline', 'live', id],
      );
      await alice.request(publishOpen('urn:example:keys', xml('key', 'urn:example:keys', 'BBBB')));
      const [item = '', ...others] = await bob.items('alice@localhost', 'urn:example:keys');
      assert.match(item, /BBBB/);
      assert.is(others.length, 0);
      // Prosody does not tell a stranger whether a node is there.
      const error = await bob.items('alice@localhost', 'urn:example:none').then(() => '', String);
      assert.is(error, `Error: slixmpp: items: ${program === 'prosody' ? 'forbidden' : 'item-not-found'}`);

      const room = `talk@${server.roomsDomain}`;
      const [joined] = await Promise.all([
        alice.waitFor((stanza) => stanza.is('presence') && stanza.attrs.from === `${room}/alice`),
        alice.send(xml('presence', { to: `${room}/alice` }, xml('x', 'http://jabber.org/protocol/muc'))),
      ]);
      assert.ok(joined.getChild('x', 'http://jabber.org/protocol/muc#user'));
      // A room is locked until its owner has said how it shall be (XEP-0045 §10.1.2).
      const asItIs = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
      const query = xml('query', 'http://jabber.org/protocol/muc#owner', asItIs);
      await alice.request(xml('iq', { type: 'set', to: room }, query));
      await bob.join(room, 'bob');
      await bob.say(room, 'to all', { type: 'groupchat' });
      await alice.waitFor((stanza) => stanza.attrs.from === `${room}/bob` && stanza.getChildText('body') === 'to all');

      const component = await connectComponent(server, 'ours.localhost');
      await bob.say('somebody@ours.localhost', 'to the component');
      const taken = await component.waitFor((stanza) => stanza.getChildText('body') === 'to the component');
      assert.is(taken.attrs.from, bob.jid);
      await component.send(
        xml('message', { from: 'somebody@ours.localhost', to: bob.jid }, xml('body', {}, 'from the component')),
      );
      await bob.waitFor(({ body }) => body === 'from the component');
      await Promise.all([alice.stop(), bob.stop(), component.stop()]);
      await server.stop();
    }),
  );
}

/** Publishes an item that everybody may read (XEP-0060 §7.1.5). */
function publishOpen(node: string, payload: Element): Element {
  const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
  const type = field('FORM_TYPE', 'http://jabber.org/protocol/pubsub#publish-options');
  const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, type, field('pubsub#access_model', 'open'));
  const publish = xml('publish', { node }, xml('item', { id: 'current' }, payload));
  const pubsub = xml('pubsub', 'http://jabber.org/protocol/pubsub', publish, xml('publish-options', {}, form));
  return xml('iq', { type: 'set' }, pubsub);
}

test(
  'a wrong password is told',
  needing(['prosody', 'slixmpp'], async () => {
    const server = await startProsody();
    await server.register('bob');
    const error = await slixmppPeer(server, { username: 'bob', password: 'wrong' }).then(() => '', String);
    assert.match(error, /bob cannot log in/);
    await server.stop();
  }),
);

test.run();
