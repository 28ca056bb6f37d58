/**
 * Which public key octets are taken at all: canonical, and not of low order (E1-E3). Refused here, once, so that a key has
 * one spelling and one identifier, and so that no key makes a signature or a shared secret that anybody can make.
 * @module
 */
import { copyOctets, equal, fromHex } from './octets.js';
import type { KeyAlgorithm } from './ports.js';

/** Zero, one and minus one, which are of small order on either curve. */
const LOW_ORDER: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

// Points of small order on Curve25519 as canonical u (RFC 7748 §7; the list of C. Chalkias et al. 2020 for Ed25519).
const X25519_LOW_ORDER: readonly Uint8Array[] = [
  ...LOW_ORDER,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
].map(fromHex);

// y of the eight points of small order on edwards25519; the sign of x is masked off before comparing.
const ED25519_LOW_ORDER: readonly Uint8Array[] = [
  ...LOW_ORDER,
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
].map(fromHex);

/** Whether octets are an acceptable public key: of the right length, canonical, on the curve (P-256), not of low order. */
export function isAcceptablePublicKey(algorithm: KeyAlgorithm, raw: Uint8Array): boolean {
  switch (algorithm) {
    case 'X25519':
      return raw.length === 32 && isBelowPrime(raw) && !X25519_LOW_ORDER.some((point) => equal(point, raw));
    case 'Ed25519':
      return isAcceptableEd25519Point(raw);
    case 'P-256':
      return isOnP256(raw);
  }
}

/** Whether octets are a canonical Ed25519 point encoding that is not one of small order: for keys, and for R of signatures (E3, E4). */
export function isAcceptableEd25519Point(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const y = copyOctets(point);
  y[31] = (y[31] as number) & 0x7f;
  return isBelowPrime(y) && !ED25519_LOW_ORDER.some((low) => equal(low, y));
}

/** Whether a little-endian number of 32 octets is below 2^255 - 19. */
function isBelowPrime(octets: Uint8Array): boolean {
  const last = octets[31] as number;
  if (last !== 0x7f) return last < 0x7f;
  for (let i = 30; i > 0; i--) if (octets[i] !== 0xff) return true;
  return (octets[0] as number) < 0xed;
}

const P256_PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P256_B = BigInt('0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b');

/** Uncompressed points only (RFC 5480 §2.2), both coordinates reduced, y^2 = x^3 - 3x + b. */
function isOnP256(raw: Uint8Array): boolean {
  if (raw.length !== 65 || raw[0] !== 0x04) return false;
  const x = bigEndian(raw.subarray(1, 33));
  const y = bigEndian(raw.subarray(33));
  if (x >= P256_PRIME || y >= P256_PRIME) return false;
  return (y * y - (x * x * x - 3n * x + P256_B)) % P256_PRIME === 0n;
}

/** The whole number that octets are, the greatest first. */
export function bigEndian(octets: Uint8Array): bigint {
  let value = 0n;
  for (const octet of octets) value = (value << 8n) | BigInt(octet);
  return value;
}
