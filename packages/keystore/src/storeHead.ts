/**
 * The beginning of a key store file, in the clear: what it is, what opens it, and a name for this writing of it.
 *
 * ```
 *   0  16  "stanzaseal store"              32  32  salt: random for each store
 *  16   4  format version: 2               64  32  commitment to the store key
 *  20   4  kind of secret                  96  16  file id: random for each writing of a snapshot
 *  24   4  kind of place of erasure keys  112   n  parameters of the secret
 *  28   4  n, 1024 at most            112 + n   -  zeros, up to a multiple of 64
 * ```
 * @module
 */
import { concat, equal, isAllZero, toUtf8 } from '@stanzaseal/cms';
import { ERASURE_PLACES, type ErasurePlaceKind } from './erasureKey.js';
import { KeyStoreError } from './keyStoreError.js';
import { ALIGNMENT } from './recordChain.js';
import { SECRET_KINDS, type StoreSecretKind } from './storeSecret.js';

/** What a head says for as long as the store lives under one secret. */
export interface StoreHead {
  /** What opens it. */
  readonly secretKind: StoreSecretKind;
  /** Where its erasure keys are. */
  readonly erasureKind: ErasurePlaceKind;
  /** 32 octets that name the store. */
  readonly salt: Uint8Array;
  /** What the secret needs. */
  readonly parameters: Uint8Array;
}

/** The name that every version begins with. */
export const MAGIC: Uint8Array = toUtf8('stanzaseal store');

/** Octets that tell version and length of a head. */
export const HEAD_START = 32;

const VERSION = 2;
const MAX_PARAMETERS = 1024;
const FIXED = 112;

/** The head's octets. */
export function encodeHead(head: StoreHead, commitment: Uint8Array, fileId: Uint8Array): Uint8Array {
  const octets = new Uint8Array(headLength(head.parameters.length));
  octets.set(stemOf(head).subarray(0, 64));
  octets.set(commitment, 64);
  octets.set(fileId, 96);
  octets.set(head.parameters, FIXED);
  return octets;
}

/** All that is fixed in a head, as octets 0 to 63 and the parameters: every key of the store is derived over it (I8). */
export function stemOf({ secretKind, erasureKind, salt, parameters }: StoreHead): Uint8Array {
  if (parameters.length > MAX_PARAMETERS) throw new RangeError('parameters of the secret are more than 1024 octets');
  const numbers = new DataView(new ArrayBuffer(16));
  const values = [
    VERSION,
    SECRET_KINDS.indexOf(secretKind) + 1,
    ERASURE_PLACES.indexOf(erasureKind) + 1,
    parameters.length,
  ];
  for (const [i, value] of values.entries()) numbers.setUint32(4 * i, value);
  return concat(MAGIC, new Uint8Array(numbers.buffer), salt, parameters);
}

/** Format version and length of a file's head, by its first 32 octets. @throws KeyStoreError `ERR_CORRUPT` */
export function readHeadStart(octets: Uint8Array): { readonly version: 1 | 2; readonly length: number } {
  if (octets.length < HEAD_START || !equal(octets.subarray(0, MAGIC.length), MAGIC)) {
    throw new KeyStoreError('ERR_CORRUPT', 'file is not a key store');
  }
  const view = new DataView(octets.buffer, octets.byteOffset);
  const version = view.getUint32(16);
  if (version === 1) return { version, length: HEAD_START };
  if (version !== VERSION) throw new KeyStoreError('ERR_CORRUPT', 'key store is of another format version');
  const parameters = view.getUint32(28);
  if (parameters > MAX_PARAMETERS) throw new KeyStoreError('ERR_CORRUPT', 'key store has a head of another shape');
  return { version, length: headLength(parameters) };
}

/** Reads a whole head of version 2. @throws KeyStoreError `ERR_CORRUPT` */
export function decodeHead(octets: Uint8Array): {
  readonly head: StoreHead;
  readonly commitment: Uint8Array;
  readonly fileId: Uint8Array;
} {
  const { length } = readHeadStart(octets);
  const view = new DataView(octets.buffer, octets.byteOffset);
  const secretKind = SECRET_KINDS[view.getUint32(20) - 1];
  const erasureKind = ERASURE_PLACES[view.getUint32(24) - 1];
  const end = FIXED + view.getUint32(28);
  if (octets.length !== length || !isAllZero(octets.subarray(end)) || !secretKind || !erasureKind) {
    throw new KeyStoreError('ERR_CORRUPT', 'key store has a head of another shape');
  }
  const head = { secretKind, erasureKind, salt: octets.slice(32, 64), parameters: octets.slice(FIXED, end) };
  return { head, commitment: octets.slice(64, 96), fileId: octets.slice(96, FIXED) };
}

function headLength(parameters: number): number {
  return Math.ceil((FIXED + parameters) / ALIGNMENT) * ALIGNMENT;
}
