/**
 * Which P-384 keys are taken: points on the curve, scalars in range (E1-E3).
 * @module
 */
import { toHex } from '../../octets.js';

const PRIME = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn;
const ORDER = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

/** Whether octets are an uncompressed point (RFC 5480 §2.2), both coordinates reduced, y^2 = x^3 - 3x + b (FIPS 186-5, SP 800-186 §3.2.1.4). */
export function isOnP384(point: Uint8Array): boolean {
  if (point.length !== 97 || point[0] !== 0x04) return false;
  const x = bigEndian(point.subarray(1, 49));
  const y = bigEndian(point.subarray(49));
  if (x >= PRIME || y >= PRIME) return false;
  return (y * y - (x * x * x - 3n * x + B)) % PRIME === 0n;
}

/** Whether 48 octets are a private scalar: from 1 to the order less 1 (RFC 5915 §3). */
export function isP384Scalar(secret: Uint8Array): boolean {
  const scalar = bigEndian(secret);
  return secret.length === 48 && scalar > 0n && scalar < ORDER;
}

/** The whole number of big-endian octets. */
export function bigEndian(octets: Uint8Array): bigint {
  return octets.length === 0 ? 0n : BigInt(`0x${toHex(octets)}`);
}
