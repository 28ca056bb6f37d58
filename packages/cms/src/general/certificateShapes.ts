/**
 * Shapes of certificates, revocation lists and requests (RFC 5280, RFC 2986).
 * @module
 */
import { ALGORITHM, attributes, SUBJECT_PUBLIC_KEY_INFO } from './keyShapes.js';
import {
  ANY,
  BITS,
  BOOLEAN,
  containing,
  definedBy,
  explicit,
  field,
  INTEGER,
  implicit,
  OCTETS,
  OID,
  optional,
  type Shape,
  sequence,
  sequenceOf,
  setOf,
  TIME,
} from './shape.js';

/** Name (RFC 5280 §4.1.2.4). */
export const NAME: Shape = {
  ...sequenceOf(() => setOf(() => sequence('AttributeTypeAndValue', field('type', OID), field('value', ANY)))),
  structure: 'Name',
};

const EXTENSIONS: Shape = sequenceOf(() =>
  sequence(
    'Extension',
    field('extnID', OID),
    optional('critical', BOOLEAN),
    field(
      'extnValue',
      containing(OCTETS, () => definedBy('extnID', () => EXTENSION_VALUES, ANY)),
    ),
  ),
);
const EXTENSION_VALUES: ReadonlyMap<string, Shape> = new Map([
  ['2.5.29.14', { ...OCTETS, structure: 'SubjectKeyIdentifier' }],
  [
    '2.5.29.35',
    sequence(
      'AuthorityKeyIdentifier',
      optional('keyIdentifier', implicit(0, OCTETS)),
      optional('authorityCertIssuer', implicit(1, ANY)),
      optional('authorityCertSerialNumber', implicit(2, INTEGER)),
    ),
  ],
  ['2.5.29.19', sequence('BasicConstraints', optional('cA', BOOLEAN), optional('pathLenConstraint', INTEGER))],
]);
const VALIDITY: Shape = sequence('Validity', field('notBefore', TIME), field('notAfter', TIME));

/** Certificate (RFC 5280 §4.1). */
export const CERTIFICATE: Shape = sequence(
  'Certificate',
  field(
    'tbsCertificate',
    sequence(
      'TBSCertificate',
      explicit(0, optional('version', INTEGER)),
      field('serialNumber', INTEGER),
      field('signature', ALGORITHM),
      field('issuer', NAME),
      field('validity', VALIDITY),
      field('subject', NAME),
      field('subjectPublicKeyInfo', SUBJECT_PUBLIC_KEY_INFO),
      optional('issuerUniqueID', implicit(1, BITS)),
      optional('subjectUniqueID', implicit(2, BITS)),
      explicit(3, optional('extensions', EXTENSIONS)),
    ),
  ),
  field('signatureAlgorithm', ALGORITHM),
  field('signatureValue', BITS),
);

/** CertificateList (RFC 5280 §5.1). */
export const CERTIFICATE_LIST: Shape = sequence(
  'CertificateList',
  field(
    'tbsCertList',
    sequence(
      'TBSCertList',
      optional('version', INTEGER),
      field('signature', ALGORITHM),
      field('issuer', NAME),
      field('thisUpdate', TIME),
      optional('nextUpdate', TIME),
      optional(
        'revokedCertificates',
        sequenceOf(() =>
          sequence(
            '',
            field('userCertificate', INTEGER),
            field('revocationDate', TIME),
            optional('crlEntryExtensions', EXTENSIONS),
          ),
        ),
      ),
      explicit(0, optional('crlExtensions', EXTENSIONS)),
    ),
  ),
  field('signatureAlgorithm', ALGORITHM),
  field('signatureValue', BITS),
);

/** CertificationRequest (RFC 2986 §4.2). */
export const CERTIFICATION_REQUEST: Shape = sequence(
  'CertificationRequest',
  field(
    'certificationRequestInfo',
    sequence(
      'CertificationRequestInfo',
      field('version', INTEGER),
      field('subject', NAME),
      field('subjectPKInfo', SUBJECT_PUBLIC_KEY_INFO),
      field(
        'attributes',
        implicit(
          0,
          attributes(() => new Map([['1.2.840.113549.1.9.14', EXTENSIONS]])),
        ),
      ),
    ),
  ),
  field('signatureAlgorithm', ALGORITHM),
  field('signature', BITS),
);
