/**
 * The recipients as the sender signs them: which key on the wire stands for which device, and how long that key lives. A
 * ghost recipient, or an object wrapped anew for somebody else, does not fit this list (D3).
 *
 * ```
 * Recipients ::= SEQUENCE SIZE (1..512) OF Recipient               -- sorted by rKeyId, none twice
 * Recipient  ::= SEQUENCE {
 *   rKeyId     OCTET STRING (SIZE(32)),
 *   deviceKey  OCTET STRING (SIZE(32)),
 *   class      ENUMERATED { reply(0), oneTime(1), lastResort(2), archive(3) } }
 * ```
 * @module
 */
import { derError } from '../cmsError.js';
import { DerReader } from '../derReader.js';
import { constructed, type DerNode, encodeDer, enumerated, octetString, sequence } from '../derWriter.js';
import { MAX_RECIPIENTS } from '../keyAgreeRecipientInfo.js';
import { compare } from '../octets.js';

/** Classes of recipient keys in the order of their numbers. */
export const RECIPIENT_CLASSES = ['reply', 'one-time', 'last-resort', 'archive'] as const;
/** How long a recipient's key lives: a reply prekey, a one-time prekey, the last-resort prekey, or an archive's epoch key. */
export type RecipientClass = (typeof RECIPIENT_CLASSES)[number];

/** One recipient. */
export interface Recipient {
  /** Key identifier of the prekey or archive key. */
  readonly rKeyId: Uint8Array;
  /** Key identifier of the device key; of the archive key itself for an archive. */
  readonly deviceKey: Uint8Array;
  /** Class of the key. */
  readonly class: RecipientClass;
}

/** DER of the recipients, sorted here. */
export function encodeRecipients(recipients: readonly Recipient[]): Uint8Array {
  return encodeDer(recipientsNode(recipients));
}

/** Node of the recipients, sorted here. */
export function recipientsNode(recipients: readonly Recipient[]): DerNode {
  const sorted = recipients.length < 2 ? recipients : [...recipients].sort((a, b) => compare(a.rKeyId, b.rKeyId));
  const nodes = sorted.map((recipient) =>
    sequence(
      octetString(recipient.rKeyId),
      octetString(recipient.deviceKey),
      enumerated(RECIPIENT_CLASSES.indexOf(recipient.class)),
    ),
  );
  return constructed(0x30, nodes);
}

/** Reads the recipients. @throws CmsError `ERR_DER`, also for a list that is empty, unsorted or names a key twice */
export function decodeRecipients(der: Uint8Array, limit: number = MAX_RECIPIENTS): Recipient[] {
  const reader = new DerReader(der);
  const recipients = reader.sequenceOf(readRecipient, limit);
  reader.end();
  if (recipients.length === 0) throw derError('no recipient');
  for (let i = 1; i < recipients.length; i++) {
    if (compare((recipients[i - 1] as Recipient).rKeyId, (recipients[i] as Recipient).rKeyId) >= 0) {
      throw derError('recipients not in order');
    }
  }
  return recipients;
}

function readRecipient(reader: DerReader): Recipient {
  const recipient = reader.sequence();
  const rKeyId = recipient.octetStringOf(32);
  const deviceKey = recipient.octetStringOf(32);
  const recipientClass = RECIPIENT_CLASSES[recipient.enumerated(RECIPIENT_CLASSES.length)] as RecipientClass;
  recipient.end();
  return { rKeyId, deviceKey, class: recipientClass };
}
