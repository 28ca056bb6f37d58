/**
 * What an archive says about itself: each act that changes who can read, or what is kept, is a record, signed and an entry of the log.
 *
 * ```
 * ArchiveRecord ::= SEQUENCE {
 *   version  INTEGER (0),
 *   origin   UTF8String,                          -- the log's name
 *   time     INTEGER (0..9007199254740991),       -- ms since 1970
 *   act      CHOICE {
 *     archiveKey [0] IMPLICIT SEQUENCE { owner UTF8String, organisation UTF8String, epoch INTEGER, key OCTET STRING (SIZE(32)) },
 *     rewrap     [1] IMPLICIT SEQUENCE { owner UTF8String, epoch INTEGER, count INTEGER, mismatched INTEGER, root OCTET STRING (SIZE(32)) },
 *     request    [2] IMPLICIT SEQUENCE { id OCTET STRING (SIZE(16)), owner UTF8String, purpose UTF8String, auditor OCTET STRING (SIZE(32)),
 *                                        notAfter INTEGER, leaves SEQUENCE OF INTEGER },
 *     release    [3] IMPLICIT SEQUENCE { approvals SEQUENCE OF OCTET STRING, epoch INTEGER, count INTEGER, root OCTET STRING (SIZE(32)) },
 *     hold       [4] IMPLICIT SEQUENCE { owner UTF8String, start INTEGER, end INTEGER, reason UTF8String },
 *     lift       [5] IMPLICIT SEQUENCE { hold INTEGER, reason UTF8String },
 *     refusal    [6] IMPLICIT SEQUENCE { owner UTF8String, hold INTEGER, reason UTF8String },
 *     erasure    [7] IMPLICIT SEQUENCE { owner UTF8String, start INTEGER, end INTEGER, reason UTF8String },
 *     erased     [8] IMPLICIT SEQUENCE { erasure INTEGER, keys INTEGER, entries INTEGER },
 *     rules      [9] IMPLICIT SEQUENCE { rules UTF8String } } }
 * ```
 * It is the content of a SignedData of type id-ct-archiveRecord. Only a `request` is signed by others than the archive: by officers.
 * @module
 */
import {
  CmsError,
  constructed,
  type DerNode,
  DerReader,
  encodeDer,
  integer,
  octetString,
  sequence,
  utf8String,
} from '@stanzaseal/cms';

/** An archive key came into use: of the organisation (owner `''`) or of an owner's self-archive. */
export interface ArchiveKeyAct {
  readonly act: 'archiveKey';
  readonly owner: string;
  readonly organisation: string;
  readonly epoch: number;
  /** Raw X25519 key, 32 octets. */
  readonly key: Uint8Array;
}

/** All wraps of an archive key's line are under this epoch, but for those that did not match. */
export interface RewrapAct {
  readonly act: 'rewrap';
  readonly owner: string;
  readonly epoch: number;
  /** Wraps under the epoch. */
  readonly count: number;
  /** Wraps that were left where they were, since they hold another key than the object's. */
  readonly mismatched: number;
  /** Merkle root of the wraps in the order of their leaf indexes. */
  readonly root: Uint8Array;
}

/** Somebody asks for keys of entries. Officers sign it. */
export interface RequestAct {
  readonly act: 'request';
  /** 16 random octets: no approval serves twice. */
  readonly id: Uint8Array;
  readonly owner: string;
  readonly purpose: string;
  /** Raw X25519 key of the auditor's device, 32 octets. */
  readonly auditor: Uint8Array;
  /** Until when it may be answered, in ms since 1970; it may be from the record's time on. */
  readonly notAfter: number;
  /** Leaf indexes, ascending. */
  readonly leaves: readonly number[];
}

/** Keys of entries were wrapped to an auditor's device. */
export interface ReleaseAct {
  readonly act: 'release';
  /** DER of each officer's signed request. */
  readonly approvals: readonly Uint8Array[];
  readonly epoch: number;
  /** How many keys. */
  readonly count: number;
  /** Merkle root of the wraps that were given out. */
  readonly root: Uint8Array;
}

/** Nothing of an owner (`''`: of anybody) received between two times, in ms since 1970, may be erased. */
export interface HoldAct {
  readonly act: 'hold';
  readonly owner: string;
  readonly start: number;
  /** The last ms that is held. */
  readonly end: number;
  readonly reason: string;
}

/** A hold, named by its leaf index, ended. */
export interface LiftAct {
  readonly act: 'lift';
  readonly hold: number;
  readonly reason: string;
}

/** An erasure was refused because of a hold. */
export interface RefusalAct {
  readonly act: 'refusal';
  readonly owner: string;
  readonly hold: number;
  readonly reason: string;
}

/** An erasure was ordered: from here on it is carried out, whatever happens. */
export interface ErasureAct {
  readonly act: 'erasure';
  readonly owner: string;
  readonly start: number;
  /** The last ms that is erased. */
  readonly end: number;
  readonly reason: string;
}

/** An erasure, named by its leaf index, was carried out. */
export interface ErasedAct {
  readonly act: 'erased';
  readonly erasure: number;
  /** Keys destroyed. */
  readonly keys: number;
  /** Entries whose rows went. */
  readonly entries: number;
}

/** Rules of retention, as JSON, that hold from here on. */
export interface RulesAct {
  readonly act: 'rules';
  readonly rules: string;
}

/** What a record says. */
export type ArchiveAct =
  | ArchiveKeyAct
  | RewrapAct
  | RequestAct
  | ReleaseAct
  | HoldAct
  | LiftAct
  | RefusalAct
  | ErasureAct
  | ErasedAct
  | RulesAct;

/** A record. */
export interface ArchiveRecord {
  /** The log's name. */
  readonly origin: string;
  /** ms since 1970. */
  readonly time: number;
  /** What it says. */
  readonly act: ArchiveAct;
}

type Field = 'text' | 'number' | 'key' | 'id' | 'numbers' | 'octetsList';

/** Fields in their order; an act's number is its place here. */
const ACTS: Readonly<Record<ArchiveAct['act'], readonly (readonly [name: string, field: Field])[]>> = {
  archiveKey: [['owner', 'text'], ['organisation', 'text'], ['epoch', 'number'], ['key', 'key']], // biome-ignore format: a table
  rewrap: [
    ['owner', 'text'],
    ['epoch', 'number'],
    ['count', 'number'],
    ['mismatched', 'number'],
    ['root', 'key'],
  ],
  request: [
    ['id', 'id'],
    ['owner', 'text'],
    ['purpose', 'text'],
    ['auditor', 'key'],
    ['notAfter', 'number'],
    ['leaves', 'numbers'],
  ],
  release: [
    ['approvals', 'octetsList'],
    ['epoch', 'number'],
    ['count', 'number'],
    ['root', 'key'],
  ],
  hold: [
    ['owner', 'text'],
    ['start', 'number'],
    ['end', 'number'],
    ['reason', 'text'],
  ],
  lift: [
    ['hold', 'number'],
    ['reason', 'text'],
  ],
  refusal: [
    ['owner', 'text'],
    ['hold', 'number'],
    ['reason', 'text'],
  ],
  erasure: [
    ['owner', 'text'],
    ['start', 'number'],
    ['end', 'number'],
    ['reason', 'text'],
  ],
  erased: [
    ['erasure', 'number'],
    ['keys', 'number'],
    ['entries', 'number'],
  ],
  rules: [['rules', 'text']],
};
const NAMES = Object.keys(ACTS) as ArchiveAct['act'][];

/** Most leaves of one request, and most approvals of one release. */
export const RECORD_LIMITS = { leaves: 10_000, approvals: 64 } as const;
const LIMITS = { octets: 8_388_608, depth: 4 };

/** DER of a record. @throws RangeError for numbers that are none */
export function encodeRecord({ origin, time, act }: ArchiveRecord): Uint8Array {
  const values = act as unknown as Readonly<Record<string, unknown>>;
  const fields = ACTS[act.act].map(([name, field]) => nodeOf(field, values[name]));
  const body = constructed(0xa0 + NAMES.indexOf(act.act), fields);
  return encodeDer(sequence(integer(0), utf8String(origin), integer(time), body));
}

/** Reads a record. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` for another version or act */
export function decodeRecord(der: Uint8Array): ArchiveRecord {
  const outer = new DerReader(der, LIMITS);
  const record = outer.sequence();
  outer.end();
  if (record.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'record of another version');
  const [origin, time] = [record.utf8String(), record.integer()];
  const act = NAMES[(record.tag ?? 0) - 0xa0];
  if (act === undefined) throw new CmsError('ERR_UNSUPPORTED', 'record of another act');
  const fields = record.constructed(record.tag);
  record.end();
  const values = Object.fromEntries(ACTS[act].map(([name, field]) => [name, readField(field, fields)]));
  fields.end();
  return { origin, time, act: { act, ...values } as unknown as ArchiveAct };
}

function nodeOf(field: Field, value: unknown): DerNode {
  if (field === 'text') return utf8String(value as string);
  if (field === 'number') return integer(value as number);
  if (field === 'numbers')
    return constructed(
      0x30,
      (value as number[]).map((each) => integer(each)),
    );
  if (field === 'octetsList')
    return constructed(
      0x30,
      (value as Uint8Array[]).map((each) => octetString(each)),
    );
  if ((value as Uint8Array).length !== LENGTHS[field]) throw new RangeError('record holds octets of another length');
  return octetString(value as Uint8Array);
}

function readField(field: Field, fields: DerReader): unknown {
  if (field === 'text') return fields.utf8String();
  if (field === 'number') return fields.integer();
  if (field === 'numbers') return fields.sequenceOf((each) => each.integer(), RECORD_LIMITS.leaves);
  if (field === 'octetsList') return fields.sequenceOf((each) => each.octetString(), RECORD_LIMITS.approvals);
  return fields.octetStringOf(LENGTHS[field]);
}

const LENGTHS = { key: 32, id: 16 } as const;
