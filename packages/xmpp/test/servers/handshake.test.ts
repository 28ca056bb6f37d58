/** Handshakes on real servers: by iq while both are online, by stored messages while not. */
import type { HandshakeOutcome } from '@stanzaseal/messenger/handshake';
import {
  needing,
  sleep,
  startEjabberd,
  startProsody,
  stopEverything,
  type XmppServer,
} from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ConnectionHandshakes, handshakesOn } from '../../src/handshakes/index.js';
import { type Actor, type ActorOptions, actorOver, createActor } from './actors.js';

const test = suite('handshakes on real servers');

/** Somebody who answers handshakes. */
interface Shaker extends Actor {
  readonly shakes: ConnectionHandshakes;
  readonly outcomes: HandshakeOutcome[];
}

const running: Actor[] = [];
test.after.each(async () => {
  for (const { connection } of running.splice(0)) await connection.stop().catch(() => undefined);
});
test.after(stopEverything);

function shaking(actor: Actor): Shaker {
  const outcomes: HandshakeOutcome[] = [];
  const fail = (error: unknown): never => {
    throw error;
  };
  const parameters = {
    answers: () => true,
    onOutcome: (one: HandshakeOutcome) => void outcomes.push(one),
    onError: fail,
  };
  running.push(actor);
  return { ...actor, outcomes, shakes: handshakesOn(actor.connection, parameters) };
}

const person = async (server: XmppServer, user: string, options?: ActorOptions): Promise<Shaker> =>
  shaking(await createActor(server, user, options));

/** The process ended and begins anew. */
async function again(server: XmppServer, actor: Actor, user: string): Promise<Shaker> {
  await actor.connection.stop();
  return shaking(await actorOver(server, actor.storage, user));
}

/** Waits until the server has what was to be sent. */
async function handedOver({ shakes }: Shaker): Promise<void> {
  for (const end = Date.now() + 15_000; (await shakes.runs.unsent()).length > 0; await sleep(5))
    if (Date.now() > end) throw new Error('not sent');
}

/** Each knows the other's key, without having fetched anything, and the next message goes by a reply prekey. */
async function talks(romeo: Shaker, juliet: Shaker): Promise<void> {
  for (const [from, to] of [
    [romeo, juliet],
    [juliet, romeo],
  ] as const) {
    const contact = (await from.messenger.contacts()).find(({ jid }) => jid === to.jid);
    assert.equal(contact?.fingerprint, await to.messenger.fingerprint());
    await from.say(to, `from ${from.jid}`);
    await to.until(() => to.texts().includes(`from ${from.jid}`));
    const message = to.messages.find(({ plain, isOwn }) => !plain && !isOwn);
    assert.equal(message?.plain === false && [message.class, message.sender.firstContact], ['reply', false]);
  }
}

for (const [program, start] of [
  ['prosody', startProsody],
  ['ejabberd', startEjabberd],
] as const) {
  let started: Promise<XmppServer> | undefined;
  /** One server for all tests; each has people of its own. */
  const place = (): Promise<XmppServer> => (started ??= start());

  test(
    `${program}; R09, both online: by iq, three messages and four; nothing of it reaches the application`,
    needing([program], async () => {
      const server = await place();
      for (const [protects, at] of [
        ['initiator', 1],
        ['responder', 2],
      ] as const) {
        const wire: string[] = [];
        const [romeo, juliet] = [await person(server, `romeo${at}`), await person(server, `juliet${at}`)];
        romeo.client.on('send', (sent) => wire.push(String(sent)));
        await Promise.all([romeo.connection.start(), juliet.connection.start()]);
        const full = juliet.client.jid?.toString() as string;
        const outcome = await romeo.shakes.begin(full, protects);
        assert.equal([outcome.kind, outcome.trust, outcome.payload], ['done', 'unverified', undefined]);
        assert.equal(
          juliet.outcomes.map(({ kind }) => kind),
          ['waiting', 'done'],
        );
        assert.is(wire.filter((sent) => sent.includes('<handshake')).length, 2);
        assert.ok(wire.every((sent) => !sent.includes('<handshake') || sent.startsWith('<iq')));
        await talks(romeo, juliet);
        assert.equal([romeo.texts().length, juliet.texts().length], [1, 1]);
        assert.equal([await romeo.shakes.runs.unsent(), await juliet.shakes.runs.unsent()], [[], []]);
      }
    }),
  );

  test(
    `${program}; R09, never online together: stored messages, a new process each time, then they write to each other`,
    needing([program], async () => {
      const server = await place();
      let [romeo, juliet] = [await person(server, 'romeo'), await person(server, 'juliet')];
      await romeo.connection.start();
      const begun = await romeo.shakes.begin(juliet.jid, 'responder');
      assert.is(begun.kind, 'waiting');
      assert.equal(await romeo.shakes.runs.unsent(), []);
      romeo = await again(server, romeo, 'romeo');
      // She comes, and answers what waited; he does; she does; he is done.
      for (const [user, kind] of [
        ['juliet', 'waiting'],
        ['romeo', 'waiting'],
        ['juliet', 'done'],
        ['romeo', 'done'],
      ] as const) {
        let one = user === 'romeo' ? romeo : juliet;
        await one.connection.start();
        await one.until(() => one.outcomes.length > 0);
        assert.equal([one.outcomes.length, one.outcomes[0]?.kind], [1, kind], user);
        await handedOver(one);
        one = await again(server, one, user);
        if (user === 'romeo') romeo = one;
        else juliet = one;
      }
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await talks(romeo, juliet);
      // What the archive gives again was answered, and is no message.
      await juliet.connection.catchUp({ since: 0 });
      assert.equal([juliet.texts().length, romeo.texts().length], [1, 1]);
      assert.equal([romeo.outcomes, juliet.outcomes], [[], []]);
    }),
  );

  test(
    `${program}; who is not answered gets what a client without handshakes says, and a stored message waits instead; of nobody too`,
    needing([program], async () => {
      const server = await place();
      const romeo = await person(server, 'paris');
      const juliet = await createActor(server, 'rosaline');
      running.push(juliet);
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      const outcome = await romeo.shakes.begin(juliet.client.jid?.toString() as string);
      assert.is(outcome.kind, 'waiting');
      assert.equal(await romeo.shakes.runs.unsent(), []);
      await romeo.say(juliet, 'and goes on');
      await juliet.until(() => juliet.messages.length > 0);
      assert.equal(juliet.texts(), ['and goes on'], 'it is no message for people');
      const nobody = await romeo.shakes.begin(`nobody@${server.domain}`);
      assert.is(nobody.kind, 'waiting');
      assert.is((await romeo.shakes.runs.list()).length, 2);
    }),
  );
}

test.run();
