import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isDecided } from '../src/decided.js';

const test = suite('when enough was measured');

const around = (below: number, above: number): number[] => [
  ...Array<number>(below).fill(1.5),
  ...Array<number>(above).fill(1.7),
];

test('a median counts when the sign test says on which side of the limit it is, and as soon on either side', () => {
  for (const [few, many, decided] of [
    [0, 4, true],
    [4, 11, false],
    [3, 12, true],
    [50, 70, false],
    [49, 71, true],
  ] as const) {
    assert.is(isDecided(around(few, many), 1.6), decided, `${few} below, ${many} above`);
    assert.is(isDecided(around(many, few), 1.6), decided, `${many} below, ${few} above`);
  }
});

test('values at the limit say nothing', () => {
  assert.is(isDecided([], 1.6), false);
  assert.is(isDecided(Array(50).fill(1.6), 1.6), false);
  assert.is(isDecided([...Array(50).fill(1.6), ...around(0, 4)], 1.6), true);
});

test.run();
