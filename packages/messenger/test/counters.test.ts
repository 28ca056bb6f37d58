// C7, C11, T08: gaps, reordering and broken chains are warnings, and nothing refuses or hangs for them.

import type { PlaceRecord } from '@stanzaseal/keystore';
import type { Opened } from '@stanzaseal/messenger';
import { openMany } from '@stanzaseal/messenger/batch';
import { withAttributes } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  chat,
  createPair,
  createPerson,
  DAY,
  introduce,
  type Person,
  restart,
  say,
  sealBadlyFrom,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('C7, C11: counters');
const codes = ({ warnings }: Opened): string[] => warnings.map(({ code }) => code);

async function several(romeo: Person, juliet: Person, count: number): Promise<Awaited<ReturnType<typeof say>>[]> {
  const stanzas = [];
  for (let i = 1; i <= count; i++) stanzas.push(await say(romeo, juliet, `${i}`));
  return stanzas;
}

test('in order there is no warning, over restarts of both', async () => {
  const [romeo, juliet] = await createPair('in order');
  for (let i = 0; i < 6; i++) {
    assert.equal((await tell(romeo, juliet, `${i}`)).warnings, []);
    assert.equal((await tell(juliet, romeo, `${i}`)).warnings, []);
    await restart(romeo);
    await restart(juliet);
  }
});

test('C7: what is missing is counted, and what comes late opens', async () => {
  const [romeo, juliet] = await createPair('gap');
  const [one, two, three, four, five] = await several(romeo, juliet, 5);
  assert.equal((await accepts(juliet, three as never)).warnings, [{ code: 'gap', missing: 2 }]);
  assert.equal((await accepts(juliet, five as never)).warnings, [{ code: 'gap', missing: 1 }]);
  for (const [late, body] of [
    [one, '1'],
    [four, '4'],
    [two, '2'],
  ] as const) {
    const opened = await accepts(juliet, late as never);
    assert.equal([bodyOf(opened.stanza), opened.warnings], [body, [{ code: 'reordered' }]]);
  }
  assert.equal((await tell(romeo, juliet, '6')).warnings, [], 'a late one does not set the count back');
});

test('C7: sealed anew in its old place a message leaves no gap, whichever of its objects came', async () => {
  const [romeo, juliet] = await createPair('anew');
  const places: PlaceRecord[] = [];
  const sealing = async (text: string, messageId: Uint8Array, place?: PlaceRecord) => {
    const options = { messageId, ...(place === undefined ? {} : { place }) };
    const together = async (got: PlaceRecord) => {
      places.push(got);
      return [];
    };
    return (await romeo.messenger.seal(chat(text), { to: juliet.jid }, { ...options, together })).stanza;
  };
  const ids = [1, 2, 3].map((n) => new Uint8Array(16).fill(n)) as [Uint8Array, Uint8Array, Uint8Array];
  const first = await sealing('1', ids[0]);
  await sealing('2', ids[1]);
  assert.equal((await accepts(juliet, first)).warnings, []);
  const offered = async () => (await romeo.store.get('conversations', juliet.jid))?.replyPrekey;
  const before = await offered();
  assert.is((await juliet.messenger.open(await sealing('1', ids[0], places[0]))).status, 'duplicate');
  assert.is(await offered(), before, 'the prekey for answers stays');
  const second = await sealing('2', ids[1], places[1]);
  assert.equal(
    places.map(({ counter }) => counter),
    [1, 2, 1, 2],
  );
  const many = await openMany(juliet.messenger, [second, await sealing('3', ids[2])]);
  assert.equal(
    many.results.map((result) => result.status === 'opened' && result.warnings),
    [[], []],
  );
  await many.accept();
  assert.equal((await tell(romeo, juliet, '4')).warnings, []);
});

test('T08: any order of ten loses nothing', async () => {
  const [romeo, juliet] = await createPair('any order');
  const stanzas = await several(romeo, juliet, 10);
  const read: (string | undefined)[] = [];
  for (const i of [9, 0, 5, 3, 8, 1, 7, 2, 6, 4])
    read.push(bodyOf((await accepts(juliet, stanzas[i] as never)).stanza));
  assert.equal(read.sort(), ['1', '10', '2', '3', '4', '5', '6', '7', '8', '9']);
});

test('a message that follows by number and means another one before it is said to break the chain', async () => {
  const [romeo, juliet] = await createPair('chain');
  await tell(romeo, juliet, 'one');
  const { stanza } = await sealBadlyFrom(romeo, juliet, { context: { counter: 2, previous: new Uint8Array(32) } });
  assert.equal(codes(await accepts(juliet, stanza)), ['chain-broken']);
  // Romeo's own second message has the same number as the forged one.
  assert.equal(codes(await tell(romeo, juliet, 'two')), ['reordered']);
  assert.equal(codes(await tell(romeo, juliet, 'three')), ['chain-broken']);
  assert.equal(codes(await tell(romeo, juliet, 'four')), []);
});

test('C11: a counter that leaps is a gap, and takes no longer', async () => {
  const [romeo, juliet] = await createPair('leap');
  for (const counter of [2 ** 31, Number.MAX_SAFE_INTEGER]) {
    const { stanza } = await sealBadlyFrom(romeo, juliet, { context: { counter, previous: new Uint8Array(32) } });
    const start = performance.now();
    const opened = await accepts(juliet, stanza);
    assert.ok(performance.now() - start < 5000);
    assert.is(opened.warnings[0]?.code, 'gap');
  }
  assert.equal(codes(await tell(romeo, juliet, 'still here')), ['reordered']);
});

test('conversations are counted apart: another person, a room, an iq or a presence leaves no gap', async () => {
  const [romeo, juliet] = await createPair('apart');
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(paris, romeo);
  const room = 'coven@chat.shakespeare.example';
  await tell(romeo, juliet, 'one');
  await say(romeo, paris, 'two');
  await romeo.messenger.seal(chat('three', { type: 'groupchat' }), { room, members: [juliet.jid, paris.jid] });
  await romeo.messenger.seal(withAttributes({ ...chat('x'), name: 'iq' }, { type: 'get', id: 'q' }), {
    to: juliet.jid,
  });
  await romeo.messenger.seal(withAttributes({ ...chat('x'), name: 'presence' }, { type: undefined }), {
    to: juliet.jid,
  });
  assert.equal((await tell(romeo, juliet, 'four')).warnings, []);
});

test('devices are counted apart', async () => {
  const [romeo, juliet] = await createPair('devices');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  await introduce(romeo, tablet, juliet);
  for (const device of [romeo, tablet, romeo, tablet]) assert.equal((await tell(device, juliet, 'x')).warnings, []);
});

test('a time ahead of ours is a warning beyond five minutes, one behind never is', async () => {
  const [romeo, juliet] = await createPair('time');
  const { now } = romeo.world;
  for (const [ahead, expected] of [
    [4 * 60_000, []],
    [6 * 60_000, ['time-in-future']],
    [-10 * 365 * DAY, []],
  ] as const) {
    const { stanza } = await sealBadlyFrom(romeo, juliet, { now: now + ahead });
    const opened = await juliet.messenger.open(stanza);
    if (opened.status !== 'opened') throw new Error(opened.status);
    assert.equal([codes(opened), opened.time], [[...expected], now + ahead]);
  }
});

test('versions of device lists that we do not know are told', async () => {
  const [romeo, juliet] = await createPair('versions');
  await introduce(romeo, juliet);
  const { stanza } = await sealBadlyFrom(romeo, juliet, { context: { senderListVersion: 7, peerListVersion: 9 } });
  const opened = await juliet.messenger.open(stanza);
  assert.equal(opened.status === 'opened' && opened.warnings, [
    { code: 'sender-list-newer', listVersion: 7 },
    { code: 'own-list-newer', listVersion: 9 },
  ]);
});

test.run();
