// `open` and `accept`: nothing is stored before, everything together after, and a crash between them loses nothing.
import { toHex } from '@stanzaseal/cms';
import { createMemoryStorage, type KeyStoreStorage, openKeyStore } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import { removeDevice } from '@stanzaseal/messenger/devices';
import { withAttributes, withChildren } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  createPair,
  createPerson,
  introduce,
  opens,
  type Person,
  refusal,
  restart,
  say,
  sealBadlyFrom,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('open and accept');

test('opening stores nothing, and the same octets open until they are accepted', async () => {
  const [romeo, juliet] = await createPair('before');
  const stanza = await say(romeo, juliet, 'Ay me!');
  const before = await snapshot(juliet);
  for (let i = 0; i < 3; i++) assert.is(bodyOf((await opens(juliet, stanza)).stanza), 'Ay me!');
  assert.is(await snapshot(juliet), before);
  assert.equal(juliet.events, []);
  await accepts(juliet, stanza);
  assert.is.not(await snapshot(juliet), before);
  assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
});

test('accepting makes replay memory, pin, counter, device and prekey state durable in one commit', async () => {
  const [romeo, juliet] = await createPair('one commit');
  const stanza = await say(romeo, juliet, 'Ay me!');
  const commits: string[][] = [];
  const inner = createMemoryStorage(await juliet.storage.load());
  const storage: KeyStoreStorage = {
    ...inner,
    commit: async (changes) => {
      commits.push(changes.map(({ table }) => table));
      await inner.commit(changes);
    },
  };
  const { world } = juliet;
  const store = await openKeyStore(storage);
  const messenger = createMessenger({
    store,
    crypto: world.crypto,
    random: world.random,
    clock: () => world.now,
    onEvent: () => {},
  });
  const opened = await messenger.open(stanza);
  if (opened.status !== 'opened') throw new Error(opened.status);
  assert.is(commits.length, 0);
  await opened.accept();
  assert.is(commits.length, 1);
  for (const table of ['seen', 'accepted', 'received', 'contacts', 'devices', 'prekeys', 'strangers']) {
    assert.ok(commits[0]?.includes(table), table);
  }
});

test('a crash between open and accept: the message is opened again by the next process', async () => {
  const [romeo, juliet] = await createPair('crash');
  const stanza = await say(romeo, juliet, 'Ay me!');
  await opens(juliet, stanza);
  await restart(juliet);
  assert.is(bodyOf((await accepts(juliet, stanza)).stanza), 'Ay me!');
  await restart(juliet);
  assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
});

test('a commit that fails leaves everything as it was, and can be tried again', async () => {
  const [romeo, juliet] = await createPair('disk full');
  const stanza = await say(romeo, juliet, 'Ay me!');
  const inner = createMemoryStorage(await juliet.storage.load());
  let full = true;
  const storage: KeyStoreStorage = {
    ...inner,
    commit: async (changes) => {
      if (full) throw new Error('ENOSPC');
      await inner.commit(changes);
    },
  };
  const { world } = juliet;
  const store = await openKeyStore(storage);
  const messenger = createMessenger({
    store,
    crypto: world.crypto,
    random: world.random,
    clock: () => world.now,
    onEvent: () => {},
  });
  const opened = await messenger.open(stanza);
  if (opened.status !== 'opened') throw new Error(opened.status);
  assert.match((await refusal(() => opened.accept()))?.message ?? '', 'ENOSPC');
  assert.is((await messenger.open(stanza)).status, 'opened');
  full = false;
  await opened.accept();
  assert.is((await messenger.open(stanza)).status, 'duplicate');
});

test('accepting twice, one after the other or at once, is accepting once', async () => {
  const [romeo, juliet] = await createPair('twice');
  const stanza = await say(romeo, juliet, 'Ay me!');
  const [one, two] = await Promise.all([opens(juliet, stanza), opens(juliet, stanza)]);
  await Promise.all([one.accept(), two.accept(), one.accept()]);
  const after = await snapshot(juliet);
  juliet.world.now += 1000;
  await two.accept();
  assert.is(await snapshot(juliet), after);
  assert.is((await juliet.store.entries('accepted')).length, 1);
  assert.is((await juliet.store.entries('strangers'))[0]?.[1].pins, 1);
});

test('I4: many under one prekey, opened at once and accepted in any order beside erasures and publications, are all accepted', async () => {
  const [romeo, juliet] = await createPair('many');
  const stanzas = [];
  for (let i = 0; i < 20; i++) stanzas.push(await say(romeo, juliet, `${i}`));
  const opened = await Promise.all(stanzas.map((stanza) => opens(juliet, stanza)));
  assert.is(new Set(opened.flatMap(({ recipients }) => recipients.map(({ rKeyId }) => toHex(rKeyId)))).size, 1);
  const { messenger } = juliet;
  const others = [() => messenger.erase(), () => messenger.publish(), () => messenger.caughtUp()];
  await Promise.all(opened.reverse().flatMap((one, i) => [one.accept(), others[i % 3]?.()]));
  assert.is((await juliet.store.entries('accepted')).length, 20);
  for (const stanza of stanzas) assert.is((await juliet.messenger.open(stanza)).status, 'duplicate');
});

test('I4: two devices of an account have no prekey in common, and each opens its own copy at the same time', async () => {
  const [romeo, juliet] = await createPair('one account');
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  const keysOf = async ({ store }: Person) => (await store.entries('prekeys')).map(([key]) => key);
  const [hers, its] = [await keysOf(juliet), await keysOf(tablet)];
  assert.is(new Set([...hers, ...its]).size, hers.length + its.length);
  const stanza = await say(romeo, juliet, 'Ay me!');
  const opened = await Promise.all([accepts(juliet, stanza), accepts(tablet, stanza)]);
  assert.equal(
    opened.map((one) => one.class),
    ['one-time', 'one-time'],
  );
});

test('a failed open leaves the store byte for byte as it was', async () => {
  const [romeo, juliet] = await createPair('failed');
  await tell(romeo, juliet, 'hello');
  const stanza = await say(romeo, juliet, 'Ay me!');
  const before = await snapshot(juliet);
  const wrong = [
    withAttributes(stanza, { from: 'paris@verona.example' }),
    withChildren(stanza, []),
    (await sealBadlyFrom(romeo, juliet, { changeEnvelope: (xml) => xml.replace('kind="message"', 'kind="iq"') }))
      .stanza,
    (await sealBadlyFrom(romeo, juliet, { context: { senderDevice: new Uint8Array(32) } })).stanza,
  ];
  for (const one of wrong) assert.is((await refusal(() => juliet.messenger.open(one)))?.code, 'ERR_OPEN');
  assert.is(await snapshot(juliet), before);
});

test('C14: of two who first came under one address, the second cannot be accepted once the first was', async () => {
  const [romeo, juliet] = await createPair('two identities');
  const impostor = await createPerson(romeo.jid, romeo.world);
  await introduce(juliet, impostor);
  const [true_, false_] = [
    await opens(juliet, await say(romeo, juliet, 'I am Romeo')),
    await opens(juliet, await say(impostor, juliet, 'I am Romeo')),
  ];
  assert.equal([true_.sender.firstContact, false_.sender.firstContact], [true, true]);
  await true_.accept();
  const before = await snapshot(juliet);
  assert.is((await refusal(() => false_.accept()))?.code, 'ERR_OPEN');
  assert.is(await snapshot(juliet), before);
  assert.equal(
    juliet.events.map(({ kind }) => kind),
    ['key-changed'],
  );
  const answer = await say(juliet, romeo, 'Romeo?');
  await accepts(romeo, answer);
  assert.is((await refusal(() => impostor.messenger.open(answer)))?.code, 'ERR_OPEN');
});

test('a device that was removed between open and accept stays removed', async () => {
  const [romeo, juliet] = await createPair('removed between');
  const tablet = await addDevice(romeo);
  await introduce(romeo, juliet);
  await introduce(juliet, tablet);
  const opened = await opens(juliet, await say(tablet, juliet, 'from the tablet'));
  await removeDevice(romeo.messenger, (await tablet.store.deviceKey(tablet.world.crypto)).publicKey.keyIdentifier);
  await introduce(romeo, juliet);
  await opened.accept();
  const answer = await say(juliet, romeo, 'Romeo?');
  assert.is((await refusal(() => tablet.messenger.open(answer)))?.code, 'ERR_OPEN');
  await accepts(romeo, answer);
});

test.run();
