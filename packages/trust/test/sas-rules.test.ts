/**
 * The five rules of the short string. For each: a broken protocol, made of the same pieces with that rule left out, and the attack that
 * then works at strings of 12 bits, which stand for what a search of 2^24 or 2^30 would do; and what becomes of the same attack here.
 */
import { equal, octetString, toHex } from '@stanzaseal/cms';
import { refusal, unsafeSeededRandom } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Party, Run } from '../src/index.js';
import { acceptSas, beginSas, confirmSas, sas } from '../src/sas/index.js';
import { sasCommitment, sasNumber } from '../src/sas/shortString.js';
import { decodeMessage, encodeMessage } from '../src/verificationMessage.js';
import { createPair, expectKind, JULIET, MERCUTIO, ROMEO, sent } from './pair.js';

const test = suite('SAS: five rules, each with its attack');

const BITS = 12;
const TRIES = 2 ** BITS * 20;
const random = unsafeSeededRandom('sas rules');
const ZERO = new Uint8Array(32);
const ID = random(16);
/** How Juliet knows "Romeo", and Romeo "Juliet", where both were given Mercutio's key. */
const asRomeo: Party = { jid: ROMEO.jid, identity: MERCUTIO };
const asJuliet: Party = { jid: JULIET.jid, identity: MERCUTIO };

interface Said {
  initiator: Party;
  responder: Party;
  first: Uint8Array;
  second: Uint8Array;
}

/** The string of a run with these nonces, with something left out of what it is computed over. */
function stringOf({ initiator, responder, first, second }: Said, without?: 'keys' | 'jids' | 'nonces'): number {
  const side = ({ jid, identity }: Party): Party => ({
    jid: without === 'jids' ? 'x@example' : jid,
    identity: without === 'keys' ? ZERO : identity,
  });
  const [own, peer] = [side(initiator), side(responder)];
  const run: Run = { id: ID, role: 'initiator', own, peer, transcript: [], secret: undefined, done: false };
  const [nA, nB] = without === 'nonces' ? [ZERO, ZERO] : [first, second];
  const transcript = [
    encodeMessage(ID, 1, octetString(sasCommitment(run, nA))),
    encodeMessage(ID, 2, octetString(nB)),
    encodeMessage(ID, 3, octetString(nA)),
  ];
  return sasNumber({ ...run, transcript }, BITS);
}

/** Draws until it fits, as whoever is free to choose can. */
function search(fits: (drawn: Uint8Array) => boolean): Uint8Array | undefined {
  for (let i = 0; i < TRIES; i++) {
    const drawn = random(32);
    if (fits(drawn)) return drawn;
  }
  return undefined;
}

test('rule 1, the commitment. Left out, with the nonce sent first: a search wins at once', () => {
  const [hers, his, toRomeo] = [random(32), random(32), random(32)];
  const target = stringOf({ initiator: asJuliet, responder: ROMEO, first: toRomeo, second: his });
  const found = search((second) => stringOf({ initiator: JULIET, responder: asRomeo, first: hers, second }) === target);
  assert.ok(found);
});

test('P04, rule 1. Kept: what is sent first tells nothing of the nonce, and can be opened by no other', async () => {
  const { juliet } = createPair('rule 1', [sas]);
  const begun = expectKind(await beginSas(juliet.verifier, asRomeo), 'waiting');
  const first = sent(begun);
  const nonce = random(32);
  const shown = expectKind(
    await juliet.verifier.receive(encodeMessage(decodeMessage(first).run, 2, octetString(nonce)), asRomeo),
    'compare',
  );
  const opened = decodeMessage(sent(shown)).body.octetStringOf(32);
  assert.not(toHex(first).includes(toHex(opened)));
  const run: Run = {
    id: decodeMessage(first).run,
    role: 'initiator',
    own: JULIET,
    peer: asRomeo,
    transcript: [],
    secret: undefined,
    done: false,
  };
  const promised = decodeMessage(first).body.octetStringOf(32);
  assert.ok(equal(promised, sasCommitment(run, opened)));
  const others: Run[] = [
    { ...run, id: random(16) },
    { ...run, own: { ...JULIET, identity: MERCUTIO } },
    { ...run, own: { ...JULIET, jid: 'juliet@capulet.exampl' } },
    { ...run, peer: { ...asRomeo, jid: 'omeo@montague.example' } },
    { ...run, role: 'responder' },
  ];
  for (const other of others) assert.not(equal(promised, sasCommitment(other, opened)));
});

test('rule 1, the key. Left out of the commitment: one is found that fits, once both nonces are known', () => {
  const [hers, his] = [random(32), random(32)];
  // Mercutio passes both nonces on; Juliet sees her string, and he says under which key he opens to Romeo only then.
  const target = stringOf({ initiator: JULIET, responder: asRomeo, first: hers, second: his });
  const identity = search(
    (key) =>
      stringOf({ initiator: { ...JULIET, identity: key }, responder: ROMEO, first: hers, second: his }) === target,
  );
  assert.ok(identity);
});

test('rule 1, the key and the JIDs. Kept: a commitment passed on under another key or JID does not open', async () => {
  for (const claimed of [asJuliet, { jid: 'mercutio@verona.example', identity: JULIET.identity }]) {
    const { juliet, romeo } = createPair('rule 1 key', [sas]);
    const first = sent(await beginSas(juliet.verifier, asRomeo));
    const asked = expectKind(await romeo.verifier.receive(first, claimed), 'requested');
    const second = sent(await acceptSas(romeo.verifier, asked.run));
    const opening = sent(await juliet.verifier.receive(second, asRomeo));
    const ended = expectKind(await romeo.verifier.receive(opening, claimed), 'ended');
    assert.is(ended.reason, 'deviation');
    assert.is((await refusal(() => confirmSas(romeo.verifier, asked.run, true)))?.code, 'ERR_RUN');
  }
});

test('rule 1, the key. Kept: an opening under a key that was found later ends the run', async () => {
  const { romeo } = createPair('rule 1 late', [sas]);
  const nonce = random(32);
  const own: Run = {
    id: ID,
    role: 'initiator',
    own: asJuliet,
    peer: ROMEO,
    transcript: [],
    secret: undefined,
    done: false,
  };
  const first = encodeMessage(ID, 1, octetString(sasCommitment(own, nonce)));
  const asked = expectKind(await romeo.verifier.receive(first, asJuliet), 'requested');
  await acceptSas(romeo.verifier, asked.run);
  const late = { ...asJuliet, identity: random(32) };
  const ended = expectKind(await romeo.verifier.receive(encodeMessage(ID, 3, octetString(nonce)), late), 'ended');
  assert.is(ended.reason, 'deviation');
  assert.is(
    expectKind(await romeo.verifier.receive(encodeMessage(ID, 3, octetString(nonce)), asJuliet), 'ignored').send,
    undefined,
  );
});

test('rule 2, the keys. Left out of the string: Mercutio passes every nonce on, and both see the same', () => {
  const [first, second] = [random(32), random(32)];
  const hers = { initiator: JULIET, responder: asRomeo, first, second };
  const his = { initiator: asJuliet, responder: ROMEO, first, second };
  assert.is(stringOf(hers, 'keys'), stringOf(his, 'keys'));
  assert.is.not(stringOf(hers), stringOf(his));
});

test('rule 2, the JIDs. Left out of the string: who is at one address is verified at another', () => {
  const [first, second] = [random(32), random(32)];
  // Juliet has Romeo's key under Mercutio's address; he passes her messages on to Romeo, and Romeo reads her the string.
  const hers = { initiator: JULIET, responder: { ...ROMEO, jid: 'mercutio@verona.example' }, first, second };
  const his = { initiator: JULIET, responder: ROMEO, first, second };
  assert.is(stringOf(hers, 'jids'), stringOf(his, 'jids'));
  assert.is.not(stringOf(hers), stringOf(his));
});

test('rule 2, the nonces. Left out of the string: a key is found before anybody asks', () => {
  const target = stringOf({ initiator: asJuliet, responder: ROMEO, first: ZERO, second: ZERO }, 'nonces');
  const identity = search(
    (key) =>
      stringOf({ initiator: JULIET, responder: { ...ROMEO, identity: key }, first: ZERO, second: ZERO }, 'nonces') ===
      target,
  );
  assert.ok(identity);
});

test('rule 2. Kept: every input changes the string, and so does every octet of every message', () => {
  const transcript = [1, 2, 3].map((step) => encodeMessage(ID, step, octetString(random(32))));
  const run: Run = { id: ID, role: 'initiator', own: JULIET, peer: ROMEO, transcript, secret: undefined, done: false };
  const number = sasNumber(run, 30);
  assert.is(sasNumber({ ...run, role: 'responder', own: ROMEO, peer: JULIET }, 30), number);
  const changed: Run[] = [
    { ...run, role: 'responder' },
    { ...run, own: { ...JULIET, identity: MERCUTIO } },
    { ...run, peer: { ...ROMEO, identity: MERCUTIO } },
    { ...run, own: { ...JULIET, jid: 'mercutio@verona.example' } },
    { ...run, peer: { ...ROMEO, jid: 'mercutio@verona.example' } },
    // T06: what leaves one field enters the next.
    { ...run, own: { ...JULIET, jid: `${JULIET.jid}r` }, peer: { ...ROMEO, jid: ROMEO.jid.slice(1) } },
  ];
  transcript.forEach((message, turn) => {
    for (let at = 0; at < message.length; at++) {
      const other = new Uint8Array(message);
      other[at] = (other[at] as number) ^ 1;
      changed.push({ ...run, transcript: transcript.with(turn, other) });
    }
  });
  for (const other of changed) assert.is.not(sasNumber(other, 30), number);
});

test('rule 3, one answer. Left out: the second answer is chosen when the nonce is known', () => {
  const [hers, his, toRomeo] = [random(32), random(32), random(32)];
  // A first answer made Juliet open; then a search for the one that she should have got.
  const target = stringOf({ initiator: asJuliet, responder: ROMEO, first: toRomeo, second: his });
  assert.ok(search((second) => stringOf({ initiator: JULIET, responder: asRomeo, first: hers, second }) === target));
});

test('rule 3. Kept: a second answer ends the run, after a restart too', async () => {
  for (const restarted of [false, true]) {
    const { juliet } = createPair('rule 3', [sas]);
    const begun = expectKind(await beginSas(juliet.verifier, asRomeo), 'waiting');
    const { run } = decodeMessage(sent(begun));
    const answer = (): Uint8Array => encodeMessage(run, 2, octetString(random(32)));
    expectKind(await juliet.verifier.receive(answer(), asRomeo), 'compare');
    if (restarted) juliet.restart();
    assert.is(expectKind(await juliet.verifier.receive(answer(), asRomeo), 'ended').reason, 'deviation');
    assert.is((await refusal(() => confirmSas(juliet.verifier, begun.run, true)))?.code, 'ERR_RUN');
    assert.equal(await juliet.store.entries('runs'), []);
  }
});

test('rule 3. Kept: of two answers that come at once one is opened to, and the run ends by the other', async () => {
  const { juliet } = createPair('rule 3 at once', [sas]);
  const { run } = decodeMessage(sent(await beginSas(juliet.verifier, asRomeo)));
  const answers = [random(32), random(32)].map((nonce) => encodeMessage(run, 2, octetString(nonce)));
  const outcomes = await Promise.all(answers.map((answer) => juliet.verifier.receive(answer, asRomeo)));
  assert.equal(
    outcomes.map(({ kind }) => kind),
    ['compare', 'ended'],
  );
});

test('rule 3. Kept: the answer is durable before the opening is given out', async () => {
  const { juliet } = createPair('rule 3 durable', [sas]);
  const { run } = decodeMessage(sent(await beginSas(juliet.verifier, asRomeo)));
  const { commit } = juliet.store;
  const steps: string[] = [];
  let fails = true;
  juliet.store.commit = async (changes) => {
    if (fails) throw new Error('disk is full');
    steps.push('commit begins');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await commit(changes);
    steps.push('commit ends');
  };
  const answer = encodeMessage(run, 2, octetString(random(32)));
  assert.is((await refusal(() => juliet.verifier.receive(answer, asRomeo)))?.message, 'disk is full');
  // Nothing went out, so another answer is still the first.
  fails = false;
  const other = encodeMessage(run, 2, octetString(random(32)));
  sent(await juliet.verifier.receive(other, asRomeo));
  steps.push('opening is out');
  assert.equal(steps, ['commit begins', 'commit ends', 'opening is out']);
});

test('rule 4, a fresh nonce. Left out: the second commitment is chosen when it is known', () => {
  const [hers, his, toJuliet] = [random(32), random(32), random(32)];
  // Romeo answered a first commitment with the nonce that he keeps for the second.
  const target = stringOf({ initiator: JULIET, responder: asRomeo, first: hers, second: toJuliet });
  assert.ok(search((first) => stringOf({ initiator: asJuliet, responder: ROMEO, first, second: his }) === target));
});

test('rule 4. Kept: a nonce for each commitment, and a second commitment in a run ends it', async () => {
  const { romeo } = createPair('rule 4', [sas]);
  const commitment = octetString(random(32));
  const first = encodeMessage(ID, 1, commitment);
  const nonces = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const { run } = expectKind(await romeo.verifier.receive(first, asJuliet), 'requested');
    const answered = await acceptSas(romeo.verifier, run);
    nonces.add(toHex(decodeMessage(sent(answered)).body.octetStringOf(32)));
    // The same octets again are the same commitment: they get the same answer, once more.
    assert.equal(sent(await romeo.verifier.receive(first, asJuliet)), sent(answered));
    assert.is((await refusal(() => acceptSas(romeo.verifier, run)))?.code, 'ERR_RUN');
    const second = encodeMessage(ID, 1, octetString(random(32)));
    assert.is(expectKind(await romeo.verifier.receive(second, asJuliet), 'ended').reason, 'deviation');
  }
  assert.is(nonces.size, 3);
});

test('rule 4. Kept: one opening', async () => {
  const { romeo } = createPair('rule 4 opening', [sas]);
  const own: Run = {
    id: ID,
    role: 'initiator',
    own: asJuliet,
    peer: ROMEO,
    transcript: [],
    secret: undefined,
    done: false,
  };
  const nonce = random(32);
  const first = encodeMessage(ID, 1, octetString(sasCommitment(own, nonce)));
  const { run } = expectKind(await romeo.verifier.receive(first, asJuliet), 'requested');
  await acceptSas(romeo.verifier, run);
  expectKind(await romeo.verifier.receive(encodeMessage(ID, 3, octetString(nonce)), asJuliet), 'compare');
  const other = encodeMessage(ID, 3, octetString(random(32)));
  assert.is(expectKind(await romeo.verifier.receive(other, asJuliet), 'ended').reason, 'deviation');
  assert.is((await refusal(() => confirmSas(romeo.verifier, run, true)))?.code, 'ERR_RUN');
});

test('rule 5, the end. Left out, where a bad opening is passed over and a new commitment taken: guesses without end', () => {
  const target = stringOf({ initiator: JULIET, responder: asRomeo, first: random(32), second: random(32) });
  let guesses = 0;
  const found = search((first) => {
    guesses++;
    const second = random(32); // Romeo's next, fresh as it is
    return stringOf({ initiator: asJuliet, responder: ROMEO, first, second }) === target;
  });
  assert.ok(found);
  assert.ok(guesses > 1);
});

test('rule 5. Kept: whatever does not follow ends the run, and what would have followed comes too late', async () => {
  const body = octetString(random(32));
  const deviations: [string, (run: Uint8Array) => Uint8Array][] = [
    ['a wrong opening', (run) => encodeMessage(run, 3, body)],
    ['an answer to an answer', (run) => encodeMessage(run, 2, body)],
    ['a step of another protocol', (run) => encodeMessage(run, 4, body)],
    ['a step that is none', (run) => encodeMessage(run, 30, body)],
    ['an opening of another length', (run) => encodeMessage(run, 3, octetString(random(31)))],
    ['an opening with more behind it', (run) => encodeMessage(run, 3, body, body)],
    ['an empty opening', (run) => encodeMessage(run, 3)],
  ];
  for (const [what, make] of deviations) {
    const { juliet, romeo } = createPair(`rule 5 ${what}`, [sas]);
    const first = sent(await beginSas(juliet.verifier, ROMEO));
    const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
    const opening = sent(await juliet.verifier.receive(sent(await acceptSas(romeo.verifier, run)), ROMEO));
    const ended = expectKind(await romeo.verifier.receive(make(decodeMessage(first).run), JULIET), 'ended');
    assert.equal([ended.reason, ended.by], ['deviation', 'us'], what);
    expectKind(await romeo.verifier.receive(opening, JULIET), 'ignored');
    // Juliet is told that it is over, and not why.
    assert.is(expectKind(await juliet.verifier.receive(sent(ended), ROMEO), 'ended').by, 'them', what);
    assert.is((await refusal(() => confirmSas(juliet.verifier, run, true)))?.code, 'ERR_RUN');
  }
});

test('rule 5. Kept: a wrong string is the one guess of its run', async () => {
  const { juliet, romeo } = createPair('rule 5 guess', [sas]);
  const first = sent(await beginSas(juliet.verifier, ROMEO));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const shown = expectKind(await juliet.verifier.receive(sent(await acceptSas(romeo.verifier, run)), ROMEO), 'compare');
  await romeo.verifier.receive(sent(shown), JULIET);
  const { characters } = shown.value;
  const wrong = characters.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const ended = expectKind(await romeo.verifier.receive(sent(shown), JULIET), 'ignored');
  assert.is(ended.send, undefined);
  assert.is(expectKind(await confirmSas(romeo.verifier, run, wrong), 'ended').reason, 'mismatch');
  assert.is((await refusal(() => confirmSas(romeo.verifier, run, characters)))?.code, 'ERR_RUN');
});

test.run();
