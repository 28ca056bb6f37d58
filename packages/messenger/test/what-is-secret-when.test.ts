// Sentences of docs/forward-secrecy.md, each as one who takes the device finds it: with the whole store, its replay memory aside.
import { decodeDeviceList, generatePrivateKey } from '@stanzaseal/cms';
import { removeDevice } from '@stanzaseal/messenger/devices';
import { readSignedData, signDeviceList } from '@stanzaseal/signer';
import {
  accepts,
  accountOf,
  addDevice,
  bodyOf,
  chat,
  copyOf,
  createPair,
  createPerson,
  DAY,
  deviceOf,
  HOUR,
  introduce,
  opens,
  type Person,
  refusal,
  say,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('what is secret when');

/** Who has everything of a device at this moment, and reads again what was read: nobody's memory of messages stands in the way. */
async function finderOf(person: Person): Promise<Person> {
  const finder = await copyOf(person);
  for (const table of ['seen', 'accepted'] as const) {
    const known = await finder.store.entries(table);
    await finder.store.commit(known.map(([key]) => ({ table, key, record: undefined })));
  }
  return finder;
}

const codeOf = async (call: () => unknown): Promise<string | undefined> => (await refusal(call))?.code;

test('who takes the device reads what waits and what was read, until it was answered, all was fetched and 48 hours are over; then nobody', async () => {
  const [romeo, juliet] = await createPair('taken');
  const stanza = await say(romeo, juliet, 'Ay me!');
  const isRead = async (): Promise<boolean> => {
    const finder = await finderOf(juliet);
    const code = await codeOf(() => finder.messenger.open(stanza));
    assert.ok(code === undefined || code === 'ERR_OPEN', code);
    return code === undefined;
  };
  assert.is(await isRead(), true, 'waiting');
  await accepts(juliet, stanza);
  assert.is(await isRead(), true, 'read');
  await tell(juliet, romeo, 'Romeo?');
  await tell(romeo, juliet, 'Call me but love');
  juliet.world.now += 48 * HOUR - 1;
  await juliet.messenger.caughtUp();
  assert.is(await isRead(), true, '48 hours less a moment');
  juliet.world.now += 1;
  await juliet.messenger.caughtUp();
  assert.is(await isRead(), false, 'erased');
});

test('what comes to a published prekey opens until 14 days after its 35, whether it was used or not; then no more', async () => {
  const [romeo, juliet] = await createPair('forty-nine days');
  const benvolio = await createPerson('benvolio@montague.example', juliet.world);
  await introduce(juliet, benvolio);
  await accepts(juliet, await say(romeo, juliet, 'the first one under it'));
  const late = [
    await say(romeo, juliet, 'under one that was used'),
    await say(benvolio, juliet, 'under one that was not'),
  ];
  const ends = Math.min(...(await juliet.store.entries('prekeys')).map(([, { notAfter }]) => notAfter));
  const validity = ends - juliet.world.now;
  assert.ok(validity <= 35 * DAY && validity > 35 * DAY - HOUR, `${validity}`);
  for (const days of [10, 20, 30, 40, 48]) {
    juliet.world.now = ends + (days - 35) * DAY;
    await juliet.messenger.caughtUp();
  }
  juliet.world.now = ends + 14 * DAY - 1;
  await juliet.messenger.caughtUp();
  for (const stanza of late) await opens(juliet, stanza);
  juliet.world.now += 1;
  await juliet.messenger.caughtUp();
  for (const stanza of late) assert.is(await codeOf(() => juliet.messenger.open(stanza)), 'ERR_OPEN');
});

test('who finds the phone and can open its store reads what comes to it, until it is removed and the senders know; and writes as it until then', async () => {
  const [romeo, juliet] = await createPair('found');
  const phone = await addDevice(juliet);
  await introduce(juliet, phone, romeo);
  await introduce(phone, romeo);
  await introduce(romeo, phone);
  const before = await say(romeo, juliet, 'before');
  const finder = await finderOf(phone);
  for (const stanza of [before, await say(romeo, juliet, 'after')]) await opens(finder, stanza);
  const written = await opens(romeo, await say(finder, romeo, 'it is me'));
  assert.equal([bodyOf(written.stanza), written.sender.jid], ['it is me', juliet.jid]);
  await removeDevice(juliet.messenger, await deviceOf(phone));
  await opens(finder, await say(romeo, juliet, 'he does not know it'));
  await introduce(juliet, romeo);
  const later = await say(romeo, juliet, 'he knows');
  await opens(juliet, later);
  assert.is(await codeOf(() => finder.messenger.open(later)), 'ERR_OPEN');
  const lie = await say(finder, romeo, 'it is still me');
  assert.is(await codeOf(() => romeo.messenger.open(lie)), 'ERR_OPEN');
});

test('the content key of an object opens that one, and no other of the same two people under the same prekey', async () => {
  const [romeo, juliet] = await createPair('content keys');
  const [one, two] = [
    await romeo.messenger.seal(chat('one'), { to: juliet.jid }),
    await romeo.messenger.seal(chat('two'), { to: juliet.jid }),
  ];
  const [first, second] = [await opens(juliet, one.stanza), await opens(juliet, two.stanza)];
  assert.equal(first.recipients[0]?.rKeyId, second.recipients[0]?.rKeyId);
  assert.is(bodyOf((await juliet.messenger.openArchived(one.stanza, one.cek)).stanza), 'one');
  assert.is(await codeOf(() => juliet.messenger.openArchived(two.stanza, one.cek)), 'ERR_OPEN');
});

test('a list into which a server put an archive is not taken in, whoever signed it but the account', async () => {
  const [romeo, juliet] = await createPair('archive of a server');
  const { crypto, random } = romeo.world;
  const archive = await generatePrivateKey('X25519', random, crypto);
  const server = await (await generatePrivateKey('Ed25519', random, crypto)).signingKey(crypto);
  const list = decodeDeviceList(
    readSignedData((await accountOf(juliet)).deviceList as Uint8Array).content as Uint8Array,
  );
  const added = { ...list, archiveKeys: [{ key: archive.publicKey, organisation: 'Verona Chancery', epoch: 1 }] };
  const signed = await signDeviceList({ ...added, listVersion: 2, identity: server.publicKey }, server, crypto);
  const before = await snapshot(romeo);
  const bent = Uint8Array.from((await accountOf(juliet)).deviceList as Uint8Array);
  bent[bent.length - 1] = (bent[bent.length - 1] as number) ^ 1;
  for (const refused of [signed, bent])
    assert.is(await codeOf(() => romeo.messenger.importKeys([refused])), 'ERR_VERIFY');
  assert.is(await snapshot(romeo), before);
  const sealed = await romeo.messenger.seal(chat('x'), { to: juliet.jid });
  assert.equal(
    sealed.recipients.map((recipient) => recipient.class),
    ['one-time'],
  );
});

test.run();
