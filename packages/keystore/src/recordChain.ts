/**
 * Authenticated records, one after the other: the snapshot and the journal of a key store file. Each is sealed over its
 * number and over the end of the one before, so that none can be left out, moved, repeated or brought from another file.
 *
 * ```
 *   0   8  number, from 0                  24  16  the 16 octets before this record: the tag of the last
 *   8   4  n                               40   n  ciphertext: the content, and zeros
 *  12  12  nonce                       40 + n  16  tag
 * ```
 * A record begins at a multiple of 64 octets and is a multiple of 64 long, and it authenticates wherever it lies: behind a
 * damaged one the next is found, and one that is out of turn is known. Nonces are random: a record that a crash took away is
 * written anew under the same key and number, with other content.
 * @module
 */
import { type CryptoProvider, drawOctets, equal, type RandomSource } from '@stanzaseal/cms';

/** Records and heads are multiples of this many octets. */
export const ALIGNMENT = 64;

/** Octets of a record before its ciphertext. */
export const FRAME_LENGTH = 40;

/** Octets of a tag, and of what a record is chained to. */
export const TAG_LENGTH = 16;

/** The clear beginning of a record. */
export interface Frame {
  /** Which record it is. */
  readonly number: number;
  /** Length of the whole record. */
  readonly length: number;
}

/** Seals contents as the records of one file, in order. Holds the file's key and does not print it (E10). */
export class RecordChain {
  readonly #key: Uint8Array;
  readonly #crypto: CryptoProvider;
  #number: number;
  #previous: Uint8Array;

  /** Goes on after `number` records; `previous` is the last 16 octets before the next one. */
  constructor(key: Uint8Array, crypto: CryptoProvider, number: number, previous: Uint8Array) {
    this.#key = key;
    this.#crypto = crypto;
    this.#number = number;
    this.#previous = Uint8Array.from(previous);
  }

  /** The next record. It counts as written only after `advance`. */
  async seal(content: Uint8Array, random: RandomSource): Promise<Uint8Array> {
    const length = Math.ceil((FRAME_LENGTH + content.length + TAG_LENGTH) / ALIGNMENT) * ALIGNMENT;
    const record = new Uint8Array(length);
    const view = new DataView(record.buffer);
    view.setBigUint64(0, BigInt(this.#number));
    view.setUint32(8, length - FRAME_LENGTH - TAG_LENGTH);
    record.set(drawOctets(random, 12), 12);
    record.set(this.#previous, 24);
    const padded = new Uint8Array(length - FRAME_LENGTH - TAG_LENGTH);
    padded.set(content);
    const frame = record.subarray(0, FRAME_LENGTH);
    record.set(await this.#crypto.encryptAesGcm(this.#key, frame.subarray(12, 24), frame, padded), FRAME_LENGTH);
    padded.fill(0);
    return record;
  }

  /** Whether a record says that it is the next. */
  isNext(record: Uint8Array): boolean {
    return readFrame(record)?.number === this.#number && equal(record.subarray(24, FRAME_LENGTH), this.#previous);
  }

  /** The content of a record, with the zeros after it, or `undefined` for one that does not authenticate. In turn or not. */
  async open(record: Uint8Array): Promise<Uint8Array | undefined> {
    const [frame, end] = [record.subarray(0, FRAME_LENGTH), record.length - TAG_LENGTH];
    const ciphertext = record.subarray(FRAME_LENGTH, end);
    try {
      return await this.#crypto.decryptAesGcm(
        this.#key,
        frame.subarray(12, 24),
        frame,
        ciphertext,
        record.subarray(end),
      );
    } catch {
      return undefined;
    }
  }

  /** Goes on behind a record. */
  advance(record: Uint8Array): void {
    this.#number++;
    this.#previous = record.slice(-TAG_LENGTH);
  }

  /** Number of the next record. */
  get number(): number {
    return this.#number;
  }

  /** Overwrites the key in memory. */
  erase(): void {
    this.#key.fill(0);
  }
}

/** Reads the frame of a record, or `undefined` for octets that cannot be one. */
export function readFrame(octets: Uint8Array): Frame | undefined {
  if (octets.length < FRAME_LENGTH) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset);
  const number = Number(view.getBigUint64(0));
  const length = FRAME_LENGTH + view.getUint32(8) + TAG_LENGTH;
  return length % ALIGNMENT === 0 && Number.isSafeInteger(number) ? { number, length } : undefined;
}
