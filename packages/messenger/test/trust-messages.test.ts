// Trust messages between own devices: one verification serves all of them, and nobody else's word is taken for one.
import { exportTrustMessage, importTrustMessage, listEvidence, revokeEvidence } from '@stanzaseal/messenger/trust';
import { element, NS, type XmlElement } from '@stanzaseal/stanza';
import { accepts, addDevice, createPair, introduce, opens, type Person, say } from '@stanzaseal/testkit';
import { readTrustMessage, trustMessage } from '@stanzaseal/trust/levels';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('trust messages between own devices');

/** Juliet's phone and tablet, which both know Romeo. */
async function household(seed: string): Promise<[romeo: Person, phone: Person, tablet: Person]> {
  const [romeo, phone] = await createPair(seed);
  const tablet = await addDevice(phone);
  await introduce(tablet, romeo);
  await introduce(phone, romeo);
  const stanza = await say(romeo, phone, 'Ay me!');
  await accepts(phone, stanza);
  await accepts(tablet, stanza);
  return [romeo, phone, tablet];
}

/** As it goes: sealed to oneself, opened by the other device. */
async function tellOwn(from: Person, to: Person): Promise<readonly { jid: string; trust: string }[] | undefined> {
  const message = (await exportTrustMessage(from.messenger)) as XmlElement;
  const { stanza } = await from.messenger.seal(message, { to: from.jid });
  const sent: XmlElement = {
    ...stanza,
    attributes: [...stanza.attributes, { namespace: '', name: 'from', value: from.jid }],
  };
  return importTrustMessage(to.messenger, await accepts(to, sent));
}

test('verified on the phone is verified on the tablet, and says how', async () => {
  const [romeo, phone, tablet] = await household('on the tablet too');
  assert.is(await exportTrustMessage(phone.messenger), undefined);
  await phone.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  assert.equal(await tellOwn(phone, tablet), [{ jid: romeo.jid, trust: 'verified' }]);
  assert.is((await opens(tablet, await say(romeo, phone, 'again'))).sender.trust, 'verified');
  assert.equal(
    (await listEvidence(tablet.messenger, romeo.jid)).map(({ kind }) => kind),
    ['own-device'],
  );
});

test('a word taken back on one device is taken back on the other', async () => {
  const [romeo, phone, tablet] = await household('taken back');
  await phone.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  await tellOwn(phone, tablet);
  await tablet.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  await revokeEvidence(phone.messenger, romeo.jid);
  assert.equal(await tellOwn(phone, tablet), [{ jid: romeo.jid, trust: 'unverified' }]);
  // And given again.
  await phone.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  assert.equal(await tellOwn(phone, tablet), [{ jid: romeo.jid, trust: 'verified' }]);
});

test('a contact who sends one raises nobody: neither themselves nor a third', async () => {
  const [romeo, phone] = await household('a contact sends one');
  const fingerprint = await romeo.messenger.fingerprint();
  const decision = { jid: romeo.jid, keyIdentifier: fingerprint, trusted: true };
  const message = element(NS.CLIENT, 'message', { type: 'chat' }, [trustMessage([decision])]);
  const { stanza } = await romeo.messenger.seal(message, { to: phone.jid });
  const sent: XmlElement = {
    ...stanza,
    attributes: [...stanza.attributes, { namespace: '', name: 'from', value: romeo.jid }],
  };
  const opened = await accepts(phone, sent);
  assert.equal(readTrustMessage(opened.stanza), [decision]);
  assert.is(await importTrustMessage(phone.messenger, opened), undefined);
  assert.equal(
    (await phone.messenger.contacts()).map(({ trust }) => trust),
    ['unverified'],
  );
});

test('a decision about a key that is not the pinned one raises nothing', async () => {
  const [romeo, phone, tablet] = await household('another key');
  const wrong = Uint8Array.from(await romeo.messenger.fingerprint(), (octet) => octet ^ 1);
  const message = element(NS.CLIENT, 'message', { type: 'chat' }, [
    trustMessage([{ jid: romeo.jid, keyIdentifier: wrong, trusted: true }]),
  ]);
  const { stanza } = await phone.messenger.seal(message, { to: phone.jid });
  const sent: XmlElement = {
    ...stanza,
    attributes: [...stanza.attributes, { namespace: '', name: 'from', value: phone.jid }],
  };
  assert.equal(await importTrustMessage(tablet.messenger, await accepts(tablet, sent)), []);
  assert.equal(
    (await tablet.messenger.contacts()).map(({ trust }) => trust),
    ['unverified'],
  );
});

test.run();
