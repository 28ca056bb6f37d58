// What waits for one account is sealed together: in its order, with one commit, and nothing that was forgotten meanwhile comes back.
import { toHex } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import type { XmlElement } from '@stanzaseal/stanza';
import { bodyOf, chat, createPerson, createWorld, restart } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KeyDevice, published } from './keyDevices.js';
import { createPepServer, type PepServer } from './pepServer.js';
import { idOf, type SendingDevice, sending, told } from './sendingDevices.js';

const test = suite('outbox: rows of one conversation');
const JULIET = 'juliet@capulet.example';
const TEXTS = Array.from({ length: 10 }, (_, i) => `${i}`);

interface Stage {
  readonly server: PepServer;
  readonly romeo: SendingDevice;
  readonly juliet: KeyDevice;
  readonly ids: readonly Uint8Array[];
}

/** Romeo took ten messages to Juliet, or so many as there are texts, while he was offline. */
async function tenWaiting(seed: string, over = (store: KeyStore): KeyStore => store, texts = TEXTS): Promise<Stage> {
  const world = createWorld(seed);
  const server = createPepServer();
  const juliet = await published(JULIET, world, server);
  const person = await createPerson('romeo@montague.example', world);
  await person.messenger.publish();
  const romeo = sending(person, server, { isOffline: true, store: over(person.store) });
  const ids: Uint8Array[] = [];
  for (const text of texts) ids.push(await romeo.outbox.take(chat(text), { to: JULIET }));
  return { server, romeo, juliet, ids };
}

/** What Juliet makes of stanzas: texts with the codes of their warnings, `=` for duplicates. */
async function heard({ messenger }: KeyDevice, stanzas: readonly XmlElement[]): Promise<string[]> {
  const texts: string[] = [];
  for (const stanza of stanzas) {
    const opened = await messenger.open(stanza);
    if (opened.status !== 'opened') texts.push('=');
    else {
      texts.push([bodyOf(opened.stanza), ...opened.warnings.map(({ code }) => code)].join(' '));
      await opened.accept();
    }
  }
  return texts;
}

test('ten are sealed with one commit and written in their order', async () => {
  const { romeo, juliet, ids } = await tenWaiting('ten');
  romeo.answersPings(false);
  const { epoch = 0 } = romeo.storage;
  romeo.link.connect();
  await romeo.timers.advance(100);
  assert.equal(romeo.written().map(idOf), ids.map(toHex));
  // One for them, and two for what was fetched, of her and of the own account.
  assert.is((romeo.storage.epoch ?? 0) - epoch, 3);
  assert.equal(await heard(juliet, romeo.written()), TEXTS);
});

test('a commit is for sixteen at most: what a process that ends then writes once more', async () => {
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`);
  const { romeo, juliet } = await tenWaiting('twenty', undefined, texts);
  romeo.answersPings(false);
  const { epoch = 0 } = romeo.storage;
  romeo.link.connect();
  await romeo.timers.advance(100);
  // Two for them, and two for what was fetched.
  assert.is((romeo.storage.epoch ?? 0) - epoch, 4);
  romeo.answersPings(true);
  await romeo.timers.advance(1000);
  assert.equal(await heard(juliet, romeo.written()), texts);
});

test('a process that ends when they were sealed and some were written begins anew at the same places', async () => {
  const { server, romeo, juliet, ids } = await tenWaiting('crash');
  romeo.answersPings(false);
  romeo.link.connect();
  await romeo.timers.advance(100);
  const first = romeo.written().slice(0, 4);
  romeo.outbox.close();
  romeo.keys.close();
  await restart(romeo);
  const again = sending(romeo, server);
  await again.timers.advance(100);
  assert.equal(again.written().map(idOf), ids.map(toHex));
  assert.equal(await heard(juliet, [...first, ...again.written()]), [
    ...TEXTS.slice(0, 4),
    '=',
    '=',
    '=',
    '=',
    ...TEXTS.slice(4),
  ]);
});

test('one that is forgotten while it is sealed with others stays forgotten', async () => {
  let looked = 0;
  let forget = (): unknown => undefined;
  const { romeo, juliet, ids } = await tenWaiting('forgotten', (store) => ({
    ...store,
    get(table, key) {
      // The second look at the fifth: it gets its place, the fourth has one, and neither is durable.
      if (table === 'outbox' && BigInt(`0x${key}`) === 4n && ++looked === 2) void forget();
      return store.get(table, key);
    },
  }));
  romeo.answersPings(false);
  let forgotten: Promise<void> | undefined;
  forget = () => {
    forgotten = romeo.outbox.forget(ids[3] as Uint8Array);
  };
  romeo.link.connect();
  await romeo.timers.advance(100);
  await forgotten;
  assert.is.not(forgotten, undefined);
  assert.equal((await romeo.store.entries('outbox')).length, 9);
  assert.equal(romeo.outbox.pending().length, 9);
  const texts = await heard(juliet, romeo.written());
  assert.equal(texts.slice(0, 3), TEXTS.slice(0, 3));
});

test('where one of them is refused the others are sent all the same', async () => {
  const { romeo, juliet } = await tenWaiting('refused');
  await romeo.outbox.take(chat('in answer to nothing'), { to: JULIET }, { inReplyTo: new Uint8Array(3) });
  await romeo.outbox.take(chat('last'), { to: JULIET });
  romeo.link.connect();
  await romeo.timers.advance(100);
  assert.equal(await heard(juliet, romeo.written()), [...TEXTS, 'last']);
  assert.equal(told(romeo).filter((what) => what.startsWith('failed')).length, 1);
});

test.run();
