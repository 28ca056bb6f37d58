// What a published object says it is: whose, which, and what a list is to the one known. Nothing of it is believed.

import { equal, toHex } from '@stanzaseal/cms';
import { describePublished, type ListRelation, removeDevice, revokeDevice } from '@stanzaseal/messenger/devices';
import {
  accountOf,
  addDevice,
  copyOf,
  createPair,
  deviceOf,
  introduce,
  type Person,
  refusal,
  snapshot,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('describePublished');

async function relation(person: Person, list: Uint8Array): Promise<ListRelation | undefined> {
  const found = await describePublished(person.messenger, list);
  return found.kind === 'device-list' ? found.relation : undefined;
}

const listOf = async (person: Person): Promise<Uint8Array> => (await accountOf(person)).deviceList as Uint8Array;

test('a list is first, the same, older, next, newer, on top of another, or beside ours', async () => {
  const [romeo, juliet] = await createPair('relations');
  const one = await listOf(juliet);
  assert.is(await relation(juliet, one), 'same');
  assert.is(await relation(juliet, await listOf(romeo)), 'first');
  assert.is(await relation(romeo, one), 'same');
  const twin = await copyOf(juliet);
  const tablet = await addDevice(juliet);
  const two = await listOf(juliet);
  assert.equal([await relation(romeo, two), await relation(juliet, one)], ['next', 'older']);
  await addDevice(twin);
  const other = await listOf(twin);
  assert.is(await relation(juliet, other), 'fork');
  await removeDevice(juliet.messenger, await deviceOf(tablet));
  const three = await listOf(juliet);
  assert.equal([await relation(romeo, three), await relation(twin, three)], ['newer', 'broken']);
  // Of two that are known, either may be the one before.
  await twin.messenger.importKeys([two]);
  assert.equal([await relation(twin, three), await relation(twin, two)], ['next', 'same']);
});

test('bundles and statements name their device; nothing is verified, and nothing changes', async () => {
  const [romeo, juliet] = await createPair('kinds');
  const tablet = await addDevice(juliet);
  const { prekeyBundle } = await tablet.messenger.publish();
  const bundle = await describePublished(romeo.messenger, prekeyBundle);
  assert.ok(bundle.kind === 'prekey-bundle' && equal(bundle.device, await deviceOf(tablet)));
  const { revocation } = await revokeDevice(juliet.messenger, await deviceOf(tablet));
  const before = await snapshot(romeo);
  const statement = await describePublished(romeo.messenger, revocation);
  assert.equal(statement.kind === 'statement' && [statement.owner, toHex(statement.device)], [
    juliet.jid,
    toHex(await deviceOf(tablet)),
  ]);
  const damaged = revocation.slice();
  damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1;
  assert.is((await describePublished(romeo.messenger, damaged)).kind, 'statement');
  assert.is(await snapshot(romeo), before);
  await introduce(juliet, romeo);
});

test('what is no published object is refused', async () => {
  const [romeo, juliet] = await createPair('nothing');
  const { prekeyBundle } = await juliet.messenger.publish();
  for (const der of [new Uint8Array(0), new Uint8Array([0x30, 0]), prekeyBundle.slice(0, -1), prekeyBundle.slice(1)])
    assert.is((await refusal(() => describePublished(romeo.messenger, der)))?.code, 'ERR_VERIFY');
});

test.run();
