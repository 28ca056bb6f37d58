// When private prekeys die, and replay entries with them: the rules as a table, and the same through a messenger.

import { toHex } from '@stanzaseal/cms';
import type { AccountRecord, PrekeyRecord } from '@stanzaseal/keystore';
import {
  accepts,
  accountOf,
  addDevice,
  createPair,
  DAY,
  deviceOf,
  HOUR,
  introduce,
  type Person,
  say,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isToBeErased } from '../src/erasure.js';
import { RULES } from '../src/rules.js';

const test = suite('erasure');
const T = Date.UTC(2026, 10, 21);
const octets = new Uint8Array(32);
const account: AccountRecord = {
  owner: 'juliet@capulet.example',
  role: 'primary',
  identity: octets,
  device: octets,
  deviceSecret: octets,
  bundleSequence: 0,
};
const prekey: PrekeyRecord = {
  class: 'one-time',
  publicKey: octets,
  secret: octets,
  createdAt: T,
  notAfter: T + 35 * DAY,
  uses: [],
};
const used = (device: string, movedOnAt?: number) => ({
  device,
  at: T,
  ...(movedOnAt === undefined ? {} : { movedOnAt }),
});

/** Each prekey, when catch-up was last complete, and the first moment of its erasure. */
const table: readonly [name: string, change: Partial<PrekeyRecord>, caughtUpAt: number | undefined, dies: number][] = [
  ['unused: 14 days after its validity', {}, T + 40 * DAY, T + 49 * DAY],
  ['used by one who stays silent: the same', { uses: [used('a')] }, T + 40 * DAY, T + 49 * DAY],
  ['used, moved on, caught up later: 48 h after the move', { uses: [used('a', T + DAY)] }, T + 2 * DAY, T + 3 * DAY],
  ['caught up just then: the same', { uses: [used('a', T + DAY)] }, T + DAY, T + 3 * DAY],
  ['caught up before the move: not yet, but by the ceiling', { uses: [used('a', T + DAY)] }, T + DAY - 1, T + 49 * DAY],
  ['never caught up: by the ceiling', { uses: [used('a', T + DAY)] }, undefined, T + 49 * DAY],
  ['two used it, one moved on: by the ceiling', { uses: [used('a', T + DAY), used('b')] }, T + 30 * DAY, T + 49 * DAY],
  [
    'two used it, both moved on: 48 h after the last',
    { uses: [used('a', T + 5 * DAY), used('b', T + DAY)] },
    T + 6 * DAY,
    T + 7 * DAY,
  ],
  ['a reply prekey: the same rule', { class: 'reply', uses: [used('a', T + DAY)] }, T + 2 * DAY, T + 3 * DAY],
  ['a reply prekey that nobody used: by the ceiling', { class: 'reply' }, T + 2 * DAY, T + 49 * DAY],
  [
    'last-resort, used and moved on: lives on',
    { class: 'last-resort', uses: [used('a', T + DAY)] },
    T + 2 * DAY,
    T + 49 * DAY,
  ],
  [
    'last-resort, replaced: 14 days after',
    { class: 'last-resort', replacedAt: T + 7 * DAY },
    T + 2 * DAY,
    T + 21 * DAY,
  ],
  [
    'last-resort, replaced after its validity: by the ceiling',
    { class: 'last-resort', replacedAt: T + 60 * DAY },
    undefined,
    T + 49 * DAY,
  ],
  ['a validity of no length: 14 days', { notAfter: T }, undefined, T + 14 * DAY],
];

for (const [name, change, caughtUpAt, dies] of table) {
  test(name, () => {
    const record = { ...prekey, ...change };
    const self = caughtUpAt === undefined ? account : { ...account, caughtUpAt };
    assert.is(isToBeErased(record, self, dies - 1, RULES), false, 'the moment before');
    assert.is(isToBeErased(record, self, dies, RULES), true, 'from then on');
    assert.is(isToBeErased(record, self, dies + 1000 * DAY, RULES), true, 'for ever');
    assert.is(isToBeErased(record, self, T - 1000 * DAY, RULES), false, 'a clock that went back erases nothing (I14)');
  });
}

const oneTimeOf = async ({ store }: Person): Promise<number> =>
  (await store.entries('prekeys')).filter(([, record]) => record.class === 'one-time').length;

test('what is erased is gone from the store and told; the key never comes back', async () => {
  const [romeo, juliet] = await createPair('told');
  const opened = await tell(romeo, juliet, 'Ay me!');
  const key = toHex(opened.recipients[0]?.rKeyId as Uint8Array);
  await tell(juliet, romeo, 'Romeo?');
  await tell(romeo, juliet, 'Call me but love');
  juliet.world.now += 48 * HOUR;
  await juliet.messenger.erase();
  assert.equal(juliet.events, [], 'nothing before the archive was read to its end');
  await juliet.messenger.caughtUp();
  assert.equal(juliet.events, [{ kind: 'prekeys-erased', keyIdentifiers: [key] }]);
  assert.is(await juliet.store.get('prekeys', key), undefined);
  assert.is(await oneTimeOf(juliet), 99);
  const records = JSON.stringify((await juliet.storage.load()).map((change) => change.key));
  assert.not.match(records, new RegExp(`"${key}"`));
});

test('messages on their way to an older prekey still open within the grace', async () => {
  const [romeo, juliet] = await createPair('grace');
  const late = await say(romeo, juliet, 'late');
  await tell(romeo, juliet, 'one');
  await tell(juliet, romeo, 'two');
  await tell(romeo, juliet, 'three');
  juliet.world.now += 47 * HOUR;
  await juliet.messenger.caughtUp();
  await accepts(juliet, late);
});

test('two devices of a contact: a prekey lives until both moved on', async () => {
  const [romeo, juliet] = await createPair('two devices');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  await introduce(romeo, tablet, juliet);
  await tell(romeo, juliet, 'one');
  await tell(tablet, juliet, 'two');
  const answer = await say(juliet, romeo, 'to both');
  const { replyPrekey } = (await juliet.store.get('conversations', romeo.jid)) ?? {};
  for (const device of [romeo, tablet]) await accepts(device, answer);
  for (const device of [romeo, tablet]) await tell(device, juliet, 'on the reply prekey');
  const next = await say(juliet, romeo, 'another');
  await accepts(romeo, next);
  await tell(romeo, juliet, 'moved on');
  juliet.world.now += 49 * HOUR;
  await juliet.messenger.caughtUp();
  const uses = (await juliet.store.get('prekeys', replyPrekey as string))?.uses ?? [];
  assert.equal(
    uses.map(({ device, movedOnAt }) => [device, movedOnAt !== undefined]).sort(),
    [
      [toHex(await deviceOf(romeo)), true],
      [toHex(await deviceOf(tablet)), false],
    ].sort(),
  );
  await accepts(tablet, next);
  await tell(tablet, juliet, 'moved on');
  juliet.world.now += 49 * HOUR;
  await juliet.messenger.caughtUp();
  assert.is(await juliet.store.get('prekeys', replyPrekey as string), undefined);
});

test('last-resort prekeys are replaced weekly, and the old one lives 14 days more', async () => {
  const [, juliet] = await createPair('last resort');
  await juliet.messenger.publish();
  const lastResorts = async (): Promise<number> =>
    (await juliet.store.entries('prekeys')).filter(([, record]) => record.class === 'last-resort').length;
  assert.is(await lastResorts(), 1);
  juliet.world.now += 7 * DAY;
  await juliet.messenger.publish();
  assert.is(await lastResorts(), 2);
  juliet.world.now += 14 * DAY - 1;
  await juliet.messenger.erase();
  assert.is(await lastResorts(), 2);
  juliet.world.now += 1;
  await juliet.messenger.erase();
  assert.is(await lastResorts(), 1);
});

test('a replay entry goes once every prekey that was alive at its acceptance is erased, and not before', async () => {
  const [romeo, juliet] = await createPair('replay entries');
  await tell(romeo, juliet, 'one');
  const entries = async (): Promise<number[]> => [
    (await juliet.store.entries('seen')).length,
    (await juliet.store.entries('accepted')).length,
  ];
  // A fresh bundle replaces the old prekeys; these die 14 days after their validity.
  juliet.world.now += 36 * DAY;
  await juliet.messenger.publish();
  juliet.world.now += 13 * DAY - 3000;
  await juliet.messenger.erase();
  assert.equal(await entries(), [1, 1]);
  juliet.world.now += 3000;
  await juliet.messenger.erase();
  assert.equal(await entries(), [0, 0]);
});

test('erasing without anything due stores nothing; catching up is noted', async () => {
  const [, juliet] = await createPair('nothing due');
  const before = await snapshot(juliet);
  await juliet.messenger.erase();
  assert.is(await snapshot(juliet), before);
  assert.equal(juliet.events, []);
  await juliet.messenger.caughtUp();
  assert.is((await accountOf(juliet)).caughtUpAt, juliet.world.now);
});

test.run();
