/**
 * A passphrase that opens a store, by scrypt (RFC 7914). Costs found in a file are judged before anything is derived from
 * them: a file cannot make us compute for hours, nor fall back to a cost that is none (G2, G3).
 * @module
 */
import { type BinaryLike, type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { KeyStoreError } from './keyStoreError.js';
import { STORE_KEY_LENGTH, type StoreSecret } from './storeSecret.js';

/**
 * Cost of scrypt (RFC 7914), for the owner once an opening and for a thief once a guess. It takes 128 N r octets of memory:
 * N = 2^16 is 64 MiB and 0.15 s, 2^17 is 128 MiB and 0.3 s, 2^20 is 1 GiB and about 3 s, of one core of a server (decision 0032).
 */
export interface ScryptCost {
  /** A power of two from 2^16 to 2^20. */
  readonly N: number;
  /** 8. */
  readonly r: number;
  /** 1. */
  readonly p: number;
}

/** Least N of a new store: 0.1 s of a core for a guess and more (I10, decision 0032). */
const LEAST_NEW = 2 ** 16;

/** Least N of a store that is there: that of stores made before. */
const LEAST_KNOWN = 2 ** 15;

const MOST = 2 ** 20;

/** The passphrase, or who asks for it: asked when a store is there that it could open. */
export type Passphrase = string | (() => Promise<string>);

/**
 * A passphrase. It is compared after Unicode normalisation NFKC, so that one passphrase typed on two keyboards is one (I10).
 * @param parameters `cost` is needed to make a store; an existing one has its own
 * @throws RangeError for a cost out of bounds, and in `create` for an empty passphrase; TypeError in `create` without a cost
 * @example
 * const secret = passphraseSecret({ passphrase, cost: { N: 2 ** 17, r: 8, p: 1 } });
 */
export function passphraseSecret(parameters: {
  readonly passphrase: Passphrase;
  readonly cost?: ScryptCost;
}): StoreSecret {
  const { passphrase, cost } = parameters;
  if (cost !== undefined && !isAcceptable(cost, LEAST_NEW)) {
    throw new RangeError('cost is out of bounds: N a power of two from 2^16 to 2^20, r 8, p 1');
  }
  const ask = async () => (typeof passphrase === 'string' ? passphrase : passphrase());
  return Object.freeze({
    kind: 'passphrase' as const,
    async create(salt: Uint8Array) {
      if (cost === undefined) throw new TypeError('cost is missing');
      const given = await ask();
      if (given === '') throw new RangeError('passphrase is empty');
      return { key: await derive(given, salt, cost), parameters: encodeCost(cost) };
    },
    async open(salt: Uint8Array, octets: Uint8Array) {
      const found = decodeCost(octets);
      return derive(await ask(), salt, found);
    },
    describe(octets: Uint8Array) {
      const { N, r, p } = decodeCost(octets);
      return `a passphrase; scrypt N = ${N}, r = ${r}, p = ${p}: ${(128 * N * r) / 2 ** 20} MiB a guess`;
    },
  });
}

function derive(passphrase: string, salt: Uint8Array, { N, r, p }: ScryptCost): Promise<Uint8Array> {
  return deriveByScrypt(passphrase.normalize('NFKC'), salt, STORE_KEY_LENGTH, { N, r, p, maxmem: 256 * N * r });
}

const deriveByScrypt: (
  secret: BinaryLike,
  salt: BinaryLike,
  length: number,
  options: ScryptOptions,
) => Promise<Uint8Array> = promisify(scrypt);

function encodeCost({ N, r, p }: ScryptCost): Uint8Array {
  const view = new DataView(new ArrayBuffer(12));
  for (const [i, number] of [N, r, p].entries()) view.setUint32(4 * i, number);
  return new Uint8Array(view.buffer);
}

function decodeCost(octets: Uint8Array): ScryptCost {
  if (octets.length !== 12) throw new KeyStoreError('ERR_CORRUPT', 'key store names costs that are out of bounds');
  const view = new DataView(octets.buffer, octets.byteOffset);
  const cost = { N: view.getUint32(0), r: view.getUint32(4), p: view.getUint32(8) };
  if (!isAcceptable(cost, LEAST_KNOWN))
    throw new KeyStoreError('ERR_CORRUPT', 'key store names costs that are out of bounds');
  return cost;
}

function isAcceptable({ N, r, p }: ScryptCost, least: number): boolean {
  return N >= least && N <= MOST && Number.isInteger(Math.log2(N)) && r === 8 && p === 1;
}
