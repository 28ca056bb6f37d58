import { NS } from '@stanzaseal/stanza';
import { chat } from '@stanzaseal/testkit';
import {
  needing,
  omemoPair,
  profanityPeer,
  sleep,
  slixmppPeer,
  startEjabberd,
  startProsody,
  stopEverything,
} from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Actor, actorOver, createActor } from './actors.js';

const test = suite('clients that nobody here wrote');
const FALLBACK = 'This message is sealed. Your client cannot open it.';

test.after(stopEverything);

const plainOf = ({ messages }: Actor): (readonly [string, boolean])[] =>
  messages.flatMap((message) => (message.plain ? [[message.from, message.expectedSealed] as const] : []));

const SERVERS = [
  ['prosody', startProsody],
  ['ejabberd', startEjabberd],
] as const;

for (const [program, start] of SERVERS) {
  test(
    `${program}: slixmpp on the account of a sealed device sees each message live, offline and in the archive, and answers`,
    needing([program, 'slixmpp'], async () => {
      const server = await start();
      const romeo = await createActor(server, 'romeo', { fallback: FALLBACK });
      const juliet = await createActor(server, 'juliet');
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await juliet.connection.stop();
      // Nobody is there: the spool has it for whoever comes first.
      const offline = await romeo.say(juliet, 'while nobody was there');
      const other = await slixmppPeer(server, { username: 'juliet' });
      const waited = await other.waitFor(({ messageId }) => messageId === offline);
      assert.equal([waited.delayed, waited.body, waited.encryption?.namespace], [true, FALLBACK, NS.SEALED]);
      assert.match(waited.xml, /urn:xmpp:sealed:0/);
      assert.not.match(waited.xml, /while nobody was there/);
      const again = await actorOver(server, juliet.storage, 'juliet');
      await again.connection.start();
      const live = await romeo.say(again, 'to both clients');
      await again.until(() => again.texts().includes('to both clients'));
      const seen = await other.waitFor(({ messageId }) => messageId === live);
      assert.equal([seen.delayed, seen.body, seen.encryption?.namespace], [false, FALLBACK, NS.SEALED]);
      assert.equal(again.texts(), ['while nobody was there', 'to both clients']);
      const archived = await other.archive(romeo.jid);
      assert.equal(
        archived.map(({ messageId, body }) => [messageId, body]),
        [
          [offline, FALLBACK],
          [live, FALLBACK],
        ],
      );
      // What it says goes in the clear: told as what it is, to both sides, and answered sealed.
      await other.say(romeo.jid, 'I cannot read this');
      await romeo.until(() => romeo.messages.length === 1);
      assert.equal([romeo.texts(), plainOf(romeo)], [['plain: I cannot read this'], [[again.jid, true]]]);
      const answer = await romeo.say(again, 'then take the other client');
      assert.is((await other.waitFor(({ messageId }) => messageId === answer)).body, FALLBACK);
      await again.until(() => again.texts().includes('then take the other client'));
      assert.is(
        again.events.concat(romeo.events).some(({ kind }) => kind === 'unopened' || kind === 'handler-failed'),
        false,
      );
      await other.stop();
      await Promise.all([romeo.connection.stop(), again.connection.stop()]);
      await server.stop();
    }),
  );

  test(
    `${program}: profanity shows the fallback in place of what it cannot read, and goes on`,
    needing([program, 'profanity', 'tmux'], async () => {
      const server = await start();
      const romeo = await createActor(server, 'romeo', { fallback: FALLBACK });
      const juliet = await createActor(server, 'juliet');
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      const profanity = await profanityPeer(server, { username: 'juliet' });
      await romeo.say(juliet, 'not for every client');
      await juliet.until(() => juliet.messages.length === 1);
      await profanity.open(romeo.jid);
      assert.not.match(await profanity.until(FALLBACK), /not for every client/);
      await profanity.say(romeo.jid, 'what was that?');
      await romeo.until(() => romeo.messages.length === 1);
      assert.equal([romeo.texts(), plainOf(romeo)], [['plain: what was that?'], [[juliet.jid, true]]]);
      await profanity.reconnect();
      await profanity.say(romeo.jid, 'still here');
      await romeo.until(() => romeo.texts().includes('plain: still here'));
      await profanity.stop();
      await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
      await server.stop();
    }),
  );
}

for (const [program, start] of SERVERS) {
  test(
    `${program}: two profanity clients that speak by OMEMO on the accounts of sealed devices are not disturbed, nor is what is sealed`,
    needing([program, 'profanity', 'tmux'], async () => {
      const server = await start();
      const [romeo, juliet] = [await createActor(server, 'romeo'), await createActor(server, 'juliet')];
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await romeo.say(juliet, 'before');
      const pair = await omemoPair(server, ['romeo', 'juliet']);
      await pair.say(pair.first, 'there by OMEMO');
      await romeo.say(juliet, 'between');
      await pair.say(pair.second, 'and back by OMEMO');
      await juliet.say(romeo, 'sealed answer');
      await pair.say(pair.first, 'there once more');
      await romeo.connection.send(chat('after', { to: juliet.jid }));
      await juliet.until(() => juliet.texts().includes('after'));
      await romeo.until(() => romeo.texts().includes('sealed answer'));
      await sleep(300);
      const sealedTexts = ({ messages, texts }: Actor): string[] =>
        texts().filter((_, i) => messages[i]?.plain === false && messages[i]?.isOwn === false);
      assert.equal([sealedTexts(romeo), sealedTexts(juliet)], [['sealed answer'], ['before', 'between', 'after']]);
      const all = [...romeo.texts(), ...juliet.texts()].join('\n');
      assert.not.match(all, /by OMEMO|once more/);
      assert.is(
        [...romeo.events, ...juliet.events].some(({ kind }) => kind === 'unopened' || kind === 'handler-failed'),
        false,
      );
      await pair.stop();
      await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
      await server.stop();
    }),
  );
}

test.run();
