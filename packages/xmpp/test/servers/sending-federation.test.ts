import { chat } from '@stanzaseal/testkit';
import { needing, sleep, startFederation, stopEverything } from '@stanzaseal/testkit/servers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createActor } from './actors.js';

const test = suite('a server of the peer that is down');
test.after(stopEverything);

for (const programs of [
  ['prosody', 'prosody'],
  ['prosody', 'ejabberd'],
  ['ejabberd', 'prosody'],
] as const) {
  test(
    `${programs.join(' to ')}: nothing is lost, and all of it arrives once, in order, when it is back`,
    needing([...programs], async () => {
      const [first, second] = programs;
      // ejabberd waits up to 5 minutes before it tries a server again that was down.
      const settings = (program: string) => (program === 'ejabberd' ? { settings: 's2s_max_retry_delay: 1' } : {});
      const { servers, stop } = await startFederation([
        { program: first, options: settings(first) },
        { program: second, options: settings(second) },
      ]);
      const [here, there] = servers;
      const romeo = await createActor(here, 'romeo');
      const juliet = await createActor(there, 'juliet', { login: { reconnect: true } });
      juliet.client.reconnect.delay = 300;
      await Promise.all([romeo.connection.start(), juliet.connection.start()]);
      await romeo.say(juliet, '0');
      await juliet.until(() => juliet.messages.length === 1);
      await there.halt();
      await sleep(500);
      for (const text of ['1', '2', '3']) await romeo.connection.send(chat(text, { to: juliet.jid }));
      await romeo.until(() => romeo.events.some(({ kind }) => kind === 'bounced'), 40_000);
      const waiting = romeo.connection.outbox.pending().filter(({ state }) => state !== 'taken');
      assert.ok(waiting.length > 0);
      await there.restart();
      await juliet
        .until(() => juliet.messages.length === 4, 60_000)
        .catch((cause) => {
          const told = romeo.events.map((event) =>
            'retryAt' in event ? `${event.kind} ${event.retryAt}` : event.kind,
          );
          const states = romeo.connection.outbox.pending().map(({ state }) => state);
          throw new Error(`${juliet.texts()} of ${states}: ${told}`, { cause });
        });
      assert.equal(juliet.texts(), ['0', '1', '2', '3']);
      await Promise.all([romeo.connection.stop(), juliet.connection.stop()]);
      await stop();
    }),
  );
}

test.run();
