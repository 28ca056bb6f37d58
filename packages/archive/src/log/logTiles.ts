/**
 * The Merkle log's nodes in rows of up to 256 (the widths of C2SP tlog-tiles): those of levels 0, 8, 16 and so on are stored, the
 * others computed. Appending writes one or two rows.
 * @module
 */
import { chain, type MaybePromise } from '@stanzaseal/cms';
import type { Rows } from '../engine/database.js';
import { HASH_LENGTH, type NodeStore, nodeHash } from '../evidence/index.js';
import { LOG_TILES } from '../layout.js';

const HEIGHT = 8;
const WIDTH = 2 ** HEIGHT;

/**
 * A column of a SELECT from `entries`: the leaf that the log has for the row; empty or short where it has none. A page's entries stand in almost
 * as many tiles, and of 8 KiB each these 32 octets are wanted.
 */
export const LEAF_OF_ENTRY: string = `(SELECT substr(hashes, CAST(entries.seq % ${WIDTH} AS INTEGER) * ${HASH_LENGTH} + 1, ${HASH_LENGTH})
  FROM log_tiles WHERE level = 0 AND tile = entries.seq / ${WIDTH})`;

interface Tile {
  readonly octets: Uint8Array;
  /** How many of its places are taken. */
  count: number;
}

/** Nodes of the log, read from rows as they are asked for. Good for one transaction or snapshot, or until the log grows elsewhere. */
export class LogTiles implements NodeStore {
  readonly #tiles = new Map<string, Tile | undefined>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #changed = new Set<string>();
  /** The node that was put last of each level: at the right edge it is wanted by the next append. */
  readonly #last: { readonly index: number; readonly hash: Uint8Array }[] = [];
  /** The tile that was put into last, and where. */
  #open: { readonly tileLevel: number; readonly number: number; readonly tile: Tile } | undefined;
  #rows: Rows;

  /** Over rows of a transaction or snapshot. */
  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** Goes on in another transaction. */
  over(rows: Rows): this {
    this.#rows = rows;
    return this;
  }

  /** Reads what appending to a log of a size asks for, so that it is at hand. */
  async loadEdge(size: number): Promise<void> {
    const places: [number, number][] = [];
    for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / WIDTH)) {
      if (count % WIDTH > 0) places.push([level, Math.floor(count / WIDTH)]);
    }
    await this.load(places);
  }

  /** Reads tiles at once. */
  async load(places: readonly (readonly [level: number, tile: number])[]): Promise<void> {
    const missing = places.filter(([level, tile]) => !this.#tiles.has(`${level} ${tile}`));
    if (missing.length === 0) return;
    for (const [level, tile] of missing) this.#tiles.set(`${level} ${tile}`, undefined);
    for (const row of await this.#rows.find(LOG_TILES, ['level', 'tile'], missing)) {
      this.#keep(`${row.level} ${row.tile}`, row.hashes as Uint8Array);
    }
  }

  /** One tile that a node is asked of: at once where it is at hand; several may be asked of one. */
  #loaded(level: number, tile: number): MaybePromise<void> {
    const key = `${level} ${tile}`;
    const loading = this.#loading.get(key);
    if (loading !== undefined || this.#tiles.has(key)) return loading;
    const promise = this.load([[level, tile]]).finally(() => this.#loading.delete(key));
    this.#loading.set(key, promise);
    return promise;
  }

  /** Leaf hashes, `undefined` where the log has none. */
  async leaves(indexes: readonly number[]): Promise<(Uint8Array | undefined)[]> {
    await this.load([...new Set(indexes.map((index) => Math.floor(index / WIDTH)))].map((tile) => [0, tile]));
    return indexes.map((index) => this.#stored(this.#tiles.get(`0 ${Math.floor(index / WIDTH)}`), index, 1));
  }

  get(level: number, index: number): MaybePromise<Uint8Array | undefined> {
    const last = this.#last[level];
    if (last?.index === index) return last.hash;
    const above = level % HEIGHT;
    const tileLevel = (level - above) / HEIGHT;
    const first = index * 2 ** above;
    const tile = Math.floor(first / WIDTH);
    const key = `${tileLevel} ${tile}`;
    return chain(this.#loaded(tileLevel, tile), () => {
      const hashes = this.#stored(this.#tiles.get(key), first, 2 ** above);
      return hashes === undefined ? undefined : rootOf(hashes);
    });
  }

  put(level: number, index: number, hash: Uint8Array): void {
    this.#last[level] = { index, hash };
    if (level % HEIGHT !== 0) return;
    const [tileLevel, number] = [level / HEIGHT, Math.floor(index / WIDTH)];
    if (this.#open?.tileLevel !== tileLevel || this.#open.number !== number) {
      const key = `${tileLevel} ${number}`;
      const tile = this.#tiles.get(key) ?? this.#keep(key, new Uint8Array(0));
      this.#open = { tileLevel, number, tile };
      this.#changed.add(key);
    }
    const { tile } = this.#open;
    const at = index % WIDTH;
    tile.octets.set(hash, at * HASH_LENGTH);
    tile.count = at + 1;
  }

  /** Writes what was put, and forgets tiles that are full. */
  async flush(): Promise<void> {
    const rows = [...this.#changed].map((key) => {
      const { octets, count } = this.#tiles.get(key) as Tile;
      return [...key.split(' ').map(Number), octets.slice(0, count * HASH_LENGTH)];
    });
    await this.#rows.upsert(LOG_TILES, rows);
    this.#changed.clear();
    this.#open = undefined;
    for (const [key, tile] of this.#tiles) if (tile === undefined || tile.count === WIDTH) this.#tiles.delete(key);
  }

  #keep(key: string, hashes: Uint8Array): Tile {
    const octets = new Uint8Array(WIDTH * HASH_LENGTH);
    octets.set(hashes.subarray(0, octets.length));
    const tile = { octets, count: Math.min(WIDTH, Math.floor(hashes.length / HASH_LENGTH)) };
    this.#tiles.set(key, tile);
    return tile;
  }

  /** So many hashes from an index of the level on, which are all in one tile; `undefined` if they are not all there. */
  #stored(tile: Tile | undefined, index: number, count: number): Uint8Array | undefined {
    const at = index % WIDTH;
    if (tile === undefined || at + count > tile.count) return undefined;
    return tile.octets.slice(at * HASH_LENGTH, (at + count) * HASH_LENGTH);
  }
}

/** Root over a power of two of hashes. */
function rootOf(hashes: Uint8Array): Uint8Array {
  let row = hashes;
  while (row.length > HASH_LENGTH) {
    const parents = new Uint8Array(row.length / 2);
    for (let at = 0; at < row.length; at += 2 * HASH_LENGTH) {
      const [left, right] = [row.subarray(at, at + HASH_LENGTH), row.subarray(at + HASH_LENGTH, at + 2 * HASH_LENGTH)];
      parents.set(nodeHash(left, right), at / 2);
    }
    row = parents;
  }
  return row;
}
