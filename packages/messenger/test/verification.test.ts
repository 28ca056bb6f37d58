// Verification runs through sealed messages: what they come to becomes evidence of the key they ran under, and of no other.
import type { Messenger } from '@stanzaseal/messenger';
import { recordEvidence } from '@stanzaseal/messenger/trust';
import { createVerification, type Settled, type Verification } from '@stanzaseal/messenger/verification';
import { attribute, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  createPair,
  createPerson,
  DAY,
  introduce,
  type Person,
  refusal,
  restart,
  say,
} from '@stanzaseal/testkit';
import type { Outcome } from '@stanzaseal/trust';
import { acceptPassword, beginPassword, password } from '@stanzaseal/trust/password';
import { acceptSas, beginSas, confirmSas, sas } from '@stanzaseal/trust/sas';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('verification runs');

const over = (messenger: Messenger): Promise<Verification> =>
  createVerification(messenger, { protocols: [sas, password] });

async function acquainted(seed: string): Promise<[Person, Person]> {
  const [romeo, juliet] = await createPair(seed);
  await accepts(juliet, await say(romeo, juliet, 'Ay me!'));
  return [romeo, juliet];
}

/** As it goes: sealed by one, opened and accepted by the other, whose process began anew since. */
async function carry({ message }: Settled<Outcome>, from: Person, to: Person): Promise<Settled<Outcome>> {
  const { stanza } = await from.messenger.seal(message as XmlElement, { to: to.jid });
  const attributes = [...stanza.attributes, { namespace: '', name: 'from', value: from.jid }];
  await restart(to);
  const opened = await accepts(to, { ...stanza, attributes });
  return (await (await over(to.messenger)).receive(opened)) as Settled<Outcome>;
}

function runOf({ outcome }: Settled<Outcome>): string {
  if (outcome.kind === 'ignored') throw new Error('ignored');
  return outcome.run;
}

test('R05 R09: a short string, days between the steps and a new process each, verifies both', async () => {
  const [romeo, juliet] = await acquainted('short string');
  const first = await over(romeo.messenger);
  const begun = await first.settle(await beginSas(first.verifier, await first.party(juliet.jid)));
  assert.is(attribute(begun.message as XmlElement, 'to'), juliet.jid);
  romeo.world.now += DAY;
  const asked = await carry(begun, romeo, juliet);
  assert.is(asked.outcome.kind, 'requested');
  const hers = await over(juliet.messenger);
  const answered = await hers.settle(await acceptSas(hers.verifier, runOf(asked)));
  romeo.world.now += DAY;
  const opened = await carry(answered, juliet, romeo);
  const compared = await carry(opened, romeo, juliet);
  assert.equal([opened.outcome.kind, compared.outcome.kind], ['compare', 'compare']);
  for (const person of [romeo, juliet]) {
    const { verifier, settle } = await over(person.messenger);
    assert.is((await settle(await confirmSas(verifier, runOf(begun), true))).trust, 'verified');
    const [contact] = await person.messenger.contacts();
    assert.equal([contact?.trust, contact?.evidence], ['verified', 'sas']);
  }
});

test('R09: a password verifies both, and a wrong one nobody', async () => {
  for (const [typed, expected] of [
    ['wherefore', 'verified'],
    ['therefore', 'unverified'],
  ] as const) {
    const [romeo, juliet] = await acquainted(`password ${typed}`);
    const his = await over(romeo.messenger);
    const begun = await his.settle(await beginPassword(his.verifier, await his.party(juliet.jid), 'wherefore'));
    const asked = await carry(begun, romeo, juliet);
    const hers = await over(juliet.messenger);
    const answered = await hers.settle(await acceptPassword(hers.verifier, runOf(asked), typed));
    const third = await carry(answered, juliet, romeo);
    await carry(third, romeo, juliet);
    for (const person of [romeo, juliet]) assert.is((await person.messenger.contacts())[0]?.trust, expected);
  }
});

test('I4 P13: a run that ended well under a key that was replaced meanwhile raises nothing', async () => {
  const [romeo, juliet] = await acquainted('replaced meanwhile');
  const his = await over(romeo.messenger);
  const begun = await his.settle(await beginSas(his.verifier, await his.party(juliet.jid)));
  const hers = await over(juliet.messenger);
  const asked = await carry(begun, romeo, juliet);
  const opened = await carry(
    await hers.settle(await acceptSas((await over(juliet.messenger)).verifier, runOf(asked))),
    juliet,
    romeo,
  );
  assert.is(opened.outcome.kind, 'compare');
  // Before he says that the strings were the same, another identity takes her name and he answers for it.
  const other = await createPerson(juliet.jid, juliet.world);
  await refusal(() => introduce(other, romeo));
  await romeo.messenger.answerKeyChange(juliet.jid, 'take');
  const { verifier, settle } = await over(romeo.messenger);
  const done = await settle(await confirmSas(verifier, runOf(begun), true));
  assert.equal([done.outcome.kind, done.trust], ['verified', 'unverified']);
  assert.is((await romeo.messenger.contacts())[0]?.trust, 'unverified');
});

test('nobody is asked whose key awaits an answer, nor who is not known', async () => {
  const [romeo, juliet] = await acquainted('awaits');
  const { party } = await over(juliet.messenger);
  assert.is((await refusal(() => party('nobody@verona.example')))?.code, 'ERR_NO_KEYS');
  const other = await createPerson(romeo.jid, romeo.world);
  await refusal(() => introduce(other, juliet));
  assert.is((await refusal(() => party(romeo.jid)))?.code, 'ERR_KEY_CHANGED');
});

test('an ordinary message is none of a run, and a repetition gives the same answer again', async () => {
  const [romeo, juliet] = await acquainted('ordinary');
  const hers = await over(juliet.messenger);
  assert.is(await hers.receive(await accepts(juliet, await say(romeo, juliet, 'Ay me!'))), undefined);
  await recordEvidence(juliet.messenger, { jid: romeo.jid, kind: 'contact', by: 'nurse@capulet.example' });
  const his = await over(romeo.messenger);
  const begun = await his.settle(await beginSas(his.verifier, await his.party(juliet.jid)));
  const asked = await carry(begun, romeo, juliet);
  const again = await over(juliet.messenger);
  const answered = await again.settle(await acceptSas(again.verifier, runOf(asked)));
  const repeated = await carry(begun, romeo, juliet);
  assert.is(repeated.outcome.kind, 'ignored');
  assert.equal(repeated.message, answered.message);
});

test.run();
