/**
 * The octets of a key store file: a header in the clear, and the records under AES-256-GCM with a key of the passphrase.
 * Whoever edits the header, costs included, is answered as with a wrong passphrase or damage (I8): the key and its
 * commitment are derived over all of it but the nonce, and the whole of it is authenticated with the records.
 *
 * ```
 *   0  16  "stanzaseal store"        32  32  salt
 *  16   4  format version: 1         64  32  commitment to the key
 *  20   4  scrypt N                  96  12  nonce
 *  24   4  scrypt r: 8              108   -  ciphertext of the records
 *  28   4  scrypt p: 1             last 16   tag
 * ```
 * @module
 */
import { type BinaryLike, type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type CryptoProvider,
  concat,
  drawOctets,
  equal,
  equalConstantTime,
  type RandomSource,
  toUtf8,
} from '@stanzaseal/cms';
import { KeyStoreError } from './keyStoreError.js';

/**
 * Cost of scrypt (RFC 7914), for the owner once an opening and for a thief once a guess. It takes 128 N r octets of memory:
 * N = 2^15 is 32 MiB and about 0.1 s, 2^17 is 128 MiB and about 0.5 s, 2^20 is 1 GiB and about 4 s, on one core of a server.
 */
export interface ScryptCost {
  /** A power of two from 2^15 to 2^20. */
  readonly N: number;
  /** 8. */
  readonly r: number;
  /** 1. */
  readonly p: number;
}

const MAGIC = toUtf8('stanzaseal store');
const VERSION = 1;
const SALT_AT = 32;
const COMMITMENT_AT = 64;
const NONCE_AT = 96;
const HEADER_LENGTH = 108;
const TAG_LENGTH = 16;

/** The keys of a file, kept while its store is open so that a commit does not derive them again. It never prints them (E10). */
export class StoreSeal {
  readonly #head: Uint8Array;
  readonly #key: Uint8Array;
  readonly #commitment: Uint8Array;
  readonly #crypto: CryptoProvider;

  private constructor(head: Uint8Array, key: Uint8Array, commitment: Uint8Array, crypto: CryptoProvider) {
    this.#head = head;
    this.#key = key;
    this.#commitment = commitment;
    this.#crypto = crypto;
  }

  /** Derives the keys of a new file. @throws RangeError for a cost out of bounds or an empty passphrase */
  static async create(
    passphrase: string,
    cost: ScryptCost,
    random: RandomSource,
    crypto: CryptoProvider,
  ): Promise<StoreSeal> {
    if (!isAcceptable(cost))
      throw new RangeError('cost is out of bounds: N a power of two from 2^15 to 2^20, r 8, p 1');
    if (passphrase === '') throw new RangeError('passphrase is empty');
    const numbers = new DataView(new ArrayBuffer(16));
    for (const [i, number] of [VERSION, cost.N, cost.r, cost.p].entries()) numbers.setUint32(4 * i, number);
    return StoreSeal.#derive(
      concat(MAGIC, new Uint8Array(numbers.buffer), drawOctets(random, 32)),
      passphrase,
      cost,
      crypto,
    );
  }

  /**
   * Derives the keys of a file, after its costs were found in bounds: a file cannot make us compute for hours, nor fall back
   * to a cost that is none (G2, G3).
   * @param passphrase asked for only when the file is one that a passphrase could open
   * @throws KeyStoreError `ERR_CORRUPT`, `ERR_PASSPHRASE`
   */
  static async of(file: Uint8Array, passphrase: () => Promise<string>, crypto: CryptoProvider): Promise<StoreSeal> {
    if (file.length < HEADER_LENGTH + TAG_LENGTH || !equal(file.subarray(0, MAGIC.length), MAGIC)) {
      throw new KeyStoreError('ERR_CORRUPT', 'file is not a key store');
    }
    const view = new DataView(file.buffer, file.byteOffset);
    const cost = { N: view.getUint32(20), r: view.getUint32(24), p: view.getUint32(28) };
    if (view.getUint32(16) !== VERSION)
      throw new KeyStoreError('ERR_CORRUPT', 'key store is of another format version');
    if (!isAcceptable(cost)) throw new KeyStoreError('ERR_CORRUPT', 'key store names costs that are out of bounds');
    const seal = await StoreSeal.#derive(file.slice(0, COMMITMENT_AT), await passphrase(), cost, crypto);
    // GCM opens under more than one key (D2), and damage is to be told from a wrong passphrase: the key first.
    if (!equalConstantTime(seal.#commitment, file.subarray(COMMITMENT_AT, NONCE_AT))) {
      throw new KeyStoreError('ERR_PASSPHRASE', 'passphrase does not open the key store');
    }
    return seal;
  }

  /** The file of records under a fresh nonce: at most 2^32 times with one key (NIST SP 800-38D §8.3). */
  async close(records: Uint8Array, random: RandomSource): Promise<Uint8Array> {
    const nonce = drawOctets(random, HEADER_LENGTH - NONCE_AT);
    const header = concat(this.#head, this.#commitment, nonce);
    return concat(header, await this.#crypto.encryptAesGcm(this.#key, nonce, header, records));
  }

  /** The records of a file. @throws KeyStoreError `ERR_CORRUPT` */
  async open(file: Uint8Array): Promise<Uint8Array> {
    const header = file.subarray(0, HEADER_LENGTH);
    const end = file.length - TAG_LENGTH;
    const nonce = header.subarray(NONCE_AT);
    try {
      return await this.#crypto.decryptAesGcm(
        this.#key,
        nonce,
        header,
        file.subarray(HEADER_LENGTH, end),
        file.subarray(end),
      );
    } catch (cause) {
      throw new KeyStoreError('ERR_CORRUPT', 'key store is damaged', { cause });
    }
  }

  /** Overwrites the key in memory. */
  erase(): void {
    this.#key.fill(0);
  }

  static async #derive(
    head: Uint8Array,
    passphrase: string,
    cost: ScryptCost,
    crypto: CryptoProvider,
  ): Promise<StoreSeal> {
    const { N, r, p } = cost;
    // NFKC, so that one passphrase typed on two keyboards is one (I10).
    const secret = await deriveByScrypt(passphrase.normalize('NFKC'), head.subarray(SALT_AT), 32, {
      N,
      r,
      p,
      maxmem: 256 * N * r,
    });
    const key = await crypto.hkdfSha256(secret, head, toUtf8('stanzaseal/store/1 key'), 32);
    const commitment = await crypto.hkdfSha256(secret, head, toUtf8('stanzaseal/store/1 commitment'), 32);
    secret.fill(0);
    return new StoreSeal(head, key, commitment, crypto);
  }
}

const deriveByScrypt: (
  secret: BinaryLike,
  salt: BinaryLike,
  length: number,
  options: ScryptOptions,
) => Promise<Uint8Array> = promisify(scrypt);

function isAcceptable({ N, r, p }: ScryptCost): boolean {
  return N >= 2 ** 15 && N <= 2 ** 20 && Number.isInteger(Math.log2(N)) && r === 8 && p === 1;
}
