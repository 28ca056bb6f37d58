/**
 * Shapes of `urn:xmpp:sealed:0`: its signed contents and its attributes. The productions stand in `../profile/`.
 * @module
 */
import { STANZASEAL_ARC } from '../objectIdentifiers.js';
import { SUBJECT_PUBLIC_KEY_INFO } from './keyShapes.js';
import {
  containing,
  enumerated,
  type Field,
  field,
  INTEGER,
  implicit,
  OCTETS,
  optional,
  type Shape,
  sequence,
  sequenceOf,
  TEXT,
  TIME,
} from './shape.js';

const VERSION = field('version', INTEGER);
const OWNER = field('owner', TEXT);

const CLEAR_CONTEXT: Shape = sequence(
  'ClearContext',
  VERSION,
  field('suite', INTEGER),
  field('kind', enumerated('message', 'presence', 'iq')),
  field('type', TEXT),
  field('from', TEXT),
  field('to', TEXT),
  field('messageId', OCTETS),
  field('recipientsDigest', OCTETS),
);

const DEVICE_LIST: Shape = sequence(
  'DeviceList',
  VERSION,
  OWNER,
  field('identity', SUBJECT_PUBLIC_KEY_INFO),
  field('listVersion', INTEGER),
  optional('previous', implicit(0, OCTETS)),
  ...times('issued', 'expires'),
  field(
    'devices',
    sequenceOf(() =>
      sequence(
        'Device',
        field('key', SUBJECT_PUBLIC_KEY_INFO),
        field('role', enumerated('primary', 'secondary')),
        field(
          'suites',
          sequenceOf(() => INTEGER),
        ),
      ),
    ),
  ),
  field(
    'archiveKeys',
    sequenceOf(() =>
      sequence(
        'ArchiveKey',
        field('key', SUBJECT_PUBLIC_KEY_INFO),
        field('organisation', TEXT),
        field('epoch', INTEGER),
      ),
    ),
  ),
);

const PREKEY_BUNDLE: Shape = sequence(
  'PrekeyBundle',
  VERSION,
  OWNER,
  field('identity', OCTETS),
  field('device', OCTETS),
  field('sequence', INTEGER),
  ...times('notBefore', 'notAfter'),
  field('lastResort', OCTETS),
  field(
    'oneTime',
    sequenceOf(() => OCTETS),
  ),
);

const ENDORSEMENT: Shape = sequence(
  'Endorsement',
  VERSION,
  field('endorser', OCTETS),
  field('endorsed', SUBJECT_PUBLIC_KEY_INFO),
  OWNER,
  field('purpose', enumerated('revoked', 'device', 'identity', 'vouched', 'contact')),
  ...times('notBefore', 'notAfter'),
  field('sequence', INTEGER),
);

const PRIVATE_CONTEXT: Shape = sequence(
  'PrivateContext',
  field(
    'clearContext',
    containing(OCTETS, () => CLEAR_CONTEXT),
  ),
  field('senderDevice', OCTETS),
  field('senderListVersion', INTEGER),
  field('peerListVersion', INTEGER),
  field('counter', INTEGER),
  optional('previous', implicit(0, OCTETS)),
  optional('inReplyTo', implicit(1, OCTETS)),
);

const RECIPIENTS: Shape = {
  ...sequenceOf(() =>
    sequence(
      'Recipient',
      field('rKeyId', OCTETS),
      field('deviceKey', OCTETS),
      field('class', enumerated('reply', 'oneTime', 'lastResort', 'archive')),
    ),
  ),
  structure: 'Recipients',
};

/** What is encoded inside eContent, by eContentType; a stanza is text and has no shape. */
export function profileContents(): ReadonlyMap<string, Shape> {
  return new Map([
    [`${STANZASEAL_ARC}.1.2`, DEVICE_LIST],
    [`${STANZASEAL_ARC}.1.3`, PREKEY_BUNDLE],
    [`${STANZASEAL_ARC}.1.4`, ENDORSEMENT],
  ]);
}

/** Values of the profile's attributes by their type; `contentInfo` is the shape of the endorsement inside sender keys. */
export function profileAttributes(contentInfo: Shape): [oid: string, shape: Shape][] {
  const key = SUBJECT_PUBLIC_KEY_INFO;
  return [
    [`${STANZASEAL_ARC}.2.1`, CLEAR_CONTEXT],
    [`${STANZASEAL_ARC}.2.3`, PRIVATE_CONTEXT],
    [`${STANZASEAL_ARC}.2.4`, RECIPIENTS],
    [`${STANZASEAL_ARC}.2.5`, sequence('ReplyPrekey', field('key', key), field('notAfter', TIME))],
    [
      `${STANZASEAL_ARC}.2.6`,
      sequence(
        'SenderKeys',
        field('identity', key),
        field('device', key),
        field(
          'endorsement',
          containing(OCTETS, () => contentInfo),
        ),
      ),
    ],
  ];
}

function times(...names: string[]): Field[] {
  return names.map((name) => field(name, TIME));
}
