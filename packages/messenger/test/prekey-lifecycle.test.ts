// The life of a prekey, sentence by sentence of the specification's sections 10.3 and 11 (I1, I2, I7, P22, P25, T07).
import { decodePrekeyBundle, equal, type PrekeyBundle, toBase64, toHex } from '@stanzaseal/cms';
import { readObject } from '@stanzaseal/envelope';
import { type Change, createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type Published, RULES } from '@stanzaseal/messenger';
import { storeStatus } from '@stanzaseal/messenger/status';
import { readSignedData } from '@stanzaseal/signer';
import {
  accepts,
  accountOf,
  addDevice,
  chat,
  createPair,
  createPerson,
  createWorld,
  DAY,
  deviceOf,
  HOUR,
  introduce,
  objectIn,
  opens,
  type Person,
  refusal,
  restart,
  say,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('the life of a prekey');
const bundleIn = ({ prekeyBundle }: Pick<Published, 'prekeyBundle'>): PrekeyBundle =>
  decodePrekeyBundle(readSignedData(prekeyBundle).content as Uint8Array);

/** Marks all but some unused one-time prekeys as used by somebody. */
async function useUp({ store, world }: Person, left: number): Promise<void> {
  const unused = (await store.entries('prekeys')).filter(
    ([, record]) => record.class === 'one-time' && record.uses.length === 0,
  );
  const uses = [{ device: 'ab', at: world.now }];
  await store.commit(
    unused.slice(left).map(([key, record]): Change => ({ table: 'prekeys', key, record: { ...record, uses } })),
  );
}

test('§10.3, I7: what is given out is durable first: private halves of bundles and of reply prekeys', async () => {
  const world = createWorld('durable');
  const clock = (): number => world.now;
  const { crypto, random } = world;
  const disk = createMemoryStorage();
  let isFull = false;
  const storage = {
    ...disk,
    async commit(changes: readonly Change[]): Promise<void> {
      if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      await disk.commit(changes);
    },
  };
  const store = await createKeyStore(
    storage,
    await createAccount({ owner: 'juliet@capulet.example', random, clock, crypto }),
  );
  const messenger = createMessenger({ store, crypto, random, clock, onEvent: () => {} });
  const romeo = await createPerson('romeo@montague.example', world);
  const { deviceList, prekeyBundle } = await romeo.messenger.publish();
  await messenger.importKeys([deviceList, prekeyBundle]);
  const onDisk = async (): Promise<Set<string>> =>
    new Set(
      (await disk.load())
        .filter(({ table }) => table === 'prekeys')
        .map(({ record }) => toHex((record as { publicKey: Uint8Array }).publicKey)),
    );

  const bundle = bundleIn(await messenger.publish());
  const stored = await onDisk();
  for (const raw of [bundle.lastResort, ...bundle.oneTime]) assert.ok(stored.has(toHex(raw)));
  const sealed = await messenger.seal(chat('x'), { to: romeo.jid });
  const before = await onDisk();
  const { replyPrekey } = (await store.get('conversations', romeo.jid)) ?? {};
  assert.ok(before.has(toHex((await store.get('prekeys', replyPrekey as string))?.publicKey as Uint8Array)));
  await opens(romeo, sealed.stanza);

  isFull = true;
  world.now += 8 * DAY;
  assert.is((await refusal(() => messenger.publish()))?.code, 'ENOSPC');
  assert.is((await refusal(() => messenger.seal(chat('x'), { to: romeo.jid })))?.code, 'ENOSPC');
  assert.equal(await onDisk(), before, 'and nothing of it is kept');
});

test('§10.3: a bundle has 100 one-time prekeys and a last-resort one, for 35 days, in less than 10,000 octets of a stanza', async () => {
  const [, juliet] = await createPair('full');
  const published = await juliet.messenger.publish();
  const { oneTime, lastResort, notBefore, notAfter } = bundleIn(published);
  assert.is(oneTime.length, 100);
  assert.is(new Set([lastResort, ...oneTime].map(toHex)).size, 101);
  assert.is(notAfter - notBefore, 35 * DAY);
  assert.ok(toBase64(published.prekeyBundle).length < 9_000);
});

test('§10.3: fewer than 25 unused one-time prekeys are refilled to 100, 25 are not; used ones are published no more', async () => {
  const [, juliet] = await createPair('refill');
  const first = bundleIn(await juliet.messenger.publish());
  await useUp(juliet, 25);
  assert.equal(bundleIn(await juliet.messenger.publish()), first);
  await useUp(juliet, 24);
  const second = bundleIn(await juliet.messenger.publish());
  assert.equal([second.sequence, second.oneTime.length], [first.sequence + 1, 100]);
  const kept = second.oneTime.filter((raw) => first.oneTime.some((one) => equal(one, raw)));
  assert.is(kept.length, 24);
  assert.equal(second.lastResort, first.lastResort, 'the last-resort prekey stays its week');
});

test('§10.3, I2: at most four bundles an hour; publish() says from when on the next may be', async () => {
  const [, juliet] = await createPair('four an hour');
  const start = juliet.world.now;
  let last = await juliet.messenger.publish();
  for (let i = 0; i < 3; i++) {
    juliet.world.now += 60_000;
    await useUp(juliet, 0);
    last = await juliet.messenger.publish();
  }
  assert.ok(last.due > juliet.world.now + HOUR);
  await useUp(juliet, 0);
  const before = await snapshot(juliet);
  const prekeys = (await juliet.store.entries('prekeys')).length;
  for (const restarted of [false, true]) {
    if (restarted) await restart(juliet);
    const held = await juliet.messenger.publish();
    assert.equal([held.prekeyBundle, held.due], [last.prekeyBundle, start + HOUR]);
  }
  assert.is(await snapshot(juliet), before);
  juliet.world.now = start + HOUR - 1;
  assert.equal((await juliet.messenger.publish()).prekeyBundle, last.prekeyBundle);
  juliet.world.now = start + HOUR;
  const fifth = await juliet.messenger.publish();
  assert.is(bundleIn(fifth).sequence, bundleIn(last).sequence + 1);
  assert.is((await juliet.store.entries('prekeys')).length, prekeys + 100);
});

test('§10.3: the device list is not held back with the bundle, and a clock that ran ahead holds nothing back (I14)', async () => {
  const [, juliet] = await createPair('not held back');
  for (let i = 0; i < 4; i++) {
    await useUp(juliet, 0);
    await juliet.messenger.publish();
  }
  await useUp(juliet, 0);
  juliet.world.now -= 1;
  assert.is(bundleIn(await juliet.messenger.publish()).sequence, 5);
  const { deviceList } = await juliet.messenger.publish();
  juliet.world.now += 7 * DAY;
  for (let i = 0; i < 4; i++) {
    await useUp(juliet, 0);
    await juliet.messenger.publish();
  }
  assert.not.equal((await juliet.messenger.publish()).deviceList, deviceList);
});

test('publish() says when to call it again: when list, bundle or last-resort prekey are a week old', async () => {
  const [, juliet] = await createPair('due');
  const listIssued = Math.floor(juliet.world.now / 1000) * 1000;
  assert.is((await juliet.messenger.publish()).due, listIssued + 7 * DAY);
  const tablet = await addDevice(juliet);
  const madeAt = juliet.world.now;
  juliet.world.now += DAY;
  assert.is((await tablet.messenger.publish()).due, madeAt + 7 * DAY, 'a secondary device signs no list');
});

test('§10.3, I2: the last-resort prekey is replaced weekly, so that a drained pool costs a week of secrecy at most', async () => {
  const [romeo, juliet] = await createPair('weekly');
  const keys = new Set<string>();
  for (let day = 0; day < 35; day++) {
    const bundle = bundleIn(await juliet.messenger.publish());
    const key = (await juliet.store.entries('prekeys')).find(([, { publicKey }]) =>
      equal(publicKey, bundle.lastResort),
    );
    assert.ok(juliet.world.now - (key?.[1].createdAt ?? 0) < 7 * DAY);
    keys.add(toHex(bundle.lastResort));
    juliet.world.now += DAY;
  }
  assert.is(keys.size, 5);
  await introduce(romeo, juliet);
});

test('I2: what is left of the prekeys, how old they are and what is due is told to the owner', async () => {
  const [romeo, juliet] = await createPair('status');
  await introduce(romeo, juliet);
  const made = juliet.world.now;
  await tell(romeo, juliet, 'x');
  await tell(juliet, romeo, 'y');
  await tell(romeo, juliet, 'z');
  const before = await storeStatus(juliet.messenger);
  assert.equal(before.prekeys['one-time'], { count: 100, unused: 99, oldest: made, newest: made });
  assert.equal(
    [before.prekeys.reply.count, before.prekeys.reply.unused, before.prekeys['last-resort'].count],
    [1, 0, 1],
  );
  assert.not(before.due.some(({ what }) => what === 'refill'));
  await useUp(juliet, 24);
  const drained = await storeStatus(juliet.messenger);
  assert.equal(drained.due[0], { what: 'refill', at: juliet.world.now });
  await juliet.messenger.publish();
  juliet.world.now += 7 * DAY;
  await juliet.messenger.caughtUp();
  const later = await storeStatus(juliet.messenger);
  assert.equal(
    later.due
      .filter(({ at }) => at <= juliet.world.now)
      .map(({ what }) => what)
      .sort(),
    ['bundle', 'device-list', 'last-resort'],
  );
  juliet.world.now += 42 * DAY;
  assert.ok(
    (await storeStatus(juliet.messenger)).due.some(({ what, at }) => what === 'erasure' && at === juliet.world.now),
  );
  await juliet.messenger.erase();
  await juliet.messenger.publish();
  assert.ok(
    ((await storeStatus(juliet.messenger)).due.find(({ what }) => what === 'erasure')?.at ?? 0) > juliet.world.now,
  );
});

test('§11.1, I1: never an identity or device key, of whichever class; a device without prekeys is not sealed to', async () => {
  const [romeo, juliet] = await createPair('long-term');
  const never = [await juliet.messenger.fingerprint(), await deviceOf(juliet)].map(toHex);
  const used: string[] = [];
  const classes = new Set<string>();
  const seal = async (): Promise<void> => {
    const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
    for (const { class: recipientClass } of sealed.recipients) classes.add(recipientClass);
    const { data } = await readObject(objectIn(sealed.stanza), { crypto: romeo.world.crypto });
    used.push(...data.kari.recipientEncryptedKeys.map(({ rKeyId }) => toHex(rKeyId)));
  };
  await seal();
  const [[key, device] = []] = await romeo.store.entries('devices');
  const { choice: _, ...fresh } = device as NonNullable<typeof device>;
  await romeo.store.commit([{ table: 'devices', key: key as string, record: { ...fresh, oneTime: [] } }]);
  await seal();
  await introduce(romeo, juliet);
  await tell(juliet, romeo, 'y');
  await seal();
  assert.equal(classes, new Set(['one-time', 'last-resort', 'reply']));
  assert.not(used.some((id) => never.includes(id)));
  const { lastResort: __, ...none } = fresh;
  await romeo.store.commit([
    { table: 'devices', key: key as string, record: { ...none, oneTime: [], bundleNotAfter: 0 } },
  ]);
  assert.is((await refusal(seal))?.code, 'ERR_NO_KEYS');
});

test('P22, P25: published keys are called stale after a day, list and bundle each for itself, and not used when expired', async () => {
  const [romeo, juliet] = await createPair('freshness');
  const seal = () => romeo.messenger.seal(chat('x'), { to: juliet.jid });
  const { prekeyBundle } = await juliet.messenger.publish();
  romeo.world.now += DAY + 1;
  assert.equal((await seal()).stale, [juliet.jid]);
  await romeo.messenger.importKeys([(await juliet.messenger.publish()).deviceList]);
  assert.equal((await seal()).stale, [juliet.jid], 'the bundle is as old as before');
  await romeo.messenger.importKeys([prekeyBundle]);
  assert.equal((await seal()).stale, [], 'the same bundle, fetched anew');
  romeo.world.now += 35 * DAY;
  juliet.world.now = romeo.world.now;
  assert.is((await refusal(seal))?.code, 'ERR_NO_KEYS');
});

test('P25: a bundle that expired is not sealed to, though the list is in force and nothing else is known', async () => {
  const [romeo, juliet] = await createPair('only the list');
  const seal = () => romeo.messenger.seal(chat('x'), { to: juliet.jid });
  juliet.world.now += 34 * DAY;
  await romeo.messenger.importKeys([(await juliet.messenger.publish()).deviceList]);
  await seal();
  juliet.world.now += 2 * DAY;
  const before = await snapshot(romeo);
  assert.is((await refusal(seal))?.code, 'ERR_NO_KEYS');
  assert.is(await snapshot(romeo), before);
});

test('an answer on a reply prekey asks for no bundle; own devices’ old bundles are named by the own JID', async () => {
  const [romeo, juliet] = await createPair('own stale');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  await accepts(juliet, await say(romeo, juliet, 'x'));
  await introduce(romeo, tablet, juliet);
  await tell(juliet, romeo, 'y');
  romeo.world.now += DAY;
  await introduce(juliet, romeo);
  romeo.world.now += 1000;
  const { stale, recipients } = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal(recipients.map((one) => one.class).sort(), ['one-time', 'reply']);
  assert.equal(stale, [romeo.jid]);
});

test('T07, P27: a single object is opened with its sender gone, and leaves nothing behind but its own erasure', async () => {
  const [romeo, juliet] = await createPair('one shot');
  const stanza = await say(romeo, juliet, 'farewell');
  await romeo.store.close();
  juliet.world.now += 30 * DAY;
  const opened = await accepts(juliet, stanza);
  const key = toHex(opened.recipients[0]?.rKeyId as Uint8Array);
  assert.ok(await juliet.store.get('prekeys', key));
  juliet.world.now += 19 * DAY;
  await juliet.messenger.erase();
  assert.is(await juliet.store.get('prekeys', key), undefined);
  assert.is((await refusal(() => juliet.messenger.open(stanza)))?.code, 'ERR_OPEN');
});

test('P22: what comes after the erasure of its prekey is refused like anything else, and says nothing more (I5)', async () => {
  const [romeo, juliet] = await createPair('too late');
  const late = await say(romeo, juliet, 'late');
  juliet.world.now += RULES.validity;
  await juliet.messenger.erase();
  juliet.world.now += RULES.ceiling + DAY;
  await juliet.messenger.erase();
  const before = await snapshot(juliet);
  assert.is((await refusal(() => juliet.messenger.open(late)))?.code, 'ERR_OPEN');
  assert.is(await snapshot(juliet), before);
  assert.ok((await accountOf(juliet)).bundleSequence >= 1);
});

test.run();
