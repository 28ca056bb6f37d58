/**
 * Records as octets: a line of JSON for each, `["TABLE","KEY",{...}]`, members in alphabetical order. A record's line does
 * not depend on its neighbours, so a change encodes what changed and nothing else.
 * @module
 */
import { fromUtf8, toUtf8 } from '@stanzaseal/cms';
import {
  type Fields,
  flag,
  integer,
  listOf,
  octets,
  oneOf,
  optional,
  type RecordField,
  record,
  secret,
  text,
} from './fields.js';
import { KeyStoreError } from './keyStoreError.js';
import {
  type Change,
  type ClockJump,
  type PeerPrekey,
  type PlaceRecord,
  type PrekeyUse,
  TABLE_NAMES,
  type TableName,
  type Tables,
} from './records.js';

/** A record in its place: a change that puts something. */
export type StoredRecord = {
  readonly [T in TableName]: { readonly table: T; readonly key: string; readonly record: Tables[T] };
}[TableName];

/**
 * A copy of a change that shares nothing changeable with it, but for members taken over from `previous`, the record it
 * replaces, itself such a copy.
 * @throws TypeError for an unknown table, a key that is no text, or a record that is not of its table's shape
 */
export function copyChange({ table, key, record: given }: Change, previous?: Tables[TableName]): Change {
  const kind = kindOf(table) as RecordField<Tables[TableName]>;
  return { table, key: text.copy(key), record: given === undefined ? undefined : kind.copy(given, previous) } as Change;
}

/** The line of a record, with its line feed: UTF-8 octets. @throws TypeError for a record that is not of its table's shape */
export function encodeRecord(record: StoredRecord): Uint8Array {
  return toUtf8(changeLine(record));
}

/** The line of a change, with its line feed; of one that erases, `["TABLE","KEY"]`. @throws TypeError for a record that is not of its table's shape */
export function changeLine({ table, key, record: given }: Change): string {
  const place = [table, text.toJson(key)];
  const kind = kindOf(table) as RecordField<Tables[TableName]>;
  return `${JSON.stringify(given === undefined ? place : [...place, kind.toJson(given)])}\n`;
}

/**
 * Reads lines.
 * @throws KeyStoreError `ERR_CORRUPT` for an unknown table, a member too many, too few or of another kind, a record stored
 * twice, or octets that are not lines of JSON
 */
export function decodeRecords(lines: Uint8Array): StoredRecord[] {
  const records = decodeChanges(lines);
  if (records.some(({ record }) => record === undefined) || new Set(records.map(placeOf)).size !== records.length) {
    throw new KeyStoreError('ERR_CORRUPT', 'stored records are damaged');
  }
  return records as StoredRecord[];
}

/** Reads lines of changes, where a place may occur again. @throws KeyStoreError `ERR_CORRUPT` as for records */
export function decodeChanges(lines: Uint8Array): Change[] {
  try {
    const rows = fromUtf8(lines).split('\n');
    if (rows.pop() !== '') throw new TypeError('the last line has no end');
    return rows.map(decodeRow);
  } catch (cause) {
    throw new KeyStoreError('ERR_CORRUPT', 'stored records are damaged', { cause });
  }
}

/** Where a change applies, as one text: no name of a table has a space. */
export function placeOf({ table, key }: Change): string {
  return `${table} ${key}`;
}

function decodeRow(row: string): Change {
  const json = jsonOf(row);
  if (!Array.isArray(json) || json.length < 2 || json.length > 3) throw new TypeError('line is not a record');
  const [table, key, given] = json as [TableName, unknown, unknown];
  const kind = kindOf(table);
  return { table, key: text.fromJson(key), record: json.length === 2 ? undefined : kind.fromJson(given) } as Change;
}

/** The error of `JSON.parse` quotes the text, which may be a secret's (J2): it is no cause of ours. */
function jsonOf(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    throw new TypeError('line is not JSON');
  }
}

/** Looked up among the names we know, never by a name alone: `__proto__` and `constructor` are no tables. */
function kindOf<T extends TableName>(table: T): RecordField<Tables[T]> {
  if (!TABLE_NAMES.includes(table)) throw new TypeError('table is not one of a key store');
  return KINDS[table] as unknown as RecordField<Tables[T]>;
}

const prekeyClass = oneOf('reply', 'one-time', 'last-resort');
const prekeyUse = record<PrekeyUse>({ device: text, at: integer, movedOnAt: optional(integer) });
const peerPrekey = record<PeerPrekey>({ publicKey: octets, class: prekeyClass, notAfter: integer, at: integer });
const clockJump = record<ClockJump>({ from: integer, to: integer, confirmed: flag, witness: optional(text) });
const replay = record<Tables['seen']>({ at: integer });
const received = record<Tables['received']>({ counter: integer, digest: octets });
const place = record<PlaceRecord>({ counter: integer, previous: optional(octets) });

const FIELDS: { readonly [T in 'account' | 'prekeys' | 'contacts' | 'devices']: Fields<Tables[T]> } = {
  account: {
    owner: text,
    role: oneOf('primary', 'secondary'),
    identity: octets,
    identitySecret: optional(secret),
    identityElsewhere: optional(flag),
    identityName: optional(text),
    device: octets,
    deviceSecret: secret,
    deviceElsewhere: optional(flag),
    deviceName: optional(text),
    localSecret: optional(secret),
    endorsement: optional(octets),
    deviceList: optional(octets),
    bundleSequence: integer,
    bundle: optional(octets),
    bundleAt: optional(integer),
    publications: optional(listOf(integer)),
    forkedList: optional(octets),
    listedOnly: optional(flag),
    rolledBackTo: optional(integer),
    caughtUpAt: optional(integer),
    clockAt: optional(integer),
    clockJump: optional(clockJump),
  },
  prekeys: {
    class: prekeyClass,
    publicKey: octets,
    secret,
    createdAt: integer,
    notAfter: integer,
    conversation: optional(text),
    replacedAt: optional(integer),
    uses: listOf(prekeyUse),
  },
  contacts: {
    identity: octets,
    trust: oneOf('unverified', 'vouched', 'endorsed', 'verified'),
    evidence: optional(text),
    trustUntil: optional(integer),
    pinnedAt: integer,
    deviceList: optional(octets),
    listVersion: integer,
    listDigest: optional(octets),
    listAt: optional(integer),
    forkedList: optional(octets),
    listedOnly: optional(flag),
    changedIdentity: optional(octets),
  },
  devices: {
    owner: text,
    device: octets,
    endorsed: flag,
    sequence: optional(integer),
    revoked: optional(flag),
    endorsement: optional(octets),
    bundleSequence: integer,
    bundleAt: optional(integer),
    bundleNotAfter: integer,
    oneTime: listOf(octets),
    lastResort: optional(octets),
    choice: optional(peerPrekey),
    reply: optional(peerPrekey),
    unheard: optional(flag),
  },
};

const KINDS: { readonly [T in TableName]: RecordField<Tables[T]> } = {
  account: record(FIELDS.account),
  prekeys: record(FIELDS.prekeys),
  contacts: record(FIELDS.contacts),
  devices: record(FIELDS.devices),
  conversations: record<Tables['conversations']>({
    counter: integer,
    previous: optional(octets),
    anew: optional(received),
    replyPrekey: optional(text),
  }),
  received,
  seen: replay,
  accepted: replay,
  requests: record<Tables['requests']>({ from: text, stanza: text, at: integer }),
  strangers: record<Tables['strangers']>({ pins: integer, oneTimePrekeys: integer }),
  outbox: record<Tables['outbox']>({
    stanza: text,
    to: text,
    members: optional(listOf(text)),
    messageId: octets,
    inReplyTo: optional(octets),
    place: optional(place),
    at: integer,
    sentAt: optional(integer),
    failed: optional(text),
  }),
  cursors: record<Tables['cursors']>({ id: text, at: integer }),
  runs: record<Tables['runs']>({ kind: text, peer: text, state: secret, at: integer, expires: integer }),
  attempts: record<Tables['attempts']>({ count: integer, since: integer }),
  evidence: record<Tables['evidence']>({
    jid: text,
    identity: octets,
    kind: oneOf('fingerprint', 'sas', 'password', 'x509', 'openpgp', 'vouch', 'contact', 'own-device', 'handshake'),
    by: optional(text),
    statement: optional(octets),
    at: integer,
    notAfter: optional(integer),
    sequence: optional(integer),
    revokedAt: optional(integer),
  }),
  policy: record<Tables['policy']>({ rules: text }),
};
