// Claim 4, in its first cut: trust is bootstrapped by comparing fingerprints, and objects go on as before. The handshakes by
// short authentication string and by password are not part of this test, since they are not part of the code yet.
import {
  accepts,
  createPerson,
  createWorld,
  introduce,
  type Person,
  refusal,
  restart,
  say,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('claim 4: a compared fingerprint raises trust, and objects flow on');

async function acquainted(seed: string): Promise<[Person, Person]> {
  const world = createWorld(seed);
  const people: [Person, Person] = [
    await createPerson('romeo@montague.example', world),
    await createPerson('juliet@capulet.example', world),
  ];
  await introduce(people[1], people[0]);
  await tell(people[0], people[1], 'Ay me!');
  return people;
}

test('unverified at first, verified after the comparison, and so in every later message', async () => {
  const [romeo, juliet] = await acquainted('compare');
  assert.is((await accepts(juliet, await say(romeo, juliet, 'one'))).sender.trust, 'unverified');
  assert.is(await juliet.messenger.verifyFingerprint(romeo.jid, await romeo.messenger.fingerprint()), true);
  assert.is((await accepts(juliet, await say(romeo, juliet, 'two'))).sender.trust, 'verified');
  await restart(juliet);
  const [contact] = await juliet.messenger.contacts();
  assert.equal([contact?.trust, contact?.evidence], ['verified', 'fingerprint']);
  // Trust is a record of one side; it does not rub off.
  assert.is((await accepts(romeo, await say(juliet, romeo, 'three'))).sender.trust, 'unverified');
});

test('another fingerprint changes nothing', async () => {
  const [romeo, juliet] = await acquainted('mismatch');
  const before = await snapshot(juliet);
  const wrong = await romeo.messenger.fingerprint();
  for (const other of [
    wrong.map((octet, i) => (i === 31 ? octet ^ 1 : octet)),
    wrong.subarray(0, 31),
    new Uint8Array(0),
    await juliet.messenger.fingerprint(),
  ]) {
    assert.is(await juliet.messenger.verifyFingerprint(romeo.jid, other), false);
  }
  assert.is(await snapshot(juliet), before);
});

test('an unknown contact has no fingerprint to compare', async () => {
  const [, juliet] = await acquainted('unknown');
  assert.is(
    (await refusal(() => juliet.messenger.verifyFingerprint('paris@verona.example', new Uint8Array(32))))?.code,
    'ERR_NO_KEYS',
  );
});

test('addresses are normalised before they are compared', async () => {
  const [romeo, juliet] = await acquainted('normalised');
  assert.is(
    await juliet.messenger.verifyFingerprint('Romeo@MONTAGUE.example/orchard', await romeo.messenger.fingerprint()),
    true,
  );
});

test.run();
