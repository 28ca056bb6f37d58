// Rules about levels: who is not known well enough is not sealed to, and the error says what is missing.
import { recordEvidence, setTrustPolicy, trustPolicy } from '@stanzaseal/messenger/trust';
import { element, NS, withChildren } from '@stanzaseal/stanza';
import {
  accepts,
  chat,
  createPair,
  createPerson,
  DAY,
  introduce,
  type Person,
  refusal,
  restart,
  say,
} from '@stanzaseal/testkit';
import { readVerification, verificationElement } from '@stanzaseal/trust';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('trust policy');

async function known(seed: string): Promise<[Person, Person]> {
  const [romeo, juliet] = await createPair(seed);
  await accepts(juliet, await say(romeo, juliet, 'It is the east'));
  return [romeo, juliet];
}

test('send only to verified: refused before, sealed after, and so after a restart', async () => {
  const [romeo, juliet] = await known('only to verified');
  await setTrustPolicy(juliet.messenger, [{ accept: ['verified'] }]);
  assert.is((await refusal(() => say(juliet, romeo, 'Art thou not Romeo?')))?.code, 'ERR_TRUST');
  await restart(juliet);
  assert.is((await refusal(() => say(juliet, romeo, 'Art thou not Romeo?')))?.code, 'ERR_TRUST');
  await juliet.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  await accepts(romeo, await say(juliet, romeo, 'Art thou not Romeo?'));
});

test('a verification message goes to whom nothing else does, and nothing goes with it', async () => {
  const [romeo, juliet] = await known('the way to verified');
  await setTrustPolicy(juliet.messenger, [{ accept: ['verified'] }]);
  const step = verificationElement(Uint8Array.of(0x30, 0x00));
  const message = element(NS.CLIENT, 'message', { type: 'chat', to: romeo.jid }, [step]);
  const { stanza } = await juliet.messenger.seal(message, { to: romeo.jid });
  assert.equal(readVerification((await accepts(romeo, stanza)).stanza), Uint8Array.of(0x30, 0x00));
  const withText = [
    [step, element(NS.CLIENT, 'body', {}, ['and a word'])],
    [step, 'a word'],
    [element(NS.CLIENT, 'body', {}, ['a word'])],
    [],
  ];
  for (const children of withText)
    assert.is(
      (await refusal(() => juliet.messenger.seal(withChildren(message, children), { to: romeo.jid })))?.code,
      'ERR_TRUST',
    );
});

test('vouched is enough for one domain, while the vouching holds', async () => {
  const [romeo, juliet] = await known('one domain');
  await setTrustPolicy(juliet.messenger, [
    { domain: 'montague.example', accept: ['verified', 'vouched'] },
    { accept: ['verified'] },
  ]);
  assert.is((await refusal(() => say(juliet, romeo, 'one')))?.code, 'ERR_TRUST');
  const notAfter = juliet.world.now + DAY;
  await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'vouch', by: 'montague.example', notAfter });
  await say(juliet, romeo, 'two');
  juliet.world.now = notAfter;
  assert.is((await refusal(() => say(juliet, romeo, 'three')))?.code, 'ERR_TRUST');
});

test('a level that is not named is not enough, be it as good as it may', async () => {
  const [romeo, juliet] = await known('named levels');
  await setTrustPolicy(juliet.messenger, [{ accept: ['endorsed'] }]);
  await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'sas' });
  assert.is((await refusal(() => say(juliet, romeo, 'one')))?.code, 'ERR_TRUST');
});

test('in a room every member counts; nothing is stored when one does not do', async () => {
  const [romeo, juliet] = await known('a room');
  const nurse = await createPerson('nurse@capulet.example', romeo.world);
  await introduce(nurse, juliet);
  await juliet.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  await setTrustPolicy(juliet.messenger, [{ accept: ['verified'] }]);
  const before = JSON.stringify(await juliet.store.entries('conversations'));
  const target = { room: 'hall@rooms.example', members: [romeo.jid, nurse.jid, juliet.jid] };
  assert.is(
    (await refusal(() => juliet.messenger.seal(chat('Good people', { type: 'groupchat' }), target)))?.code,
    'ERR_TRUST',
  );
  assert.is(JSON.stringify(await juliet.store.entries('conversations')), before);
  await juliet.messenger.verifyFingerprint(nurse.jid, await nurse.messenger.fingerprint());
  await juliet.messenger.seal(chat('Good people', { type: 'groupchat' }), target);
});

test('rules are shown as they are kept, and an empty list takes them away', async () => {
  const [romeo, juliet] = await known('shown');
  const policy = [{ jid: 'Romeo@Montague.example', accept: ['verified'] }] as const;
  await setTrustPolicy(juliet.messenger, policy);
  assert.equal(await trustPolicy(juliet.messenger), [{ jid: romeo.jid, accept: ['verified'] }]);
  assert.throws(() => setTrustPolicy(juliet.messenger, [{ accept: ['sure'] } as never]), /policy\[0\]\.accept/);
  await setTrustPolicy(juliet.messenger, []);
  assert.equal(await trustPolicy(juliet.messenger), []);
  await say(juliet, romeo, 'one');
});

test.run();
