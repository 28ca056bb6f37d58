import { createCipheriv } from 'node:crypto';
import { octetString } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Run } from '../src/index.js';
import { sas } from '../src/sas/index.js';
import { answer, commit, SAS_BITS, sasProtocol } from '../src/sas/sas.js';
import { sasNumber } from '../src/sas/shortString.js';
import { decodeMessage, encodeMessage } from '../src/verificationMessage.js';
import { JULIET, MERCUTIO, ROMEO } from './pair.js';

const test = suite('SAS: what guessing comes to, P05, R13');

const BITS = 12;
const RUNS = 1_000_000;
const short = sasProtocol(BITS);
const draw = fastRandom();

/** Octets of AES-CTR: the same in every run, and a million times as many as SHA-256 would give in that time. */
function fastRandom(): (length: number) => Uint8Array {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 0x5a), Buffer.alloc(16));
  const zeros = Buffer.alloc(1 << 20);
  let pool = stream.update(zeros);
  let at = 0;
  return (length) => {
    if (at + length > pool.length) {
      pool = stream.update(zeros);
      at = 0;
    }
    at += length;
    return new Uint8Array(pool.buffer, pool.byteOffset + at - length, length);
  };
}

const run = (role: Run['role'], own: Run['own'], peer: Run['peer'], id: Uint8Array, transcript: Uint8Array[]): Run => ({
  id,
  role,
  own,
  peer,
  transcript,
  secret: undefined,
  done: false,
});

/** Takes the last message of a transcript. @throws Error where nothing is to be compared then */
function compared(it: Run): string {
  const { result } = short.take(it, decodeMessage(it.transcript.at(-1) as Uint8Array).body) as Awaited<
    ReturnType<typeof short.take>
  >;
  if (result.kind !== 'compare') throw new Error(result.kind);
  return result.value.characters;
}

/**
 * One run of Juliet with Romeo through Mercutio, who has given each his own key for the other's. He commits to Romeo before he knows
 * Romeo's nonce and answers Juliet before he knows hers: all that is left to him is to hope.
 */
function attackedOnce(): boolean {
  const [toJuliet, toRomeo] = [
    { jid: ROMEO.jid, identity: MERCUTIO },
    { jid: JULIET.jid, identity: MERCUTIO },
  ];
  const [id1, id2] = [draw(16), draw(16)];
  const nonce = draw(32);
  const hers = run('initiator', JULIET, toJuliet, id1, []);
  const first = commit(hers, nonce).says as Uint8Array;
  const own = run('initiator', toRomeo, ROMEO, id2, []);
  const mercutios = draw(32);
  const second = commit(own, mercutios).says as Uint8Array;
  const his = run('responder', ROMEO, toRomeo, id2, [second]);
  const fromRomeo = answer(his, draw(32)).says as Uint8Array;
  const fromMercutio = answer(run('responder', toJuliet, JULIET, id1, [first]), draw(32)).says as Uint8Array;
  const atJuliets = compared({ ...hers, secret: nonce, transcript: [first, fromMercutio] });
  const opening = encodeMessage(id2, 3, octetString(mercutios));
  const atRomeos = compared({ ...his, transcript: [second, fromRomeo, opening] });
  return atJuliets === atRomeos;
}

test('P05: with 12 bits a million runs come to 244 right guesses, within five sigma', () => {
  let successes = 0;
  for (let i = 0; i < RUNS; i++) if (attackedOnce()) successes++;
  const expected = RUNS / 2 ** BITS;
  const sigma = Math.sqrt(expected * (1 - 1 / 2 ** BITS));
  assert.ok(Math.abs(successes - expected) < 5 * sigma, `${successes} of ${expected}`);
});

test('the protocol that is exported has 30 bits, all of them in use, and at least 24 in pictures', () => {
  assert.is(SAS_BITS, 30);
  let [any, all] = [0, 2 ** 30 - 1];
  const seen = new Set<string>();
  for (let i = 0; i < 2000; i++) {
    const it = run(
      'responder',
      ROMEO,
      JULIET,
      draw(16),
      [draw(40), draw(40), draw(40)].map((each) => new Uint8Array(each)),
    );
    const number = sasNumber(it, SAS_BITS);
    any |= number;
    all &= number;
    const shown = sas.show(it);
    if (shown.kind !== 'compare') throw new Error(shown.kind);
    const { characters, spelled, emoji } = shown.value;
    assert.match(characters, /^[0-9A-HJKMNP-TV-Z]{6}$/);
    assert.is(spelled.length, 6);
    // Pictures are the first 24 of the same bits.
    const indices = [18, 12, 6, 0].map((shift) => ((number >>> 6) >>> shift) & 63);
    assert.is(emoji.length, 4);
    seen.add(`${indices.join()} ${emoji.map(({ word }) => word).join()}`);
  }
  assert.is(any, 2 ** 30 - 1);
  assert.is(all, 0);
  // One picture for one value: the same six bits never give two words.
  const words = new Map<string, string>();
  for (const line of seen) {
    const [bits = '', names = ''] = line.split(' ');
    bits.split(',').forEach((value, i) => {
      const word = names.split(',')[i] as string;
      assert.is(words.get(value) ?? word, word);
      words.set(value, word);
    });
  }
  assert.is(new Set(words.values()).size, 64);
});

test.run();
