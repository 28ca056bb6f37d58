// Backup and restore: what is in it, what is never in it, and that restoring makes a new device (P1 of docs/models/prekeyErasure.pml).
import { concat, toHex, toUtf8 } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { decrypt, encrypt, GENERAL_POLICY } from '@stanzaseal/envelope/general';
import { createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger, type MessengerEvent } from '@stanzaseal/messenger';
import {
  BACKUP_COST,
  exportBackup,
  ID_CT_BACKUP,
  type RestoredBackup,
  restoreBackup,
} from '@stanzaseal/messenger/backup';
import { admitDevice, listedDevices, removeDevice, revokeDevice } from '@stanzaseal/messenger/devices';
import { listEvidence, recordEvidence, revokeEvidence } from '@stanzaseal/messenger/trust';
import {
  accepts,
  accountOf,
  addDevice,
  bodyOf,
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
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeBackup, encodeBackup } from '../src/backup/backupContent.js';

const test = suite('backup and restore');
const general = createGeneralCrypto();
const password = 'a rose by any other name';
const cost = { kind: 'scrypt', n: 32768, r: 8, p: 1 } as const;
const backupOf = ({ messenger }: Person): Promise<Uint8Array> => exportBackup(messenger, { password, cost, general });

function restore(backup: Uint8Array, { world }: Person, word = password): Promise<RestoredBackup> {
  const { crypto, random } = world;
  return restoreBackup(backup, { password: word, general, crypto, random, clock: () => world.now });
}

async function plaintextOf(backup: Uint8Array): Promise<Uint8Array> {
  const keys = [{ kind: 'password', password: toUtf8(password) }] as const;
  return (await decrypt(backup, { profile: 'general', keys, policy: GENERAL_POLICY, crypto: general })).content;
}

/** A device over what was restored; not admitted yet. */
async function deviceOver({ changes, owner }: RestoredBackup, { world }: Person): Promise<Person> {
  const { crypto, random } = world;
  const storage = createMemoryStorage();
  const store = await createKeyStore(storage, changes);
  const events: MessengerEvent[] = [];
  const messenger = createMessenger({
    store,
    crypto,
    random,
    clock: () => world.now,
    onEvent: (event) => events.push(event),
  });
  return { jid: owner, world, storage, store, messenger, events, rules: {} };
}

/** Juliet with a tablet and a history: a verified contact, prekeys of all classes. */
async function lived(seed: string): Promise<{ romeo: Person; juliet: Person; tablet: Person }> {
  const [romeo, juliet] = await createPair(seed);
  const tablet = await addDevice(juliet);
  await introduce(romeo, juliet);
  await introduce(juliet, tablet, romeo);
  await tell(romeo, juliet, 'one');
  await tell(juliet, romeo, 'two');
  await tell(romeo, juliet, 'three');
  await juliet.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  return { romeo, juliet, tablet };
}

test('it holds the identity key, and of no prekey, device or conversation anything', async () => {
  const { juliet, tablet } = await lived('content');
  const account = await accountOf(juliet);
  const plaintext = toHex(await plaintextOf(await backupOf(juliet)));
  assert.ok(plaintext.includes(toHex(account.identitySecret as Uint8Array)));
  assert.ok(plaintext.includes(toHex(account.endorsement as Uint8Array)));
  assert.ok(plaintext.includes(toHex((await accountOf(tablet)).endorsement as Uint8Array)), 'the tablet’s endorsement');
  const never = [account.deviceSecret];
  for (const [, { secret, publicKey }] of await juliet.store.entries('prekeys')) never.push(secret, publicKey);
  for (const [, device] of await juliet.store.entries('devices')) {
    never.push(...device.oneTime, ...(device.lastResort ? [device.lastResort] : []));
    if (device.reply) never.push(device.reply.publicKey);
  }
  for (const [key] of await juliet.store.entries('accepted')) never.push(toUtf8(key.slice(65)));
  assert.ok(never.length > 300);
  for (const octets of never) {
    assert.not(plaintext.includes(toHex(octets)));
    assert.not(plaintext.includes(toHex(octets.subarray(0, 12))), 'nor a part of it');
  }
});

test('restoring makes a new device: old objects do not open, contacts and trust are there, peers go on', async () => {
  const { romeo, juliet, tablet } = await lived('restored');
  const backup = await backupOf(juliet);
  const read = await say(romeo, juliet, 'read before the loss');
  await accepts(juliet, read);
  const unread = await say(romeo, juliet, 'never read');
  juliet.world.now += 8 * DAY;
  const newest = (await juliet.messenger.publish()).deviceList;

  const restored = await restore(backup, juliet);
  assert.is(restored.owner, juliet.jid);
  assert.is(restored.devices.length, 2);
  const phone = await deviceOver(restored, juliet);
  assert.not.equal(await deviceOf(phone), await deviceOf(juliet));
  assert.equal(
    (await phone.messenger.contacts()).map(({ jid, trust, evidence }) => [jid, trust, evidence]),
    [[romeo.jid, 'verified', 'fingerprint']],
  );
  for (const stanza of [read, unread]) assert.is((await refusal(() => phone.messenger.open(stanza)))?.code, 'ERR_OPEN');
  assert.is((await refusal(() => phone.messenger.publish()))?.code, 'ERR_NO_KEYS', 'not admitted yet');

  await phone.messenger.importKeys([newest]);
  const lost = await deviceOf(juliet);
  await admitDevice(phone.messenger, restored.request);
  const { revocation, deviceList } = await revokeDevice(phone.messenger, lost);
  const { prekeyBundle } = await phone.messenger.publish();
  await romeo.messenger.importKeys([deviceList, revocation, prekeyBundle]);
  assert.equal(
    (await listedDevices(phone.messenger)).map(({ state, role, isThis }) => [state, role, isThis]),
    [
      ['listed', 'secondary', false],
      ['listed', 'primary', true],
      ['revoked', undefined, false],
    ],
  );
  for (const stanza of [read, unread]) assert.is((await refusal(() => phone.messenger.open(stanza)))?.code, 'ERR_OPEN');
  await introduce(romeo, phone);
  const opened = await accepts(romeo, await say(phone, romeo, 'a new phone'));
  assert.equal([bodyOf(opened.stanza), opened.sender.firstContact], ['a new phone', false]);
  await tell(romeo, phone, 'welcome');
  assert.is((await refusal(async () => romeo.messenger.open(await say(juliet, romeo, 'thief'))))?.code, 'ERR_OPEN');
  // The tablet takes the new phone for what it is.
  await introduce(phone, tablet);
  assert.is((await listedDevices(tablet.messenger)).filter(({ state }) => state === 'listed').length, 2);
});

test('what was known of contacts still holds: pins, changed keys, versions of lists, devices that left (I6, I12)', async () => {
  const { romeo, juliet } = await lived('contacts');
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(paris, juliet);
  const again = await createPerson(paris.jid, romeo.world);
  const { deviceList: changedList } = await again.messenger.publish();
  assert.is((await refusal(() => juliet.messenger.importKeys([changedList])))?.code, 'ERR_KEY_CHANGED');
  const early = (await accountOf(romeo)).deviceList as Uint8Array;
  const [left, lost] = [await addDevice(romeo), await addDevice(romeo)];
  await introduce(romeo, juliet);
  await removeDevice(romeo.messenger, await deviceOf(left));
  const { revocation } = await revokeDevice(romeo.messenger, await deviceOf(lost));
  await introduce(romeo, juliet);
  await juliet.messenger.importKeys([revocation]);

  const restored = await restore(await backupOf(juliet), juliet);
  const phone = await deviceOver(restored, juliet);
  const kept = async ({ store }: Person) =>
    (await store.entries('contacts'))
      .map(([jid, contact]) => [
        jid,
        toHex(contact.identity),
        contact.trust,
        contact.listVersion,
        contact.listDigest,
        contact.deviceList,
        contact.changedIdentity,
      ])
      .sort();
  assert.equal(await kept(phone), await kept(juliet));
  await admitDevice(phone.messenger, restored.request);
  assert.is((await refusal(() => phone.messenger.importKeys([early])))?.code, 'ERR_VERIFY');
  assert.equal(phone.events, [{ kind: 'list-rollback', jid: romeo.jid, listVersion: 1 }]);
  for (const device of [left, lost]) {
    for (const version of [1, 2, 1000]) {
      const { stanza } = await sealBadlyFrom(device, phone, { context: { senderListVersion: version } });
      assert.is((await refusal(() => phone.messenger.open(stanza)))?.code, 'ERR_OPEN');
    }
  }
  const { stanza } = await sealBadlyFrom(again, phone);
  assert.is((await refusal(() => phone.messenger.open(stanza)))?.code, 'ERR_OPEN');
});

test('P14: what earned a level travels with it: it is shown, ends and is taken back where it was restored', async () => {
  const { romeo, juliet } = await lived('evidence');
  const nurse = await createPerson('nurse@capulet.example', juliet.world);
  const [friar, paris] = ['friar@verona.example', 'paris@verona.example'];
  await introduce(nurse, juliet);
  const statement = toUtf8('what the domain signed');
  const ends = juliet.world.now + 2 * DAY;
  const vouch = {
    jid: nurse.jid,
    kind: 'vouch',
    by: 'capulet.example',
    statement,
    notAfter: ends,
    sequence: 7,
  } as const;
  assert.is(await recordEvidence(juliet.messenger, vouch), 'vouched');
  await recordEvidence(juliet.messenger, { jid: friar, identity: new Uint8Array(32).fill(7), kind: 'fingerprint' });
  await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'sas' });
  await revokeEvidence(juliet.messenger, romeo.jid, ['sas']);
  const before = new Map<string, unknown>();
  const shown = async ({ messenger }: Person, jid: string): Promise<unknown> =>
    (await listEvidence(messenger, jid)).map((one) => ({
      ...one,
      at: 0,
      notAfter: seconds(one.notAfter),
      revokedAt: seconds(one.revokedAt),
    }));
  for (const jid of [romeo.jid, nurse.jid, friar, paris]) before.set(jid, await shown(juliet, jid));

  const phone = await deviceOver(await restore(await backupOf(juliet), juliet), juliet);
  for (const [jid, evidence] of before) assert.equal(await shown(phone, jid), evidence, jid);
  const levels = async (): Promise<unknown> =>
    Object.fromEntries((await phone.messenger.contacts()).map(({ jid, trust, evidence }) => [jid, [trust, evidence]]));
  assert.equal(await levels(), {
    [romeo.jid]: ['verified', 'fingerprint'],
    [nurse.jid]: ['vouched', 'vouch capulet.example'],
  });
  // An older statement of the domain does not come back there either (I6).
  assert.is((await refusal(() => recordEvidence(phone.messenger, { ...vouch, sequence: 6 })))?.code, 'ERR_VERIFY');
  juliet.world.now = ends;
  assert.equal(await levels(), { [romeo.jid]: ['verified', 'fingerprint'], [nurse.jid]: ['unverified', undefined] });
  assert.is(await revokeEvidence(phone.messenger, romeo.jid), 'unverified');

  // It ended before it was restored: nothing is left of the level.
  const late = await deviceOver(await restore(await backupOf(juliet), juliet), juliet);
  assert.is((await late.messenger.contacts()).find(({ jid }) => jid === nurse.jid)?.trust, 'unverified');
});

test('P14: a level without its evidence, as older backups have it, holds only where it was the user’s own word', async () => {
  const { romeo, juliet } = await lived('without evidence');
  const content = decodeBackup(await plaintextOf(await backupOf(juliet)));
  for (const [trust, label, expected] of [
    ['verified', 'sas', ['verified', 'sas']],
    ['endorsed', 'x509 CN=Romeo', ['unverified', undefined]],
    ['vouched', 'vouch montague.example', ['unverified', undefined]],
  ] as const) {
    const contacts = content.contacts.map((contact) => ({ ...contact, trust, evidence: label }));
    const older = encodeBackup({ ...content, contacts, evidence: [] });
    const { der } = await encrypt(older, {
      profile: 'general',
      recipients: [{ kind: 'password', password: toUtf8(password), cost }],
      contentType: ID_CT_BACKUP,
      contentEncryption: 'AES-256-GCM',
      cekHkdf: true,
      random: juliet.world.random,
      crypto: general,
    });
    const phone = await deviceOver(await restore(der, juliet), juliet);
    const [contact] = await phone.messenger.contacts();
    assert.equal([contact?.jid, contact?.trust, contact?.evidence], [romeo.jid, ...expected]);
  }
});

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.floor(ms / 1000);
}

test('a wrong password, damage, and whatever is no backup: one code; a password in another normal form opens', async () => {
  const [, juliet] = await createPair('refused');
  const backup = await exportBackup(juliet.messenger, { password: 'caf\u00e9', cost, general });
  await restore(backup, juliet, 'cafe\u0301');
  const content = await decrypt(backup, {
    profile: 'general',
    keys: [{ kind: 'password', password: toUtf8('caf\u00e9') }],
    policy: GENERAL_POLICY,
    crypto: general,
  });
  const { random } = juliet.world;
  const made = async (
    octets: Uint8Array,
    change: { contentType?: Uint8Array; kdf?: 'pbkdf2' } = {},
  ): Promise<Uint8Array> =>
    (
      await encrypt(octets, {
        profile: 'general',
        recipients: [
          {
            kind: 'password',
            password: toUtf8('caf\u00e9'),
            cost: change.kdf ? { kind: 'pbkdf2', iterations: 100_000 } : cost,
          },
        ],
        contentType: change.contentType ?? ID_CT_BACKUP,
        contentEncryption: 'AES-256-GCM',
        cekHkdf: true,
        random,
        crypto: general,
      })
    ).der;
  await restore(await made(content.content), juliet, 'caf\u00e9');
  const bent = (at: number): Uint8Array => {
    const octets = backup.slice();
    octets[at] = (octets[at] as number) ^ 1;
    return octets;
  };
  const foreign = content.content.slice();
  const seed = toHex((await accountOf(juliet)).identitySecret as Uint8Array);
  const at = toHex(foreign).indexOf(seed) / 2;
  foreign[at] = (foreign[at] as number) ^ 1;
  const refused: (readonly [string, Uint8Array, string?])[] = [
    ['another password', backup, 'cafe'],
    ['an empty one', backup, ''],
    ['cut', backup.subarray(0, -1)],
    ['longer', concat(backup, Uint8Array.of(0))],
    ['nothing', new Uint8Array(0)],
    ['a device list', (await accountOf(juliet)).deviceList as Uint8Array],
    ['another content', await made(toUtf8('no backup'))],
    ['another type', await made(content.content, { contentType: content.contentType.slice(0, -1) })],
    ['another derivation', await made(content.content, { kdf: 'pbkdf2' })],
    ['an identity that is not the list’s', await made(foreign)],
    ['content cut', await made(content.content.subarray(0, -1))],
    ...[60, 300, backup.length - 1].map((place) => [`bent at ${place}`, bent(place)] as const),
  ];
  const messages = new Set<string>();
  for (const [name, octets, word] of refused) {
    const error = await refusal(() => restore(octets, juliet, word ?? 'caf\u00e9'));
    assert.is(error?.code, 'ERR_PASSPHRASE', name);
    messages.add(error?.message as string);
  }
  assert.is(messages.size, 1);
});

test('only who holds the identity key makes one; costs are bounded; nothing is stored; secrets do not print (E10)', async () => {
  const [, juliet] = await createPair('who');
  const tablet = await addDevice(juliet);
  const before = await snapshot(juliet);
  assert.is((await refusal(() => backupOf(tablet)))?.code, 'ERR_NO_KEYS');
  for (const wrong of [
    { password: '', cost },
    { password, cost: { kind: 'pbkdf2', iterations: 600_000 } as const },
    { password, cost: { ...cost, n: 16384 } },
    { password, cost: { ...cost, n: 2 ** 22 } },
  ])
    assert.instance(await refusal(async () => exportBackup(juliet.messenger, { ...wrong, general })), RangeError);
  const restored = await restore(await backupOf(juliet), juliet);
  assert.is(await snapshot(juliet), before);
  assert.equal(BACKUP_COST, { kind: 'scrypt', n: 131072, r: 8, p: 1 });
  const { inspect } = await import('node:util');
  const account = restored.changes.find(({ table }) => table === 'account')?.record;
  assert.match(inspect(account, { depth: 5 }), /identitySecret: \[redacted\]|identitySecret: redacted/i);
});

test('two backups of one state have nothing in common but what is public', async () => {
  const [, juliet] = await createPair('twice');
  const [one, two] = [await backupOf(juliet), await backupOf(juliet)];
  assert.not.equal(one, two);
  assert.is(one.length, two.length);
  assert.not(toHex(one).includes(toHex(toUtf8('capulet'))), 'not even the address');
});

test.run();
