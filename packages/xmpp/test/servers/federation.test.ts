import { chat } from '@stanzaseal/testkit';
import { type Federation, needing, sleep, startFederation, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Actor, actorOver, createActor } from './actors.js';

const test = suite('two servers');
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

test.after(stopEverything);

/** Romeo at Prosody, Juliet at the other; both have said something, and so the way is known. */
async function conversation(
  { servers: [a, b] }: Federation<readonly [unknown, unknown]>,
  names: readonly [string, string],
): Promise<readonly [Actor, Actor]> {
  const login = { reconnect: true };
  const [romeo, juliet] = [await createActor(a, names[0], { login }), await createActor(b, names[1], { login })];
  for (const { client } of [romeo, juliet]) client.reconnect.delay = 300;
  await Promise.all([romeo.connection.start(), juliet.connection.start()]);
  await romeo.say(juliet, 'hello');
  await juliet.until(() => juliet.messages.length === 1);
  await juliet.say(romeo, 'hello');
  await romeo.until(() => romeo.messages.length === 1);
  return [romeo, juliet];
}

for (const other of ['prosody', 'ejabberd'] as const) {
  let federation: Federation<readonly [unknown, unknown]>;
  const scenario = (name: string, body: () => Promise<void>): void => {
    test(`Prosody and ${other}: ${name}`, needing(['prosody', other], body));
  };

  scenario('two who never met talk, live, from the archive, and in a room of one of them', async () => {
    federation = await startFederation([{ program: 'prosody' }, { program: other }]);
    const [, b] = federation.servers;
    const [romeo, juliet] = await conversation(federation, ['romeo', 'juliet']);
    assert.equal(
      [romeo.messages[0], juliet.messages[0]].map((each) => each?.plain === false && [each.sender.jid, each.class]),
      [
        ['juliet@b.example', 'reply'],
        ['romeo@a.example', 'one-time'],
      ],
    );
    await juliet.connection.stop();
    for (const text of numbers(1, 5)) await romeo.say(juliet, text);
    const again = await actorOver(b, juliet.storage, 'juliet');
    await again.connection.start();
    await again.until(() => again.messages.length >= 5);
    assert.equal(again.texts(), numbers(1, 5));

    const room = `verona@${federation.servers[0].roomsDomain}`;
    await romeo.connection.rooms.create(room, 'rom', [again.jid]);
    await again.connection.rooms.join(room, 'jul');
    await again.connection.send(chat('in the room', { to: room, type: 'groupchat' }));
    await romeo.until(() => romeo.messages.length === 2);
    const said = romeo.messages[1];
    assert.equal([said?.room, said?.plain === false && said.sender.jid], [room, again.jid]);
    await Promise.all([romeo.connection.stop(), again.connection.stop()]);
  });

  scenario('the own server dies in mid-conversation: all of it arrives, once, in order', async () => {
    const [a] = federation.servers;
    const [romeo, juliet] = await conversation(federation, ['dying', 'living']);
    for (const text of numbers(1, 30)) {
      await romeo.connection.send(chat(text, { to: juliet.jid }));
      if (text === '10') await a.kill();
      if (text === '20') void a.restart();
      await sleep(50);
    }
    await juliet.until(() => juliet.messages.length >= 31, 60_000);
    await juliet.say(romeo, 'all there');
    await romeo.until(() => romeo.texts().includes('all there'), 60_000);
    assert.equal(juliet.texts(), ['hello', ...numbers(1, 30)]);
    await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
    await federation.stop();
  });
}

test.run();
