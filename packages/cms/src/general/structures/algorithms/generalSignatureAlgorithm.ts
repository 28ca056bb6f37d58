/**
 * Signature algorithms: Ed25519 (RFC 8419), ECDSA (RFC 5754 §3.3), RSASSA-PSS (RFC 4056), ML-DSA (RFC 9882). PKCS #1 v1.5 and
 * anything older is refused by name.
 *
 * ```
 * RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] EXPLICIT HashAlgorithm DEFAULT sha1Identifier,
 *   maskGenAlgorithm [1] EXPLICIT MaskGenAlgorithm DEFAULT mgf1SHA1Identifier, saltLength [2] EXPLICIT INTEGER DEFAULT 20,
 *   trailerField [3] EXPLICIT INTEGER DEFAULT 1 }
 * ```
 * @module
 */
import { CmsError, derError } from '../../../cmsError.js';
import type { DerReader } from '../../../derReader.js';
import { constructed, encodeDer, integer, sequence } from '../../../derWriter.js';
import { ID_ED25519, oid } from '../../../objectIdentifiers.js';
import type { HashName, SignatureScheme } from '../../generalCrypto.js';
import type { GeneralKeyAlgorithm } from '../../generalKey.js';
import { expectNoParameters, generalAlgorithm, parametersOf } from '../algorithm.js';
import type { GeneralAlgorithm } from '../types.js';
import { nameOf, type OidTable, oidOf, oidTable } from './oidTable.js';
import { hashNodes, readHashes } from './rsaParameters.js';

/** What a signatureAlgorithm says. */
export interface GeneralSignatureAlgorithm {
  /** How the signature is made. */
  readonly scheme: SignatureScheme;
  /** The keys that can have made it: an algorithm is never tried with a key of another (B12). */
  readonly keyAlgorithms: readonly GeneralKeyAlgorithm[];
}

type MlDsaName = Extract<GeneralKeyAlgorithm, `ML-DSA-${number}`>;
type EcdsaName = 'ECDSA SHA-256' | 'ECDSA SHA-384' | 'ECDSA SHA-512';

const SIGNATURES: OidTable<'Ed25519' | 'RSA-PSS' | EcdsaName | MlDsaName> = [
  ['Ed25519', ID_ED25519],
  ...oidTable<EcdsaName>('1.2.840.10045.4.3', [
    ['ECDSA SHA-256', 2],
    ['ECDSA SHA-384', 3],
    ['ECDSA SHA-512', 4],
  ]),
  ['RSA-PSS', oid('1.2.840.113549.1.1.10')],
  ...oidTable<MlDsaName>('2.16.840.1.101.3.4.3', [
    ['ML-DSA-44', 17],
    ['ML-DSA-65', 18],
    ['ML-DSA-87', 19],
  ]),
];
/** saltLength DEFAULT, in octets (RFC 4055 §3.1). */
const DEFAULT_SALT_LENGTH = 20;

/**
 * Reads signatureAlgorithm of a SignerInfo.
 * @throws CmsError `ERR_UNSUPPORTED` for any other algorithm and for RSASSA-PSS with two hashes, `ERR_DER` for bad parameters
 */
export function readSignatureAlgorithm(algorithm: GeneralAlgorithm): GeneralSignatureAlgorithm {
  const name = nameOf(SIGNATURES, algorithm, 'signature by');
  if (name === 'RSA-PSS') return { scheme: readPss(algorithm), keyAlgorithms: ['RSA'] };
  expectNoParameters(algorithm);
  if (name === 'Ed25519') return { scheme: { name }, keyAlgorithms: ['Ed25519'] };
  if (name === 'ML-DSA-44' || name === 'ML-DSA-65' || name === 'ML-DSA-87')
    return { scheme: { name: 'ML-DSA' }, keyAlgorithms: [name] };
  return { scheme: { name: 'ECDSA', hash: name.slice(6) as HashName }, keyAlgorithms: ['P-256', 'P-384'] };
}

/**
 * signatureAlgorithm of a scheme with a key.
 * @throws RangeError for a scheme that does not go with the key or has no name
 */
export function generalSignatureAlgorithm(
  scheme: SignatureScheme,
  keyAlgorithm: GeneralKeyAlgorithm,
): GeneralAlgorithm {
  const algorithm = written(scheme, keyAlgorithm);
  if (!readSignatureAlgorithm(algorithm).keyAlgorithms.includes(keyAlgorithm))
    throw new RangeError('scheme does not go with the key');
  return algorithm;
}

function written(scheme: SignatureScheme, keyAlgorithm: GeneralKeyAlgorithm): GeneralAlgorithm {
  switch (scheme.name) {
    case 'ML-DSA':
      return generalAlgorithm(oidOf(SIGNATURES, keyAlgorithm as MlDsaName));
    case 'ECDSA':
      return generalAlgorithm(oidOf(SIGNATURES, `ECDSA ${scheme.hash}` as EcdsaName));
    case 'Ed25519':
      return generalAlgorithm(ID_ED25519);
    case 'RSA-PSS': {
      const { hash, saltLength } = scheme;
      const salt = saltLength === DEFAULT_SALT_LENGTH ? [] : [constructed(0xa2, [integer(saltLength)])];
      return generalAlgorithm(oidOf(SIGNATURES, 'RSA-PSS'), encodeDer(sequence(...hashNodes(hash, hash), ...salt)));
    }
  }
}

/** Parameters must be there in a SignerInfo (RFC 4056 §3). */
function readPss(algorithm: GeneralAlgorithm): SignatureScheme {
  const reader = parametersOf(algorithm);
  const parameters = reader.sequence();
  reader.end();
  const { hash, mgfHash } = readHashes(parameters);
  const saltLength = explicitInteger(parameters, 0xa2) ?? DEFAULT_SALT_LENGTH;
  if ((explicitInteger(parameters, 0xa3) ?? 1) !== 1) throw derError('trailer field is not 1');
  parameters.end();
  if (hash !== mgfHash) throw new CmsError('ERR_UNSUPPORTED', 'RSASSA-PSS with two hashes is not supported');
  return { name: 'RSA-PSS', hash, saltLength };
}

function explicitInteger(parameters: DerReader, tag: number): number | undefined {
  if (parameters.tag !== tag) return undefined;
  const inside = parameters.constructed(tag);
  const value = inside.integer();
  inside.end();
  return value;
}
