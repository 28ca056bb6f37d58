/**
 * Shapes of keys and algorithms (RFC 5280, RFC 5958, RFC 5915, RFC 8017, RFC 8018).
 * @module
 */
import {
  BITS,
  choice,
  definedBy,
  explicit,
  field,
  INTEGER,
  implicit,
  OCTETS,
  OID,
  optional,
  type Shape,
  secret,
  sequence,
  setOf,
} from './shape.js';

/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export const ALGORITHM: Shape = sequence(
  'AlgorithmIdentifier',
  field('algorithm', OID),
  optional(
    'parameters',
    definedBy('algorithm', () => PARAMETERS),
  ),
);

/** SubjectPublicKeyInfo (RFC 5280 §4.1). */
export const SUBJECT_PUBLIC_KEY_INFO: Shape = sequence(
  'SubjectPublicKeyInfo',
  field('algorithm', ALGORITHM),
  field('subjectPublicKey', BITS),
);

/** Attribute (RFC 5652 §5.3); types of values come from the table of the one who uses it. */
export function attributes(table: () => ReadonlyMap<string, Shape>): Shape {
  const attribute = sequence(
    'Attribute',
    field('attrType', OID),
    field(
      'attrValues',
      setOf(() => definedBy('attrType', table)),
    ),
  );
  return setOf(() => attribute);
}

/** OneAsymmetricKey (RFC 5958 §2). */
export const ONE_ASYMMETRIC_KEY: Shape = sequence(
  'OneAsymmetricKey',
  field('version', INTEGER),
  field('privateKeyAlgorithm', ALGORITHM),
  field('privateKey', secret(OCTETS)),
  optional(
    'attributes',
    implicit(
      0,
      attributes(() => new Map()),
    ),
  ),
  optional('publicKey', implicit(1, BITS)),
);

/** EncryptedPrivateKeyInfo (RFC 5958 §3). */
export const ENCRYPTED_PRIVATE_KEY_INFO: Shape = sequence(
  'EncryptedPrivateKeyInfo',
  field('encryptionAlgorithm', ALGORITHM),
  field('encryptedData', OCTETS),
);

/** ECPrivateKey (RFC 5915 §3). */
export const EC_PRIVATE_KEY: Shape = sequence(
  'ECPrivateKey',
  field('version', INTEGER),
  field('privateKey', secret(OCTETS)),
  explicit(0, optional('parameters', OID)),
  explicit(1, optional('publicKey', BITS)),
);

/** RSAPrivateKey (RFC 8017 §A.1.2). */
export const RSA_PRIVATE_KEY: Shape = sequence(
  'RSAPrivateKey',
  ...['version', 'modulus', 'publicExponent'].map((name) => field(name, INTEGER)),
  ...['privateExponent', 'prime1', 'prime2', 'exponent1', 'exponent2', 'coefficient'].map((name) =>
    field(name, secret(INTEGER)),
  ),
);

/** DSA private key as OpenSSL writes it. */
export const DSA_PRIVATE_KEY: Shape = sequence(
  'DSAPrivateKey',
  ...['version', 'p', 'q', 'g', 'y'].map((name) => field(name, INTEGER)),
  field('x', secret(INTEGER)),
);

const GCM: Shape = sequence('GCMParameters', field('aes-nonce', OCTETS), optional('aes-ICVlen', INTEGER));
const CCM: Shape = { ...GCM, structure: 'CCMParameters' };
const HASH_AND_MASK = [
  explicit(0, optional('hashAlgorithm', ALGORITHM)),
  explicit(1, optional('maskGenAlgorithm', ALGORITHM)),
];
const PBKDF2: Shape = sequence(
  'PBKDF2-params',
  field(
    'salt',
    choice(() => [
      ['specified', OCTETS],
      ['otherSource', ALGORITHM],
    ]),
  ),
  field('iterationCount', INTEGER),
  optional('keyLength', INTEGER),
  optional('prf', ALGORITHM),
);
const SCRYPT_NUMBERS = ['costParameter', 'blockSize', 'parallelizationParameter'].map((name) => field(name, INTEGER));

/** Parameters of AlgorithmIdentifiers by their algorithm. */
const PARAMETERS: ReadonlyMap<string, Shape> = new Map([
  ...[6, 26, 46].map((last): [string, Shape] => [`2.16.840.1.101.3.4.1.${last}`, GCM]),
  ...[7, 27, 47].map((last): [string, Shape] => [`2.16.840.1.101.3.4.1.${last}`, CCM]),
  ['1.2.840.113549.1.9.16.3.18', { ...OCTETS, structure: 'AEADChaCha20Poly1305Nonce' }],
  // Key agreement names its key wrap, and RFC 9709 its content encryption, as the parameter.
  ...[
    '1.2.840.113549.1.9.16.3.19',
    '1.2.840.113549.1.9.16.3.20',
    '1.2.840.113549.1.9.16.3.21',
    '1.2.840.113549.1.9.16.3.31',
  ]
    .concat(
      ['11', '14', '15'].flatMap((arc) => ['0', '1', '2', '3'].map((last) => `1.3.132.1.${arc}.${last}`)),
      ['2', '3', '16'].map((last) => `1.3.133.16.840.63.0.${last}`),
      '1.2.840.113549.1.9.16.3.9',
    )
    .map((oid): [string, Shape] => [oid, ALGORITHM]),
  [
    '1.2.840.113549.1.1.7',
    sequence('RSAES-OAEP-params', ...HASH_AND_MASK, explicit(2, optional('pSourceAlgorithm', ALGORITHM))),
  ],
  [
    '1.2.840.113549.1.1.10',
    sequence(
      'RSASSA-PSS-params',
      ...HASH_AND_MASK,
      explicit(2, optional('saltLength', INTEGER)),
      explicit(3, optional('trailerField', INTEGER)),
    ),
  ],
  ['1.2.840.113549.1.1.8', ALGORITHM],
  ['1.2.840.113549.1.5.12', PBKDF2],
  [
    '1.2.840.113549.1.5.13',
    sequence('PBES2-params', field('keyDerivationFunc', ALGORITHM), field('encryptionScheme', ALGORITHM)),
  ],
  [
    '1.3.6.1.4.1.11591.4.11',
    sequence('scrypt-params', field('salt', OCTETS), ...SCRYPT_NUMBERS, optional('keyLength', INTEGER)),
  ],
]);
