/**
 * Key agreement: ECDH with the X9.63 derivation (RFC 5753 §7.1.4), ECDH or X25519 with HKDF (RFC 8418 §2.2). The parameter is
 * the key wrap algorithm, and must be there.
 * @module
 */
import { CmsError } from '../../../cmsError.js';
import { DerReader } from '../../../derReader.js';
import { encodeParts } from '../../../derWriter.js';
import { ID_EC_PUBLIC_KEY, ID_P256, ID_X25519, oid } from '../../../objectIdentifiers.js';
import { equal } from '../../../octets.js';
import type { HashName } from '../../generalCrypto.js';
import { algorithmInside, expectNoParameters, generalAlgorithm, unsupportedAlgorithm } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { nameOf, type OidTable, oidTable } from './oidTable.js';

/** How a key-encryption key comes from a shared secret. */
export interface KeyAgreementScheme {
  /** X9.63 (SEC 1 §3.6.1) or HKDF. */
  readonly kdf: 'X9.63' | 'HKDF';
  /** Cofactor Diffie-Hellman: the same as the plain one for P-256 and P-384, whose cofactor is 1. */
  readonly cofactor: boolean;
  /** The hash. */
  readonly hash: HashName;
}

/** What keyEncryptionAlgorithm of a KeyAgreeRecipientInfo says. */
export interface KeyAgreement extends KeyAgreementScheme {
  /** The KeyWrapAlgorithm as it stood: its `der` goes into the derivation octet by octet. */
  readonly wrap: GeneralAlgorithm;
}

/** Algorithm of an originator's key; `EC` where no curve is named, which then is the recipient's (RFC 5753 §3.1.1). */
export type OriginatorKeyAlgorithm = 'X25519' | 'EC' | 'P-256' | 'P-384';

const HKDF_SCHEMES: OidTable<KeyAgreementScheme> = oidTable('1.2.840.113549.1.9.16.3', [
  [scheme('HKDF', 'SHA-256'), 19],
  [scheme('HKDF', 'SHA-384'), 20],
  [scheme('HKDF', 'SHA-512'), 21],
]);
const X963_SCHEMES: OidTable<KeyAgreementScheme> = [
  ...oidTable('1.3.133.16.840.63.0', [
    [scheme('X9.63', 'SHA-1'), 2],
    [scheme('X9.63', 'SHA-1', true), 3],
  ]),
  ...[false, true].flatMap((cofactor) =>
    oidTable(`1.3.132.1.${cofactor ? 14 : 11}`, [
      [scheme('X9.63', 'SHA-224', cofactor), 0],
      [scheme('X9.63', 'SHA-256', cofactor), 1],
      [scheme('X9.63', 'SHA-384', cofactor), 2],
      [scheme('X9.63', 'SHA-512', cofactor), 3],
    ]),
  ),
];
const SCHEMES: OidTable<KeyAgreementScheme> = [...HKDF_SCHEMES, ...X963_SCHEMES];
const ID_P384 = oid('1.3.132.0.34');

/** Reads keyEncryptionAlgorithm of a KeyAgreeRecipientInfo. @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER` without a KeyWrapAlgorithm */
export function readKeyAgreementAlgorithm(algorithm: GeneralAlgorithm): KeyAgreement {
  return { ...nameOf(SCHEMES, algorithm, 'key agreement'), wrap: algorithmInside(algorithm) };
}

/** keyEncryptionAlgorithm of a KeyAgreeRecipientInfo. @throws RangeError for a scheme that has no name */
export function keyAgreementAlgorithm({ kdf, cofactor, hash, wrap }: KeyAgreement): GeneralAlgorithm {
  const found = SCHEMES.find(([each]) => each.kdf === kdf && each.cofactor === cofactor && each.hash === hash);
  if (found === undefined) throw new RangeError('key agreement scheme has no object identifier');
  return generalAlgorithm(found[1], wrap.der);
}

/**
 * Reads the algorithm of an originatorKey: X25519 without parameters (RFC 8418 §3.1), id-ecPublicKey without, with NULL or
 * with a named curve (RFC 5753 §3.1.1).
 * @throws CmsError `ERR_UNSUPPORTED`, `ERR_DER`
 */
export function readOriginatorKeyAlgorithm(algorithm: GeneralAlgorithm): OriginatorKeyAlgorithm {
  if (equal(algorithm.oid, ID_X25519)) {
    expectNoParameters(algorithm);
    return 'X25519';
  }
  if (!equal(algorithm.oid, ID_EC_PUBLIC_KEY)) throw unsupportedAlgorithm(algorithm, 'originator key of');
  const { parameters } = algorithm;
  if (parameters === undefined || (parameters.length === 2 && parameters[0] === 0x05)) return 'EC';
  if (parameters[0] !== 0x06) throw new CmsError('ERR_UNSUPPORTED', 'curve that is not named is not supported');
  const reader = new DerReader(parameters);
  const curve = reader.objectIdentifier();
  reader.end();
  if (equal(curve, ID_P256)) return 'P-256';
  if (equal(curve, ID_P384)) return 'P-384';
  throw new CmsError('ERR_UNSUPPORTED', 'curve is not P-256 or P-384');
}

/** Algorithm of an originatorKey; of one on a curve with the curve named, or with `EC` not. */
export function originatorKeyAlgorithm(algorithm: OriginatorKeyAlgorithm): GeneralAlgorithm {
  if (algorithm === 'X25519') return generalAlgorithm(ID_X25519);
  if (algorithm === 'EC') return generalAlgorithm(ID_EC_PUBLIC_KEY);
  return generalAlgorithm(ID_EC_PUBLIC_KEY, encodeParts(0x06, algorithm === 'P-256' ? ID_P256 : ID_P384));
}

function scheme(kdf: KeyAgreementScheme['kdf'], hash: HashName, cofactor = false): KeyAgreementScheme {
  return { kdf, cofactor, hash };
}
