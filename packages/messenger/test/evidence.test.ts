// Evidence as the one way in (P13, P14): levels rise by it, fall when it ends or is taken back, and never pass to another key.
import type { SigningKey } from '@stanzaseal/cms';
import { createAccount, createKeyStore, createMemoryStorage } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import { listEvidence, recordEvidence, revokeEvidence } from '@stanzaseal/messenger/trust';
import {
  accepts,
  createPair,
  createPerson,
  DAY,
  introduce,
  opens,
  type Person,
  refusal,
  restart,
  say,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('evidence');

async function known(seed: string): Promise<[Person, Person]> {
  const [romeo, juliet] = await createPair(seed);
  await accepts(juliet, await say(romeo, juliet, 'It is the east'));
  return [romeo, juliet];
}

function changes({ events }: Person): string[] {
  return events.flatMap((event) => (event.kind === 'trust-changed' ? `${event.from} > ${event.to}` : []));
}

test('a vouch holds as long as it says; the level falls when it ends, without anybody asking', async () => {
  const [romeo, juliet] = await known('a vouch ends');
  const { world } = juliet;
  const vouch = {
    jid: romeo.jid,
    kind: 'vouch',
    by: 'montague.example',
    notAfter: world.now + 7 * DAY,
    sequence: 1,
  } as const;
  assert.is(await recordEvidence(juliet.messenger, vouch), 'vouched');
  assert.is((await opens(juliet, await say(romeo, juliet, 'one'))).sender.trust, 'vouched');
  await restart(juliet);
  world.now += 7 * DAY;
  assert.is((await opens(juliet, await say(romeo, juliet, 'two'))).sender.trust, 'unverified');
  assert.is((await juliet.messenger.contacts())[0]?.trust, 'unverified');
  assert.equal(changes(juliet), ['unverified > vouched']);
  await juliet.messenger.erase();
  assert.equal(changes(juliet), ['unverified > vouched', 'vouched > unverified']);
});

test('I6: an older statement of the same author does not come back', async () => {
  const [romeo, juliet] = await known('an older vouch');
  const vouch = { jid: romeo.jid, kind: 'vouch', by: 'montague.example' } as const;
  await recordEvidence(juliet.messenger, { ...vouch, sequence: 2 });
  assert.is((await refusal(() => recordEvidence(juliet.messenger, { ...vouch, sequence: 1 })))?.code, 'ERR_VERIFY');
});

test('levels are not merged: taking back the comparison leaves what the certificate says', async () => {
  const [romeo, juliet] = await known('taking back');
  await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'x509', by: 'CN=Romeo' });
  assert.is(await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'sas' }), 'verified');
  assert.is(await revokeEvidence(juliet.messenger, romeo.jid), 'endorsed');
  assert.is((await juliet.messenger.contacts())[0]?.evidence, 'x509 CN=Romeo');
  const kept = await listEvidence(juliet.messenger, romeo.jid);
  assert.equal(kept.map(({ kind, inForce }) => [kind, inForce]).sort(), [
    ['sas', false],
    ['x509', true],
  ]);
  assert.is(await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'sas' }), 'verified');
});

test('T10 P13: a changed key starts anew; what was known of the old one is kept and does not count', async () => {
  const [romeo, juliet] = await known('a changed key');
  await juliet.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint());
  const other = await createPerson(romeo.jid, romeo.world);
  assert.is((await refusal(() => introduce(other, juliet)))?.code, 'ERR_KEY_CHANGED');
  await juliet.messenger.answerKeyChange(romeo.jid, 'take');
  assert.is((await juliet.messenger.contacts())[0]?.trust, 'unverified');
  const [kept] = await listEvidence(juliet.messenger, romeo.jid);
  assert.equal([kept?.kind, kept?.isOfPinnedKey, kept?.inForce], ['fingerprint', false, false]);
});

test('a code scanned before the first message counts from the first message on, for that key alone', async () => {
  for (const isRight of [true, false]) {
    const [romeo, juliet] = await createPair(`scanned first ${isRight}`);
    const fingerprint = await romeo.messenger.fingerprint();
    const identity = isRight ? fingerprint : Uint8Array.from(fingerprint, (octet) => octet ^ 1);
    assert.is(await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'fingerprint', identity }), 'unverified');
    const first = await accepts(juliet, await say(romeo, juliet, 'She speaks'));
    assert.equal([first.sender.firstContact, first.sender.trust], [true, isRight ? 'verified' : 'unverified']);
    assert.is((await juliet.messenger.contacts())[0]?.trust, isRight ? 'verified' : 'unverified');
  }
});

test('evidence about nobody is refused', async () => {
  const [, juliet] = await known('nobody');
  assert.is(
    (await refusal(() => recordEvidence(juliet.messenger, { jid: 'nobody@verona.example', kind: 'sas' })))?.code,
    'ERR_NO_KEYS',
  );
  assert.is((await refusal(() => revokeEvidence(juliet.messenger, 'nobody@verona.example')))?.code, 'ERR_NO_KEYS');
});

test('P13: one identity key at two JIDs alarms, whether it comes by an object or by a list', async () => {
  const [romeo, juliet] = await known('two JIDs');
  const { world } = romeo;
  const { random, crypto } = world;
  // The same identity key under another name, as its holder or an attacker's server would show it.
  const identity = (await romeo.store.identityKey(crypto)) as SigningKey;
  const clock = (): number => world.now;
  const account = await createAccount({ owner: 'ghost@verona.example', random, clock, crypto, identity });
  const store = await createKeyStore(createMemoryStorage(), account, { identity });
  const ghost = createMessenger({ store, crypto, random, clock, onEvent: () => {} });
  assert.equal(await ghost.fingerprint(), await romeo.messenger.fingerprint());
  await juliet.messenger.importKeys([(await ghost.publish()).deviceList]);
  const alarms = juliet.events.filter(({ kind }) => kind === 'key-at-two-jids');
  assert.equal(alarms, [
    { kind: 'key-at-two-jids', jids: [romeo.jid, 'ghost@verona.example'], identity: identity.publicKey.raw },
  ]);
});

test.run();
