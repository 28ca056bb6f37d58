// The length of a text in UTF-8, counted in pieces: no place where a piece ends makes a difference.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { utf8Length } from '../src/index.js';

const test = suite('octets of a text');
const encoder = new TextEncoder();

test('it is that of the encoded text, whatever stands where a piece ends', () => {
  for (const character of ['x', 'é', '愛', '\u{1f339}', '\ud800']) {
    for (let before = 8184; before < 8196; before++) {
      const text = 'x'.repeat(before) + character.repeat(8194) + 'x';
      assert.is(utf8Length(text), encoder.encode(text).length, `${before} ${character}`);
    }
  }
  assert.is(utf8Length(''), 0);
});

test.run();
