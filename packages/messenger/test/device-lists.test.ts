// Device lists: only the identity key changes them, they do not go back, and who left stays out (I6, I11, I12, T09).
import { type DeviceList, decodeDeviceList, equal, publicKeyFromRaw, toHex } from '@stanzaseal/cms';
import { createJoiningDevice, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type Messenger } from '@stanzaseal/messenger';
import { admitDevice, joinAccount, removeDevice, setArchiveKeys } from '@stanzaseal/messenger/devices';
import { readSignedData, signDeviceList, signPrekeyBundle } from '@stanzaseal/signer';
import {
  accepts,
  accountOf,
  addDevice,
  bodyOf,
  chat,
  createPair,
  createPerson,
  DAY,
  deviceKnownTo,
  deviceOf,
  introduce,
  opens,
  type Person,
  refusal,
  say,
  sealBadlyFrom,
  snapshot,
  tell,
  unusedPrekeyOf,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('device lists');
const kinds = ({ events }: Person): string[] => events.map(({ kind }) => kind);

/** The list that a person's store holds. */
async function listOf(person: Person): Promise<DeviceList> {
  return decodeDeviceList(readSignedData((await accountOf(person)).deviceList as Uint8Array).content as Uint8Array);
}

/** A list signed by a person's identity key, with changes. */
async function signedList(person: Person, changes: Partial<DeviceList>, base?: DeviceList): Promise<Uint8Array> {
  const { crypto } = person.world;
  const identity = await person.store.identityKey(crypto);
  if (identity === undefined) throw new Error('no identity key');
  return signDeviceList({ ...(base ?? (await listOf(person))), ...changes }, identity, crypto);
}

async function digestOf(der: Uint8Array, { world }: Person): Promise<Uint8Array> {
  return world.crypto.sha256(readSignedData(der).content as Uint8Array);
}

/** Imports lists one after another and gives what each import came to. */
async function imports(person: Person, ...lists: Uint8Array[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const list of lists) {
    outcomes.push(
      await person.messenger.importKeys([list]).then(
        () => 'taken',
        ({ code }) => code,
      ),
    );
  }
  return outcomes;
}

/** Three versions of Juliet's list, each following on the one before. */
async function versions(juliet: Person): Promise<[Uint8Array, Uint8Array, Uint8Array]> {
  const first = (await accountOf(juliet)).deviceList as Uint8Array;
  const second = await signedList(juliet, { listVersion: 2, previous: await digestOf(first, juliet) });
  const third = await signedList(juliet, { listVersion: 3, previous: await digestOf(second, juliet) });
  return [first, second, third];
}

test('newer lists are taken in, known ones are no news', async () => {
  const [romeo, juliet] = await createPair('newer');
  const [first, second, third] = await versions(juliet);
  assert.equal(await imports(romeo, first, second, second, third), ['taken', 'taken', 'taken', 'taken']);
  assert.equal(romeo.events, []);
  assert.is((await romeo.store.get('contacts', juliet.jid))?.listVersion, 3);
});

test('I6: a list that goes back is refused and reported', async () => {
  const [romeo, juliet] = await createPair('rollback');
  const [first, second, third] = await versions(juliet);
  await imports(romeo, third);
  const before = await snapshot(romeo);
  assert.equal(await imports(romeo, second, first), ['ERR_VERIFY', 'ERR_VERIFY']);
  assert.equal(romeo.events, [
    { kind: 'list-rollback', jid: juliet.jid, listVersion: 2 },
    { kind: 'list-rollback', jid: juliet.jid, listVersion: 1 },
  ]);
  assert.is(await snapshot(romeo), before);
});

/** Juliet's list with her tablet and, of the same version, one with her watch in its place; both follow on the first. */
async function forked(seed: string): Promise<{
  romeo: Person;
  juliet: Person;
  tablet: Person;
  watch: Person;
  withTablet: Uint8Array;
  withWatch: Uint8Array;
}> {
  const [romeo, juliet] = await createPair(seed);
  const first = await listOf(juliet);
  const previous = await digestOf((await accountOf(juliet)).deviceList as Uint8Array, juliet);
  const tablet = await addDevice(juliet);
  const withTablet = (await accountOf(juliet)).deviceList as Uint8Array;
  const watch = await addDevice(juliet);
  const { devices } = await listOf(juliet);
  const withWatch = await signedList(
    juliet,
    { listVersion: 2, previous, devices: [...first.devices, devices[2] as (typeof devices)[number]] },
    first,
  );
  return { romeo, juliet, tablet, watch, withTablet, withWatch };
}

test('T12: of two lists of one version both are kept, and what both name is in force', async () => {
  const { romeo, juliet, tablet, watch, withTablet, withWatch } = await forked('fork');
  assert.equal(await imports(romeo, withTablet, withWatch, withTablet, withWatch), Array(4).fill('taken'));
  assert.equal(kinds(romeo), ['list-fork', 'list-shrunk']);
  const contact = await romeo.store.get('contacts', juliet.jid);
  assert.equal([contact?.deviceList, contact?.forkedList], [withTablet, withWatch]);
  await introduce(romeo, juliet);
  for (const device of [tablet, watch]) await introduce(romeo, device);
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal(
    sealed.recipients.map(({ deviceKey }) => deviceKey),
    [await deviceOf(juliet)],
    'neither the tablet nor the watch',
  );
  await accepts(romeo, await say(juliet, romeo, 'it is I'));
  for (const device of [tablet, watch]) {
    for (const version of [2, 3, 1000]) {
      const { stanza } = await sealBadlyFrom(device, romeo, claiming(version));
      if (device === watch && version > 2) continue; // not in the list known first: a new device, as ever
      assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN', `${version}`);
    }
  }
});

test('T12: of a device that one of two lists names no bundle is taken in; of one that both name it is', async () => {
  const { romeo, juliet, watch, withTablet, withWatch } = await forked('bundles of a fork');
  await imports(romeo, withTablet, withWatch);
  const outcomes: string[] = [];
  for (const { messenger } of [juliet, watch])
    outcomes.push(...(await imports(romeo, (await messenger.publish()).prekeyBundle)));
  assert.equal(outcomes, ['taken', 'ERR_VERIFY']);
});

test('T12: two lists of one version heal by a higher one, whichever it follows on; a third is refused', async () => {
  for (const after of ['withTablet', 'withWatch'] as const) {
    const lists = await forked(`heal ${after}`);
    const { romeo, juliet, withTablet, withWatch } = lists;
    await imports(romeo, withTablet, withWatch);
    const third = await signedList(juliet, {
      listVersion: 2,
      previous: new Uint8Array(32),
      devices: (await listOf(juliet)).devices.slice(0, 1),
    });
    const before = await snapshot(romeo);
    assert.equal(await imports(romeo, third), ['ERR_VERIFY']);
    assert.is(await snapshot(romeo), before);
    romeo.events.length = 0;
    const healed = await signedList(juliet, { listVersion: 3, previous: await digestOf(lists[after], juliet) });
    assert.equal(await imports(romeo, healed), ['taken']);
    const contact = await romeo.store.get('contacts', juliet.jid);
    assert.equal([contact?.deviceList, contact?.forkedList, romeo.events], [healed, undefined, []]);
    for (const { messenger } of [juliet, lists.tablet, lists.watch])
      await romeo.messenger.importKeys([(await messenger.publish()).prekeyBundle]);
    assert.is((await romeo.messenger.seal(chat('x'), { to: juliet.jid })).recipients.length, 3);
  }
});

test('T12: who is in one of two lists of a version and not in the one that heals them is not believed any more (I12)', async () => {
  const { romeo, juliet, tablet, watch, withTablet, withWatch } = await forked('healed without');
  await imports(romeo, withTablet, withWatch);
  const [only] = (await listOf(juliet)).devices;
  const healed = await signedList(juliet, {
    listVersion: 3,
    previous: await digestOf(withTablet, juliet),
    devices: [only as NonNullable<typeof only>],
  });
  await imports(romeo, healed);
  for (const device of [tablet, watch]) {
    for (const version of [2, 3, 4, 1000]) {
      const { stanza } = await sealBadlyFrom(device, romeo, claiming(version));
      assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN', `${version}`);
    }
  }
});

test('a version that does not follow on the one known is taken, and told', async () => {
  const [romeo, juliet] = await createPair('unknown before');
  const [, second] = await versions(juliet);
  await imports(romeo, second);
  const third = await signedList(juliet, { listVersion: 3, previous: new Uint8Array(32) });
  assert.equal(await imports(romeo, third), ['taken']);
  assert.equal(romeo.events, [{ kind: 'list-fork', jid: juliet.jid, listVersion: 3 }]);
});

test('T12: a primary device that sees its list contradicted signs what both say at its next publication', async () => {
  const { juliet, tablet, withTablet, withWatch } = await forked('own fork');
  // Back to the list of version 2, as another primary device would have it that made the other one.
  const self = await accountOf(juliet);
  await juliet.store.commit([{ table: 'account', key: 'self', record: { ...self, deviceList: withTablet } }]);
  assert.equal(await imports(juliet, withWatch), ['taken']);
  assert.equal(kinds(juliet), ['list-fork', 'list-shrunk']);
  const { deviceList } = await juliet.messenger.publish();
  const list = await listOf(juliet);
  assert.equal([list.listVersion, list.devices.length, (await accountOf(juliet)).forkedList], [3, 1, undefined]);
  assert.equal((await juliet.messenger.publish()).deviceList, deviceList, 'once');
  // A secondary device keeps both and waits for the primary's word.
  await tablet.store.commit([
    { table: 'account', key: 'self', record: { ...(await accountOf(tablet)), deviceList: withTablet } },
  ]);
  await imports(tablet, withWatch);
  assert.equal((await tablet.messenger.publish()).deviceList, withTablet);
  assert.equal((await accountOf(tablet)).forkedList, withWatch);
  await imports(tablet, deviceList);
  assert.equal([(await accountOf(tablet)).forkedList, (await listOf(tablet)).listVersion], [undefined, 3]);
});

test('a list that is out of date is taken for what it says of who left, and told', async () => {
  const [romeo, juliet] = await createPair('out of date');
  const [, second] = await versions(juliet);
  romeo.world.now += 36 * DAY;
  assert.equal(await imports(romeo, second), ['taken']);
  assert.equal(romeo.events, [{ kind: 'list-expired', jid: juliet.jid, listVersion: 2 }]);
  assert.is((await refusal(() => say(romeo, juliet, 'x')))?.code, 'ERR_NO_KEYS');
});

test('a list that shrinks is taken in and reported, and who left is sealed to no more', async () => {
  const [romeo, juliet] = await createPair('shrink');
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  assert.is((await romeo.messenger.seal(chat('x'), { to: juliet.jid })).recipients.length, 2);
  await removeDevice(juliet.messenger, await deviceOf(tablet));
  await introduce(juliet, romeo);
  assert.equal(romeo.events, [{ kind: 'list-shrunk', jid: juliet.jid, devices: [await deviceOf(tablet)] }]);
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal(
    sealed.recipients.map(({ deviceKey }) => deviceKey),
    [await deviceOf(juliet)],
  );
  assert.is((await refusal(() => tablet.messenger.open(sealed.stanza)))?.code, 'ERR_OPEN');
});

test('an expired list is not sealed by, even while its prekeys would do', async () => {
  const [romeo, juliet] = await createPair('expired');
  const { issued } = await listOf(juliet);
  const short = await signedList(juliet, {
    listVersion: 2,
    previous: await digestOf((await accountOf(juliet)).deviceList as Uint8Array, juliet),
    expires: issued + DAY,
  });
  await imports(romeo, short);
  await say(romeo, juliet, 'x');
  romeo.world.now += DAY;
  assert.is((await refusal(() => say(romeo, juliet, 'x')))?.code, 'ERR_NO_KEYS');
  // Who wrote to us and asked to be answered is answered all the same, and the list called stale.
  await tell(juliet, await acquainted(romeo, juliet), 'write to me');
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal([sealed.recipients.map((one) => one.class), sealed.stale], [['reply'], [juliet.jid]]);
});

async function acquainted(romeo: Person, juliet: Person): Promise<Person> {
  await introduce(romeo, juliet);
  return romeo;
}

test('I11, T09: a device that a server adds is refused: the list is signed by the identity key', async () => {
  const [romeo, juliet] = await createPair('ghost');
  const ghost = await createPerson('mallory@verona.example', romeo.world);
  const { devices } = await listOf(juliet);
  const added = [...devices, ...(await listOf(ghost)).devices];
  const previous = await digestOf((await accountOf(juliet)).deviceList as Uint8Array, juliet);
  // Her list under another's signature; and with that other's identity in it.
  const ghostly = await signedList(ghost, { owner: juliet.jid, listVersion: 2, previous, devices: added });
  const true_ = await signedList(juliet, { listVersion: 2, previous, devices: added });
  const bent = true_.slice();
  bent[bent.length - 1] = (bent[bent.length - 1] as number) ^ 1;
  const before = await snapshot(romeo);
  assert.equal(await imports(romeo, bent), ['ERR_VERIFY']);
  assert.is(await snapshot(romeo), before);
  assert.equal(await imports(romeo, ghostly), ['ERR_KEY_CHANGED']);
  assert.equal(kinds(romeo), ['key-changed']);
  await romeo.messenger.answerKeyChange(juliet.jid, 'keep');
  const { prekeyBundle } = await ghost.messenger.publish();
  assert.equal(await imports(romeo, prekeyBundle), ['ERR_VERIFY'], 'nor is a bundle of it');
  assert.is((await romeo.messenger.seal(chat('x'), { to: juliet.jid })).recipients.length, 1);
});

test('I11: a device that only its endorsement speaks for is read with a warning, and sealed to once it is listed', async () => {
  const [romeo, juliet] = await createPair('unlisted');
  await introduce(romeo, juliet);
  const tablet = await addDevice(juliet);
  await introduce(romeo, tablet);
  const opened = await accepts(romeo, await say(tablet, romeo, 'from my new tablet'));
  assert.equal(opened.warnings, [{ code: 'sender-list-newer', listVersion: 2 }, { code: 'new-device' }]);
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal([sealed.recipients.length, sealed.stale], [1, [juliet.jid]]);
  await introduce(juliet, romeo);
  assert.equal((await romeo.messenger.seal(chat('x'), { to: juliet.jid })).recipients.length, 2);
});

async function withRemovedTablet(seed: string): Promise<{ romeo: Person; juliet: Person; tablet: Person }> {
  const [romeo, juliet] = await createPair(seed);
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  await introduce(romeo, juliet);
  await introduce(romeo, tablet);
  await removeDevice(juliet.messenger, await deviceOf(tablet));
  return { romeo, juliet, tablet };
}

/** The context that a device claims; from 2 on there was an object before. */
const claiming = (senderListVersion: number) => ({ context: { senderListVersion } });

test('I12: a removed device is refused, whichever list it claims to know', async () => {
  const { romeo, juliet, tablet } = await withRemovedTablet('removed');
  const early = await say(tablet, romeo, 'before you know');
  await opens(romeo, early);
  await introduce(juliet, romeo);
  const later = await say(tablet, romeo, 'still here');
  const before = await snapshot(romeo);
  const lies = await Promise.all(
    [1, 2, 3, 4, 1000, 2 ** 40].map((version) => sealBadlyFrom(tablet, romeo, claiming(version))),
  );
  for (const stanza of [early, later, ...lies.map((lie) => lie.stanza)]) {
    assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN');
  }
  assert.is(await snapshot(romeo), before);
});

test('I12: what a removed device publishes is not used', async () => {
  const { romeo, juliet, tablet } = await withRemovedTablet('removed bundle');
  await introduce(juliet, romeo);
  const device = await tablet.store.deviceKey(tablet.world.crypto);
  const { now, crypto } = tablet.world;
  const lastResort = (await unusedPrekeyOf(tablet, 'last-resort')).raw;
  const bundle = {
    owner: juliet.jid,
    identity: await juliet.messenger.fingerprint(),
    device: device.publicKey.keyIdentifier,
    sequence: 99,
    notBefore: now,
    notAfter: now + DAY,
    lastResort,
    oneTime: [],
  };
  await imports(romeo, await signPrekeyBundle(bundle, device, { signingTime: now, crypto }));
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal(
    sealed.recipients.map(({ deviceKey }) => deviceKey),
    [await deviceOf(juliet)],
  );
});

test('I12: an own device that was removed is refused too, and gets no copy', async () => {
  const { romeo, juliet, tablet } = await withRemovedTablet('own removed');
  for (const version of [1, 2, 3, 1000]) {
    const { stanza } = await sealBadlyFrom(tablet, juliet, {
      ...claiming(version),
      from: juliet.jid,
      to: romeo.jid,
      outer: { from: juliet.jid, to: romeo.jid },
    });
    assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN', `${version}`);
  }
  const sealed = await juliet.messenger.seal(chat('x'), { to: romeo.jid });
  assert.equal(
    sealed.recipients.map(({ jid }) => jid),
    [romeo.jid],
  );
  assert.equal(sealed.skipped, []);
});

test('an own device that is not in the list known here is believed by its endorsement, with warnings', async () => {
  const [romeo, juliet] = await createPair('own new');
  const [tablet, watch] = [await addDevice(juliet), await addDevice(juliet)];
  await introduce(romeo, watch);
  await watch.messenger.importKeys([(await tablet.messenger.publish()).prekeyBundle]);
  // The tablet has not seen the list with the watch in it.
  const copy = await accepts(tablet, await say(watch, romeo, 'from the watch'));
  assert.equal(copy.warnings, [{ code: 'sender-list-newer', listVersion: 3 }, { code: 'new-device' }]);
  await introduce(romeo, tablet);
  const sealed = await tablet.messenger.seal(chat('x'), { to: romeo.jid });
  assert.equal(sealed.recipients.map(({ jid }) => jid).sort(), [juliet.jid, romeo.jid], 'the watch gets no copy yet');
});

test('a device that left can be admitted again by a later list', async () => {
  const [romeo, juliet] = await createPair('again');
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  const withTablet = await listOf(juliet);
  await removeDevice(juliet.messenger, await deviceOf(tablet));
  await introduce(juliet, romeo);
  const { listVersion } = await listOf(juliet);
  const previous = await digestOf((await accountOf(juliet)).deviceList as Uint8Array, juliet);
  const again = await signedList(juliet, { listVersion: listVersion + 1, previous, devices: withTablet.devices });
  assert.equal(await imports(romeo, again), ['taken']);
  const [, record] = await deviceKnownTo(romeo, tablet);
  assert.is(record.endorsed, true);
  await introduce(romeo, tablet);
  const { stanza } = await sealBadlyFrom(tablet, romeo, claiming(listVersion + 1));
  await opens(romeo, stanza);
});

test('C4: a device key in somebody else’s list takes nothing away', async () => {
  const [romeo, juliet] = await createPair('claimed');
  const mallory = await createPerson('mallory@verona.example', romeo.world);
  const theirs = [...(await listOf(mallory)).devices, ...(await listOf(juliet)).devices];
  const claim = await signedList(mallory, { devices: theirs });
  assert.equal(await imports(romeo, claim), ['taken']);
  assert.is(
    (await refusal(() => romeo.messenger.seal(chat('x'), { to: mallory.jid })))?.code,
    'ERR_NO_KEYS',
    'Juliet’s bundle does not name Mallory',
  );
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  await accepts(juliet, sealed.stanza);
  await introduce(romeo, juliet);
  assert.is(bodyOf((await accepts(romeo, await say(juliet, romeo, 'I am my own'))).stanza), 'I am my own');
  const { stanza } = await sealBadlyFrom(juliet, romeo, { from: mallory.jid });
  assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN', 'and Mallory does not send by it');
});

test('C4: a bundle is its device’s own word on whose it is: another account, identity or device in it is refused', async () => {
  const [romeo, juliet] = await createPair('named');
  const mallory = await createPerson('mallory@verona.example', romeo.world);
  await introduce(mallory, romeo);
  const { crypto, now } = juliet.world;
  const device = await juliet.store.deviceKey(crypto);
  const honest = {
    owner: juliet.jid,
    identity: await juliet.messenger.fingerprint(),
    device: device.publicKey.keyIdentifier,
    sequence: 5,
    notBefore: now,
    notAfter: now + DAY,
    lastResort: (await unusedPrekeyOf(juliet, 'last-resort')).raw,
    oneTime: [],
  };
  const published = (changes: Partial<typeof honest>, signer = device): Promise<Uint8Array> =>
    signPrekeyBundle({ ...honest, ...changes }, signer, { signingTime: now, crypto });
  const before = await snapshot(romeo);
  const wrong = [
    await published({ identity: await mallory.messenger.fingerprint() }),
    await published({ owner: mallory.jid }),
    await published({ owner: 'Juliet@capulet.example' }),
    await published({ device: await deviceOf(mallory) }),
    await published({}, await mallory.store.deviceKey(crypto)),
    await published({ owner: mallory.jid }, await mallory.store.deviceKey(crypto)),
    await published({ notBefore: now - 2 * DAY, notAfter: now - DAY }),
    await published({ notAfter: now - 1000, notBefore: now - 2000 }),
  ];
  assert.equal(
    await imports(romeo, ...wrong),
    wrong.map(() => 'ERR_VERIFY'),
  );
  assert.is(await snapshot(romeo), before);
  assert.equal(await imports(romeo, await published({}), await published({ sequence: 4 })), ['taken', 'ERR_VERIFY']);
});

/** A device that asks to join Juliet's account. */
async function joining(
  juliet: Person,
  owner = juliet.jid,
): Promise<{ messenger: Messenger; request: Uint8Array; device: Uint8Array }> {
  const { world } = juliet;
  const { crypto, random } = world;
  const clock = (): number => world.now;
  const identity = await publicKeyFromRaw('Ed25519', (await accountOf(juliet)).identity, crypto);
  const { changes, request } = await createJoiningDevice({ owner, identity, random, clock, crypto });
  const store = await createKeyStore(createMemoryStorage(), changes);
  const device = (await store.deviceKey(crypto)).publicKey.keyIdentifier;
  return { messenger: createMessenger({ store, crypto, random, clock, onEvent: () => {} }), request, device };
}

test('joining: until it is admitted a device neither seals nor publishes', async () => {
  const [romeo, juliet] = await createPair('joining');
  const tablet = await joining(juliet);
  const { deviceList, prekeyBundle } = await romeo.messenger.publish();
  await tablet.messenger.importKeys([deviceList, prekeyBundle]);
  for (const call of [() => tablet.messenger.publish(), () => tablet.messenger.seal(chat('x'), { to: romeo.jid })]) {
    assert.is((await refusal(call))?.code, 'ERR_NO_KEYS');
  }
  await joinAccount(tablet.messenger, await admitDevice(juliet.messenger, tablet.request));
  const sealed = await tablet.messenger.seal(chat('x'), { to: romeo.jid });
  const opened = await accepts(romeo, sealed.stanza);
  assert.equal([opened.sender.jid, opened.sender.device], [juliet.jid, tablet.device]);
  assert.is((await listOf(juliet)).listVersion, 2);
});

test('joining: an admission of another device, account or identity is refused', async () => {
  const [romeo, juliet] = await createPair('admissions');
  const [one, two] = [await joining(juliet), await joining(juliet)];
  const [first, second] = [
    await admitDevice(juliet.messenger, one.request),
    await admitDevice(juliet.messenger, two.request),
  ];
  const foreign = (await accountOf(romeo)).deviceList as Uint8Array;
  for (const admission of [
    second,
    { ...first, endorsement: second.endorsement },
    { ...first, deviceList: foreign },
    { ...first, deviceList: first.deviceList.subarray(1) },
    { ...first, endorsement: one.request },
    { ...first, endorsement: (await accountOf(juliet)).endorsement as Uint8Array },
  ]) {
    assert.is((await refusal(() => joinAccount(one.messenger, admission)))?.code, 'ERR_VERIFY');
  }
  await joinAccount(one.messenger, first);
  await joinAccount(two.messenger, second);
});

test('admitting: a request of another account, of a device that is listed, or garbage is refused', async () => {
  const [romeo, juliet] = await createPair('requests');
  const listed = await joining(juliet);
  await admitDevice(juliet.messenger, listed.request);
  const before = await snapshot(juliet);
  for (const request of [
    (await joining(juliet, romeo.jid)).request,
    (await joining(romeo)).request,
    listed.request,
    (await accountOf(juliet)).endorsement as Uint8Array,
    new Uint8Array(0),
  ]) {
    assert.is((await refusal(() => admitDevice(juliet.messenger, request)))?.code, 'ERR_VERIFY');
  }
  assert.is(await snapshot(juliet), before);
});

test('only a primary device changes the list', async () => {
  const [, juliet] = await createPair('primary');
  const tablet = await addDevice(juliet);
  const before = await snapshot(tablet);
  const other = await joining(juliet);
  for (const call of [
    () => admitDevice(tablet.messenger, other.request),
    async () => removeDevice(tablet.messenger, await deviceOf(juliet)),
    () => setArchiveKeys(tablet.messenger, []),
  ]) {
    assert.is((await refusal(call))?.code, 'ERR_NO_KEYS');
  }
  assert.is(await snapshot(tablet), before);
  assert.instance(await refusal(async () => removeDevice(juliet.messenger, await deviceOf(juliet))), RangeError);
  assert.instance(await refusal(async () => removeDevice(juliet.messenger, new Uint8Array(32))), RangeError);
});

test('other own devices learn of a change by the list, and of a foreign one by an alarm', async () => {
  const [romeo, juliet] = await createPair('own list');
  const tablet = await addDevice(juliet);
  const watch = await addDevice(juliet);
  await introduce(juliet, tablet);
  const watchKey = (await accountOf(watch)).device;
  assert.ok(
    (await listOf(tablet)).devices.some(({ key }) => equal(key.raw, watchKey)),
    'the watch is listed',
  );
  const impostor = await createPerson(juliet.jid, romeo.world);
  assert.equal(await imports(tablet, (await accountOf(impostor)).deviceList as Uint8Array), ['ERR_KEY_CHANGED']);
  assert.equal(kinds(tablet), ['key-changed']);
  await removeDevice(juliet.messenger, await deviceOf(watch));
  await introduce(juliet, tablet);
  assert.equal(tablet.events.slice(1), [{ kind: 'list-shrunk', jid: juliet.jid, devices: [await deviceOf(watch)] }]);
});
const _watchKey: Uint8Array = new Uint8Array(0);

test('a list is signed anew after a week, and follows on the one before', async () => {
  const [romeo, juliet] = await createPair('renewed');
  const first = (await juliet.messenger.publish()).deviceList;
  juliet.world.now += 7 * DAY - 1000;
  assert.equal((await juliet.messenger.publish()).deviceList, first);
  juliet.world.now += 1000;
  const { deviceList } = await juliet.messenger.publish();
  const list = decodeDeviceList(readSignedData(deviceList).content as Uint8Array);
  assert.equal([list.listVersion, toHex(list.previous as Uint8Array)], [2, toHex(await digestOf(first, juliet))]);
  assert.equal(await imports(romeo, deviceList), ['taken']);
  assert.equal(romeo.events, []);
});

test.run();
