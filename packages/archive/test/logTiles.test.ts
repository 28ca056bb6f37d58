// The log's nodes in tiles: the same roots and proofs as in a plain store, however entries are grouped, through every height of tile.

import { toHex } from '@stanzaseal/cms';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Row, Rows, Table, Value } from '../src/engine/database.js';
import { MerkleLog, type NodeStore, sha256 } from '../src/evidence/index.js';
import { LogTiles } from '../src/log/logTiles.js';
import { random } from './fixture.js';

const test = suite('tiles of the log');

/** Rows of one table in memory. */
class MemoryRows implements Rows {
  readonly stored = new Map<string, Uint8Array>();
  writes = 0;
  rows = async (): Promise<Row[]> => [];
  run = async (): Promise<number> => 0;
  insert = async (): Promise<void> => undefined;
  insertNew = async (): Promise<number> => 0;

  async upsert(_: Table, rows: readonly (readonly Value[])[]): Promise<void> {
    for (const [level, tile, hashes] of rows) {
      this.stored.set(`${level} ${tile}`, hashes as Uint8Array);
      this.writes++;
    }
  }

  async find(_: Table, __: readonly string[], keys: readonly (readonly Value[])[]): Promise<Row[]> {
    return keys.flatMap(([level = 0, tile = 0]) => {
      const hashes = this.stored.get(`${level} ${tile}`);
      return hashes === undefined ? [] : [{ level, tile, hashes }];
    });
  }
}

class PlainNodes implements NodeStore {
  readonly #nodes = new Map<string, Uint8Array>();
  get = (level: number, index: number) => this.#nodes.get(`${level} ${index}`);
  put = (level: number, index: number, hash: Uint8Array) => void this.#nodes.set(`${level} ${index}`, hash);
}

const leaf = (index: number) => sha256(Uint8Array.of(index >> 16, index >> 8, index));

test('roots and proofs are those of a plain store, for groups of every size', async () => {
  const rows = new MemoryRows();
  const plain = new MerkleLog(new PlainNodes(), 0);
  let tiles = new LogTiles(rows);
  let size = 0;
  while (size < 3_000) {
    const count = [1, 1, 2, 7, 100, 255, 256, 257][random(1)[0] as number & 7] as number;
    const leaves = Array.from({ length: count }, (_, i) => leaf(size + i));
    await plain.append(leaves);
    // A process that was restarted knows nothing of the tiles before.
    if ((random(1)[0] as number) < 80) tiles = new LogTiles(rows);
    await tiles.loadEdge(size);
    const log = new MerkleLog(tiles, size);
    const appended = log.append(leaves);
    assert.not.ok(appended instanceof Promise, 'everything that appending asks for was at hand');
    size = log.size;
    await tiles.flush();
    const stored = new MerkleLog(new LogTiles(rows), size);
    assert.is(toHex(await stored.root(size)), toHex(await plain.root(size)));
    for (const index of [0, size - 1, Math.floor(size / 3)]) {
      const [own, expected] = [await stored.inclusionProof(index, size), await plain.inclusionProof(index, size)];
      assert.equal(own.map(toHex), expected.map(toHex));
    }
    const first = Math.ceil(size / 2);
    const [own, expected] = [await stored.consistencyProof(first, size), await plain.consistencyProof(first, size)];
    assert.equal(own.map(toHex), expected.map(toHex));
  }
  assert.ok(
    rows.stored.get('1 0') !== undefined && (rows.stored.get('1 0')?.length ?? 0) / 32 === Math.floor(size / 256),
  );
});

test('leaves are read at once from any places; where there is none it is said', async () => {
  const rows = new MemoryRows();
  const tiles = new LogTiles(rows);
  await new MerkleLog(tiles, 0).append(Array.from({ length: 700 }, (_, i) => leaf(i)));
  await tiles.flush();
  const found = await new LogTiles(rows).leaves([699, 0, 256, 700, 5_000]);
  assert.equal(
    found.map((hash) => hash && toHex(hash)),
    [699, 0, 256].map((i) => toHex(leaf(i))).concat([undefined, undefined] as never),
  );
});

test.run();
