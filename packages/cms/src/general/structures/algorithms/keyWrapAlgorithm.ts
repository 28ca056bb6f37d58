/**
 * Key wrap under a symmetric key: AES key wrap (RFC 3565 §2.3.2), and PWRI-KEK under a key from a password (RFC 3211 §2.3).
 *
 * ```
 * id-alg-PWRI-KEK parameters ::= AlgorithmIdentifier of a block cipher in CBC mode, with its IV
 * AES-IV ::= OCTET STRING (SIZE(16))
 * ```
 * @module
 */
import { encodeDer, octetString } from '../../../derWriter.js';
import { algorithmInside, expectNullOrNone, generalAlgorithm, parametersOf } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { nameOf, oidOf, oidTable } from './oidTable.js';

/** Length in octets of an AES key. */
export type AesKeyLength = 16 | 24 | 32;

/** PWRI-KEK: AES-CBC twice over. */
export interface PasswordWrap {
  /** Length in octets of the key. */
  readonly keyLength: AesKeyLength;
  /** The IV: 16 octets. */
  readonly iv: Uint8Array;
}

const AES = '2.16.840.1.101.3.4.1';
const WRAPS = oidTable<AesKeyLength>(AES, [
  [16, 5],
  [24, 25],
  [32, 45],
]);
const CBC = oidTable<AesKeyLength>(AES, [
  [16, 2],
  [24, 22],
  [32, 42],
]);
const PWRI_KEK = oidTable('1.2.840.113549.1.9.16.3', [['PWRI-KEK', 9]]);
const IV_LENGTH = 16;

/**
 * Reads AES key wrap: the length of its key in octets. Parameters are to be absent; NULL, which PKI.js writes, is taken.
 * @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER`
 */
export function readKeyWrapAlgorithm(algorithm: GeneralAlgorithm): AesKeyLength {
  const keyLength = nameOf(WRAPS, algorithm, 'key wrap');
  expectNullOrNone(algorithm);
  return keyLength;
}

/** AES key wrap under a key of 16, 24 or 32 octets. */
export function keyWrapAlgorithm(keyLength: AesKeyLength): GeneralAlgorithm {
  return generalAlgorithm(oidOf(WRAPS, keyLength));
}

/**
 * Reads PWRI-KEK with AES in CBC mode; any other cipher or mode is refused (CVE-2026-9076).
 * @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER`
 */
export function readPasswordWrapAlgorithm(algorithm: GeneralAlgorithm): PasswordWrap {
  nameOf(PWRI_KEK, algorithm, 'key wrap');
  const cipher = algorithmInside(algorithm);
  const keyLength = nameOf(CBC, cipher, 'PWRI-KEK over');
  const reader = parametersOf(cipher);
  const iv = reader.octetStringOf(IV_LENGTH);
  reader.end();
  return { keyLength, iv };
}

/** PWRI-KEK with AES in CBC mode. @throws RangeError for an IV that is not 16 octets */
export function passwordWrapAlgorithm({ keyLength, iv }: PasswordWrap): GeneralAlgorithm {
  if (iv.length !== IV_LENGTH) throw new RangeError('iv is not 16 octets');
  return generalAlgorithm(
    oidOf(PWRI_KEK, 'PWRI-KEK'),
    generalAlgorithm(oidOf(CBC, keyLength), encodeDer(octetString(iv))).der,
  );
}
