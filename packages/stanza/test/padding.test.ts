import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PADDING_BUCKETS, paddedLength, paddingFor } from '../src/padding.js';

const test = suite('padding');

test('J1: the buckets are ceil(256 * 2^(k/2)), exactly', () => {
  assert.equal(PADDING_BUCKETS.slice(0, 12), [256, 363, 512, 725, 1024, 1449, 2048, 2897, 4096, 5793, 8192, 11586]);
  PADDING_BUCKETS.forEach((bucket, k) => {
    // bucket - 1 < 256 * 2^(k/2) <= bucket, squared, in whole numbers.
    const square = 65536n << BigInt(k);
    const length = BigInt(bucket);
    assert.ok(length * length >= square && (length - 1n) * (length - 1n) < square, `k = ${k}`);
  });
  assert.ok((PADDING_BUCKETS.at(-1) as number) >= 262144, 'the table covers the greatest object');
});

test('paddedLength is the least bucket that fits', () => {
  assert.is(paddedLength(0), 256);
  assert.is(paddedLength(256), 256);
  assert.is(paddedLength(257), 363);
  assert.is(paddedLength(363), 363);
  assert.is(paddedLength(364), 512);
  fc.assert(
    fc.property(fc.nat(1 << 24), (octets) => {
      const padded = paddedLength(octets);
      assert.ok(padded >= octets && padded === PADDING_BUCKETS.find((bucket) => bucket >= octets));
    }),
    { seed: 5 },
  );
  assert.throws(
    () => paddedLength((1 << 24) + 1),
    (error: unknown) => error instanceof RangeError,
  );
});

/** Octets of a DER value with that many content octets (X.690 §8.1.3). */
function der(content: number): number {
  return content + (content < 128 ? 2 : content < 256 ? 3 : content < 65536 ? 4 : 5);
}

test('paddingFor fills a bucket exactly, the least that can be filled', () => {
  fc.assert(
    fc.property(fc.nat(70000), fc.nat(300), fc.nat(3), (content, around, nested) => {
      const lengthWith = (padding: number): number => {
        let length = content + padding;
        for (let i = 0; i <= nested; i++) length = der(length + around);
        return length;
      };
      const padding = paddingFor(lengthWith);
      const reached = lengthWith(padding);
      assert.ok(PADDING_BUCKETS.includes(reached));
      for (const smaller of PADDING_BUCKETS) {
        if (smaller >= reached) break;
        // Nothing smaller was possible: a jump of the length octets went over it, or it was too short from the start.
        const most = Math.max(0, smaller - lengthWith(0));
        for (let other = Math.max(0, most - 16); other <= most; other++) assert.is.not(lengthWith(other), smaller);
      }
    }),
    { seed: 7, numRuns: 2000 },
  );
});

test('a bucket that a jump of length octets goes over is left for the next', () => {
  // 255 content octets make 258, 256 make 260: behind three octets more no padding gives 262.
  const lengthWith = (padding: number): number => (padding < 100 ? 256 - 100 + padding : 257 - 100 + padding);
  assert.is(lengthWith(99), 255);
  assert.is(lengthWith(100), 257);
  assert.is(lengthWith(paddingFor(lengthWith)), 363);
  assert.is(
    paddingFor(() => 256),
    0,
  );
});

test.run();
