import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint, parseFingerprint } from '../src/index.js';

const test = suite('fingerprint');
const id = Uint8Array.from({ length: 32 }, (_, i) => 255 - 7 * i);
const shown = 'fff8f1ea e3dcd5ce c7c0b9b2 aba49d96 8f88817a 736c655e 57504942 3b342d26';

test('64 digits in groups of eight', () => {
  assert.is(fingerprint(id), shown);
  assert.throws(
    () => fingerprint(id.subarray(1)),
    (error: unknown) => error instanceof RangeError,
  );
});

test('read back whatever the case and the white space', () => {
  for (const text of [
    shown,
    shown.toUpperCase(),
    shown.replaceAll(' ', ''),
    ` ${shown.replaceAll(' ', '\n\t ')}\n`,
    shown.split('').join(' '),
  ]) {
    assert.equal(parseFingerprint(text), id);
  }
});

test('refused: too short, too long, other signs', () => {
  for (const text of [
    '',
    shown.slice(1),
    `${shown}0`,
    shown.replace('f', 'g'),
    shown.replaceAll(' ', ':'),
    shown.replace('f', '٣'),
  ]) {
    assert.throws(
      () => parseFingerprint(text),
      (error: unknown) => error instanceof RangeError,
      text,
    );
  }
});

test.run();
