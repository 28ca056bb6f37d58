/**
 * The device list of an account, signed by its identity key.
 *
 * ```
 * DeviceList ::= SEQUENCE {
 *   version      INTEGER (0),
 *   owner        UTF8String,                                  -- bare JID
 *   identity     SubjectPublicKeyInfo,
 *   listVersion  INTEGER (1..9007199254740991),
 *   previous     [0] IMPLICIT OCTET STRING (SIZE(32)) OPTIONAL, -- SHA-256 of the DeviceList before; absent in version 1
 *   issued       GeneralizedTime,
 *   expires      GeneralizedTime,
 *   devices      SEQUENCE SIZE (1..64) OF Device,
 *   archiveKeys  SEQUENCE SIZE (0..8) OF ArchiveKey }
 * Device     ::= SEQUENCE { key SubjectPublicKeyInfo, role ENUMERATED { primary(0), secondary(1) },
 *                           suites SEQUENCE SIZE (1..8) OF INTEGER }
 * ArchiveKey ::= SEQUENCE { key SubjectPublicKeyInfo, organisation UTF8String, epoch INTEGER }
 * ```
 * @module
 */
import { CmsError, derError } from '../cmsError.js';
import { DerReader } from '../derReader.js';
import {
  constructed,
  encodeDer,
  encoded,
  enumerated,
  generalizedTime,
  integer,
  octetString,
  sequence,
  utf8String,
} from '../derWriter.js';
import { equal } from '../octets.js';
import type { RawPublicKey } from '../ports.js';
import { exportPublicKey, readPublicKey } from '../publicKey.js';

/** Most devices in a list. */
export const MAX_DEVICES = 64;
/** Most archive keys in a list. */
export const MAX_ARCHIVE_KEYS = 8;

/** Roles of devices in the order of their numbers. */
export const DEVICE_ROLES = ['primary', 'secondary'] as const;
/** `primary` devices hold the identity key and alone may change the list. */
export type DeviceRole = (typeof DEVICE_ROLES)[number];

/** A device in a list. */
export interface Device {
  /** Device key: Ed25519. */
  readonly key: RawPublicKey;
  /** Role. */
  readonly role: DeviceRole;
  /** Numbers of the suites it speaks. */
  readonly suites: readonly number[];
}

/** An archive's key in a list: whoever seals to the account seals to it too, in plain sight. */
export interface ArchiveKey {
  /** X25519 key. */
  readonly key: RawPublicKey;
  /** Who holds it. */
  readonly organisation: string;
  /** Which of its keys in turn. */
  readonly epoch: number;
}

/** A device list. */
export interface DeviceList {
  /** Bare JID of the account. */
  readonly owner: string;
  /** Account identity key: Ed25519. */
  readonly identity: RawPublicKey;
  /** Rises by one with every change. */
  readonly listVersion: number;
  /** SHA-256 of the DER of the DeviceList before; absent in version 1. */
  readonly previous?: Uint8Array;
  /** When it was signed, in ms since 1970. */
  readonly issued: number;
  /** When it ceases to be used, in ms since 1970. */
  readonly expires: number;
  /** The devices. */
  readonly devices: readonly Device[];
  /** The archive keys. */
  readonly archiveKeys: readonly ArchiveKey[];
}

/** DER of a device list. */
export function encodeDeviceList(list: DeviceList): Uint8Array {
  return encodeDer(
    sequence(
      integer(0),
      utf8String(list.owner),
      encoded(exportPublicKey(list.identity)),
      integer(list.listVersion),
      ...(list.previous === undefined ? [] : [octetString(list.previous, 0x80)]),
      generalizedTime(list.issued),
      generalizedTime(list.expires),
      constructed(
        0x30,
        list.devices.map((device) =>
          sequence(
            encoded(exportPublicKey(device.key)),
            enumerated(DEVICE_ROLES.indexOf(device.role)),
            sequence(...device.suites.map((suite) => integer(suite))),
          ),
        ),
      ),
      constructed(
        0x30,
        list.archiveKeys.map((archive) =>
          sequence(encoded(exportPublicKey(archive.key)), utf8String(archive.organisation), integer(archive.epoch)),
        ),
      ),
    ),
  );
}

/** Reads a device list. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeDeviceList(der: Uint8Array): DeviceList {
  const reader = new DerReader(der);
  const list = reader.sequence();
  reader.end();
  if (list.integer() !== 0) throw new CmsError('ERR_UNSUPPORTED', 'device list of another version');
  const owner = list.utf8String();
  const identity = readKeyOf(list, 'Ed25519');
  const listVersion = list.integer();
  const previous = list.tag === 0x80 ? list.octetStringOf(32, 0x80) : undefined;
  const issued = list.generalizedTime();
  const expires = list.generalizedTime();
  const devices = list.sequenceOf(readDevice, MAX_DEVICES);
  const archiveKeys = list.sequenceOf(readArchiveKey, MAX_ARCHIVE_KEYS);
  list.end();
  if (listVersion < 1 || (listVersion === 1) !== (previous === undefined)) throw derError('list version does not fit');
  if (devices.length === 0 || expires < issued) throw derError('device list makes no sense');
  const keys = [...devices, ...archiveKeys].map((entry) => entry.key.raw);
  if (keys.some((key, i) => keys.some((other, j) => j < i && equal(key, other)))) throw derError('key twice');
  return {
    owner,
    identity,
    listVersion,
    ...(previous === undefined ? {} : { previous }),
    issued,
    expires,
    devices,
    archiveKeys,
  };
}

function readDevice(reader: DerReader): Device {
  const device = reader.sequence();
  const key = readKeyOf(device, 'Ed25519');
  const role = DEVICE_ROLES[device.enumerated(DEVICE_ROLES.length)] as DeviceRole;
  const suites = device.sequenceOf((suite) => suite.integer(), 8);
  device.end();
  if (suites.length === 0) throw derError('device without a suite');
  return { key, role, suites };
}

function readArchiveKey(reader: DerReader): ArchiveKey {
  const archive = reader.sequence();
  const key = readKeyOf(archive, 'X25519');
  const organisation = archive.utf8String();
  const epoch = archive.integer();
  archive.end();
  return { key, organisation, epoch };
}

function readKeyOf(reader: DerReader, algorithm: RawPublicKey['algorithm']): RawPublicKey {
  const key = readPublicKey(reader);
  if (key.algorithm !== algorithm) throw derError('key of another algorithm');
  return key;
}
