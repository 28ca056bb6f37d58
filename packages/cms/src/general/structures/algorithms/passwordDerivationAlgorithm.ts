/**
 * Keys from passwords: PBKDF2 (RFC 8018 A.2) and scrypt (RFC 7914 §7.1). Costs are read, not judged.
 *
 * ```
 * PBKDF2-params ::= SEQUENCE { salt CHOICE { specified OCTET STRING, otherSource AlgorithmIdentifier },
 *   iterationCount INTEGER (1..MAX), keyLength INTEGER (1..MAX) OPTIONAL, prf AlgorithmIdentifier DEFAULT hmacWithSHA1 }
 * scrypt-params ::= SEQUENCE { salt OCTET STRING, costParameter INTEGER (1..MAX), blockSize INTEGER (1..MAX),
 *   parallelizationParameter INTEGER (1..MAX), keyLength INTEGER (1..MAX) OPTIONAL }
 * ```
 * @module
 */
import { CmsError, derError } from '../../../cmsError.js';
import type { DerReader } from '../../../derReader.js';
import { type DerNode, encodeDer, encoded, integer, octetString, sequence } from '../../../derWriter.js';
import { oid } from '../../../objectIdentifiers.js';
import type { HashName } from '../../generalCrypto.js';
import { generalAlgorithm, innerAlgorithm, parametersOf } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { hmacAlgorithm, readHmacAlgorithm } from './hashAlgorithms.js';
import { nameOf, type OidTable, oidOf } from './oidTable.js';

/** How a key comes from a password. `keyLength` in octets, where it is stated. */
export type PasswordDerivation =
  | {
      readonly kdf: 'PBKDF2';
      readonly hash: HashName;
      readonly salt: Uint8Array;
      readonly iterations: number;
      readonly keyLength: number | undefined;
    }
  | {
      readonly kdf: 'scrypt';
      readonly salt: Uint8Array;
      /** The costs under the names that RFC 7914 §2 gives them. */
      readonly n: number;
      readonly r: number;
      readonly p: number;
      readonly keyLength: number | undefined;
    };

const DERIVATIONS: OidTable<PasswordDerivation['kdf']> = [
  ['PBKDF2', oid('1.2.840.113549.1.5.12')],
  ['scrypt', oid('1.3.6.1.4.1.11591.4.11')],
];
/** prf DEFAULT (RFC 8018 A.2). */
const DEFAULT_PRF: HashName = 'SHA-1';

/** Reads keyDerivationAlgorithm of a PasswordRecipientInfo. @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` */
export function readPasswordDerivationAlgorithm(algorithm: GeneralAlgorithm): PasswordDerivation {
  const kdf = nameOf(DERIVATIONS, algorithm, 'key derivation');
  const reader = parametersOf(algorithm);
  const parameters = reader.sequence();
  reader.end();
  if (parameters.tag === 0x30) throw new CmsError('ERR_UNSUPPORTED', 'salt from another source is not supported');
  const salt = parameters.octetString();
  const derivation =
    kdf === 'PBKDF2' ? { kdf, salt, ...readPbkdf2(parameters) } : { kdf, salt, ...readScrypt(parameters) };
  parameters.end();
  return derivation;
}

/** keyDerivationAlgorithm of a PasswordRecipientInfo. */
export function passwordDerivationAlgorithm(derivation: PasswordDerivation): GeneralAlgorithm {
  const { kdf, salt, keyLength } = derivation;
  const length: DerNode[] = keyLength === undefined ? [] : [integer(keyLength)];
  const parameters =
    kdf === 'PBKDF2'
      ? sequence(octetString(salt), integer(derivation.iterations), ...length, ...prfNode(derivation.hash))
      : sequence(octetString(salt), integer(derivation.n), integer(derivation.r), integer(derivation.p), ...length);
  return generalAlgorithm(oidOf(DERIVATIONS, kdf), encodeDer(parameters));
}

function readPbkdf2(parameters: DerReader): { iterations: number; keyLength: number | undefined; hash: HashName } {
  const iterations = positive(parameters);
  const keyLength = optionalLength(parameters);
  const hash = parameters.atEnd ? DEFAULT_PRF : readHmacAlgorithm(innerAlgorithm(parameters));
  return { iterations, keyLength, hash };
}

function readScrypt(parameters: DerReader): { n: number; r: number; p: number; keyLength: number | undefined } {
  const n = positive(parameters);
  const r = positive(parameters);
  const p = positive(parameters);
  return { n, r, p, keyLength: optionalLength(parameters) };
}

function optionalLength(parameters: DerReader): number | undefined {
  return parameters.tag === 0x02 ? positive(parameters) : undefined;
}

function positive(parameters: DerReader): number {
  const value = parameters.integer();
  if (value === 0) throw derError('integer out of range');
  return value;
}

function prfNode(hash: HashName): DerNode[] {
  return hash === DEFAULT_PRF ? [] : [encoded(hmacAlgorithm(hash).der)];
}
