/**
 * Shapes of the ways a key comes to a recipient (RFC 5652 §6.2, RFC 9629).
 * @module
 */
import { NAME } from './certificateShapes.js';
import { ALGORITHM } from './keyShapes.js';
import {
  ANY,
  BITS,
  choice,
  definedBy,
  explicit,
  type Field,
  field,
  INTEGER,
  implicit,
  OCTETS,
  OID,
  optional,
  type Shape,
  sequence,
  sequenceOf,
  TIME,
} from './shape.js';

const ISSUER_AND_SERIAL: Shape = sequence(
  'IssuerAndSerialNumber',
  field('issuer', NAME),
  field('serialNumber', INTEGER),
);
/** A key's name in SignerInfo, KeyTransRecipientInfo and KEMRecipientInfo. */
export const KEY_NAME: Shape = choice(() => [
  ['issuerAndSerialNumber', ISSUER_AND_SERIAL],
  ['subjectKeyIdentifier', implicit(0, OCTETS)],
]);

const RECIPIENT_KEY_IDENTIFIER: Shape = sequence(
  'RecipientKeyIdentifier',
  field('subjectKeyIdentifier', OCTETS),
  optional('date', TIME),
  optional('other', ANY),
);
const ORIGINATOR: Shape = choice(() => [
  ['issuerAndSerialNumber', ISSUER_AND_SERIAL],
  ['subjectKeyIdentifier', implicit(0, OCTETS)],
  [
    'originatorKey',
    implicit(1, sequence('OriginatorPublicKey', field('algorithm', ALGORITHM), field('publicKey', BITS))),
  ],
]);
const RECIPIENT_ENCRYPTED_KEY: Shape = sequence(
  'RecipientEncryptedKey',
  field(
    'rid',
    choice(() => [
      ['issuerAndSerialNumber', ISSUER_AND_SERIAL],
      ['rKeyId', implicit(0, RECIPIENT_KEY_IDENTIFIER)],
    ]),
  ),
  field('encryptedKey', OCTETS),
);
const VERSION = field('version', INTEGER);
const WRAPPED: readonly Field[] = [field('keyEncryptionAlgorithm', ALGORITHM), field('encryptedKey', OCTETS)];

/** KEMRecipientInfo (RFC 9629 §3). */
const KEM_RECIPIENT_INFO: Shape = sequence(
  'KEMRecipientInfo',
  VERSION,
  field('rid', KEY_NAME),
  field('kem', ALGORITHM),
  field('kemct', OCTETS),
  field('kdf', ALGORITHM),
  field('kekLength', INTEGER),
  explicit(0, optional('ukm', OCTETS)),
  field('wrap', ALGORITHM),
  field('encryptedKey', OCTETS),
);

/** RecipientInfo (RFC 5652 §6.2). */
export const RECIPIENT_INFO: Shape = choice(() => [
  ['ktri', sequence('KeyTransRecipientInfo', VERSION, field('rid', KEY_NAME), ...WRAPPED)],
  [
    'kari',
    implicit(
      1,
      sequence(
        'KeyAgreeRecipientInfo',
        VERSION,
        explicit(0, field('originator', ORIGINATOR)),
        explicit(1, optional('ukm', OCTETS)),
        field('keyEncryptionAlgorithm', ALGORITHM),
        field(
          'recipientEncryptedKeys',
          sequenceOf(() => RECIPIENT_ENCRYPTED_KEY),
        ),
      ),
    ),
  ],
  [
    'kekri',
    implicit(
      2,
      sequence(
        'KEKRecipientInfo',
        VERSION,
        field(
          'kekid',
          sequence('KEKIdentifier', field('keyIdentifier', OCTETS), optional('date', TIME), optional('other', ANY)),
        ),
        ...WRAPPED,
      ),
    ),
  ],
  [
    'pwri',
    implicit(
      3,
      sequence(
        'PasswordRecipientInfo',
        VERSION,
        optional('keyDerivationAlgorithm', implicit(0, ALGORITHM)),
        ...WRAPPED,
      ),
    ),
  ],
  [
    'ori',
    implicit(
      4,
      sequence(
        'OtherRecipientInfo',
        field('oriType', OID),
        field(
          'oriValue',
          definedBy('oriType', () => new Map([['1.2.840.113549.1.9.16.13.3', KEM_RECIPIENT_INFO]])),
        ),
      ),
    ),
  ],
]);
