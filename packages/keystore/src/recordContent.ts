/**
 * What a record of a key store file holds: lines of changes, and beside them lines under the erasure key.
 *
 * ```
 *   0   1  1: part of a snapshot; 2: its last part; 3: a commit
 *   1   8  epoch: commits made until now
 *   9   8  number of the erasure key that is in use from here on
 *  17   1  erasable lines 0: are none; 1: add to those before; 2: take the place of all before
 *  18   4  a: length of the lines
 *  22   4  b: length of the sealed erasable lines
 *  26   a  lines
 *  26+a b  nonce, ciphertext and tag of the erasable lines
 * ```
 * @module
 */
import { KeyStoreError } from './keyStoreError.js';

/** The content of a record. */
export interface RecordContent {
  /** What it is part of. */
  readonly kind: 'part' | 'last-part' | 'commit';
  /** How many commits were ever made. */
  readonly epoch: number;
  /** Number of the erasure key in use. */
  readonly sequence: number;
  /** What becomes of the erasable lines before. */
  readonly erasable: 'none' | 'adds' | 'replaces';
  /** Lines of changes. */
  readonly lines: Uint8Array;
  /** Erasable lines under the erasure key; none where `erasable` is `none`. */
  readonly sealed: Uint8Array;
}

const KINDS = ['part', 'last-part', 'commit'] as const;
const MODES = ['none', 'adds', 'replaces'] as const;
const FIXED = 26;

/** A content's octets. */
export function encodeContent({ kind, epoch, sequence, erasable, lines, sealed }: RecordContent): Uint8Array {
  const octets = new Uint8Array(FIXED + lines.length + sealed.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, KINDS.indexOf(kind) + 1);
  view.setBigUint64(1, BigInt(epoch));
  view.setBigUint64(9, BigInt(sequence));
  view.setUint8(17, MODES.indexOf(erasable));
  view.setUint32(18, lines.length);
  view.setUint32(22, sealed.length);
  octets.set(lines, FIXED);
  octets.set(sealed, FIXED + lines.length);
  return octets;
}

/** Reads a content, whatever follows it. @throws KeyStoreError `ERR_CORRUPT` */
export function decodeContent(octets: Uint8Array): RecordContent {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const kind = octets.length < FIXED ? undefined : KINDS[view.getUint8(0) - 1];
  const erasable = kind && MODES[view.getUint8(17)];
  if (kind === undefined || erasable === undefined) throw damaged();
  const [epoch, sequence] = [Number(view.getBigUint64(1)), Number(view.getBigUint64(9))];
  const between = FIXED + view.getUint32(18);
  const end = between + view.getUint32(22);
  const fits = Number.isSafeInteger(epoch) && Number.isSafeInteger(sequence) && end <= octets.length;
  if (!fits || (erasable === 'none') !== (end === between)) throw damaged();
  return {
    kind,
    epoch,
    sequence,
    erasable,
    lines: octets.subarray(FIXED, between),
    sealed: octets.subarray(between, end),
  };
}

function damaged(): KeyStoreError {
  return new KeyStoreError('ERR_CORRUPT', 'stored records are damaged');
}
