// The length of a text in UTF-8, counted in pieces: no place where a piece ends makes a difference.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { utf8Length } from '../src/index.js';

const test = suite('octets of a text');
const encoder = new TextEncoder();

test('it is that of the encoded text, whatever stands where a piece ends', () => {
  for (const character of ['x', 'é', '愛', '\u{1f339}', '\ud800']) {
    for (let before = 2040; before < 2052; before++) {
      const text = 'x'.repeat(before) + character.repeat(2050) + 'x';
      assert.is(utf8Length(text), encoder.encode(text).length, `${before} ${character}`);
    }
  }
  assert.is(utf8Length(''), 0);
});

test('beyond the most that is asked for it is above that, and up to there exact', () => {
  const text = 'é'.repeat(10_000);
  assert.ok(utf8Length(text, 5_000) > 5_000);
  assert.is(utf8Length(text, 20_000), 20_000);
});

test.run();
