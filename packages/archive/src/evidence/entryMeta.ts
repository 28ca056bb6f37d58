/**
 * What an archive says about an entry. It is hashed with the entry, so it is proved with it.
 *
 * ```
 * EntryMeta ::= SEQUENCE {
 *   type        OBJECT IDENTIFIER,                -- id-ct-archiveRecord: what is hashed here is hashed nowhere else
 *   version     INTEGER (0),
 *   kind        ENUMERATED { sealed(0), plain(1), quarantined(2), record(3) },
 *   owner       UTF8String,                       -- bare JID, normalised; empty for a record of the whole archive
 *   receivedAt  INTEGER (0..9007199254740991),    -- ms since 1970 by the archive's clock
 *   stanzaId    [0] IMPLICIT UTF8String OPTIONAL, -- XEP-0359, by the owner's server
 *   shell       [1] IMPLICIT Shell OPTIONAL }     -- of a sealed entry alone
 * Shell ::= SEQUENCE { before UTF8String, after UTF8String }
 * ```
 * @module
 */
import {
  CmsError,
  constructed,
  type DerNode,
  DerReader,
  encodeDer,
  enumerated,
  equal,
  fromUtf8,
  ID_CT_ARCHIVE_RECORD,
  integer,
  objectIdentifier,
  primitive,
  sequence,
  toUtf8,
  utf8String,
} from '@stanzaseal/cms';

/** What an entry is: a stanza with a sealed object, any other stanza, octets that are no good stanza, or a record that the archive itself made (hold, erasure, release). */
export const ENTRY_KINDS = ['sealed', 'plain', 'quarantined', 'record'] as const;
/** Kind of an entry. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** A stanza without the base64 of its object: `before`, the base64 and `after`, joined, are the stanza's text as it was received. */
export interface Shell {
  /** Text up to the base64. */
  readonly before: string;
  /** Text behind it. */
  readonly after: string;
}

/** A shell as UTF-8 octets. */
export interface ShellOctets {
  /** Up to the base64. */
  readonly before: Uint8Array;
  /** Behind it. */
  readonly after: Uint8Array;
}

/** What an archive says about an entry. */
export interface EntryMeta {
  /** What the entry is. */
  readonly kind: EntryKind;
  /** Bare JID of the account or room whose archive it stands in, normalised; empty for a record of the whole archive. */
  readonly owner: string;
  /** When it was received, in ms since 1970 by the archive's clock: entries are ordered by their index, never by this (K16). */
  readonly receivedAt: number;
  /** The stanza's id in the owner's archive (XEP-0359). */
  readonly stanzaId?: string | undefined;
  /** Of a sealed entry: the stanza around the object. */
  readonly shell?: Shell | undefined;
}

/** Longest meta that is read, in octets. */
export const MAX_META_OCTETS = 1048576;
const LIMITS = { octets: MAX_META_OCTETS, depth: 3 };

/**
 * DER of a meta.
 * @throws TypeError for a shell around what is no sealed object; RangeError for a receivedAt that is no whole number of ms
 */
export function encodeMeta({ shell, ...meta }: EntryMeta): Uint8Array {
  return encodeDer(metaNode(meta, shell && { before: toUtf8(shell.before), after: toUtf8(shell.after) }));
}

/** As `encodeMeta`, to be written where it is to stand, around a shell that is octets still: to make texts of it takes longer than to write it. */
export function metaNode(meta: Omit<EntryMeta, 'shell'>, shell: ShellOctets | undefined): DerNode {
  const { kind, owner, receivedAt, stanzaId } = meta;
  if (shell !== undefined && kind !== 'sealed') throw new TypeError('shell is of a sealed entry alone');
  const optional: DerNode[] = [];
  if (stanzaId !== undefined) optional.push(primitive(0x80, toUtf8(stanzaId)));
  if (shell !== undefined)
    optional.push(constructed(0xa1, [primitive(0x0c, shell.before), primitive(0x0c, shell.after)]));
  return sequence(
    objectIdentifier(ID_CT_ARCHIVE_RECORD),
    integer(0),
    enumerated(ENTRY_KINDS.indexOf(kind)),
    utf8String(owner),
    integer(receivedAt),
    ...optional,
  );
}

/** Reads a meta. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` for another version */
export function decodeMeta(der: Uint8Array): EntryMeta {
  const reader = new DerReader(der, LIMITS);
  const meta = readMeta(reader.sequence());
  reader.end();
  return meta;
}

function readMeta(fields: DerReader): EntryMeta {
  const isOurs = equal(fields.objectIdentifier(), ID_CT_ARCHIVE_RECORD);
  if (!isOurs || fields.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'another kind or version of meta');
  const kind = ENTRY_KINDS[fields.enumerated(ENTRY_KINDS.length)] as EntryKind;
  const owner = fields.utf8String();
  const receivedAt = fields.integer();
  const stanzaId = fields.tag === 0x80 ? fromUtf8(fields.primitive(0x80)) : undefined;
  const shell = fields.tag === 0xa1 ? readShell(fields.constructed(0xa1)) : undefined;
  fields.end();
  if (shell !== undefined && kind !== 'sealed') throw new CmsError('ERR_DER', 'shell around what is no sealed object');
  return {
    kind,
    owner,
    receivedAt,
    ...(stanzaId === undefined ? {} : { stanzaId }),
    ...(shell === undefined ? {} : { shell }),
  };
}

function readShell(fields: DerReader): Shell {
  const before = fields.utf8String();
  const after = fields.utf8String();
  fields.end();
  return { before, after };
}
