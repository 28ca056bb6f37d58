/**
 * What is in a backup.
 *
 * ```
 * Backup ::= SEQUENCE {
 *   version     INTEGER (0),
 *   owner       BareJid,
 *   made        GeneralizedTime,
 *   identity    OCTET STRING (SIZE (32)),              -- Ed25519 seed of the identity key
 *   deviceList  OCTET STRING,                          -- DER of the signed list
 *   devices     SEQUENCE OF BackupDevice,
 *   contacts    SEQUENCE OF BackupContact,
 *   evidence    [0] SEQUENCE OF BackupEvidence OPTIONAL }
 * BackupDevice ::= SEQUENCE {
 *   key          SubjectPublicKeyInfo,                 -- Ed25519
 *   state        ENUMERATED { believed(0), removed(1), revoked(2) },
 *   sequence     Count,                                -- of the newest endorsement or revocation seen; 0 for none
 *   endorsement  [0] IMPLICIT OCTET STRING OPTIONAL }
 * BackupContact ::= SEQUENCE {
 *   jid              BareJid,
 *   identity         SubjectPublicKeyInfo,             -- Ed25519
 *   trust            ENUMERATED { unverified(0), vouched(1), endorsed(2), verified(3) },
 *   pinnedAt         GeneralizedTime,
 *   evidence         [0] IMPLICIT UTF8String OPTIONAL,
 *   changedIdentity  [1] IMPLICIT OCTET STRING (SIZE (32)) OPTIONAL,
 *   deviceList       [2] IMPLICIT OCTET STRING OPTIONAL,
 *   forkedList       [3] IMPLICIT OCTET STRING OPTIONAL,
 *   listedOnly       [4] IMPLICIT NULL OPTIONAL,
 *   devices          SEQUENCE OF BackupDevice }
 * ```
 * @module
 */
import {
  constructed,
  type DerNode,
  DerReader,
  encodeDer,
  encoded,
  enumerated,
  exportPublicKey,
  fromUtf8,
  generalizedTime,
  integer,
  octetString,
  primitive,
  readPublicKey,
  sequence,
  toUtf8,
  utf8String,
} from '@stanzaseal/cms';
import type { TrustLevel } from '@stanzaseal/keystore';
import type { Evidence } from '@stanzaseal/trust/levels';
import { evidenceNode, readEvidence } from './backupEvidence.js';

/** States of a device in the order of their numbers. */
export const DEVICE_STATES = ['believed', 'removed', 'revoked'] as const;
const TRUST_LEVELS: readonly TrustLevel[] = ['unverified', 'vouched', 'endorsed', 'verified'];
const NOTHING = new Uint8Array(0);

/** Greatest length of a backup in octets: some ten thousand contacts. */
export const MAX_BACKUP_OCTETS = 67_108_864;

/** A device in a backup. */
export interface BackupDevice {
  /** Raw Ed25519 public key. */
  readonly key: Uint8Array;
  /** What is known of it. */
  readonly state: (typeof DEVICE_STATES)[number];
  /** Of the newest endorsement or revocation seen; 0 for none. */
  readonly sequence: number;
  /** DER of its endorsement. */
  readonly endorsement: Uint8Array | undefined;
}

/** A contact in a backup. */
export interface BackupContact {
  /** Bare JID. */
  readonly jid: string;
  /** Raw Ed25519 public key. */
  readonly identity: Uint8Array;
  /** What is known of it. */
  readonly trust: TrustLevel;
  /** When it was pinned, in ms since 1970, cut to seconds. */
  readonly pinnedAt: number;
  /** How what is known is known. */
  readonly evidence: string | undefined;
  /** Another identity key that awaits an answer: raw Ed25519 public key. */
  readonly changedIdentity: Uint8Array | undefined;
  /** DER of the signed list. */
  readonly deviceList: Uint8Array | undefined;
  /** DER of another of the same version. */
  readonly forkedList: Uint8Array | undefined;
  /** Whether only listed devices are believed. */
  readonly listedOnly: boolean;
  /** Devices that are in no list in force, and those that were revoked. */
  readonly devices: readonly BackupDevice[];
}

/** A backup. */
export interface Backup {
  /** Bare JID of the account. */
  readonly owner: string;
  /** When it was made, in ms since 1970, cut to seconds. */
  readonly made: number;
  /** Seed of the identity key: 32 secret octets. */
  readonly identity: Uint8Array;
  /** DER of the signed device list. */
  readonly deviceList: Uint8Array;
  /** Own devices. */
  readonly devices: readonly BackupDevice[];
  /** Contacts. */
  readonly contacts: readonly BackupContact[];
  /** What earned their levels, and what is known of accounts that are no contacts yet. */
  readonly evidence: readonly Evidence[];
}

/** DER of a backup. */
export function encodeBackup(backup: Backup): Uint8Array {
  return encodeDer(
    sequence(
      integer(0),
      utf8String(backup.owner),
      generalizedTime(backup.made),
      octetString(backup.identity),
      octetString(backup.deviceList),
      sequence(...backup.devices.map(deviceNode)),
      sequence(...backup.contacts.map(contactNode)),
      ...(backup.evidence.length === 0 ? [] : [constructed(0xa0, [sequence(...backup.evidence.map(evidenceNode))])]),
    ),
  );
}

/** Reads a backup. @throws CmsError `ERR_DER`; RangeError for another version */
export function decodeBackup(der: Uint8Array): Backup {
  const reader = new DerReader(der, { octets: MAX_BACKUP_OCTETS, depth: 8 });
  const inside = reader.sequence();
  reader.end();
  if (inside.integer() !== 0) throw new RangeError('backup is of another version');
  const backup = {
    owner: inside.utf8String(),
    made: inside.generalizedTime(),
    identity: inside.octetStringOf(32),
    deviceList: inside.octetString(),
    devices: listed(inside, readDevice),
    contacts: listed(inside, readContact),
    evidence: inside.tag === 0xa0 ? wrapped(inside) : [],
  };
  inside.end();
  return backup;
}

function deviceNode({ key, state, sequence: order, endorsement }: BackupDevice): DerNode {
  return sequence(ed25519(key), enumerated(DEVICE_STATES.indexOf(state)), integer(order), ...optional(0, endorsement));
}

function readDevice(reader: DerReader): BackupDevice {
  const inside = reader.sequence();
  const device = {
    key: readPublicKey(inside).raw,
    state: DEVICE_STATES[inside.enumerated(DEVICE_STATES.length)] as (typeof DEVICE_STATES)[number],
    sequence: inside.integer(),
    endorsement: readOptional(inside, 0),
  };
  inside.end();
  return device;
}

function contactNode(contact: BackupContact): DerNode {
  return sequence(
    utf8String(contact.jid),
    ed25519(contact.identity),
    enumerated(TRUST_LEVELS.indexOf(contact.trust)),
    generalizedTime(contact.pinnedAt),
    ...optional(0, contact.evidence === undefined ? undefined : toUtf8(contact.evidence)),
    ...optional(1, contact.changedIdentity),
    ...optional(2, contact.deviceList),
    ...optional(3, contact.forkedList),
    ...optional(4, contact.listedOnly ? NOTHING : undefined),
    sequence(...contact.devices.map(deviceNode)),
  );
}

function readContact(reader: DerReader): BackupContact {
  const inside = reader.sequence();
  const jid = inside.utf8String();
  const identity = readPublicKey(inside).raw;
  const trust = TRUST_LEVELS[inside.enumerated(TRUST_LEVELS.length)] as TrustLevel;
  const pinnedAt = inside.generalizedTime();
  const evidence = readOptional(inside, 0);
  const contact = {
    jid,
    identity,
    trust,
    pinnedAt,
    evidence: evidence === undefined ? undefined : fromUtf8(evidence),
    changedIdentity: readOptional(inside, 1),
    deviceList: readOptional(inside, 2),
    forkedList: readOptional(inside, 3),
    listedOnly: readOptional(inside, 4) !== undefined,
    devices: listed(inside, readDevice),
  };
  inside.end();
  return contact;
}

function wrapped(reader: DerReader): Evidence[] {
  const inside = reader.constructed(0xa0);
  const evidence = listed(inside, readEvidence);
  inside.end();
  return evidence;
}

function ed25519(raw: Uint8Array): DerNode {
  return encoded(exportPublicKey({ algorithm: 'Ed25519', raw }));
}

function optional(number: number, content: Uint8Array | undefined): DerNode[] {
  return content === undefined ? [] : [primitive(0x80 | number, content)];
}

function readOptional(reader: DerReader, number: number): Uint8Array | undefined {
  return reader.tag === (0x80 | number) ? reader.primitive(0x80 | number) : undefined;
}

function listed<T>(reader: DerReader, read: (reader: DerReader) => T): T[] {
  const inside = reader.sequence();
  const values: T[] = [];
  while (!inside.atEnd) values.push(read(inside));
  return values;
}
