/**
 * Digests, HMAC and HKDF as algorithm identifiers (RFC 5754 §2, RFC 4231 §3.1, RFC 8018 B.1.2, RFC 8619 §2).
 * @module
 */

import type { HashName } from '../../generalCrypto.js';
import { expectNoParameters, expectNullOrNone, generalAlgorithm, NULL } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { nameOf, oidOf, oidTable } from './oidTable.js';

const DIGESTS = [
  ...oidTable<HashName>('1.3.14.3.2', [['SHA-1', 26]]),
  ...oidTable<HashName>('2.16.840.1.101.3.4.2', [
    ['SHA-224', 4],
    ['SHA-256', 1],
    ['SHA-384', 2],
    ['SHA-512', 3],
  ]),
];
const HMACS = [
  ...oidTable<HashName>('1.2.840.113549.2', [
    ['SHA-1', 7],
    ['SHA-224', 8],
    ['SHA-256', 9],
    ['SHA-384', 10],
    ['SHA-512', 11],
  ]),
  // hMAC-SHA1 of RFC 3370 §3.1, the older name.
  ...oidTable<HashName>('1.3.6.1.5.5.8.1', [['SHA-1', 2]]),
];
const HKDFS = oidTable<HashName>('1.2.840.113549.1.9.16.3', [
  ['SHA-256', 28],
  ['SHA-384', 29],
  ['SHA-512', 30],
]);

/** Reads a digest: parameters absent or NULL (RFC 5754 §2). @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` */
export function readDigestAlgorithm(algorithm: GeneralAlgorithm): HashName {
  const hash = nameOf(DIGESTS, algorithm, 'digest');
  expectNullOrNone(algorithm);
  return hash;
}

/** A digest: parameters absent. */
export function digestAlgorithm(hash: HashName): GeneralAlgorithm {
  return generalAlgorithm(oidOf(DIGESTS, hash));
}

/** A hash inside RSA parameters: there NULL is written (RFC 4055 §2.1). */
export function hashOfRsa(hash: HashName): GeneralAlgorithm {
  return generalAlgorithm(oidOf(DIGESTS, hash), NULL);
}

/** Reads an HMAC: parameters absent or NULL (RFC 3370 §3.1, RFC 4231 §3.1). @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` */
export function readHmacAlgorithm(algorithm: GeneralAlgorithm): HashName {
  const hash = nameOf(HMACS, algorithm, 'MAC');
  expectNullOrNone(algorithm);
  return hash;
}

/** An HMAC: parameters NULL, as RFC 4231 §3.1 and RFC 8018 B.1.2 have it. */
export function hmacAlgorithm(hash: HashName): GeneralAlgorithm {
  return generalAlgorithm(oidOf(HMACS, hash), NULL);
}

/** Reads HKDF as a key derivation: SHA-256, SHA-384, SHA-512; parameters absent (RFC 8619 §2). @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` */
export function readHkdfAlgorithm(algorithm: GeneralAlgorithm): HashName {
  const hash = nameOf(HKDFS, algorithm, 'key derivation');
  expectNoParameters(algorithm);
  return hash;
}

/** HKDF with SHA-256, SHA-384 or SHA-512. @throws RangeError for another hash */
export function hkdfAlgorithm(hash: HashName): GeneralAlgorithm {
  return generalAlgorithm(oidOf(HKDFS, hash));
}
