// Stores that were put back or copied: found by the own published bundle, and useless until they go on as a new device (I6, I9).
// The promises are those of docs/models/prekeyErasure.pml.
import { equal, toHex } from '@stanzaseal/cms';
import { createKeyStore, createMemoryStorage, openKeyStore } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import {
  admissionRequest,
  admitDevice,
  continueAsNewDevice,
  joinAccount,
  removeDevice,
  revokeDevice,
  setArchiveKeys,
} from '@stanzaseal/messenger/devices';
import { storeStatus } from '@stanzaseal/messenger/status';
import {
  accepts,
  accountOf,
  addDevice,
  bodyOf,
  chat,
  copyOf,
  createPair,
  DAY,
  deviceOf,
  HOUR,
  introduce,
  type Person,
  refusal,
  restart,
  say,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('rollback and clones');

const code = async (call: () => unknown): Promise<string | undefined> => (await refusal(call))?.code;
const kinds = ({ events }: Person): string[] => events.map(({ kind }) => kind);

/** Juliet read a message and erased its prekey; an image of her store from before; what she published since. */
async function putBack(seed: string): Promise<{
  romeo: Person;
  juliet: Person;
  image: Person;
  stanza: Awaited<ReturnType<typeof say>>;
  prekeyBundle: Uint8Array;
}> {
  const [romeo, juliet] = await createPair(seed);
  await introduce(romeo, juliet);
  const image = await copyOf(juliet);
  const stanza = await say(romeo, juliet, 'burn after reading');
  await accepts(juliet, stanza);
  await tell(juliet, romeo, 'read');
  await tell(romeo, juliet, 'good');
  juliet.world.now += 49 * HOUR;
  await juliet.messenger.caughtUp();
  juliet.world.now += 6 * DAY;
  const { prekeyBundle } = await juliet.messenger.publish();
  assert.is(await code(() => juliet.messenger.openArchived(stanza, new Uint8Array(32))), 'ERR_OPEN');
  return { romeo, juliet, image, stanza, prekeyBundle };
}

test('I6: an old state sees by the own published bundle what it is; seal, open and all the rest answer ERR_ROLLBACK', async () => {
  const { romeo, image, stanza, prekeyBundle } = await putBack('put back');
  assert.is((await image.messenger.open(stanza)).status, 'opened', 'the danger: it opens again');
  const opened = await image.messenger.open(stanza);
  assert.is(await code(() => image.messenger.importKeys([prekeyBundle])), 'ERR_ROLLBACK');
  assert.equal(image.events, [{ kind: 'rolled-back', sequence: 2 }]);
  const before = await snapshot(image);
  for (const restarted of [false, true]) {
    if (restarted) await restart(image);
    const { messenger } = image;
    for (const call of [
      () => messenger.open(stanza),
      () => messenger.seal(chat('x'), { to: romeo.jid }),
      () => messenger.publish(),
      () => opened.status === 'opened' && opened.accept(),
      () => setArchiveKeys(messenger, []),
      () => removeDevice(messenger, new Uint8Array(32)),
      () => revokeDevice(messenger, new Uint8Array(32)),
      async () => admitDevice(messenger, await admissionRequest(messenger)),
      () => messenger.importKeys([prekeyBundle]),
    ])
      assert.is(await code(call), 'ERR_ROLLBACK', call.toString());
    assert.is((await messenger.contacts()).length, 1, 'what only shows goes on');
    assert.is((await storeStatus(messenger)).rolledBack, true);
  }
  assert.is(await snapshot(image), before);
});

test('the own bundle as it was published, or an older one, is no news', async () => {
  const [, juliet] = await createPair('no news');
  const first = await juliet.messenger.publish();
  juliet.world.now += 8 * DAY;
  const second = await juliet.messenger.publish();
  const before = await snapshot(juliet);
  for (const bundle of [first, second, first]) {
    assert.equal((await juliet.messenger.importKeys([bundle.deviceList, bundle.prekeyBundle].slice(1))).accounts, [
      juliet.jid,
    ]);
  }
  assert.is(await snapshot(juliet), before);
  assert.equal(juliet.events, []);
});

test('nobody else raises the alarm: not a bundle that another key signed, nor an own one that was changed', async () => {
  const { romeo, juliet, prekeyBundle } = await putBack('forged');
  const image = await copyOf(juliet);
  const bent = prekeyBundle.slice();
  bent[bent.length - 1] = (bent[bent.length - 1] as number) ^ 1;
  assert.is(await code(() => image.messenger.importKeys([bent])), 'ERR_VERIFY');
  const foreign = await romeo.messenger.publish();
  await image.messenger.importKeys([foreign.prekeyBundle]);
  await image.messenger.publish();
  assert.equal(image.events, []);
});

test('I9: a copy that runs beside the original: each sees the other’s bundle, also one of the same sequence', async () => {
  const [, juliet] = await createPair('clone');
  const clone = await copyOf(juliet);
  juliet.world.now += 8 * DAY;
  const [mine, theirs] = [await juliet.messenger.publish(), await clone.messenger.publish()];
  assert.equal([(await accountOf(juliet)).bundleSequence, (await accountOf(clone)).bundleSequence], [2, 2]);
  assert.is(await code(() => clone.messenger.importKeys([mine.prekeyBundle])), 'ERR_ROLLBACK');
  assert.is(await code(() => juliet.messenger.importKeys([theirs.prekeyBundle])), 'ERR_ROLLBACK');
  assert.equal([kinds(juliet).at(-1), kinds(clone).at(-1)], ['rolled-back', 'rolled-back']);
});

test('what nothing was published after is not found, and this is what is promised (CLAIMED_BEFORE_PUBLISHED)', async () => {
  const [romeo, juliet] = await createPair('young image');
  const { prekeyBundle } = await juliet.messenger.publish();
  const image = await copyOf(juliet);
  const stanza = await say(romeo, juliet, 'x');
  await accepts(juliet, stanza);
  await image.messenger.importKeys([prekeyBundle]);
  assert.is((await image.messenger.open(stanza)).status, 'opened');
});

test('I6: on a primary device: continued as a new device, no prekey of before is left, and peers go on with it', async () => {
  const { romeo, juliet, image, stanza, prekeyBundle } = await putBack('continued');
  await code(() => image.messenger.importKeys([prekeyBundle]));
  const old = new Set((await image.store.entries('prekeys')).map(([key]) => key));
  const secrets = (await image.store.entries('prekeys')).map(([, { secret }]) => toHex(secret));
  const oldDevice = await deviceOf(image);
  image.events.length = 0;
  const { request, replaced } = await continueAsNewDevice(image.messenger);
  assert.equal(replaced, oldDevice);
  assert.equal(kinds(image), ['prekeys-erased']);
  const stored = await image.store.entries('prekeys');
  assert.not(stored.some(([key, { secret }]) => old.has(key) || secrets.includes(toHex(secret))));
  assert.is((await storeStatus(image.messenger)).admitted, false);
  assert.is(await code(() => image.messenger.seal(chat('x'), { to: romeo.jid })), 'ERR_NO_KEYS', 'not admitted yet');

  // The list as published, then itself, then without the device that it was.
  await image.messenger.importKeys([(await accountOf(juliet)).deviceList as Uint8Array]);
  await admitDevice(image.messenger, request);
  const { revocation, deviceList } = await revokeDevice(image.messenger, replaced);
  const published = await image.messenger.publish();
  await romeo.messenger.importKeys([deviceList, revocation, published.prekeyBundle]);
  assert.is((await accountOf(image)).role, 'primary');
  assert.not.equal(await deviceOf(image), replaced);

  // P1: the object whose prekey was erased does not open; nothing on its way to the old device does.
  assert.is(await code(() => image.messenger.open(stanza)), 'ERR_OPEN');
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal(
    sealed.recipients.map(({ deviceKey, class: of }) => [toHex(deviceKey), of]),
    [[toHex(await deviceOf(image)), 'one-time']],
  );
  // Nothing is sealed to what Romeo offered to the old state: it may be erased.
  assert.is(await code(() => image.messenger.seal(chat('x'), { to: romeo.jid })), 'ERR_NO_KEYS');
  await introduce(romeo, image);
  const answer = await image.messenger.seal(chat('it is I again'), { to: romeo.jid });
  assert.equal(
    answer.recipients.map((one) => one.class),
    ['one-time'],
  );
  const opened = await accepts(romeo, answer.stanza);
  assert.equal([bodyOf(opened.stanza), opened.sender.firstContact, opened.warnings], ['it is I again', false, []]);
  await tell(romeo, image, 'welcome back');
  const before = await snapshot(image);
  assert.is((await image.messenger.importKeys([published.prekeyBundle])).accounts[0], juliet.jid);
  assert.is(await snapshot(image), before);
});

test('I6: a secondary device asks its primary again', async () => {
  const [romeo, juliet] = await createPair('secondary');
  const tablet = await addDevice(juliet);
  const image = await copyOf(tablet);
  juliet.world.now += 8 * DAY;
  await introduce(tablet, romeo);
  const { prekeyBundle } = await tablet.messenger.publish();
  await code(() => image.messenger.importKeys([prekeyBundle]));
  const { request, replaced } = await continueAsNewDevice(image.messenger);
  assert.is(await code(() => admitDevice(image.messenger, request)), 'ERR_NO_KEYS');
  const admission = await admitDevice(juliet.messenger, request);
  const { deviceList } = await revokeDevice(juliet.messenger, replaced);
  await joinAccount(image.messenger, admission);
  await image.messenger.importKeys([deviceList]);
  await introduce(image, romeo);
  await introduce(romeo, image);
  const opened = await accepts(romeo, await say(image, romeo, 'from the tablet'));
  assert.ok(equal(opened.sender.device, await deviceOf(image)));
  // A request that got lost is made again.
  assert.is(
    (await refusal(async () => admitDevice(juliet.messenger, await admissionRequest(image.messenger))))?.code,
    'ERR_VERIFY',
    'it is listed',
  );
});

test('continuing is one commit: a store that breaks in it is as it was', async () => {
  const { image, prekeyBundle } = await putBack('one commit');
  await code(() => image.messenger.importKeys([prekeyBundle]));
  const records = await image.storage.load();
  const { crypto, random } = image.world;
  const disk = createMemoryStorage();
  const store = await createKeyStore(disk, records);
  const broken = {
    ...disk,
    commit: async () => Promise.reject(Object.assign(new Error('I/O error'), { code: 'EIO' })),
  };
  const messenger = createMessenger({
    store: await openKeyStore(broken),
    crypto,
    random,
    clock: () => image.world.now,
    onEvent: () => {},
  });
  assert.is(await code(() => continueAsNewDevice(messenger)), 'EIO');
  assert.is(await code(() => messenger.publish()), 'ERR_ROLLBACK');
  await store.close();
});

test.run();
