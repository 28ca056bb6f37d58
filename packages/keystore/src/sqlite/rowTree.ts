/**
 * One digest over the names and tags of all rows of a table, that a change brings up to date by reading its neighbours alone:
 * no row can be left out, put back to what it was, or added, without the digest saying so.
 *
 * A row lies in the bucket of the first two octets of its name. A bucket's digest is SHA-256 over the names and tags of its
 * rows in order; a group's (the first octet) over the numbers and digests of its buckets; the root over those of the groups.
 * What has no rows is left out.
 * @module
 */
import { type CryptoProvider, concat } from '@stanzaseal/cms';

/** A row as the tree sees it. */
export interface TreeRow {
  /** Its name. */
  readonly name: Uint8Array;
  /** The tag of what it holds. */
  readonly tag: Uint8Array;
}

/** The digests of one table. */
export class RowTree {
  readonly #crypto: CryptoProvider;
  readonly #buckets = new Map<number, Uint8Array>();
  readonly #groups = new Map<number, Uint8Array>();

  /** The tree of a table without rows. */
  constructor(crypto: CryptoProvider) {
    this.#crypto = crypto;
  }

  /** Sets the rows of some buckets, each with all of its rows in the order of names. */
  async set(buckets: Iterable<readonly [number, readonly TreeRow[]]>): Promise<void> {
    const groups = new Set<number>();
    for (const [bucket, rows] of buckets) {
      await this.#digest(
        this.#buckets,
        bucket,
        rows.flatMap(({ name, tag }) => [name, tag]),
      );
      groups.add(bucket >> 8);
    }
    for (const group of groups) {
      const numbers = Array.from({ length: 256 }, (_, i) => (group << 8) | i);
      await this.#digest(this.#groups, group, numbered(numbers, this.#buckets));
    }
  }

  /** The digest over all rows: 32 octets. */
  async root(): Promise<Uint8Array> {
    return this.#crypto.sha256(
      concat(
        ...numbered(
          Array.from({ length: 256 }, (_, i) => i),
          this.#groups,
        ),
      ),
    );
  }

  async #digest(digests: Map<number, Uint8Array>, number: number, parts: readonly Uint8Array[]): Promise<void> {
    if (parts.length === 0) digests.delete(number);
    else digests.set(number, await this.#crypto.sha256(concat(...parts)));
  }
}

/** The bucket of a row of a large table. */
export function bucketOf(name: Uint8Array): number {
  return ((name[0] as number) << 8) | (name[1] as number);
}

/** The names that rows of a bucket lie between: the first one, and the first of the next bucket; none for the last. */
export function boundsOf(bucket: number): readonly [Uint8Array, Uint8Array | undefined] {
  const first = (number: number) => Uint8Array.of(number >> 8, number & 255);
  return [first(bucket), bucket === 65535 ? undefined : first(bucket + 1)];
}

function numbered(numbers: readonly number[], digests: ReadonlyMap<number, Uint8Array>): Uint8Array[] {
  return numbers.flatMap((number) => {
    const digest = digests.get(number);
    return digest === undefined ? [] : [Uint8Array.of(number >> 8, number & 255), digest];
  });
}
