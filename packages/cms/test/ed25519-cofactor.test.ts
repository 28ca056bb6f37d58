/**
 * Keys of mixed order, on which Ed25519 verifiers differ (E5; K. Chalkias et al., "Taming the many EdDSAs", 2020). Our one
 * answer is the cofactorless equation, S B = R + k A: what OpenSSL does, and with it all three providers here.
 */
import { createHash } from 'node:crypto';
import { providers } from '@stanzaseal/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { concat, isAcceptableEd25519Point, publicKeyFromRaw, toUtf8 } from '../src/index.js';

const test = suite('Ed25519 cofactor');

type Point = readonly [x: bigint, y: bigint];
const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (value: bigint): bigint => ((value % p) + p) % p;
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
};
const inverse = (value: bigint): bigint => power(value, p - 2n);
const d = mod(-121665n * inverse(121666n));
const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
  const t = mod(d * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + x2 * y1) * inverse(1n + t)), mod((y1 * y2 + x1 * x2) * inverse(1n - t))];
};
const multiply = (scalar: bigint, point: Point): Point => {
  let [sum, addend]: [Point, Point] = [[0n, 1n], point];
  for (let s = scalar; s > 0n; s >>= 1n, addend = add(addend, addend)) if (s & 1n) sum = add(sum, addend);
  return sum;
};
const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const fromLittleEndian = (octets: Uint8Array): bigint =>
  octets.reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n);
const compressed = ([x, y]: Point): Uint8Array => littleEndian(y | ((x & 1n) << 255n));
const base: Point = [
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
];
/** The point of order 4 with y = 0: x is a square root of -1. */
const torsion: Point = [power(2n, (p - 1n) / 4n), 0n];

/** A signature by a mixed-order key A + T over a message whose k is, or is not, a multiple of the order of T. */
function signed(multiple: boolean): { raw: Uint8Array; message: Uint8Array; signature: Uint8Array } {
  const [a, r] = [123456789n, 987654321n];
  const raw = compressed(add(multiply(a, base), torsion));
  const R = compressed(multiply(r, base));
  for (let counter = 0; ; counter++) {
    const message = toUtf8(`message ${counter}`);
    const k =
      fromLittleEndian(
        new Uint8Array(
          createHash('sha512')
            .update(concat(R, raw, message))
            .digest(),
        ),
      ) % order;
    if ((k % 4n === 0n) === multiple) return { raw, message, signature: concat(R, littleEndian((r + k * a) % order)) };
  }
}

test('the arithmetic here is that of RFC 8032', () => {
  assert.equal(multiply(order, base), [0n, 1n]);
  assert.equal(multiply(4n, torsion), [0n, 1n]);
  assert.not.equal(multiply(2n, torsion), [0n, 1n]);
  assert.not.ok(isAcceptableEd25519Point(compressed(torsion)));
});

for (const [name, crypto] of providers()) {
  test(`E5: ${name}: a mixed-order key is taken, and its signature holds only by the cofactorless equation`, async () => {
    for (const multiple of [true, false]) {
      const { raw, message, signature } = signed(multiple);
      const key = await publicKeyFromRaw('Ed25519', raw, crypto);
      assert.is(await crypto.verify(key, message, signature), multiple);
    }
  });
}

test.run();
