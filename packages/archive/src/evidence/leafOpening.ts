/**
 * What opens a leaf in a proof: each half as it is, or by its hash alone.
 *
 * ```
 * LeafOpening ::= SEQUENCE {
 *   version     INTEGER (0),
 *   content     CHOICE { erased [0] IMPLICIT Hash, present [1] IMPLICIT ContentOpening },
 *   recipients  CHOICE { erased [2] IMPLICIT Hash, present [3] IMPLICIT RecipientsOpening } }
 * ContentOpening ::= SEQUENCE { salt Hash, meta EntryMeta, object OCTET STRING OPTIONAL }
 * RecipientsOpening ::= SEQUENCE { salt Hash, recipientInfos OCTET STRING OPTIONAL }
 * Hash ::= OCTET STRING (SIZE (32))
 * ```
 * Where object and recipientInfos are absent, whoever verifies has the object already: a proof beside a file.
 * @module
 */
import {
  CmsError,
  constructed,
  type DerNode,
  DerReader,
  encodeDer,
  encoded,
  integer,
  octetString,
  primitive,
  sequence,
} from '@stanzaseal/cms';
import { MAX_META_OCTETS } from './entryMeta.js';
import { HASH_LENGTH } from './sha256.js';

/** The content half. */
export type ContentOpening =
  | { readonly state: 'erased'; readonly hash: Uint8Array }
  /** `object` as in `LeafContent`; left out where the verifier has it. */
  | { readonly state: 'present'; readonly salt1: Uint8Array; readonly meta: Uint8Array; readonly object?: Uint8Array };

/** The recipients' half. */
export type RecipientsOpening =
  | { readonly state: 'erased'; readonly hash: Uint8Array }
  /** `recipientInfos` as in `LeafRecipients`; left out where the verifier has the object. */
  | { readonly state: 'present'; readonly salt2: Uint8Array; readonly recipientInfos?: Uint8Array };

/** What opens a leaf. */
export interface LeafOpening {
  /** What was said. */
  readonly content: ContentOpening;
  /** Who could read it. */
  readonly recipients: RecipientsOpening;
}

/** Longest object in a proof, in octets. */
export const MAX_OBJECT_OCTETS = 4194304;
const LIMITS = { octets: MAX_OBJECT_OCTETS + MAX_META_OCTETS, depth: 6 };

/** DER of an opening. */
export function encodeLeafOpening({ content, recipients }: LeafOpening): Uint8Array {
  return encodeDer(
    sequence(
      integer(0),
      content.state === 'erased'
        ? primitive(0x80, content.hash)
        : constructed(0xa1, [octetString(content.salt1), encoded(content.meta), ...optional(content.object)]),
      recipients.state === 'erased'
        ? primitive(0x82, recipients.hash)
        : constructed(0xa3, [octetString(recipients.salt2), ...optional(recipients.recipientInfos)]),
    ),
  );
}

/** Reads an opening; octets in it are views of the input. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeLeafOpening(der: Uint8Array): LeafOpening {
  const outer = new DerReader(der, LIMITS);
  const fields = outer.sequence();
  outer.end();
  if (fields.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'another version of leaf opening');
  const content = readContent(fields);
  const recipients = readRecipients(fields);
  fields.end();
  return { content, recipients };
}

function readContent(fields: DerReader): ContentOpening {
  if (fields.tag === 0x80) return { state: 'erased', hash: readHash(fields, 0x80) };
  const opening = fields.constructed(0xa1);
  const salt1 = opening.octetStringOf(HASH_LENGTH);
  const meta = opening.encodedAs(0x30);
  const object = opening.atEnd ? undefined : opening.octetString();
  opening.end();
  return { state: 'present', salt1, meta, ...(object === undefined ? {} : { object }) };
}

function readRecipients(fields: DerReader): RecipientsOpening {
  if (fields.tag === 0x82) return { state: 'erased', hash: readHash(fields, 0x82) };
  const opening = fields.constructed(0xa3);
  const salt2 = opening.octetStringOf(HASH_LENGTH);
  const recipientInfos = opening.atEnd ? undefined : opening.octetString();
  opening.end();
  return { state: 'present', salt2, ...(recipientInfos === undefined ? {} : { recipientInfos }) };
}

function readHash(fields: DerReader, tag: number): Uint8Array {
  const hash = fields.primitive(tag);
  if (hash.length !== HASH_LENGTH) throw new CmsError('ERR_DER', 'hash of another length');
  return hash;
}

function optional(octets: Uint8Array | undefined): DerNode[] {
  return octets === undefined ? [] : [octetString(octets)];
}
