/**
 * Names and contents of rows under the keys of a store.
 *
 * ```
 * name of a row: 16 octets of HKDF-SHA-256 (RFC 5869) over the table and key of its record, under a key of its own
 *
 *   0   4  generation: the store's epoch, divided by 2^20: which key
 *   4  12  nonce
 *  16   n  ciphertext: the record's line, with spaces before its line feed up to a multiple of 64
 *  16+n 16 tag, over the name and the generation as well
 * ```
 * A new key with each 2^20 commits keeps random nonces apart in a store that lives for years (SP 800-38D §8.3).
 * @module
 */
import { type CryptoProvider, concat, drawOctets, type RandomSource, toUtf8 } from '@stanzaseal/cms';
import { KeyStoreError } from '../keyStoreError.js';
import { placeOf } from '../recordCodec.js';
import type { Change } from '../records.js';

/** Octets of a tag. */
export const TAG_LENGTH = 16;

const EPOCHS = 2 ** 20;
const PADDING = 64;
const NAME_LENGTH = 16;
const EMPTY = new Uint8Array(0);

/** The keys of the rows of one database. Does not print them (E10). */
export class RowKeys {
  readonly #names: Uint8Array;
  readonly #root: Uint8Array;
  readonly #crypto: CryptoProvider;
  readonly #generations = new Map<number, Uint8Array>();

  private constructor(root: Uint8Array, names: Uint8Array, crypto: CryptoProvider) {
    this.#root = root;
    this.#names = names;
    this.#crypto = crypto;
  }

  /** The keys by the key of the database, which is from now on this object's. */
  static async of(root: Uint8Array, crypto: CryptoProvider): Promise<RowKeys> {
    return new RowKeys(root, await crypto.hkdfSha256(root, EMPTY, toUtf8('stanzaseal/sqlite/1 names'), 32), crypto);
  }

  /** The name of the row of a record: says nothing of the record, and is the same each time. */
  async nameOf(change: Pick<Change, 'table' | 'key'>): Promise<Uint8Array> {
    return this.#crypto.hkdfSha256(this.#names, EMPTY, toUtf8(placeOf(change as Change)), NAME_LENGTH);
  }

  /** Seals what a row is to hold. */
  async seal(name: Uint8Array, epoch: number, content: Uint8Array, random: RandomSource): Promise<Uint8Array> {
    const generation = Math.floor(epoch / EPOCHS);
    const before = generationOctets(generation);
    const nonce = drawOctets(random, 12);
    const key = await this.#keyOf(generation);
    return concat(before, nonce, await this.#crypto.encryptAesGcm(key, nonce, concat(name, before), content));
  }

  /** What a row holds. @throws KeyStoreError `ERR_CORRUPT` */
  async open(name: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
    const [before, end] = [sealed.subarray(0, 4), sealed.length - TAG_LENGTH];
    try {
      const key = await this.#keyOf(new DataView(sealed.buffer, sealed.byteOffset).getUint32(0));
      const nonce = sealed.subarray(4, 16);
      return await this.#crypto.decryptAesGcm(
        key,
        nonce,
        concat(name, before),
        sealed.subarray(16, end),
        sealed.subarray(end),
      );
    } catch (cause) {
      throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged', { cause });
    }
  }

  /** Overwrites the keys in memory. */
  erase(): void {
    for (const key of [this.#root, this.#names, ...this.#generations.values()]) key.fill(0);
  }

  async #keyOf(generation: number): Promise<Uint8Array> {
    const known = this.#generations.get(generation);
    if (known !== undefined) return known;
    const info = concat(toUtf8('stanzaseal/sqlite/1 rows'), generationOctets(generation));
    const key = await this.#crypto.hkdfSha256(this.#root, EMPTY, info, 32);
    if (this.#generations.size < 64) this.#generations.set(generation, key); // a file cannot make us keep more
    return key;
  }
}

/** A line of a record, longer: sizes of rows tell little. */
export function padLine(line: string): Uint8Array {
  const octets = toUtf8(line);
  const padded = new Uint8Array(Math.ceil(octets.length / PADDING) * PADDING).fill(0x20);
  padded.set(octets.subarray(0, -1));
  padded[padded.length - 1] = 0x0a;
  return padded;
}

function generationOctets(generation: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, generation);
  return octets;
}
