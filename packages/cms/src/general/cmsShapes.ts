/**
 * Shapes of CMS (RFC 5652, RFC 5083, RFC 7292) and the attributes and contents named in it.
 * @module
 */
import { CERTIFICATE, CERTIFICATE_LIST } from './certificateShapes.js';
import { ALGORITHM, attributes } from './keyShapes.js';
import { profileAttributes, profileContents } from './profileShapes.js';
import { KEY_NAME, RECIPIENT_INFO } from './recipientShapes.js';
import {
  ANY,
  choice,
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
  secret,
  sequence,
  sequenceOf,
  setOf,
} from './shape.js';

/** ContentInfo (RFC 5652 §3). */
export const CONTENT_INFO: Shape = sequence(
  'ContentInfo',
  field('contentType', OID),
  explicit(
    0,
    optional(
      'content',
      definedBy('contentType', () => CONTENTS),
    ),
  ),
);

/** ContentInfo with an OCTET STRING of PKCS #12 in place of id-data: keys may stand in the clear there. */
function safe(content: Shape): Shape {
  return sequence(
    'ContentInfo',
    field('contentType', OID),
    explicit(
      0,
      field(
        'content',
        definedBy('contentType', () => new Map([...CONTENTS, ['1.2.840.113549.1.7.1', content]])),
      ),
    ),
  );
}
const SAFE_CONTENTS: Shape = sequenceOf(() => safe(secret(OCTETS)));

/** PFX (RFC 7292 §4): an AuthenticatedSafe in an OCTET STRING. */
export const PFX: Shape = sequence(
  'PFX',
  field('version', INTEGER),
  field('authSafe', safe(secret(containing(OCTETS, () => SAFE_CONTENTS)))),
  optional(
    'macData',
    sequence('MacData', field('mac', ANY), field('macSalt', OCTETS), optional('iterations', INTEGER)),
  ),
);

const ATTRIBUTES: Shape = attributes(() => ATTRIBUTE_VALUES);
const CERTIFICATES: Shape = setOf(() =>
  choice(() => [
    ['certificate', CERTIFICATE],
    ['other', ANY],
  ]),
);
const CRLS: Shape = setOf(() =>
  choice(() => [
    ['crl', CERTIFICATE_LIST],
    ['other', ANY],
  ]),
);
const SIGNER_INFO: Shape = sequence(
  'SignerInfo',
  field('version', INTEGER),
  field('sid', KEY_NAME),
  field('digestAlgorithm', ALGORITHM),
  optional('signedAttrs', implicit(0, ATTRIBUTES)),
  field('signatureAlgorithm', ALGORITHM),
  field('signature', OCTETS),
  optional('unsignedAttrs', implicit(1, ATTRIBUTES)),
);

/** SignedData (RFC 5652 §5.1), which an object of ours encrypts without a ContentInfo around it. */
export const SIGNED_DATA: Shape = sequence(
  'SignedData',
  field('version', INTEGER),
  field(
    'digestAlgorithms',
    setOf(() => ALGORITHM),
  ),
  field(
    'encapContentInfo',
    sequence(
      'EncapsulatedContentInfo',
      field('eContentType', OID),
      explicit(
        0,
        optional(
          'eContent',
          containing(OCTETS, () => definedBy('eContentType', () => SIGNED_CONTENTS)),
        ),
      ),
    ),
  ),
  optional('certificates', implicit(0, CERTIFICATES)),
  optional('crls', implicit(1, CRLS)),
  field(
    'signerInfos',
    setOf(() => SIGNER_INFO),
  ),
);

const VERSION = field('version', INTEGER);
const ORIGINATOR_INFO = optional(
  'originatorInfo',
  implicit(
    0,
    sequence('OriginatorInfo', optional('certs', implicit(0, CERTIFICATES)), optional('crls', implicit(1, CRLS))),
  ),
);
const RECIPIENT_INFOS = field(
  'recipientInfos',
  setOf(() => RECIPIENT_INFO),
);
const ENCRYPTED_CONTENT_INFO: Shape = sequence(
  'EncryptedContentInfo',
  field('contentType', OID),
  field('contentEncryptionAlgorithm', ALGORITHM),
  optional('encryptedContent', implicit(0, OCTETS)),
);
const PLAIN_CONTENT_INFO: Shape = sequence(
  'EncapsulatedContentInfo',
  field('eContentType', OID),
  explicit(0, optional('eContent', OCTETS)),
);

/** EnvelopedData (RFC 5652 §6.1). */
export const ENVELOPED_DATA: Shape = sequence(
  'EnvelopedData',
  VERSION,
  ORIGINATOR_INFO,
  RECIPIENT_INFOS,
  field('encryptedContentInfo', ENCRYPTED_CONTENT_INFO),
  optional('unprotectedAttrs', implicit(1, ATTRIBUTES)),
);

/** AuthEnvelopedData (RFC 5083 §2.1). */
export const AUTH_ENVELOPED_DATA: Shape = sequence(
  'AuthEnvelopedData',
  VERSION,
  ORIGINATOR_INFO,
  RECIPIENT_INFOS,
  field('authEncryptedContentInfo', ENCRYPTED_CONTENT_INFO),
  optional('authAttrs', implicit(1, ATTRIBUTES)),
  field('mac', OCTETS),
  optional('unauthAttrs', implicit(2, ATTRIBUTES)),
);

/** Contents of ContentInfo by their type. */
const CONTENTS: ReadonlyMap<string, Shape> = new Map([
  ['1.2.840.113549.1.7.1', OCTETS],
  ['1.2.840.113549.1.7.2', SIGNED_DATA],
  ['1.2.840.113549.1.7.3', ENVELOPED_DATA],
  [
    '1.2.840.113549.1.7.5',
    sequence(
      'DigestedData',
      VERSION,
      field('digestAlgorithm', ALGORITHM),
      field('encapContentInfo', PLAIN_CONTENT_INFO),
      field('digest', OCTETS),
    ),
  ],
  [
    '1.2.840.113549.1.7.6',
    sequence(
      'EncryptedData',
      VERSION,
      field('encryptedContentInfo', ENCRYPTED_CONTENT_INFO),
      optional('unprotectedAttrs', implicit(1, ATTRIBUTES)),
    ),
  ],
  [
    '1.2.840.113549.1.9.16.1.2',
    sequence(
      'AuthenticatedData',
      VERSION,
      ORIGINATOR_INFO,
      RECIPIENT_INFOS,
      field('macAlgorithm', ALGORITHM),
      optional('digestAlgorithm', implicit(1, ALGORITHM)),
      field('encapContentInfo', PLAIN_CONTENT_INFO),
      optional('authAttrs', implicit(2, ATTRIBUTES)),
      field('mac', OCTETS),
      optional('unauthAttrs', implicit(3, ATTRIBUTES)),
    ),
  ],
  [
    '1.2.840.113549.1.9.16.1.9',
    sequence(
      'CompressedData',
      VERSION,
      field('compressionAlgorithm', ALGORITHM),
      field('encapContentInfo', PLAIN_CONTENT_INFO),
    ),
  ],
  ['1.2.840.113549.1.9.16.1.23', AUTH_ENVELOPED_DATA],
]);

/** What is encoded inside eContent, by eContentType. */
const SIGNED_CONTENTS: ReadonlyMap<string, Shape> = profileContents();

/** Values of attributes by their type. */
const ATTRIBUTE_VALUES: ReadonlyMap<string, Shape> = new Map([
  ['1.2.840.113549.1.9.6', SIGNER_INFO],
  ['1.2.840.113549.1.9.16.2.14', CONTENT_INFO],
  ...profileAttributes(CONTENT_INFO),
]);
