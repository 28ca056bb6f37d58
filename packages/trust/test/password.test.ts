import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, octetString, toHex, toUtf8, utf8String } from '@stanzaseal/cms';
import { refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Outcome, type Party, type Run, readVerification, verificationElement } from '../src/index.js';
import { cpaceConfirmation, cpaceKey, cpaceShare, sampleScalar } from '../src/password/cpace.js';
import { acceptPassword, beginPassword, password } from '../src/password/index.js';
import { inputsOf, said } from '../src/password/password.js';
import { decodeMessage, encodeMessage } from '../src/verificationMessage.js';
import { createPair, DAY, expectKind, JULIET, MERCUTIO, type Pair, ROMEO, sent } from './pair.js';

const test = suite('passwords: P06, P07, P08, P10, P11, P12, P15, T25');

/** A run to its end, and what each came to. */
async function runOf(
  { juliet, romeo }: Pair,
  hers: string,
  his: string,
  question?: string,
): Promise<{ atJuliets: Outcome; atRomeos: Outcome; transcript: Uint8Array[] }> {
  const options = question === undefined ? {} : { question };
  const first = sent(await beginPassword(juliet.verifier, ROMEO, hers, options));
  const asked = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  assert.is(asked.question, question);
  const second = sent(await acceptPassword(romeo.verifier, asked.run, his));
  const atJuliets = await juliet.verifier.receive(second, ROMEO);
  const third = sent(atJuliets);
  const atRomeos = await romeo.verifier.receive(third, JULIET);
  return { atJuliets, atRomeos, transcript: [first, second, third] };
}

test('the same password verifies both, whatever days lie between', async () => {
  const pair = createPair('same', [password]);
  const { juliet, romeo } = pair;
  const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  pair.now += 3 * DAY;
  romeo.restart();
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const second = sent(await acceptPassword(romeo.verifier, run, 'a rose'));
  pair.now += 3 * DAY;
  juliet.restart();
  romeo.restart();
  const atJuliets = expectKind(await juliet.verifier.receive(second, ROMEO), 'verified');
  assert.equal(atJuliets.peer, ROMEO);
  const atRomeos = expectKind(await romeo.verifier.receive(sent(atJuliets), JULIET), 'verified');
  assert.equal(atRomeos.peer, JULIET);
  // Repetitions get the answer that was given, and nothing is begun anew.
  assert.equal(expectKind(await juliet.verifier.receive(second, ROMEO), 'ignored').send, atJuliets.send);
  assert.equal(expectKind(await romeo.verifier.receive(first, JULIET), 'ignored').send, second);
  assert.equal(await juliet.verifier.resend(run), atJuliets.send);
});

test('another password ends it on both sides: one guess, and a later one needs a fresh run', async () => {
  const pair = createPair('other', [password]);
  const { juliet, romeo } = pair;
  const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const second = sent(await acceptPassword(romeo.verifier, run, 'a nose'));
  assert.is((await refusal(() => acceptPassword(romeo.verifier, run, 'a rose')))?.code, 'ERR_RUN');
  const ended = expectKind(await juliet.verifier.receive(second, ROMEO), 'ended');
  assert.equal([ended.reason, ended.by], ['mismatch', 'us']);
  const told = expectKind(await romeo.verifier.receive(sent(ended), JULIET), 'ended');
  assert.equal([told.reason, told.by], ['mismatch', 'them']);
  for (const { store } of [juliet, romeo]) assert.equal(await store.entries('runs'), []);
  // No answer of the old run does anything any more.
  assert.is((await juliet.verifier.receive(second, ROMEO)).kind, 'ignored');
  assert.is((await runOf(pair, 'a rose', 'a rose')).atRomeos.kind, 'verified');
});

test('a question travels with the first message, and its answer is the password', async () => {
  const question = 'What smells as sweet by any other name? \u{1F339}';
  const { atRomeos } = await runOf(createPair('question', [password]), 'a rose', 'a rose', question);
  assert.is(atRomeos.kind, 'verified');
});

test('P07: a question that was changed or taken away on its way is a mismatch, though the answer is right', async () => {
  for (const other of ['What is it that we call so?', undefined]) {
    const { juliet, romeo } = createPair('stripped', [password]);
    const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose', { question: 'What smells as sweet?' }));
    const { run, body } = decodeMessage(first);
    const share = body.octetStringOf(32);
    const changed = encodeMessage(run, 4, octetString(share), ...(other === undefined ? [] : [utf8String(other)]));
    const asked = expectKind(await romeo.verifier.receive(changed, JULIET), 'requested');
    const second = sent(await acceptPassword(romeo.verifier, asked.run, 'a rose'));
    assert.is(expectKind(await juliet.verifier.receive(second, ROMEO), 'ended').reason, 'mismatch');
  }
});

test('texts are compared as OpaqueString (RFC 8265 §4): spaces and composition, not case', async () => {
  const same: [string, string][] = [
    ['caf\u00e9', 'cafe\u0301'],
    ['a\u3000rose', 'a rose'],
    ['\u03c0\u00df\u00e5', '\u03c0\u00dfa\u030a'],
  ];
  for (const [hers, his] of same)
    assert.is((await runOf(createPair(hers, [password]), hers, his)).atRomeos.kind, 'verified');
  for (const his of ['A rose', 'a  rose', 'a rose ', 'arose', 'a\u2011rose'])
    assert.is((await runOf(createPair(his, [password]), 'a rose', his)).atJuliets.kind, 'ended', his);
  const { juliet } = createPair('refused', [password]);
  for (const none of ['', 'a\nrose', 'a\u0000', '\u202erose', '\ud800'])
    assert.instance(await refusal(() => beginPassword(juliet.verifier, ROMEO, none)), RangeError, JSON.stringify(none));
  for (const question of ['', 'one\ntwo', 'turned \u202e round', 'x'.repeat(1025)])
    assert.instance(await refusal(() => beginPassword(juliet.verifier, ROMEO, 'a rose', { question })), RangeError);
  assert.equal(await juliet.store.entries('runs'), []);
});

test('a question that nobody should be shown begins nothing', async () => {
  const { romeo } = createPair('bad question', [password]);
  const share = octetString(cpaceShare(inputsOf(mercutioTo(ROMEO, JULIET), toUtf8('x')), new Uint8Array(32).fill(1)));
  for (const question of ['', 'one\ntwo', 'turned \u202e round', 'x'.repeat(1025), 'cafe\u0301'])
    expectKind(
      await romeo.verifier.receive(encodeMessage(new Uint8Array(16), 4, share, utf8String(question)), JULIET),
      'ignored',
    );
  assert.equal(await romeo.store.entries('runs'), []);
});

test('R06, P11: whoever gave both his own key, and passes everything on, verifies nobody', async () => {
  const { juliet, romeo } = createPair('middle', [password]);
  const [asRomeo, asJuliet] = [
    { jid: ROMEO.jid, identity: MERCUTIO },
    { jid: JULIET.jid, identity: MERCUTIO },
  ];
  const first = sent(await beginPassword(juliet.verifier, asRomeo, 'a rose'));
  const { run } = expectKind(await romeo.verifier.receive(first, asJuliet), 'requested');
  const second = sent(await acceptPassword(romeo.verifier, run, 'a rose'));
  const ended = expectKind(await juliet.verifier.receive(second, asRomeo), 'ended');
  assert.is(ended.reason, 'mismatch');
});

test('P08: shares that are no group element, or the neutral one, end the run', async () => {
  const bad = [new Uint8Array(32), new Uint8Array(32).fill(0xff), Uint8Array.of(1, ...new Uint8Array(31))];
  for (const share of bad) {
    const { juliet, romeo } = createPair('invalid', [password]);
    const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
    const { run } = decodeMessage(first);
    const second = encodeMessage(run, 5, octetString(share), octetString(new Uint8Array(64)));
    assert.is(expectKind(await juliet.verifier.receive(second, ROMEO), 'ended').reason, 'deviation');
    const other = encodeMessage(new Uint8Array(16), 4, octetString(share));
    const asked = expectKind(await romeo.verifier.receive(other, JULIET), 'requested');
    const ended = expectKind(await acceptPassword(romeo.verifier, asked.run, 'a rose'), 'ended');
    assert.is(ended.reason, 'deviation');
  }
});

test('P06: a start that comes back as an answer or a request of the other side leads nowhere', async () => {
  const { juliet, romeo } = createPair('mirror', [password]);
  const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  // The same octets, from Romeo's side: they are of a run that Juliet began.
  assert.is(expectKind(await juliet.verifier.receive(first, ROMEO), 'ended').reason, 'deviation');
  // Her share in a run of another name, begun by "Romeo": who is initiator stands in CI.
  const again = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  const share = decodeMessage(again).body.octetStringOf(32);
  const asked = expectKind(
    await juliet.verifier.receive(encodeMessage(new Uint8Array(16), 4, octetString(share)), ROMEO),
    'requested',
  );
  const answered = sent(await acceptPassword(juliet.verifier, asked.run, 'a rose'));
  const { body } = decodeMessage(answered);
  const back = encodeMessage(
    decodeMessage(again).run,
    5,
    octetString(body.octetStringOf(32)),
    octetString(body.octetStringOf(64)),
  );
  assert.is(expectKind(await juliet.verifier.receive(back, ROMEO), 'ended').reason, 'mismatch');
  assert.equal(await romeo.store.entries('runs'), []);
});

test('P06: neither confirmation is the other', async () => {
  const pair = createPair('directions', [password]);
  const { juliet, romeo } = pair;
  const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const second = sent(await acceptPassword(romeo.verifier, run, 'a rose'));
  const { run: id, body } = decodeMessage(second);
  body.octetStringOf(32);
  const mirrored = encodeMessage(id, 6, octetString(body.octetStringOf(64)));
  assert.is(expectKind(await romeo.verifier.receive(mirrored, JULIET), 'ended').reason, 'mismatch');
});

test('P10, P15: an answer of one run does not fit another with the same password', async () => {
  const [one, other] = [createPair('one', [password]), createPair('other run', [password])];
  const { transcript } = await runOf(one, 'a rose', 'a rose');
  const first = sent(await beginPassword(other.juliet.verifier, ROMEO, 'a rose'));
  const { body } = decodeMessage(transcript[1] as Uint8Array);
  const replayed = encodeMessage(
    decodeMessage(first).run,
    5,
    octetString(body.octetStringOf(32)),
    octetString(body.octetStringOf(64)),
  );
  assert.is(expectKind(await other.juliet.verifier.receive(replayed, ROMEO), 'ended').reason, 'mismatch');
});

test('P12: two runs with one password share nothing but their form', async () => {
  const pair = createPair('unlinkable', [password]);
  const runs = [await runOf(pair, 'a rose', 'a rose'), await runOf(pair, 'a rose', 'a rose')];
  const [one, other] = runs.map(({ transcript }) => transcript.map(toHex));
  for (const [turn, message] of (one as string[]).entries()) {
    const pieces = (text: string): string[] =>
      Array.from({ length: text.length - 15 }, (_, at) => text.slice(at, at + 16));
    const known = new Set(pieces(message));
    assert.is(message.length, other?.[turn]?.length);
    // Sixteen digits: longer than what DER puts between two values.
    assert.equal(
      pieces(other?.[turn] as string).filter((piece) => known.has(piece)),
      [],
    );
  }
});

// T25: XTLS once proved a password by a hash of it with two nonces.
const WORDS = Array.from({ length: 200 }, (_, i) => `word ${i}`);
const SECRET = 'word 137';

test('T25: of a proof by hash a dictionary makes the password; of a whole transcript here it makes nothing', async () => {
  const [nA, nB] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const proof = sha256(concat(toUtf8(SECRET), nA, nB));
  assert.equal(
    WORDS.filter((word) => equal(sha256(concat(toUtf8(word), nA, nB)), proof)),
    [SECRET],
  );
  // Who has seen everything and knows neither scalar: any word explains both shares, by scalars that he cannot compute. All that he
  // can try is what he can compute, the generators themselves and what follows from a key that he would have to know.
  const { transcript, atRomeos } = await runOf(createPair('seen', [password]), SECRET, SECRET);
  assert.is(atRomeos.kind, 'verified');
  const run = mercutioTo(ROMEO, JULIET, decodeMessage(transcript[0] as Uint8Array).run);
  const [share, confirmation] = [
    decodeMessage(transcript[0] as Uint8Array),
    decodeMessage(transcript[1] as Uint8Array),
  ];
  const [hers, his] = [share.body.octetStringOf(32), confirmation.body.octetStringOf(32)];
  const tag = confirmation.body.octetStringOf(64);
  const explained = WORDS.filter((word) => {
    const inputs = inputsOf(run, toUtf8(word));
    const guessed = sha256(toUtf8(word)).map((octet, i) => (i === 31 ? octet & 0x0f : octet));
    return [Uint8Array.of(1, ...new Uint8Array(31)), guessed].some((scalar) => {
      const own = cpaceShare(inputs, scalar);
      const responder = said('responder', his);
      const isk = cpaceKey({ sid: run.id, scalar, other: his }, said('initiator', hers), responder) as Uint8Array;
      return equal(own, hers) || equal(own, his) || equal(cpaceConfirmation(run.id, isk, responder), tag);
    });
  });
  assert.equal(explained, []);
  // And the octets that a password is in are nowhere in it.
  for (const message of transcript) assert.not(toHex(message).includes(toHex(toUtf8(SECRET))));
});

test('T25: whoever takes part tries the one word that he began with, and no other afterwards', async () => {
  const tried = [];
  for (const guess of [SECRET, 'word 1']) {
    const { romeo, random } = createPair(`active ${guess}`, [password]);
    const asJuliet = { jid: JULIET.jid, identity: MERCUTIO };
    const run = mercutioTo(ROMEO, asJuliet);
    const scalar = sampleScalar(random);
    const own = said('initiator', cpaceShare(inputsOf(run, toUtf8(guess)), scalar));
    const asked = expectKind(
      await romeo.verifier.receive(encodeMessage(run.id, 4, octetString(own.share)), asJuliet),
      'requested',
    );
    const { body } = decodeMessage(sent(await acceptPassword(romeo.verifier, asked.run, SECRET)));
    const [share, tag] = [body.octetStringOf(32), body.octetStringOf(64)];
    // With his scalar, every word of the dictionary: only the one that is in his share can fit, if it is right.
    tried.push(
      WORDS.filter((word) => {
        const his = said('initiator', cpaceShare(inputsOf(run, toUtf8(word)), scalar));
        const isk = cpaceKey({ sid: run.id, scalar, other: share }, his, said('responder', share)) as Uint8Array;
        return equal(cpaceConfirmation(run.id, isk, said('responder', share)), tag);
      }),
    );
  }
  assert.equal(tried, [[SECRET], []]);
});

test('what waits in a store is gone when the run ends', async () => {
  const pair = createPair('erased', [password]);
  const { juliet, romeo } = pair;
  const first = sent(await beginPassword(juliet.verifier, ROMEO, 'a rose'));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const second = sent(await acceptPassword(romeo.verifier, run, 'a rose'));
  const waiting = (await juliet.store.get('runs', run))?.state.length as number;
  const third = sent(await juliet.verifier.receive(second, ROMEO));
  const left = (await juliet.store.get('runs', run))?.state as Uint8Array;
  // 34 octets of the scalar went, the answer (about 130) and the confirmation (about 90) came: all of which were sent.
  assert.ok(left.length > waiting);
  assert.is((await juliet.verifier.runs())[0]?.stage, 'done');
  const his = (await romeo.store.get('runs', run))?.state as Uint8Array;
  await romeo.verifier.receive(third, JULIET);
  const after = (await romeo.store.get('runs', run))?.state as Uint8Array;
  assert.ok(toHex(his).includes(`8040${toHex(decodeMessage(third).body.octetStringOf(64))}`));
  assert.not(toHex(after).includes('8040'));
});

test('the element that carries it: canonical base64, one in a stanza', async () => {
  const element = verificationElement(Uint8Array.of(1, 2, 3));
  assert.equal(readVerification(element), Uint8Array.of(1, 2, 3));
  const stanza = { namespace: 'jabber:client', name: 'message', attributes: [], children: ['\n', element] };
  assert.equal(readVerification(stanza), Uint8Array.of(1, 2, 3));
  assert.is(readVerification({ ...stanza, children: [] }), undefined);
  for (const broken of [
    { ...stanza, children: [element, element] },
    { ...stanza, children: [{ ...element, children: ['AQID\n'] }] },
    { ...stanza, children: [{ ...element, children: [element] }] },
    { ...stanza, children: [{ ...element, attributes: [{ namespace: '', name: 'x', value: '' }] }] },
  ])
    assert.is((await refusal(() => readVerification(broken)))?.code, 'ERR_MESSAGE');
});

/** A run as somebody who plays its initiator has it. */
function mercutioTo(peer: Party, own: Party, id: Uint8Array = new Uint8Array(16).fill(9)): Run {
  return { id, role: 'initiator', own, peer, transcript: [], secret: undefined, done: false };
}

test.run();
