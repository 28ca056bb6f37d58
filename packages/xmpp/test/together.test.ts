// Messages that waited together: one at a time to the application, in few commits, and none lost where a handler fails.
import { createPair, createPerson, introduce, restart, say } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inwardOf, romeoAndJuliet } from './waysIn.js';

const test = suite('messages that waited together');
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

test('are handed over in their order, and accepted in fewer commits than there are messages', async () => {
  const { romeo, juliet, at } = await romeoAndJuliet('together');
  const sent = [];
  for (const text of numbers(1, 20)) sent.push(await say(romeo, juliet, text));
  const { epoch = 0 } = juliet.storage;
  for (const stanza of sent) at.link.receive(stanza);
  await at.arrival.settled();
  assert.equal(at.texts(), numbers(1, 20));
  assert.ok((juliet.storage.epoch ?? 0) - epoch < 20);
  await restart(juliet);
  const after = inwardOf(juliet);
  for (const stanza of sent) after.link.receive(stanza);
  await after.arrival.settled();
  assert.equal(after.texts(), [], 'all were accepted');
});

test('what the application has is accepted though the next handler never ends', async () => {
  const { romeo, juliet } = await romeoAndJuliet('stuck');
  const given: unknown[] = [];
  const at = inwardOf(juliet, {
    onMessage: (message) => (given.push(message) < 3 ? undefined : new Promise(() => undefined)),
  });
  const sent = [];
  for (const text of numbers(1, 4)) sent.push(await say(romeo, juliet, text));
  for (const stanza of sent) at.link.receive(stanza);
  while (given.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  await restart(juliet);
  const after = inwardOf(juliet);
  for (const stanza of sent) after.link.receive(stanza);
  await after.arrival.settled();
  assert.equal(after.texts(), ['3', '4']);
});

test('behind one that fails the others are accepted, its copy is given out, and what a stranger sent too much is kept', async () => {
  const [romeo, juliet] = await createPair('fails', { strangerPins: 1 });
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(juliet, paris);
  let fails = true;
  const at = inwardOf(juliet, {
    onMessage: (message) => {
      at.messages.push(message);
      if (at.texts().at(-1) !== '2' || !fails) return undefined;
      fails = false;
      at.messages.pop();
      throw new Error('disk full');
    },
  });
  const [one, two, three] = [
    await say(romeo, juliet, '1'),
    await say(romeo, juliet, '2'),
    await say(romeo, juliet, '3'),
  ];
  for (const stanza of [one, await say(paris, juliet, 'hello'), two, two, three]) at.link.receive(stanza);
  await at.arrival.settled();
  assert.equal(at.texts(), ['1', '3', '2']);
  assert.equal(at.kinds(), ['handler-failed']);
  assert.equal(
    (await juliet.messenger.requests()).map(({ from }) => from),
    [paris.jid],
  );
  for (const stanza of [one, two, three]) at.link.receive(stanza);
  await at.arrival.settled();
  assert.is(at.messages.length, 3);
});

test.run();
