import { refusal } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { acceptSas, beginSas, confirmSas, sas } from '../src/sas/index.js';
import { PICTURES, SPELLING } from '../src/sas/pictures.js';
import { isSameString, shortString } from '../src/sas/shortText.js';
import { createPair, DAY, expectKind, JULIET, MERCUTIO, type Pair, ROMEO, sent } from './pair.js';

const test = suite('SAS: a run, R13, P04, P10, P14, P15');

/** As far as both see a string. */
async function compared(pair: Pair): Promise<{ run: string; hers: string; his: string }> {
  const { juliet, romeo } = pair;
  const begun = expectKind(await beginSas(juliet.verifier, ROMEO), 'waiting');
  const asked = expectKind(await romeo.verifier.receive(sent(begun), JULIET), 'requested');
  const answered = expectKind(await acceptSas(romeo.verifier, asked.run), 'waiting');
  const hers = expectKind(await juliet.verifier.receive(sent(answered), ROMEO), 'compare');
  const his = expectKind(await romeo.verifier.receive(sent(hers), JULIET), 'compare');
  return { run: begun.run, hers: hers.value.characters, his: his.value.characters };
}

test('both see one string, type it or nod, and are verified: three messages, one comparison, six characters (R13)', async () => {
  const pair = createPair('honest', [sas]);
  const { run, hers, his } = await compared(pair);
  assert.is(hers, his);
  assert.is(hers.length, 6);
  const first = expectKind(await confirmSas(pair.romeo.verifier, run, hers.toLowerCase()), 'verified');
  assert.equal(first.peer, JULIET);
  assert.equal(expectKind(await confirmSas(pair.juliet.verifier, run, true), 'verified').peer, ROMEO);
  assert.equal(await pair.romeo.store.get('attempts', `sas ${JULIET.jid}`), undefined);
});

test('days may lie between any two messages, and another process may go on', async () => {
  const pair = createPair('days', [sas]);
  const { juliet, romeo } = pair;
  const later = (): void => {
    pair.now += 2 * DAY;
    juliet.restart();
    romeo.restart();
  };
  const begun = expectKind(await beginSas(juliet.verifier, ROMEO), 'waiting');
  later();
  const { run } = expectKind(await romeo.verifier.receive(sent(begun), JULIET), 'requested');
  later();
  assert.is(expectKind(await romeo.verifier.show(run), 'requested').peer.jid, JULIET.jid);
  const answered = await acceptSas(romeo.verifier, run);
  const hers = expectKind(await juliet.verifier.receive(sent(answered), ROMEO), 'compare');
  later();
  const his = expectKind(await romeo.verifier.receive(sent(hers), JULIET), 'compare');
  romeo.restart();
  juliet.restart();
  assert.equal(expectKind(await romeo.verifier.show(run), 'compare').value, his.value);
  assert.equal(expectKind(await juliet.verifier.show(run), 'compare').value, his.value);
  assert.is((await confirmSas(juliet.verifier, run, his.value.characters)).kind, 'verified');
  assert.is((await confirmSas(romeo.verifier, run, true)).kind, 'verified');
});

test('whoever sits between them with keys of his own makes the strings differ, and both hear of it (R06)', async () => {
  const [hers, his] = [createPair('juliet and mercutio', [sas]), createPair('mercutio and romeo', [sas])];
  const [asRomeo, asJuliet] = [
    { jid: ROMEO.jid, identity: MERCUTIO },
    { jid: JULIET.jid, identity: MERCUTIO },
  ];
  // Mercutio runs both sides honestly, each with the one he fools.
  const shown: string[] = [];
  for (const [pair, initiator, responder] of [
    [hers, JULIET, asRomeo],
    [his, asJuliet, ROMEO],
  ] as const) {
    const [one, other] = [pair.juliet.verifier, pair.romeo.verifier];
    const begun = expectKind(await beginSas(one, responder), 'waiting');
    const asked = expectKind(await other.receive(sent(begun), initiator), 'requested');
    const seen = expectKind(await one.receive(sent(await acceptSas(other, asked.run)), responder), 'compare');
    shown.push(seen.value.characters);
  }
  const [atJuliets, atRomeos] = shown as [string, string];
  assert.is.not(atJuliets, atRomeos);
  const run = (await hers.juliet.verifier.runs())[0]?.run as string;
  const ended = expectKind(await confirmSas(hers.juliet.verifier, run, atRomeos), 'ended');
  assert.equal([ended.reason, ended.by], ['mismatch', 'us']);
  sent(ended);
});

test('P15: what was said in one run says nothing in another', async () => {
  const pair = createPair('replay', [sas]);
  const { juliet, romeo } = pair;
  const first = sent(await beginSas(juliet.verifier, ROMEO));
  const { run } = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  const answered = sent(await acceptSas(romeo.verifier, run));
  const opening = expectKind(await juliet.verifier.receive(answered, ROMEO), 'compare');
  await romeo.verifier.receive(sent(opening), JULIET);
  await confirmSas(romeo.verifier, run, true);
  await confirmSas(juliet.verifier, run, true);
  // While it is remembered, nothing comes of it.
  for (const old of [first, sent(opening)]) expectKind(await romeo.verifier.receive(old, JULIET), 'ignored');
  expectKind(await juliet.verifier.receive(answered, ROMEO), 'ignored');
  // Forgotten, it is a request like any other: Romeo's nonce is another, and so is the string, of which nobody has the other half.
  pair.now += 8 * DAY;
  await romeo.verifier.expire();
  const again = expectKind(await romeo.verifier.receive(first, JULIET), 'requested');
  await acceptSas(romeo.verifier, again.run);
  const shown = expectKind(await romeo.verifier.receive(sent(opening), JULIET), 'compare');
  assert.is.not(shown.value.characters, opening.value.characters);
});

test('what was typed wrongly in form is no guess; case, spaces and look-alikes do not matter', async () => {
  const value = shortString(0b00000_00001_11111_01010_10000_00000);
  assert.is(value.characters, '01ZAG0');
  for (const typed of ['01ZAG0', '01zag0', ' 0 1 z-a g 0', 'OIzago', 'olZAGo'])
    assert.ok(isSameString(value, typed), typed);
  assert.not(isSameString(value, '01ZAG1'));
  for (const typed of ['', '01ZAG', '01ZAG00', '01ZAGU', '01ZAG!', '０1ZAG0'])
    assert.throws(() => isSameString(value, typed), RangeError);
  const pair = createPair('typing', [sas]);
  const { run, hers } = await compared(pair);
  assert.instance(await refusal(() => confirmSas(pair.romeo.verifier, run, hers.slice(1))), RangeError);
  assert.is((await confirmSas(pair.romeo.verifier, run, hers)).kind, 'verified');
});

test('pictures: four of sixty-four, each with a word that no other has, and each shown by one code point', () => {
  assert.is(PICTURES.length, 64);
  assert.is(new Set(PICTURES.map(({ word }) => word)).size, 64);
  assert.is(new Set(PICTURES.map(({ symbol }) => symbol)).size, 64);
  for (const { symbol, word } of PICTURES) {
    assert.match(symbol, /^\p{Emoji_Presentation}$/u, word);
    assert.match(word, /^[a-z]{3,10}$/);
  }
  assert.equal(
    [...PICTURES].map(({ word }) => word).sort(),
    PICTURES.map(({ word }) => word),
  );
  assert.is(new Set(SPELLING).size, 32);
  assert.equal(
    shortString(0b000000_000001_111110_111111_000000).emoji.map(({ word }) => word),
    ['anchor', 'ant', 'whale', 'wolf'],
  );
  assert.equal(shortString(0b10000_11111_00000_01010_00001_01001).spelled, [
    'golf',
    'zulu',
    'zero',
    'alfa',
    'one',
    'nine',
  ]);
});

test.run();
