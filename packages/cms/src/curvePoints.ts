/**
 * Which public key octets are taken at all: canonical, and not of low order (E1-E3). Refused here, once, so that a key has
 * one spelling and one identifier, and so that no key makes a signature or a shared secret that anybody can make.
 * @module
 */
import { equal } from './octets.js';
import type { KeyAlgorithm } from './ports.js';

const PRIME = 2n ** 255n - 19n;

/** Zero, one and minus one, which are of small order on either curve. */
const LOW_ORDER = [0n, 1n, PRIME - 1n];

// Points of small order on Curve25519 as canonical u (RFC 7748 §7; the list of C. Chalkias et al. 2020 for Ed25519).
const X25519_LOW_ORDER: readonly Uint8Array[] = [
  ...LOW_ORDER,
  0xb8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
].map(littleEndian);

// y of the eight points of small order on edwards25519, the last two of order eight, each with either sign of x in the highest bit.
const ORDER_EIGHT = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const ED25519_LOW_ORDER: readonly Uint8Array[] = [...LOW_ORDER, ORDER_EIGHT, PRIME - ORDER_EIGHT]
  .flatMap((y) => [y, y + 2n ** 255n])
  .map(littleEndian);

/** Whether octets are an acceptable public key: of the right length, canonical, on the curve (P-256), not of low order. */
export function isAcceptablePublicKey(algorithm: KeyAlgorithm, raw: Uint8Array): boolean {
  switch (algorithm) {
    case 'X25519':
      return isHighOrder(raw, 0xff, X25519_LOW_ORDER);
    case 'Ed25519':
      return isAcceptableEd25519Point(raw);
    case 'P-256':
      return isOnP256(raw);
  }
}

/** Whether octets are a canonical Ed25519 point encoding that is not one of small order: for keys, and for R of signatures (E3, E4). */
export function isAcceptableEd25519Point(point: Uint8Array): boolean {
  return isHighOrder(point, 0x7f, ED25519_LOW_ORDER);
}

/** Whether octets are a point whose coordinate, with so much of its last octet, is below the prime, and none of the given ones. */
function isHighOrder(point: Uint8Array, mask: number, lowOrder: readonly Uint8Array[]): boolean {
  return point.length === 32 && isBelowPrime(point, mask) && !lowOrder.some((low) => equal(low, point));
}

/** Whether a little-endian number of 32 octets is below 2^255 - 19. */
function isBelowPrime(octets: Uint8Array, mask: number): boolean {
  const last = (octets[31] as number) & mask;
  if (last !== 0x7f) return last < 0x7f;
  for (let i = 30; i > 0; i--) if (octets[i] !== 0xff) return true;
  return (octets[0] as number) < 0xed;
}

const P256_PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

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

/** 32 octets of a whole number, the least first. */
function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}
