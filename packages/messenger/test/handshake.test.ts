// Handshakes over messengers (R05, R06, R09): what is durable when, what the next object goes by, and what somebody in between gets.
import { toHex } from '@stanzaseal/cms';
import type { KeyStore } from '@stanzaseal/keystore';
import { createMessenger } from '@stanzaseal/messenger';
import {
  createHandshakes,
  type HandshakeOutcome,
  type HandshakeParameters,
  type Handshakes,
  handshakeMessage,
} from '@stanzaseal/messenger/handshake';
import { listEvidence } from '@stanzaseal/messenger/trust';
import { createVerification } from '@stanzaseal/messenger/verification';
import { readXml, withAttributes, writeXml, type XmlElement } from '@stanzaseal/stanza';
import {
  accepts,
  addDevice,
  bodyOf,
  chat,
  createPair,
  createPerson,
  createWorld,
  DAY,
  deviceKnownTo,
  deviceOf,
  introduce,
  type Person,
  refusal,
  restart,
  snapshot,
  tell,
} from '@stanzaseal/testkit';
import { handshakeElement, type Protects } from '@stanzaseal/trust/handshake';
import { sas } from '@stanzaseal/trust/sas';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('handshakes over messengers');
const MODES: readonly Protects[] = ['initiator', 'responder'];
const ROMEO = 'romeo@montague.example';
const JULIET = 'juliet@capulet.example';

const over = ({ messenger }: Person, more: Partial<HandshakeParameters> = {}): Handshakes =>
  createHandshakes(messenger, { answers: () => true, ...more });

/** Two who know nothing of each other. */
async function strangers(seed: string): Promise<[romeo: Person, juliet: Person]> {
  const world = createWorld(seed);
  return [await createPerson(ROMEO, world), await createPerson(JULIET, world)];
}

/** The stanza as a server gives it: as text, with the address of who sent it. */
function stanzaOf({ peer, payload }: HandshakeOutcome, from: Person): XmlElement {
  return readXml(writeXml(withAttributes(handshakeMessage(peer, payload as XmlElement), { from: from.jid })));
}

async function receive(at: Person, stanza: XmlElement, more?: Partial<HandshakeParameters>): Promise<HandshakeOutcome> {
  return (await over(at, more).receive(stanza)) as HandshakeOutcome;
}

/** From the first message to the last; `between` happens before each arrives. */
async function shake(
  initiator: Person,
  responder: Person,
  protects: Protects = 'initiator',
  between: (to: Person) => Promise<unknown> = async () => undefined,
): Promise<HandshakeOutcome[]> {
  let outcome = await over(initiator).begin(responder.jid, protects);
  const outcomes = [outcome];
  for (let turn = 0; outcome.payload !== undefined; turn++) {
    const [from, to] = turn % 2 === 0 ? [initiator, responder] : [responder, initiator];
    const stanza = stanzaOf(outcome, from);
    await over(from).sent(outcome);
    await between(to);
    outcome = await receive(to, stanza);
    outcomes.push(outcome);
  }
  return outcomes;
}

const kinds = (outcomes: readonly HandshakeOutcome[]): string[] => outcomes.map(({ kind }) => kind);
const EXPECTED = {
  initiator: ['waiting', 'waiting', 'done', 'done'],
  responder: ['waiting', 'waiting', 'waiting', 'done', 'done'],
};

/** Both know each other, have evidence, and write by reply prekeys, with no look-up by anybody. */
async function acquainted(one: Person, other: Person): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const [contact, ...more] = await from.messenger.contacts();
    assert.equal([contact?.jid, contact?.trust, more.length], [to.jid, 'unverified', 0]);
    assert.equal(contact?.fingerprint, await to.messenger.fingerprint());
    const [evidence] = await listEvidence(from.messenger, to.jid);
    assert.equal([evidence?.kind, evidence?.inForce], ['handshake', true]);
    const [, device] = await deviceKnownTo(from, to);
    assert.equal([device.endorsed, device.reply?.class], [true, 'reply']);
  }
  for (const [from, to] of [
    [one, other],
    [other, one],
    [one, other],
  ] as const) {
    const { stanza, recipients } = await from.messenger.seal(chat('so soon'), { to: to.jid });
    assert.equal(
      recipients.map(({ class: recipientClass }) => recipientClass),
      ['reply'],
    );
    const opened = await accepts(to, withAttributes(stanza, { from: from.jid }));
    assert.equal([bodyOf(opened.stanza), opened.class, opened.sender.firstContact], ['so soon', 'reply', false]);
    assert.equal(opened.warnings, []);
  }
}

for (const protects of MODES) {
  test(`R05 R09, ${protects} protected: stored messages days apart, a new process each time; then the ordinary path`, async () => {
    const [romeo, juliet] = await strangers(`days ${protects}`);
    const outcomes = await shake(romeo, juliet, protects, async (to) => {
      to.world.now += 1.5 * DAY;
      await restart(romeo);
      await restart(juliet);
    });
    assert.equal(kinds(outcomes), EXPECTED[protects]);
    const done = outcomes.filter(({ kind }) => kind === 'done');
    assert.equal(
      done.map(({ trust }) => trust),
      ['unverified', 'unverified'],
    );
    await acquainted(romeo, juliet);
  });

  test(`R09, ${protects} protected: the store fails, or the process dies, at any step, and it goes on`, async () => {
    const [romeo, juliet] = await strangers(`crash ${protects}`);
    let [outcome, from, to] = [await over(romeo).begin(JULIET, protects), romeo, juliet];
    for (let turn = 0; outcome.payload !== undefined; turn++) {
      // Died before it was sent: it is made good from the store, the same octets.
      await restart(from);
      const [unsent] = await over(from).unsent();
      assert.equal(unsent?.payload, outcome.payload, `turn ${turn}`);
      const stanza = stanzaOf(unsent as HandshakeOutcome, from);
      await over(from).sent(outcome);
      assert.equal(await over(from).unsent(), []);
      // The other side's store fails: nothing of the step is there, and nothing leaves.
      const before = await snapshot(to);
      assert.is((await refusal(() => receive(failing(to), stanza)))?.message, 'disk full');
      await restart(to);
      assert.is(await snapshot(to), before);
      const next = await receive(to, stanza);
      // Died when it had taken it: it comes again, and gets the same answer.
      await restart(to);
      const again = await receive(to, stanza);
      assert.equal([again.kind, again.payload], ['ignored', next.payload]);
      outcome = next;
      [from, to] = [to, from];
    }
    assert.is(outcome.kind, 'done');
    await acquainted(romeo, juliet);
  });
}

/** The same person over a store that takes nothing any more. */
function failing(person: Person): Person {
  const { store, world } = person;
  const { crypto, random } = world;
  const commit: KeyStore['commit'] = async () => {
    throw new Error('disk full');
  };
  const parts = { store: { ...store, commit }, crypto, random, clock: () => world.now, onEvent: () => undefined };
  return { ...person, messenger: createMessenger(parts) };
}

test('both begin at once: one handshake stays, the same for both, whichever message is faster', async () => {
  for (const first of [0, 1]) {
    const [romeo, juliet] = await strangers(`tie ${first}`);
    const his = await over(romeo).begin(JULIET);
    const hers = await over(juliet).begin(ROMEO);
    const arrivals: (() => Promise<HandshakeOutcome>)[] = [
      () => receive(juliet, stanzaOf(his, romeo)),
      () => receive(romeo, stanzaOf(hers, juliet)),
    ];
    const answers: HandshakeOutcome[] = [];
    for (const at of first === 0 ? [0, 1] : [1, 0])
      answers[at] = await (arrivals[at] as () => Promise<HandshakeOutcome>)();
    // The lower name stays: who has it ignores the other one, and who has the other drops it.
    const [winner, loser, answer] = his.run < hers.run ? [romeo, juliet, answers[0]] : [juliet, romeo, answers[1]];
    // And says its own again, lest it was lost.
    const [mine, said] = winner === romeo ? [his, answers[1]] : [hers, answers[0]];
    assert.equal(said, mine);
    const done = await receive(winner, stanzaOf(answer as HandshakeOutcome, loser));
    assert.equal([done.kind, (await receive(loser, stanzaOf(done, winner))).kind], ['done', 'done']);
    for (const person of [romeo, juliet]) assert.is((await over(person).list()).length, 1);
    await acquainted(romeo, juliet);
  }
});

test('R06: who sits between them and puts his own keys in is at most a stranger, and never behind a known address', async () => {
  // Nobody has pinned anybody: a relay with keys of his own is seen by who compares, and by nobody before (section 24.8).
  const [romeo, juliet] = await strangers('swap');
  const mercutio = await createPerson(JULIET, romeo.world);
  await shake(romeo, mercutio);
  const [known] = await romeo.messenger.contacts();
  assert.equal(known?.fingerprint, await mercutio.messenger.fingerprint());
  assert.is(known?.trust, 'unverified');
  // The real Juliet: another key than the pinned one shows itself. Nothing of Romeo is shown to her, and he is told.
  romeo.events.length = 0;
  const outcomes = await shake(romeo, juliet);
  assert.equal(kinds(outcomes), ['waiting', 'waiting', 'ended']);
  assert.equal(
    romeo.events.map(({ kind }) => kind),
    ['key-changed'],
  );
  assert.equal((await romeo.messenger.contacts())[0]?.fingerprint, await mercutio.messenger.fingerprint());
  assert.equal(await juliet.messenger.contacts(), []);
});

test('R06: what is passed on, changed on the way, is nothing for either side', async () => {
  for (const changedAt of [0, 1, 2]) {
    const [romeo, juliet] = await strangers(`changed ${changedAt}`);
    let outcome = await over(romeo).begin(JULIET);
    const seen: string[] = [];
    for (let turn = 0; outcome.payload !== undefined; turn++) {
      const [from, to] = turn % 2 === 0 ? [romeo, juliet] : [juliet, romeo];
      const text = writeXml(stanzaOf(outcome, from));
      // The last octets of the message: nonce or proof.
      const changed =
        turn === changedAt
          ? text.replace(/(.)(.{3})<\/handshake>/, (_, one, rest) => `${one === 'A' ? 'B' : 'A'}${rest}</handshake>`)
          : text;
      outcome = await receive(to, readXml(changed));
      seen.push(outcome.kind);
    }
    assert.ok(seen.includes('ended'), `${changedAt}: ${seen}`);
    for (const [person, at] of [
      [romeo, 1],
      [juliet, 2],
    ] as const)
      if (changedAt <= at) assert.equal(seen[at] === 'done' ? 1 : 0, (await person.messenger.contacts()).length);
    assert.equal(await juliet.messenger.contacts(), []);
  }
});

test('P15: a whole handshake played again, days later, changes nothing', async () => {
  const [romeo, juliet] = await strangers('again');
  const stanzas: XmlElement[] = [];
  let outcome = await over(romeo).begin(JULIET);
  for (let turn = 0; outcome.payload !== undefined; turn++) {
    const [from, to] = turn % 2 === 0 ? [romeo, juliet] : [juliet, romeo];
    stanzas.push(stanzaOf(outcome, from));
    outcome = await receive(to, stanzas.at(-1) as XmlElement);
  }
  juliet.world.now += 9 * DAY;
  await tell(romeo, juliet, 'nine days later');
  const devices = await deviceKnownTo(juliet, romeo);
  for (const stanza of [stanzas[0], stanzas[2]] as XmlElement[])
    assert.is.not((await receive(juliet, stanza)).kind, 'done');
  assert.equal(await deviceKnownTo(juliet, romeo), devices);
});

test('whom the application does not answer sees nothing, and the store does not change', async () => {
  const [romeo, juliet] = await strangers('not answered');
  const begun = await over(romeo).begin(JULIET, 'responder');
  const before = await snapshot(juliet);
  const asked: unknown[] = [];
  const answers = (jid: string, protects: Protects) => {
    asked.push([jid, protects]);
    return false;
  };
  assert.equal(await receive(juliet, stanzaOf(begun, romeo), { answers }), {
    kind: 'ignored',
    peer: ROMEO,
    run: begun.run,
    payload: undefined,
  });
  assert.equal([asked, await snapshot(juliet)], [[[ROMEO, 'responder']], before]);
});

test('G5: so many handshakes of a peer, of all, and so many new pins a day; the rest is ignored', async () => {
  const [romeo, juliet] = await strangers('limits');
  const hello = async (from: Person): Promise<XmlElement> => {
    const begun = await over(from).begin(JULIET);
    await over(from).cancel(begun);
    return stanzaOf(begun, from);
  };
  const rules = { ofPeer: 2, ofAll: 3 };
  const seen: string[] = [];
  for (let at = 0; at < 3; at++) seen.push((await receive(juliet, await hello(romeo), { rules })).kind);
  const tybalt = await createPerson('tybalt@capulet.example', romeo.world);
  for (let at = 0; at < 2; at++) seen.push((await receive(juliet, await hello(tybalt), { rules })).kind);
  assert.equal(seen, ['waiting', 'waiting', 'ignored', 'waiting', 'ignored']);
  // One reply prekey a peer, however often somebody asks.
  assert.is((await juliet.store.entries('prekeys')).filter(([, one]) => one.class === 'reply').length, 2);
  // A week later all of them are forgotten, with what was secret in them.
  juliet.world.now += 7 * DAY;
  assert.is((await over(juliet).expire()).length, 3);
  assert.equal(await juliet.store.entries('runs'), []);

  const shy = await createPerson('rosaline@capulet.example', romeo.world, { strangerPins: 0 });
  const begun = await over(romeo).begin(shy.jid);
  assert.is((await receive(shy, stanzaOf(begun, romeo))).kind, 'ignored');
});

test('G5: however many strangers begin one, a contact’s is taken', async () => {
  const [romeo, juliet] = await createPair('crowd');
  await tell(romeo, juliet, 'hello');
  const rules = { ofAll: 2 };
  const seen: string[] = [];
  for (const name of ['tybalt', 'paris', 'mercutio']) {
    const stranger = await createPerson(`${name}@verona.example`, romeo.world);
    seen.push((await receive(juliet, stanzaOf(await over(stranger).begin(JULIET), stranger), { rules })).kind);
  }
  seen.push((await receive(juliet, stanzaOf(await over(romeo).begin(JULIET), romeo), { rules })).kind);
  assert.equal(seen, ['waiting', 'waiting', 'ignored', 'waiting']);
});

test('a handshake that is done keeps nobody from beginning one', async () => {
  const [romeo, juliet] = await strangers('done');
  assert.is((await shake(romeo, juliet)).at(-1)?.kind, 'done');
  const [tybalt, paris] = [
    await createPerson('tybalt@capulet.example', romeo.world),
    await createPerson('paris@verona.example', romeo.world),
  ];
  const rules = { ofAll: 1 };
  const seen: string[] = [];
  for (const from of [tybalt, paris])
    seen.push((await receive(juliet, stanzaOf(await over(from).begin(JULIET), from), { rules })).kind);
  assert.equal(seen, ['waiting', 'ignored']);
});

test('the last message is lost for good: what is written after it can be read all the same', async () => {
  for (const protects of MODES) {
    const [romeo, juliet] = await strangers(`lost ${protects}`);
    let outcome = await over(romeo).begin(JULIET, protects);
    for (let turn = 0; outcome.kind !== 'done'; turn++)
      outcome = await receive(turn % 2 === 0 ? juliet : romeo, stanzaOf(outcome, turn % 2 === 0 ? romeo : juliet));
    // Who is done said the last word, and the other one gave up a week later.
    const [writer, reader] = protects === 'initiator' ? [romeo, juliet] : [juliet, romeo];
    writer.world.now += 7 * DAY;
    assert.is((await over(reader).expire()).length, 1);
    const opened = await tell(writer, reader, 'Are you there?');
    assert.equal([opened.class, opened.sender.firstContact], ['reply', true]);
    await tell(reader, writer, 'I am');
    // Each has now heard the other: keys are carried no more.
    assert.is((await deviceKnownTo(writer, reader))[1].unheard, undefined);
    await tell(writer, reader, 'Then all is well');
  }
});

test('begun twice is begun once; an old one is given up', async () => {
  const [romeo] = await strangers('twice');
  const [one, two] = [await over(romeo).begin(JULIET), await over(romeo).begin(JULIET)];
  assert.equal(one, two);
  assert.not.equal((await over(romeo).begin(JULIET, 'responder')).run, one.run);
  assert.is((await over(romeo).list()).length, 2);
  romeo.world.now += 7 * DAY;
  const late = await over(romeo).begin(JULIET);
  assert.not.equal(late.run, one.run);
  assert.equal(
    (await over(romeo).list()).map(({ run }) => run),
    [late.run],
  );
  assert.equal(await over(romeo).resend(late), late.payload);
  assert.instance(await refusal(() => over(romeo).begin(ROMEO)), RangeError);
});

test('of an account with two devices one answers, and the other is told by the copy', async () => {
  for (const protects of MODES) {
    const [romeo, phone] = await strangers(`devices ${protects}`);
    const tablet = await addDevice(phone);
    const begun = await over(romeo).begin(JULIET, protects);
    const hello = stanzaOf(begun, romeo);
    const answers = [await receive(phone, hello), await receive(tablet, hello)] as const;
    const copy = withAttributes(handshakeMessage(ROMEO, answers[0].payload as XmlElement), { from: JULIET });
    assert.is((await receive(tablet, copy)).kind, 'elsewhere');
    assert.is((await receive(phone, copy)).kind, 'ignored', 'its own');
    const next = await receive(romeo, stanzaOf(answers[0], phone));
    assert.is((await receive(romeo, stanzaOf(answers[1], tablet))).kind, 'ignored', 'the second answer');
    const atPhone = await receive(phone, stanzaOf(next, romeo));
    assert.is((await receive(tablet, stanzaOf(next, romeo))).kind, 'ignored');
    const last = protects === 'initiator' ? next : await receive(romeo, stanzaOf(atPhone, phone));
    assert.equal([atPhone.kind, last.kind], ['done', 'done']);
    assert.equal(
      toHex((await deviceKnownTo(romeo, phone))[1].device),
      toHex((await phone.store.deviceKey(phone.world.crypto)).publicKey.raw),
    );
  }
});

test('I12: a device that left the list, or was revoked, comes to nothing', async () => {
  const [romeo, phone] = await strangers('removed');
  const tablet = await addDevice(phone);
  await introduce(phone, romeo);
  const { removeDevice, revokeDevice } = await import('@stanzaseal/messenger/devices');
  const { deviceList } = await phone.messenger.publish();
  await romeo.messenger.importKeys([deviceList]);
  for (const leave of ['left', 'revoked'] as const) {
    const device = await deviceOf(tablet);
    if (leave === 'left') {
      const shorter = await removeDevice(phone.messenger, device);
      await romeo.messenger.importKeys([shorter]);
    } else {
      const revoked = await revokeDevice(phone.messenger, device);
      await romeo.messenger.importKeys([revoked.revocation]);
    }
    const begun = await over(romeo).begin(JULIET);
    const answer = await receive(tablet, stanzaOf(begun, romeo));
    const step = await receive(romeo, stanzaOf(answer, tablet));
    assert.equal([step.kind, step.payload], ['ended', undefined], leave);
    assert.is((await deviceKnownTo(romeo, tablet))[1].reply, undefined);
  }
});

test('I12: a device that was revoked comes to nothing while the list that is known still names it', async () => {
  const [romeo, phone] = await strangers('revoked in the list');
  const tablet = await addDevice(phone);
  await introduce(phone, romeo);
  const { revokeDevice } = await import('@stanzaseal/messenger/devices');
  await romeo.messenger.importKeys([(await phone.messenger.publish()).deviceList]);
  await romeo.messenger.importKeys([(await revokeDevice(phone.messenger, await deviceOf(tablet))).revocation]);
  const begun = await over(romeo).begin(JULIET);
  const answer = await receive(tablet, stanzaOf(begun, romeo));
  const step = await receive(romeo, stanzaOf(answer, tablet));
  assert.equal([step.kind, step.payload], ['ended', undefined]);
});

test('a newer reply prekey stays, and a handshake with a contact renews it', async () => {
  const [romeo, juliet] = await strangers('renewed');
  await introduce(juliet, romeo);
  await tell(romeo, juliet, 'Ay me!');
  await tell(juliet, romeo, 'He speaks');
  const before = (await deviceKnownTo(romeo, juliet))[1].reply;
  juliet.world.now += DAY;
  // A late handshake whose last message waited while they wrote to each other.
  const begun = await over(juliet).begin(ROMEO);
  const answered = await receive(romeo, stanzaOf(begun, juliet));
  const done = await receive(juliet, stanzaOf(answered, romeo));
  juliet.world.now += DAY;
  await tell(romeo, juliet, 'What satisfaction?');
  await tell(juliet, romeo, 'speak again');
  const newest = (await deviceKnownTo(romeo, juliet))[1].reply;
  assert.not.equal(newest, before);
  await receive(romeo, stanzaOf(done, juliet));
  assert.equal((await deviceKnownTo(romeo, juliet))[1].reply, newest);
  await tell(romeo, juliet, 'and it opens');
});

test('a key that awaits an answer: nothing is begun and nothing answered', async () => {
  const [romeo, juliet] = await strangers('awaits');
  await introduce(juliet, romeo);
  const other = await createPerson(JULIET, romeo.world);
  await refusal(() => introduce(other, romeo));
  assert.is((await refusal(() => over(romeo).begin(JULIET)))?.code, 'ERR_KEY_CHANGED');
  const begun = await over(juliet).begin(ROMEO);
  assert.is((await receive(romeo, stanzaOf(begun, juliet))).kind, 'ignored');
});

test('a common secret: the same leads there, another nowhere', async () => {
  for (const [hers, kind] of [
    [1, 'done'],
    [2, 'ended'],
  ] as const) {
    const [romeo, juliet] = await strangers(`common ${hers}`);
    const common = (octet: number) => ({ common: () => new Uint8Array(32).fill(octet) });
    const begun = await over(romeo, common(1)).begin(JULIET);
    const answered = await receive(juliet, stanzaOf(begun, romeo), common(hers));
    assert.is((await receive(romeo, stanzaOf(answered, juliet), common(1))).kind, kind);
  }
});

test('handshakes and runs of verification lie beside each other', async () => {
  const [romeo, juliet] = await strangers('beside');
  await over(romeo).begin(JULIET);
  const { verifier } = await createVerification(romeo.messenger, { protocols: [sas] });
  assert.equal([await verifier.runs(), await verifier.expire()], [[], []]);
  assert.is((await over(romeo).list()).length, 1);
  assert.equal(await over(juliet).list(), []);
});

test('what is no handshake, an error that brings the own words back, a room, and octets that are none', async () => {
  const [romeo, juliet] = await strangers('other');
  assert.is(await over(juliet).receive(withAttributes(chat('Ay me!'), { from: ROMEO })), undefined);
  const begun = await over(romeo).begin(JULIET);
  for (const type of ['error', 'groupchat'])
    assert.is(await over(romeo).receive(withAttributes(stanzaOf(begun, juliet), { type })), undefined);
  const broken = handshakeMessage(ROMEO, handshakeElement(new Uint8Array(3)));
  assert.is((await refusal(() => over(juliet).receive(withAttributes(broken, { from: ROMEO }))))?.code, 'ERR_MESSAGE');
});

test.run();
