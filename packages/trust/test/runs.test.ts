import {
  copyOctets,
  encodeDer,
  enumerated,
  integer,
  octetString,
  publicKeyFromRaw,
  sequence,
  toHex,
} from '@stanzaseal/cms';
import { openKeyStore } from '@stanzaseal/keystore';
import { NS, withChildren } from '@stanzaseal/stanza';
import {
  accepts,
  accountOf,
  chat,
  createPair as createPeople,
  introduce,
  type Person,
  refusal,
  restart,
  unsafeSeededRandom,
} from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createVerifier,
  encodeMessage,
  type Party,
  RUN_RULES,
  type RunStore,
  readVerification,
  type Verifier,
  verificationElement,
} from '../src/index.js';
import { acceptPassword, beginPassword, password } from '../src/password/index.js';
import { acceptSas, beginSas, confirmSas, sas } from '../src/sas/index.js';
import { createPair, expectKind, HOUR, JULIET, MERCUTIO, ROMEO, sent } from './pair.js';

const test = suite('verification runs: P14, T22, limits, durability');

const random = unsafeSeededRandom('runs');
const BOTH = [sas, password];

test('a key store is a run store; inside sealed messages, and over restarts, two messengers’ people verify each other', async () => {
  const [romeo, juliet] = await createPeople('runs in sealed messages');
  await introduce(romeo, juliet);
  const partyOf = async (person: Person): Promise<Party> => {
    const { identity } = await accountOf(person);
    return {
      jid: person.jid,
      identity: (await publicKeyFromRaw('Ed25519', identity, person.world.crypto)).keyIdentifier,
    };
  };
  const verifierOf = async (person: Person): Promise<Verifier> => {
    const store: RunStore = person.store;
    const { world } = person;
    return createVerifier({ store, own: await partyOf(person), random, clock: () => world.now, protocols: BOTH });
  };
  /** Seals what one says, opens it at the other's, and takes it in under the key that signed it. */
  const carry = async (from: Person, to: Person, message: Uint8Array) => {
    await restart(to);
    const { stanza } = await from.messenger.seal(withChildren(chat(''), [verificationElement(message)]), {
      to: to.jid,
    });
    assert.ok(
      stanza.children.some((node) => typeof node !== 'string' && node.namespace === NS.HINTS && node.name === 'store'),
    );
    const opened = await accepts(to, stanza);
    const identity = (await publicKeyFromRaw('Ed25519', opened.sender.identity, to.world.crypto)).keyIdentifier;
    const inside = readVerification(opened.stanza) as Uint8Array;
    return (await verifierOf(to)).receive(inside, { jid: opened.sender.jid, identity });
  };
  const begun = await beginSas(await verifierOf(juliet), await partyOf(romeo));
  const { run } = expectKind(await carry(juliet, romeo, sent(begun)), 'requested');
  const answered = await acceptSas(await verifierOf(romeo), run);
  const hers = expectKind(await carry(romeo, juliet, sent(answered)), 'compare');
  const his = expectKind(await carry(juliet, romeo, sent(hers)), 'compare');
  assert.equal(hers.value, his.value);
  await restart(romeo);
  const verified = expectKind(await confirmSas(await verifierOf(romeo), run, hers.value.characters), 'verified');
  assert.equal(verified.peer, await partyOf(juliet));

  const started = await beginPassword(await verifierOf(juliet), await partyOf(romeo), 'a rose', {
    question: 'What smells as sweet?',
  });
  const asked = expectKind(await carry(juliet, romeo, sent(started)), 'requested');
  const answer = await acceptPassword(await verifierOf(romeo), asked.run, 'a rose');
  const done = expectKind(await carry(romeo, juliet, sent(answer)), 'verified');
  expectKind(await carry(juliet, romeo, sent(done)), 'verified');
});

test('octets that are no message change nothing', async () => {
  const { romeo } = createPair('malformed', BOTH);
  const good = encodeMessage(new Uint8Array(16).fill(1), 1, octetString(random(32)));
  const run = octetString(new Uint8Array(16));
  const step = (tag: number) => ({ tag, length: 0, content: new Uint8Array(0) });
  const bad = [
    new Uint8Array(0),
    Uint8Array.of(0x30, 0x80, 0, 0),
    good.subarray(0, -1),
    Uint8Array.of(...good, 0),
    encodeDer(sequence(integer(1), run, step(0xa1))),
    encodeDer(sequence(integer(0), octetString(new Uint8Array(15)), step(0xa1))),
    encodeDer(sequence(integer(0), run)),
    encodeDer(sequence(integer(0), run, step(0x81))),
    encodeDer(sequence(integer(0), run, step(0x30))),
    encodeDer(sequence(integer(0), run, step(0xbf))),
    encodeDer(sequence(integer(0), run, step(0xa1), step(0xa1))),
    encodeMessage(new Uint8Array(16), 1, octetString(new Uint8Array(20_000))),
  ];
  for (const octets of bad) {
    const error = await refusal(() => romeo.verifier.receive(octets, JULIET));
    assert.is(error?.code, 'ERR_MESSAGE', toHex(octets.subarray(0, 40)));
  }
  assert.equal(await romeo.store.entries('runs'), []);
  expectKind(await romeo.verifier.receive(good, JULIET), 'requested');
});

test('every truncation and every changed bit of a run’s messages is refused, ignored, or ends it; none verifies', async () => {
  const messages = async (): Promise<{ romeo: Verifier; first: Uint8Array; opening: Uint8Array; run: string }> => {
    const { juliet, romeo } = createPair('mutants', BOTH);
    const first = sent(await beginSas(juliet.verifier, ROMEO));
    const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
    const opening = sent(await juliet.verifier.receive(sent(await acceptSas(romeo.verifier, run)), ROMEO));
    return { romeo: romeo.verifier, first, opening, run };
  };
  const { opening: golden } = await messages();
  for (let bit = 0; bit < golden.length * 8; bit++) {
    const { romeo, opening, run } = await messages();
    const changed = copyOctets(opening);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    let kind = 'refused';
    await refusal(async () => {
      ({ kind } = await romeo.receive(changed, JULIET));
    });
    assert.ok(['refused', 'ignored', 'ended', 'requested'].includes(kind), `bit ${bit}: ${kind}`);
    if (kind === 'ended') assert.is((await refusal(() => confirmSas(romeo, run, true)))?.code, 'ERR_RUN');
  }
  const { romeo, opening } = await messages();
  for (let length = 0; length < opening.length; length++)
    assert.is((await refusal(() => romeo.receive(opening.subarray(0, length), JULIET)))?.code, 'ERR_MESSAGE');
  expectKind(await romeo.receive(opening, JULIET), 'compare');
});

test('nobody else ends or goes on with a run', async () => {
  const { juliet, romeo } = createPair('others', BOTH);
  const first = sent(await beginSas(juliet.verifier, ROMEO));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const second = sent(await acceptSas(romeo.verifier, run));
  const paris = { jid: 'paris@verona.example', identity: ROMEO.identity };
  expectKind(await juliet.verifier.receive(second, paris), 'ignored');
  const end = encodeMessage(new Uint8Array(0), 0, enumerated(1));
  assert.is((await refusal(() => juliet.verifier.receive(end, paris)))?.code, 'ERR_MESSAGE');
  expectKind(await juliet.verifier.receive(second, ROMEO), 'compare');
});

test('T22: a peer is the same in every spelling of the JID, and so are the limits', async () => {
  const { juliet, romeo } = createPair('spelling', BOTH);
  const first = sent(await beginSas(juliet.verifier, { ...ROMEO, jid: 'ROMEO@Montague.Example./orchard' }));
  const { run, peer } = expectKind(
    await romeo.verifier.receive(first, { ...JULIET, jid: 'Juliet@CAPULET.example/balcony' }),
    'requested',
  );
  assert.is(peer.jid, JULIET.jid);
  const second = sent(await acceptSas(romeo.verifier, run));
  const shown = expectKind(
    await juliet.verifier.receive(second, { ...ROMEO, jid: 'Romeo@montague.EXAMPLE' }),
    'compare',
  );
  const his = expectKind(await romeo.verifier.receive(sent(shown), JULIET), 'compare');
  assert.equal(his.value, shown.value);
  for (let i = 0; i < 4; i++)
    await beginSas(juliet.verifier, { ...ROMEO, jid: i % 2 ? 'ROMEO@montague.example' : ROMEO.jid });
  assert.is(
    (await refusal(() => beginSas(juliet.verifier, { ...ROMEO, jid: 'rOmeo@montague.example' })))?.code,
    'ERR_LIMIT',
  );
  assert.is(
    (await refusal(() => beginSas(juliet.verifier, { ...ROMEO, jid: 'ro meo@montague.example' })))?.code,
    'ERR_ADDRESS',
  );
});

test('P14: a run is about the keys with which it began: a key that changes on either side ends it', async () => {
  const { juliet, romeo, ...pair } = createPair('keys', BOTH);
  const begun = expectKind(await beginSas(juliet.verifier, ROMEO), 'waiting');
  const { run } = expectKind(await romeo.verifier.receive(sent(begun), JULIET), 'requested');
  const second = sent(await acceptSas(romeo.verifier, run));
  const ended = expectKind(await juliet.verifier.receive(second, { ...ROMEO, identity: MERCUTIO }), 'ended');
  assert.equal([ended.reason, ended.peer], ['deviation', ROMEO]);
  // Romeo made himself a new identity meanwhile.
  const own = { ...ROMEO, identity: MERCUTIO };
  const later = createVerifier({ store: romeo.store, own, random, clock: () => pair.now, protocols: BOTH });
  assert.is(expectKind(await later.receive(sent(ended), JULIET), 'ended').reason, 'deviation');
  const asked = expectKind(
    await romeo.verifier.receive(sent(await beginSas(juliet.verifier, ROMEO)), JULIET),
    'requested',
  );
  assert.is(expectKind(await acceptSas(later, asked.run), 'ended').reason, 'deviation');
});

test('runs that did not end well are counted by peer, on both sides and over restarts: five, then ever longer pauses', async () => {
  for (const protocol of ['sas', 'password']) {
    const pair = createPair(`limits ${protocol}`, BOTH);
    const { juliet } = pair;
    const begin = () =>
      protocol === 'sas' ? beginSas(juliet.verifier, ROMEO) : beginPassword(juliet.verifier, ROMEO, 'a rose');
    for (let i = 0; i < 5; i++) await begin();
    for (const pause of [1, 2, 4, 8]) {
      juliet.restart();
      const error = await refusal(begin);
      assert.is(error?.code, 'ERR_LIMIT');
      const since = (await juliet.store.get('attempts', `${protocol} ${ROMEO.jid}`))?.since as number;
      assert.is((error as { retryAt?: number }).retryAt, since + pause * HOUR);
      pair.now = since + pause * HOUR - 1;
      assert.is((await refusal(begin))?.code, 'ERR_LIMIT');
      pair.now++;
      await begin();
    }
    // Another peer has a count of their own, and so has the other protocol.
    await beginSas(juliet.verifier, { ...ROMEO, jid: 'paris@verona.example' });
    if (protocol === 'sas') await beginPassword(juliet.verifier, ROMEO, 'a rose');
  }
});

test('who is asked counts too, when they answer: no peer gets more guesses by asking', async () => {
  const { juliet, romeo } = createPair('asked', BOTH, { requestsOfPeer: 10 });
  const free = createPair('asks without limit', BOTH, { freeAttempts: 100 });
  const answers: (string | undefined)[] = [];
  for (let i = 0; i < 6; i++) {
    const first = sent(await beginPassword(free.juliet.verifier, ROMEO, `word ${i}`));
    const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
    answers.push((await refusal(() => acceptPassword(romeo.verifier, run, 'a rose')))?.code);
  }
  assert.equal(answers, [undefined, undefined, undefined, undefined, undefined, 'ERR_LIMIT']);
  // His own beginnings are of the same count.
  assert.is((await refusal(() => beginPassword(romeo.verifier, JULIET, 'a rose')))?.code, 'ERR_LIMIT');
  assert.is((await beginPassword(juliet.verifier, ROMEO, 'a rose')).kind, 'waiting');
});

test('success forgets the count', async () => {
  const { juliet, romeo } = createPair('success', BOTH);
  for (let i = 0; i < 4; i++) await beginPassword(juliet.verifier, ROMEO, 'a rose');
  const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const second = sent(await acceptPassword(romeo.verifier, run, 'a rose'));
  assert.is((await refusal(() => beginPassword(juliet.verifier, ROMEO, 'a rose')))?.code, 'ERR_LIMIT');
  expectKind(await juliet.verifier.receive(second, ROMEO), 'verified');
  expectKind(await beginPassword(juliet.verifier, ROMEO, 'a rose'), 'waiting');
});

test('a count that is written is written before anything goes out', async () => {
  const { juliet } = createPair('count first', BOTH);
  const { commit } = juliet.store;
  juliet.store.commit = async (changes) => {
    assert.equal(changes.map(({ table }) => table).sort(), ['attempts', 'runs']);
    await commit(changes);
    throw new Error('power went off');
  };
  assert.ok(await refusal(() => beginSas(juliet.verifier, ROMEO)));
  assert.is((await juliet.store.get('attempts', `sas ${ROMEO.jid}`))?.count, 1);
});

test('strangers’ requests do not pile up, nor does anything that has expired', async () => {
  const world = createPair('requests', BOTH, { requests: 5 });
  const { verifier, store } = world.romeo;
  const request = (): Uint8Array => encodeMessage(random(16), 1, octetString(random(32)));
  for (let i = 0; i < 3; i++) expectKind(await verifier.receive(request(), JULIET), 'requested');
  expectKind(await verifier.receive(request(), JULIET), 'ignored');
  for (let i = 0; i < 2; i++)
    expectKind(await verifier.receive(request(), { ...JULIET, jid: `stranger${i}@example` }), 'requested');
  expectKind(await verifier.receive(request(), { ...JULIET, jid: 'stranger2@example' }), 'ignored');
  assert.is((await store.entries('runs')).length, 5);
  world.now += RUN_RULES.validity;
  expectKind(await verifier.receive(request(), JULIET), 'requested');
  assert.is((await store.entries('runs')).length, 1);
});

test('a run expires: what comes later is told of once, and the application hears of those that nobody went on with', async () => {
  const world = createPair('expiry', BOTH);
  const { juliet, romeo } = world;
  const first = sent(await beginSas(juliet.verifier, ROMEO));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const second = sent(await acceptSas(romeo.verifier, run));
  world.now += RUN_RULES.validity;
  assert.is(expectKind(await juliet.verifier.receive(second, ROMEO), 'ended').reason, 'expired');
  expectKind(await juliet.verifier.receive(second, ROMEO), 'ignored');
  assert.equal(
    (await romeo.verifier.expire()).map(({ reason, peer }) => [reason, peer.jid]),
    [['expired', JULIET.jid]],
  );
  assert.equal(await romeo.verifier.expire(), []);
  assert.is((await refusal(() => romeo.verifier.resend(run)))?.code, 'ERR_RUN');
});

test('a device that was asked hears that another one answered or declined; own messages begin nothing', async () => {
  const { juliet, romeo } = createPair('devices', BOTH);
  const tablet = createPair('tablet', BOTH).romeo;
  for (const answer of [(run: string) => acceptSas(romeo.verifier, run), (run: string) => romeo.verifier.cancel(run)]) {
    const first = sent(await beginSas(juliet.verifier, ROMEO));
    const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
    expectKind(await tablet.verifier.receive(first, JULIET), 'requested');
    const own = sent(await answer(run));
    expectKind(await tablet.verifier.receive(own, { ...ROMEO, identity: MERCUTIO }), 'ignored');
    expectKind(await tablet.verifier.receive(own, ROMEO), 'elsewhere');
    expectKind(await tablet.verifier.receive(own, ROMEO), 'ignored');
    assert.equal(await tablet.store.entries('runs'), []);
    // It comes back to who sent it as well.
    expectKind(await romeo.verifier.receive(own, ROMEO), 'ignored');
    expectKind(await tablet.verifier.receive(first, ROMEO), 'ignored');
  }
  assert.instance(
    await refusal(() => beginSas(romeo.verifier, { ...ROMEO, jid: 'Romeo@montague.example/x' })),
    RangeError,
  );
});

test('declining is told; a mismatch that comes after success is heard, and other ends are not', async () => {
  const { juliet, romeo } = createPair('declined', BOTH);
  const first = sent(await beginSas(juliet.verifier, ROMEO));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const declined = await romeo.verifier.cancel(run);
  const told = expectKind(await juliet.verifier.receive(sent(declined), ROMEO), 'ended');
  assert.equal([told.reason, told.by], ['declined', 'them']);
  for (const reason of [0, 1, 2]) {
    const begun = sent(await beginSas(juliet.verifier, ROMEO));
    const asked = expectKind(await romeo.verifier.receive(begun, JULIET), 'requested');
    const hers = await juliet.verifier.receive(sent(await acceptSas(romeo.verifier, asked.run)), ROMEO);
    await romeo.verifier.receive(sent(hers), JULIET);
    await confirmSas(juliet.verifier, asked.run, true);
    assert.is((await refusal(() => juliet.verifier.cancel(asked.run)))?.code, 'ERR_RUN');
    const ended = expectKind(await romeo.verifier.cancel(asked.run), 'ended');
    const message = copyOctets(sent(ended));
    message[message.length - 1] = reason;
    const late = await juliet.verifier.receive(message, ROMEO);
    assert.is(late.kind, reason === 1 ? 'ended' : 'ignored');
  }
});

test('runs are listed by what is to be done', async () => {
  const { juliet, romeo } = createPair('list', BOTH);
  const stages = async (): Promise<string[]> =>
    (await Promise.all([juliet, romeo].map(({ verifier }) => verifier.runs()))).map((runs) =>
      runs.map(({ stage }) => stage).join(),
    );
  const first = sent(await beginSas(juliet.verifier, ROMEO));
  assert.equal(await stages(), ['waiting', '']);
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  assert.equal(await stages(), ['waiting', 'requested']);
  assert.is(await romeo.verifier.resend(run), undefined);
  const second = sent(await acceptSas(romeo.verifier, run));
  assert.equal(await stages(), ['waiting', 'waiting']);
  assert.is(expectKind(await juliet.verifier.show(run), 'waiting').protocol, 'sas');
  const third = sent(await juliet.verifier.receive(second, ROMEO));
  await romeo.verifier.receive(third, JULIET);
  assert.equal(await stages(), ['here', 'here']);
  assert.equal(await juliet.verifier.resend(run), third);
  assert.equal(await romeo.verifier.resend(run), second);
  await confirmSas(romeo.verifier, run, true);
  assert.equal(await stages(), ['here', 'done']);
  assert.is((await refusal(() => romeo.verifier.show(run)))?.code, 'ERR_RUN');
});

test('a page that speaks one protocol leaves the other alone', async () => {
  const { juliet } = createPair('both', BOTH);
  const { romeo } = createPair('only sas', [sas]);
  const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  expectKind(await romeo.verifier.receive(first, JULIET), 'ignored');
  assert.instance(await refusal(() => beginPassword(romeo.verifier, JULIET, 'a rose')), TypeError);
});

test('an act at another stage, by the other side or in another protocol is refused', async () => {
  const { juliet, romeo } = createPair('stages', BOTH);
  const begun = expectKind(await beginSas(juliet.verifier, ROMEO), 'waiting');
  const { run } = expectKind(await romeo.verifier.receive(sent(begun), JULIET), 'requested');
  const wrong = [
    () => acceptSas(juliet.verifier, run),
    () => confirmSas(romeo.verifier, run, true),
    () => acceptPassword(romeo.verifier, run, 'a rose'),
    () => acceptSas(romeo.verifier, '00'.repeat(16)),
    () => romeo.verifier.cancel('00'.repeat(16)),
  ];
  for (const act of wrong) assert.is((await refusal(act))?.code, 'ERR_RUN');
  assert.instance(
    await refusal(() => beginSas(juliet.verifier, { ...ROMEO, identity: new Uint8Array(31) })),
    RangeError,
  );
});

test('a run that waits is in the key store, scalar and all, and gone from it when it ends', async () => {
  const [romeo] = await createPeople('erasure of runs');
  const verifier = createVerifier({
    store: romeo.store,
    own: ROMEO,
    random,
    clock: () => romeo.world.now,
    protocols: BOTH,
  });
  const begun = expectKind(await beginPassword(verifier, JULIET, 'a rose'), 'waiting');
  const reopened = await openKeyStore(romeo.storage);
  const kept = (await reopened.get('runs', begun.run))?.state as Uint8Array;
  assert.ok(toHex(kept).includes('8020'));
  await verifier.cancel(begun.run);
  assert.is(await (await openKeyStore(romeo.storage)).get('runs', begun.run), undefined);
});

test.run();
