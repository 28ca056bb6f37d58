// Lost devices: revocations and their sequences, and how much is remembered of devices that left (I11, I12, G5).
import { type DeviceList, type Endorsement, generatePrivateKey, MAX_DEVICES, SUITE_1 } from '@stanzaseal/cms';
import {
  admissionRequest,
  admitDevice,
  joinAccount,
  listedDevices,
  removeDevice,
  revokeDevice,
} from '@stanzaseal/messenger/devices';
import { endorse, revoke, signDeviceList, verifyDeviceList } from '@stanzaseal/signer';
import type { SealRecipient } from '@stanzaseal/stanza';
import {
  accepts,
  accountOf,
  addDevice,
  chat,
  createPair,
  createPerson,
  DAY,
  deviceOf,
  introduce,
  type Person,
  refusal,
  say,
  sealBadlyFrom,
  snapshot,
  unusedPrekeyOf,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('revocations');

/** Romeo knows Juliet's phone and tablet, and they know him. */
async function withTablet(seed: string, rules = {}): Promise<{ romeo: Person; juliet: Person; tablet: Person }> {
  const [romeo, juliet] = await createPair(seed, rules);
  const tablet = await addDevice(juliet);
  await introduce(juliet, tablet, romeo);
  await introduce(romeo, juliet);
  await introduce(romeo, tablet);
  return { romeo, juliet, tablet };
}

/** A statement about the tablet, signed by Juliet's identity key. */
async function statement(
  juliet: Person,
  tablet: Person,
  purpose: 'device' | 'revoked',
  sequence: number,
  by = juliet,
  now = juliet.world.now,
): Promise<Uint8Array> {
  const { crypto } = juliet.world;
  const identity = (await by.store.identityKey(crypto)) as NonNullable<
    Awaited<ReturnType<typeof by.store.identityKey>>
  >;
  const device = await tablet.store.deviceKey(crypto);
  const endorsement: Endorsement = {
    endorser: identity.publicKey.keyIdentifier,
    endorsed: device.publicKey,
    owner: juliet.jid,
    purpose,
    notBefore: now,
    notAfter: now + 1000 * DAY,
    sequence,
  };
  const parameters = { signingTime: now, crypto };
  return purpose === 'revoked'
    ? revoke(endorsement, identity, parameters)
    : endorse(endorsement, identity, device, parameters);
}

const take = async (person: Person, ...ders: Uint8Array[]): Promise<string[]> => {
  const outcomes: string[] = [];
  for (const der of ders)
    outcomes.push(
      await person.messenger.importKeys([der]).then(
        () => 'taken',
        ({ code }) => code,
      ),
    );
  return outcomes;
};
const sealedTo = async (from: Person, to: Person): Promise<number> =>
  (await from.messenger.seal(chat('x'), { to: to.jid })).recipients.length;

test('I12: a lost device is revoked: peers refuse it and seal to it no more, with or without the new list', async () => {
  for (const takes of ['both', 'revocation', 'list'] as const) {
    const { romeo, juliet, tablet } = await withTablet(`lost ${takes}`);
    const early = await say(tablet, romeo, 'before');
    const { revocation, deviceList } = await revokeDevice(juliet.messenger, await deviceOf(tablet));
    const published = { both: [revocation, deviceList], revocation: [revocation], list: [deviceList] }[takes];
    assert.equal((await romeo.messenger.importKeys(published)).accounts, [juliet.jid]);
    const device = await deviceOf(tablet);
    assert.equal(romeo.events, [
      ...(takes === 'revocation' ? [] : [{ kind: 'list-shrunk', jid: juliet.jid, devices: [device] }]),
      ...(takes === 'list' ? [] : [{ kind: 'device-revoked', jid: juliet.jid, device }]),
    ]);
    const before = await snapshot(romeo);
    for (const version of [1, 2, 3, 1000]) {
      const { stanza } = await sealBadlyFrom(tablet, romeo, { context: { senderListVersion: version } });
      assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN', `${takes} ${version}`);
    }
    assert.is((await refusal(() => romeo.messenger.open(early)))?.code, 'ERR_OPEN');
    assert.is(await snapshot(romeo), before);
    assert.is(await sealedTo(romeo, juliet), 1);
    await accepts(romeo, await say(juliet, romeo, 'I lost my tablet'));
    const [phone, lost] = await listedDevices(romeo.messenger, juliet.jid);
    assert.equal([phone?.state, lost?.state], ['listed', takes === 'list' ? 'removed' : 'revoked']);
  }
});

test('I12: no list brings a revoked device back, be it older or newer', async () => {
  const { romeo, juliet, tablet } = await withTablet('list after');
  const { crypto } = juliet.world;
  const withBoth = (await accountOf(juliet)).deviceList as Uint8Array;
  const { revocation, deviceList } = await revokeDevice(juliet.messenger, await deviceOf(tablet));
  await take(romeo, revocation, deviceList);
  const { list, digest } = await verifyDeviceList(deviceList, crypto);
  const { devices } = (await verifyDeviceList(withBoth, crypto)).list;
  const identity = await juliet.store.identityKey(crypto);
  const again: DeviceList = { ...list, listVersion: list.listVersion + 1, previous: digest, devices };
  const later = await signDeviceList(again, identity as NonNullable<typeof identity>, crypto);
  assert.equal(await take(romeo, withBoth, later), ['ERR_VERIFY', 'taken']);
  const { stanza } = await sealBadlyFrom(tablet, romeo, { context: { senderListVersion: again.listVersion } });
  assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN');
  assert.is(await sealedTo(romeo, juliet), 1);
  // Only the identity key's later word on the device itself does.
  assert.equal(await take(romeo, await statement(juliet, tablet, 'device', 3)), ['taken']);
  await accepts(romeo, stanza);
  assert.is(await sealedTo(romeo, juliet), 2);
});

test('the statement of the highest sequence holds: one that contradicts it is refused, one that says the same is no news', async () => {
  const { romeo, juliet, tablet } = await withTablet('sequences');
  const at = (purpose: 'device' | 'revoked', sequence: number) => statement(juliet, tablet, purpose, sequence);
  assert.equal(await take(romeo, await at('device', 5)), ['taken']);
  const before = await snapshot(romeo);
  assert.equal(
    await take(romeo, await at('revoked', 4), await at('revoked', 5), await at('device', 4), await at('device', 5)),
    ['ERR_VERIFY', 'ERR_VERIFY', 'taken', 'taken'],
  );
  assert.is(await snapshot(romeo), before);
  assert.equal(
    await take(romeo, await at('revoked', 6), await at('device', 6), await at('device', 5), await at('revoked', 6)),
    ['taken', 'ERR_VERIFY', 'ERR_VERIFY', 'taken'],
  );
  assert.is(await sealedTo(romeo, juliet), 1);
  assert.equal(
    romeo.events.map(({ kind }) => kind),
    ['device-revoked'],
    'told once',
  );
});

test('a revocation by anybody else is refused: another identity, the device itself, a contact of a stranger', async () => {
  const { romeo, juliet, tablet } = await withTablet('others');
  const mallory = await createPerson('mallory@verona.example', romeo.world);
  const before = await snapshot(romeo);
  const theirs = await statement(juliet, tablet, 'revoked', 9, mallory);
  const foreign = await statement(mallory, mallory, 'revoked', 9);
  const { crypto, now } = juliet.world;
  const device = await tablet.store.deviceKey(crypto);
  const own = await revoke(
    {
      endorser: await juliet.messenger.fingerprint(),
      endorsed: device.publicKey,
      owner: juliet.jid,
      purpose: 'revoked',
      notBefore: now,
      notAfter: now + DAY,
      sequence: 9,
    },
    device,
    { signingTime: now, crypto },
  );
  const request = await admissionRequest(tablet.messenger, 9);
  assert.equal(await take(romeo, theirs, foreign, own, request), Array(4).fill('ERR_VERIFY'));
  assert.is(await snapshot(romeo), before);
});

test('a device is revoked after it was removed, too; and admitted again by a request of a higher sequence alone', async () => {
  const { romeo, juliet, tablet } = await withTablet('removed, then revoked');
  const device = await deviceOf(tablet);
  await removeDevice(juliet.messenger, device);
  const { deviceList } = await revokeDevice(juliet.messenger, device);
  const { revocation } = await revokeDevice(juliet.messenger, device);
  assert.is((await verifyDeviceList(deviceList, juliet.world.crypto)).list.listVersion, 3, 'no new list for that');
  assert.equal(await take(romeo, revocation, deviceList), ['taken', 'taken']);
  for (const sequence of [1, 2, 3]) {
    const request = await admissionRequest(tablet.messenger, sequence);
    assert.is((await refusal(() => admitDevice(juliet.messenger, request)))?.code, 'ERR_VERIFY', `${sequence}`);
  }
  const admission = await admitDevice(juliet.messenger, await admissionRequest(tablet.messenger, 4));
  await joinAccount(tablet.messenger, admission);
  assert.equal(await take(romeo, admission.deviceList), ['taken']);
  assert.is(await sealedTo(romeo, juliet), 1, 'not by the list alone');
  assert.equal(await take(romeo, admission.endorsement), ['taken']);
  await introduce(tablet, romeo);
  assert.is(await sealedTo(romeo, juliet), 2);
});

test('I12: a device that asks under the greatest sequence, which no revocation could follow, is not admitted', async () => {
  const { romeo, juliet, tablet } = await withTablet('greatest sequence');
  await revokeDevice(juliet.messenger, await deviceOf(tablet));
  const before = await snapshot(juliet);
  const greatest = await admissionRequest(tablet.messenger, Number.MAX_SAFE_INTEGER);
  assert.is((await refusal(() => admitDevice(juliet.messenger, greatest)))?.code, 'ERR_VERIFY');
  assert.is(await snapshot(juliet), before);
  await admitDevice(juliet.messenger, await admissionRequest(tablet.messenger, Number.MAX_SAFE_INTEGER - 1));
  const { revocation, deviceList } = await revokeDevice(juliet.messenger, await deviceOf(tablet));
  assert.equal(await take(romeo, deviceList, revocation), ['taken', 'taken']);
});

test('an own device that another revoked is told, and told to the others', async () => {
  const { juliet, tablet } = await withTablet('own');
  const watch = await addDevice(juliet);
  const device = await deviceOf(watch);
  const { revocation, deviceList } = await revokeDevice(juliet.messenger, device);
  for (const other of [tablet, watch]) {
    await other.messenger.importKeys([revocation, deviceList]);
    assert.ok(other.events.some((event) => event.kind === 'device-revoked'));
  }
  assert.instance(await refusal(async () => revokeDevice(juliet.messenger, await deviceOf(juliet))), RangeError);
  assert.instance(await refusal(() => revokeDevice(juliet.messenger, new Uint8Array(32))), RangeError);
  assert.is((await refusal(() => revokeDevice(tablet.messenger, device)))?.code, 'ERR_NO_KEYS');
});

test('B11: an endorsement that is over, or not yet in force, takes no revocation back', async () => {
  const { romeo, juliet, tablet } = await withTablet('out of force');
  const { now } = juliet.world;
  assert.equal(await take(romeo, await statement(juliet, tablet, 'revoked', 2)), ['taken']);
  const before = await snapshot(romeo);
  for (const from of [now - 1001 * DAY, now + 2 * DAY])
    assert.equal(await take(romeo, await statement(juliet, tablet, 'device', 3, juliet, from)), ['taken']);
  assert.is(await snapshot(romeo), before);
  assert.equal(await take(romeo, await statement(juliet, tablet, 'device', 3, juliet, now + DAY)), ['taken']);
  await introduce(tablet, romeo);
  assert.is(await sealedTo(romeo, juliet), 2);
});

test('G5: devices that no list names fill no store either; what they write opens all the same', async () => {
  const limit = 4;
  const { romeo, juliet } = await withTablet('unlisted', { withdrawnDevices: limit });
  const { crypto, random, now } = juliet.world;
  const identity = (await juliet.store.identityKey(crypto)) as NonNullable<
    Awaited<ReturnType<typeof juliet.store.identityKey>>
  >;
  const recipients: [SealRecipient] = [
    { prekey: await unusedPrekeyOf(romeo, 'last-resort'), deviceKey: await deviceOf(romeo), class: 'last-resort' },
  ];
  for (let i = 0; i < MAX_DEVICES + limit; i++) {
    const fresh = await generatePrivateKey('Ed25519', random, crypto);
    const device = await fresh.signingKey(crypto);
    const named = { endorser: identity.publicKey.keyIdentifier, endorsed: fresh.publicKey, owner: juliet.jid };
    const holds = { purpose: 'device', notBefore: now, notAfter: now + DAY, sequence: 1 } as const;
    const endorsement = await endorse({ ...named, ...holds }, identity, device, { signingTime: now, crypto });
    const senderKeys = { identity: identity.publicKey, device: fresh.publicKey, endorsement };
    const changes = { recipients, device, senderKeys, context: { senderListVersion: 9 } };
    await accepts(romeo, (await sealBadlyFrom(juliet, romeo, changes)).stanza);
  }
  const records = (await romeo.store.entries('devices')).filter(([, { owner }]) => owner === juliet.jid);
  assert.is(records.length, MAX_DEVICES + limit);
  // Nor what is noted of each of them.
  assert.is((await romeo.store.entries('received')).length, MAX_DEVICES + limit - 2);
  const uses = (await romeo.store.entries('prekeys')).map(([, record]) => record.uses.length);
  assert.is(Math.max(...uses), MAX_DEVICES + limit - 2);
});

test('G5: an account whose devices come and go fills no store: past a bound, who is not listed is not believed', async () => {
  const limit = 6;
  const { romeo, juliet, tablet } = await withTablet('churn', { withdrawnDevices: limit });
  const { crypto, random } = juliet.world;
  const identity = (await juliet.store.identityKey(crypto)) as NonNullable<
    Awaited<ReturnType<typeof juliet.store.identityKey>>
  >;
  let { list, digest } = await verifyDeviceList((await accountOf(juliet)).deviceList as Uint8Array, crypto);
  const phone = list.devices[0] as (typeof list.devices)[number];
  const records = async (): Promise<number> =>
    (await romeo.store.entries('devices')).filter(([, { owner }]) => owner === juliet.jid).length;
  let most = 0;
  for (let i = 0; i < 20; i++) {
    const fresh = await generatePrivateKey('Ed25519', random, crypto);
    const next: DeviceList = {
      ...list,
      listVersion: list.listVersion + 1,
      previous: digest,
      devices: [phone, { key: fresh.publicKey, role: 'secondary', suites: [SUITE_1] }],
    };
    const der = await signDeviceList(next, identity, crypto);
    ({ list, digest } = await verifyDeviceList(der, crypto));
    assert.equal(await take(romeo, der), ['taken']);
    most = Math.max(most, await records());
  }
  assert.ok(most <= limit + 2, `${most} records`);
  // The tablet left long ago and its record is gone; whatever list it claims, it stays out (I12).
  for (const version of [2, list.listVersion + 1, 2 ** 40]) {
    const { stanza } = await sealBadlyFrom(tablet, romeo, { context: { senderListVersion: version } });
    assert.is((await refusal(() => romeo.messenger.open(stanza)))?.code, 'ERR_OPEN');
  }
  await introduce(romeo, juliet);
  const { stanza } = await sealBadlyFrom(juliet, romeo, { context: { senderListVersion: list.listVersion } });
  await accepts(romeo, stanza);

  // The same by revocations of devices that nobody ever saw.
  const other = await withTablet('revocations', { withdrawnDevices: limit });
  for (let i = 0; i < 20; i++) {
    const never = await createPerson(`nobody${i}@verona.example`, other.romeo.world);
    assert.equal(await take(other.romeo, await statement(other.juliet, never, 'revoked', 2)), ['taken']);
    const count = (await other.romeo.store.entries('devices')).filter(
      ([, { owner }]) => owner === other.juliet.jid,
    ).length;
    assert.ok(count <= limit + 2, `${count} records`);
  }
  assert.is(await sealedTo(other.romeo, other.juliet), 2, 'listed devices are not touched by it');
});

test.run();
