// The ways an object may have come: received, as the copy of what one sent, and no other (C1, C3, C8, H9, H10).
import { element, NS, withAttributes, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  chat,
  createPair,
  createPerson,
  introduce,
  opens,
  type Person,
  refusal,
  say,
  sealBadlyFrom,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('addresses');
const codeOf = async (person: Person, stanza: XmlElement): Promise<string> =>
  person.messenger.open(stanza).then(
    ({ status }) => status,
    ({ code }) => code,
  );

test('received: from the sender to us, with any resources, or without a to', async () => {
  const [romeo, juliet] = await createPair('received');
  const stanza = await say(romeo, juliet, 'Ay me!');
  for (const outer of [
    {},
    { from: `${romeo.jid}/orchard`, to: `${juliet.jid}/balcony` },
    { to: undefined },
    { from: 'Romeo@MONTAGUE.example/orchard', to: 'JULIET@capulet.example' },
  ]) {
    assert.is(await codeOf(juliet, withAttributes(stanza, outer)), 'opened', JSON.stringify(outer));
  }
});

test('the copy of what an own other device sent: from us to whom it went', async () => {
  const [romeo, juliet] = await createPair('sent');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  const stanza = await say(romeo, juliet, 'Ay me!');
  const carbon = withAttributes(stanza, { from: `${romeo.jid}/orchard`, to: `${juliet.jid}/balcony` });
  const copy = await accepts(tablet, carbon);
  assert.equal([copy.sender.jid, bodyOf(copy.stanza)], [romeo.jid, 'Ay me!']);
  assert.equal(
    await tablet.messenger.contacts().then((all) => all.map(({ jid }) => jid)),
    [juliet.jid],
    'nobody was pinned for it',
  );
  // Both copies are one message with one counter: the answer comes without a warning.
  await accepts(juliet, stanza);
});

test('a forged copy of what was sent is refused', async () => {
  const [romeo, juliet] = await createPair('forged sent');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(tablet, paris);
  const stanza = await say(romeo, juliet, 'Ay me!');
  // Shown as sent to somebody else, as received from her, as from nowhere.
  for (const outer of [
    { to: paris.jid },
    { to: romeo.jid },
    { to: undefined },
    { from: juliet.jid, to: romeo.jid },
    { from: undefined },
  ]) {
    assert.is(await codeOf(tablet, withAttributes(stanza, outer)), 'ERR_OPEN', JSON.stringify(outer));
  }
  // Signed by somebody else in Romeo's name, for his tablet.
  const { stanza: forged } = await sealBadlyFrom(paris, tablet, { from: romeo.jid, to: juliet.jid });
  assert.is(await codeOf(tablet, forged), 'ERR_OPEN');
});

test('H9: a carbon’s wrapper is no object, whoever it says it is from', async () => {
  const [romeo, juliet] = await createPair('wrapper');
  const stanza = await say(romeo, juliet, 'Ay me!');
  for (const from of [juliet.jid, romeo.jid, 'mallory@verona.example']) {
    const forwarded = element(NS.FORWARD, 'forwarded', {}, [stanza]);
    const carbon = element(NS.CLIENT, 'message', { from, to: juliet.jid, type: 'chat' }, [
      element(NS.CARBONS, 'received', {}, [forwarded]),
    ]);
    assert.is(await codeOf(juliet, carbon), 'ERR_OPEN');
  }
});

test('C1: what somebody received and passes on is refused', async () => {
  const [romeo, juliet] = await createPair('passed on');
  const paris = await createPerson('paris@verona.example', romeo.world);
  await introduce(paris, romeo);
  await introduce(paris, juliet);
  const stanza = await say(romeo, paris, 'I love you');
  await opens(paris, stanza);
  for (const outer of [{ to: juliet.jid }, { from: paris.jid, to: juliet.jid }, { from: romeo.jid, to: undefined }]) {
    assert.is(await codeOf(juliet, withAttributes(stanza, outer)), 'ERR_OPEN');
  }
});

test('C8: an own message that comes back as somebody’s is refused', async () => {
  const [romeo, juliet] = await createPair('reflected');
  const tablet = await addDevice(romeo);
  await introduce(juliet, tablet);
  const stanza = await say(romeo, juliet, 'Ay me!');
  assert.is(await codeOf(tablet, withAttributes(stanza, { from: juliet.jid, to: romeo.jid })), 'ERR_OPEN');
  assert.is(await codeOf(romeo, withAttributes(stanza, { from: juliet.jid, to: romeo.jid })), 'ERR_OPEN');
});

test('a note to oneself goes to own other devices', async () => {
  const [romeo] = await createPair('note');
  const tablet = await addDevice(romeo);
  const { stanza, recipients } = await romeo.messenger.seal(chat('buy poison'), { to: romeo.jid });
  assert.is(recipients.length, 1);
  assert.is(bodyOf((await accepts(tablet, stanza)).stanza), 'buy poison');
});

test('T22: addresses are normalised when sealing, and what cannot be is refused', async () => {
  const [romeo, juliet] = await createPair('normalised');
  const { stanza } = await romeo.messenger.seal(chat('x', { to: 'JULIET@Capulet.example./balcony' }), {
    to: 'Juliet@CAPULET.example',
  });
  await accepts(juliet, stanza);
  for (const to of ['', '@', 'a@b@', '\u0000@capulet.example', 'juliet@']) {
    assert.is((await refusal(() => romeo.messenger.seal(chat('x'), { to })))?.code, 'ERR_ADDRESS', JSON.stringify(to));
  }
});

test.run();
