/**
 * AlgorithmIdentifiers of keys: RFC 8017 §A.1, RFC 5480 §2, RFC 8410 §3, RFC 9935 §3, RFC 9881 §2.
 * @module
 */
import { CmsError, derError } from '../../cmsError.js';
import type { DerReader } from '../../derReader.js';
import { type DerNode, objectIdentifier, primitive, sequence } from '../../derWriter.js';
import { ID_EC_PUBLIC_KEY, ID_ED25519, ID_P256, ID_X25519, oid } from '../../objectIdentifiers.js';
import { equal } from '../../octets.js';
import type { GeneralKeyAlgorithm } from '../generalKey.js';

/** rsaEncryption (RFC 8017 §A.1): one key for OAEP and PSS, bound to neither. */
export const ID_RSA_ENCRYPTION: Uint8Array = oid('1.2.840.113549.1.1.1');
/** secp384r1 (RFC 5480 §2.1.1.1). */
export const ID_P384: Uint8Array = oid('1.3.132.0.34');

/** Algorithms of lattice keys. */
export type LatticeAlgorithm = Extract<GeneralKeyAlgorithm, `ML-${string}`>;

/** Object identifiers of lattice keys; one names the key, and the signature or the KEM as well. */
export const LATTICE_OIDS: Readonly<Record<LatticeAlgorithm, Uint8Array>> = {
  'ML-KEM-512': oid('2.16.840.1.101.3.4.4.1'),
  'ML-KEM-768': oid('2.16.840.1.101.3.4.4.2'),
  'ML-KEM-1024': oid('2.16.840.1.101.3.4.4.3'),
  'ML-DSA-44': oid('2.16.840.1.101.3.4.3.17'),
  'ML-DSA-65': oid('2.16.840.1.101.3.4.3.18'),
  'ML-DSA-87': oid('2.16.840.1.101.3.4.3.19'),
};

/** Whether a key is of ML-KEM or ML-DSA. */
export function isLattice(algorithm: GeneralKeyAlgorithm): algorithm is LatticeAlgorithm {
  return algorithm in LATTICE_OIDS;
}

/**
 * Reads the AlgorithmIdentifier of a key. Parameters: NULL for RSA (RFC 3279 §2.3.1), a named curve for EC (RFC 5480 §2.1.1),
 * absent for all others (E7).
 * @throws CmsError `ERR_DER`; `ERR_UNSUPPORTED` for another algorithm, id-RSASSA-PSS and id-RSAES-OAEP keys among them: what
 * they restrict has no place in `GeneralPublicKey`, and a restriction is not to be forgotten
 */
export function readGeneralKeyAlgorithm(identifier: DerReader): GeneralKeyAlgorithm {
  const named = identifier.objectIdentifier();
  const algorithm = algorithmOf(named, identifier);
  if (!identifier.atEnd) throw derError('algorithm of a key with parameters that it does not have');
  return algorithm;
}

/** AlgorithmIdentifier of a key. */
export function generalKeyAlgorithmNode(algorithm: GeneralKeyAlgorithm): DerNode {
  switch (algorithm) {
    case 'Ed25519':
      return sequence(objectIdentifier(ID_ED25519));
    case 'X25519':
      return sequence(objectIdentifier(ID_X25519));
    case 'P-256':
      return sequence(objectIdentifier(ID_EC_PUBLIC_KEY), objectIdentifier(ID_P256));
    case 'P-384':
      return sequence(objectIdentifier(ID_EC_PUBLIC_KEY), objectIdentifier(ID_P384));
    case 'RSA':
      return sequence(objectIdentifier(ID_RSA_ENCRYPTION), primitive(0x05, new Uint8Array(0)));
    default:
      return sequence(objectIdentifier(LATTICE_OIDS[algorithm]));
  }
}

function algorithmOf(named: Uint8Array, parameters: DerReader): GeneralKeyAlgorithm {
  if (equal(named, ID_ED25519)) return 'Ed25519';
  if (equal(named, ID_X25519)) return 'X25519';
  if (equal(named, ID_EC_PUBLIC_KEY)) return curveOf(parameters);
  if (equal(named, ID_RSA_ENCRYPTION)) {
    if (parameters.primitive(0x05).length !== 0) throw derError('null with content');
    return 'RSA';
  }
  for (const [algorithm, octets] of Object.entries(LATTICE_OIDS)) {
    if (equal(named, octets)) return algorithm as LatticeAlgorithm;
  }
  throw new CmsError('ERR_UNSUPPORTED', 'key of another algorithm');
}

/** Named curves alone: explicit parameters (a SEQUENCE) let others choose the group (CVE-2020-0601). */
function curveOf(parameters: DerReader): GeneralKeyAlgorithm {
  if (parameters.tag === 0x30) throw new CmsError('ERR_UNSUPPORTED', 'key on a curve that has no name');
  const curve = parameters.objectIdentifier();
  if (equal(curve, ID_P256)) return 'P-256';
  if (equal(curve, ID_P384)) return 'P-384';
  throw new CmsError('ERR_UNSUPPORTED', 'key on another curve');
}
