// What stolen prekeys do not do, what asking does not get, and where secrets do not show (P23, P26, I13, J2, E10).
import { inspect } from 'node:util';
import { toBase64, toHex, toUtf8 } from '@stanzaseal/cms';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { exportBackup } from '@stanzaseal/messenger/backup';
import { admissionRequest, continueAsNewDevice, encodeInvitation, encodeRequest } from '@stanzaseal/messenger/devices';
import { storeStatus } from '@stanzaseal/messenger/status';
import {
  accepts,
  accountOf,
  addDevice,
  chat,
  copyOf,
  createPair,
  createPerson,
  deviceOf,
  introduce,
  objectIn,
  opens,
  refusal,
  say,
  sealBadlyFrom,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('secrets stay inside');

test('P23: who has every prekey of somebody reads what was sealed to them, and writes in nobody’s name', async () => {
  const [romeo, juliet] = await createPair('stolen prekeys');
  await introduce(romeo, juliet);
  await tell(romeo, juliet, 'hello');
  const thief = await createPerson('mallory@verona.example', juliet.world);
  const stolen = (await juliet.store.entries('prekeys')).map(
    ([key, record]) => ({ table: 'prekeys', key, record }) as const,
  );
  await thief.store.commit(stolen);
  // To Juliet in Romeo's name, and to Romeo in Juliet's: the device key that signs is the thief's, whatever the object says.
  for (const [from, to] of [
    [romeo, juliet],
    [juliet, romeo],
  ] as const) {
    const own = await accountOf(from);
    const senderKeys = {
      identity: { algorithm: 'Ed25519', raw: own.identity },
      device: { algorithm: 'Ed25519', raw: own.device },
      endorsement: own.endorsement as Uint8Array,
    } as const;
    const { stanza: named } = await sealBadlyFrom(thief, to, { from: from.jid, senderKeys });
    const { stanza: plain } = await sealBadlyFrom(thief, to, { from: from.jid });
    const { stanza: claimed } = await sealBadlyFrom(thief, to, {
      from: from.jid,
      context: { senderDevice: await deviceOf(from) },
    });
    for (const stanza of [named, plain, claimed]) {
      assert.is((await refusal(() => to.messenger.open(stanza)))?.code, 'ERR_OPEN');
    }
  }
});

test('I13: a device that was no recipient asks for what was said, and gets nothing: no answer, and no key', async () => {
  const [romeo, juliet] = await createPair('please resend');
  await introduce(romeo, juliet);
  const stanza = await say(romeo, juliet, 'for her phone alone');
  const tablet = await addDevice(juliet);
  await introduce(romeo, tablet);
  assert.is((await refusal(() => tablet.messenger.open(stanza)))?.code, 'ERR_OPEN');
  // Whoever asks says what anybody may say: it is shown, and nothing leaves but by `seal`.
  const asked = await accepts(romeo, await say(tablet, romeo, 'I cannot read it, please send me the key'));
  assert.equal(
    asked.warnings.map(({ code }) => code),
    ['sender-list-newer', 'new-device'],
  );
  assert.equal(romeo.events, []);
  assert.is((await refusal(() => tablet.messenger.open(stanza)))?.code, 'ERR_OPEN');
  // Romeo keeps no content key of what he sent, so that there is none to hand on; and what he says next is under another.
  const next = await romeo.messenger.seal(chat('and now'), { to: juliet.jid });
  const { cek } = await accepts(juliet, stanza);
  assert.not((await snapshot(romeo)).includes(toBase64(cek)));
  assert.not.equal(next.cek, cek);
});

test('P26: who signed an object is seen by its recipients alone; the sender’s keys and signature are inside', async () => {
  const [romeo, juliet] = await createPair('who signed');
  const stanza = await say(romeo, juliet, 'Ay me!');
  const object = toHex(objectIn(stanza));
  const { identity, device, endorsement } = await accountOf(romeo);
  const inside = [identity, device, await deviceOf(romeo), await romeo.messenger.fingerprint()];
  for (const octets of [...inside, endorsement as Uint8Array]) assert.not(object.includes(toHex(octets)));
  const opened = await opens(juliet, stanza);
  assert.equal(opened.sender.device, await deviceOf(romeo), 'and they see it');
});

test('J2: no secret and no content shows in errors, events, results or on the console', async () => {
  const [romeo, juliet] = await createPair('canaries');
  await introduce(romeo, juliet);
  const tablet = await addDevice(juliet);
  const written: string[] = [];
  const consoles = ['log', 'info', 'warn', 'error', 'debug'] as const;
  const kept = consoles.map((name) => console[name]);
  for (const name of consoles)
    console[name] = (...values: unknown[]) => void written.push(inspect(values, { depth: 8 }));
  const words = 'the-canary-sings-at-midnight';
  const shown: unknown[] = [];
  const note = async (call: () => unknown): Promise<void> => void shown.push(await refusal(call));
  try {
    const stanza = await say(romeo, juliet, words);
    const clone = await copyOf(juliet);
    const opened = await accepts(juliet, stanza);
    assert.ok(opened.cek.length === 32);
    await note(() => romeo.messenger.open(stanza));
    await note(() => tablet.messenger.open(stanza));
    await note(() => juliet.messenger.openArchived(stanza, new Uint8Array(32)));
    await note(() => romeo.messenger.seal(chat(words), { to: 'nobody@verona.example' }));
    await note(() => romeo.messenger.seal(chat(words.repeat(20_000)), { to: juliet.jid }));
    await note(() => romeo.messenger.importKeys([toUtf8(words)]));
    await note(() =>
      exportBackup(tablet.messenger, {
        password: words,
        cost: { kind: 'scrypt', n: 32768, r: 8, p: 1 },
        general: createGeneralCrypto(),
      }),
    );
    juliet.world.now += 8 * 86_400_000;
    await note(async () => clone.messenger.importKeys([(await juliet.messenger.publish()).prekeyBundle]));
    await note(() => clone.messenger.open(stanza));
    const secrets = (await juliet.store.entries('prekeys')).map(([, { secret }]) => secret);
    const self = await accountOf(juliet);
    secrets.push(self.deviceSecret, self.identitySecret as Uint8Array, opened.cek);
    shown.push(
      await storeStatus(juliet.messenger),
      await encodeInvitation(juliet.messenger),
      await encodeRequest(await admissionRequest(juliet.messenger), juliet.world.crypto),
      await continueAsNewDevice(clone.messenger),
      self,
      await juliet.store.entries('prekeys'),
      romeo.events,
      juliet.events,
      clone.events,
    );
    const errors = shown.filter((one) => one instanceof Error) as Error[];
    assert.is(errors.length, 9);
    const all = [
      ...shown.map((one) => inspect(one, { depth: 12, maxArrayLength: null })),
      ...errors.map(({ stack }) => stack),
      ...written,
    ].join('\n');
    assert.not.match(all, words);
    for (const secret of secrets) {
      for (const form of [
        toHex(secret),
        toBase64(secret),
        inspect(secret).replace(/\s+/g, ' '),
        [...secret].join(', '),
      ]) {
        if (form.length > 40) assert.not(all.replace(/\s+/g, ' ').includes(form));
      }
    }
    assert.equal(written, [], 'and nothing is written to the console at all');
  } finally {
    for (const [i, name] of consoles.entries()) console[name] = kept[i] as typeof console.log;
  }
});

test.run();
