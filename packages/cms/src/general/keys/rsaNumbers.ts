/**
 * RSA keys as numbers (RFC 8017 §A.1).
 *
 * ```
 * RSAPublicKey  ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
 * RSAPrivateKey ::= SEQUENCE { version INTEGER (0), modulus, publicExponent, privateExponent, prime1, prime2, exponent1,
 *                              exponent2, coefficient INTEGER, otherPrimeInfos OPTIONAL }
 * ```
 * @module
 */
import { CmsError, derError } from '../../cmsError.js';
import { DerReader } from '../../derReader.js';
import { encodeDer, primitive, sequence } from '../../derWriter.js';
import { bigEndian } from './p384.js';

/** Bounds of an RSA modulus, in bits: less is within reach, more costs a reader too much. */
export const RSA_MODULUS_BITS: { readonly least: number; readonly most: number } = Object.freeze({
  least: 2048,
  most: 8192,
});

/**
 * Checks DER of an RSAPublicKey: an odd modulus of 2048 to 8192 bits, an odd exponent from 3 to 2^64. 65537 is what is made
 * here; 3 and 17 are read, since OAEP and PSS do not fail with them as PKCS #1 v1.5 does (RFC 8017 §7.1, §8.1).
 * @throws CmsError `ERR_DER`; `ERR_UNSUPPORTED` for numbers outside of these bounds
 */
export function checkRsaPublicKey(der: Uint8Array): void {
  const reader = new DerReader(der);
  const key = reader.sequence();
  reader.end();
  const modulus = unsigned(key);
  const exponent = unsigned(key);
  key.end();
  checkPublicNumbers(modulus, exponent);
}

/**
 * Checks DER of an RSAPrivateKey, its eight numbers against each other, and gives DER of the RSAPublicKey.
 * @throws CmsError `ERR_DER`; `ERR_UNSUPPORTED` for more than two primes, or numbers outside of the bounds
 */
export function rsaPublicKeyOf(der: Uint8Array): Uint8Array {
  const reader = new DerReader(der);
  const key = reader.sequence();
  reader.end();
  const version = key.integer();
  if (version === 1) throw new CmsError('ERR_UNSUPPORTED', 'RSA key of more than two primes');
  if (version !== 0) throw derError('RSA private key of another version');
  const modulus = unsigned(key);
  const exponent = unsigned(key);
  checkPublicNumbers(modulus, exponent);
  const [d, p, q, dp, dq, coefficient] = Array.from({ length: 6 }, () => bigEndian(unsigned(key))) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  key.end();
  const [n, e] = [bigEndian(modulus), bigEndian(exponent)];
  const consistent =
    p > 1n &&
    q > 1n &&
    p !== q &&
    p * q === n &&
    d < n &&
    (d * e) % (p - 1n) === 1n &&
    (d * e) % (q - 1n) === 1n &&
    dp === d % (p - 1n) &&
    dq === d % (q - 1n) &&
    coefficient < p &&
    (q * coefficient) % p === 1n;
  if (!consistent) throw derError('RSA private key whose numbers do not belong together');
  return encodeDer(sequence(primitive(0x02, padded(modulus)), primitive(0x02, padded(exponent))));
}

/** Modulus and exponent of a checked RSAPublicKey, big-endian without leading zeros. */
export function rsaPublicNumbers(der: Uint8Array): { readonly modulus: Uint8Array; readonly exponent: Uint8Array } {
  const key = new DerReader(der).sequence();
  return { modulus: unsigned(key), exponent: unsigned(key) };
}

function checkPublicNumbers(modulus: Uint8Array, exponent: Uint8Array): void {
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_MODULUS_BITS.least || bits > RSA_MODULUS_BITS.most)
    throw new CmsError('ERR_UNSUPPORTED', 'RSA modulus is not of 2048 to 8192 bits');
  if (exponent.length > 8) throw new CmsError('ERR_UNSUPPORTED', 'RSA exponent is longer than 64 bits');
  if (((modulus.at(-1) as number) & 1) === 0) throw derError('RSA modulus is even');
  if (((exponent.at(-1) ?? 0) & 1) === 0 || (exponent.length === 1 && exponent[0] === 1))
    throw derError('RSA exponent is even or 1');
}

/** Octets of a positive, minimal INTEGER without its sign octet. */
function unsigned(reader: DerReader): Uint8Array {
  const octets = reader.primitive(0x02);
  const [first, second] = octets;
  if (first === undefined) throw derError('empty integer');
  if (first >= 0x80 || (first === 0 && (second === undefined || second < 0x80)))
    throw derError('integer not positive or not minimal');
  return first === 0 ? octets.subarray(1) : octets;
}

function padded(octets: Uint8Array): Uint8Array {
  if ((octets[0] as number) < 0x80) return octets;
  const signed = new Uint8Array(octets.length + 1);
  signed.set(octets, 1);
  return signed;
}
