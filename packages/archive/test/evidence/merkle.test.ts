// The Merkle tree against the recursive definitions of RFC 9162, its verification against every near miss.
import {
  type Consistency,
  type Inclusion,
  MerkleLog,
  nodeHash,
  rootsOf,
  verifyConsistency,
  verifyInclusion,
} from '@stanzaseal/archive/evidence';
import { equal, toHex, toUtf8 } from '@stanzaseal/cms';
import { refusal } from '@stanzaseal/testkit';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryNodes, plainHash, plainPath, plainProof, plainRoot } from './evidenceWorld.js';

const test = suite('Merkle log');
const MOST = 70;
const leaves = Array.from({ length: MOST }, (_, i) => plainHash(Uint8Array.of(0), toUtf8(`leaf ${i}`)));
const full = new MerkleLog(memoryNodes(), 0);
for (const leaf of leaves) full.append([leaf]);
const [stray] = [plainHash(toUtf8('stray'))];

test('roots, inclusion and consistency proofs of all sizes up to 70 are those of the definitions', () => {
  for (let size = 0; size <= MOST; size++) {
    const part = leaves.slice(0, size);
    assert.is(hex(full.root(size)), toHex(plainRoot(part)), `root of ${size}`);
    for (let index = 0; index < size; index++)
      assert.equal(hexes(full.inclusionProof(index, size)), plainPath(index, part).map(toHex));
    for (let first = 1; first < size; first++)
      assert.equal(hexes(full.consistencyProof(first, size)), plainProof(first, part).map(toHex));
    assert.equal(full.consistencyProof(0, size), []);
    assert.equal(full.consistencyProof(size, size), []);
  }
});

test('every proof verifies, and with a node more, less or other, or another number, it does not', () => {
  for (let size = 1; size <= 34; size++) {
    for (let index = 0; index < size; index++) {
      const good: Inclusion = {
        leafHash: leaves[index] as Uint8Array,
        index,
        size,
        path: path(index, size),
        root: root(size),
      };
      assert.ok(verifyInclusion(good));
      for (const path of nearMisses(good.path, good.root))
        assert.not(verifyInclusion({ ...good, path }), `${index} of ${size}`);
      for (const other of [-1, index - 1, index + 1, index + 0.5, size, Number.NaN])
        assert.not(verifyInclusion({ ...good, index: other }), `${other} for ${index} of ${size}`);
      assert.not(verifyInclusion({ ...good, leafHash: stray }));
      assert.not(verifyInclusion({ ...good, root: stray }));
      assert.not(verifyInclusion({ ...good, leafHash: good.leafHash.subarray(1) }));
    }
    for (let first = 1; first < size; first++) {
      const good: Consistency = {
        first,
        firstRoot: root(first),
        second: size,
        secondRoot: root(size),
        path: proof(first, size),
      };
      assert.ok(verifyConsistency(good));
      for (const path of nearMisses(good.path, good.firstRoot))
        assert.not(verifyConsistency({ ...good, path }), `${first} to ${size}`);
      assert.not(verifyConsistency({ ...good, path: [good.firstRoot, ...good.path] }));
      for (const other of [0, first - 1, first + 1, size + 1]) assert.not(verifyConsistency({ ...good, first: other }));
      assert.not(verifyConsistency({ ...good, firstRoot: stray }));
      assert.not(verifyConsistency({ ...good, secondRoot: stray }));
      assert.not(verifyConsistency({ ...good, firstRoot: good.secondRoot, secondRoot: good.firstRoot }));
    }
  }
});

test('a size that does not change how the path runs is the one thing a path does not show: the root does', () => {
  // RFC 9162 §2.1.3.2: the path of leaf 0 in trees of 5 to 8 leaves has three nodes; only their roots differ.
  const good: Inclusion = { leafHash: leaves[0] as Uint8Array, index: 0, size: 7, path: path(0, 7), root: root(7) };
  assert.ok(verifyInclusion(good));
  for (const size of [5, 6, 8]) assert.not(verifyInclusion({ ...good, size, root: root(size) }));
  for (const size of [1, 2, 4, 9, 16]) assert.not(verifyInclusion({ ...good, size }));
});

test('equal and empty trees', () => {
  const none = root(0);
  assert.is(toHex(none), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const good: Consistency = { first: 3, firstRoot: root(3), second: 3, secondRoot: root(3), path: [] };
  assert.ok(verifyConsistency(good));
  assert.not(verifyConsistency({ ...good, secondRoot: stray }));
  assert.not(verifyConsistency({ ...good, path: [root(3)] }));
  assert.ok(verifyConsistency({ ...good, first: 0, firstRoot: none }));
  assert.not(verifyConsistency({ ...good, first: 0, firstRoot: stray }));
  assert.not(verifyConsistency({ ...good, first: 0, firstRoot: none, path: [stray] }));
  assert.not(verifyConsistency({ ...good, first: 2, firstRoot: root(2), path: [] }));
  assert.not(verifyInclusion({ leafHash: stray, index: 0, size: 0, path: [], root: none }));
});

test('the two roots of a path are those of the tree, whatever was said of the first', () => {
  for (let size = 2; size <= 34; size++)
    for (let first = 1; first < size; first++) {
      const isPower = Number.isInteger(Math.log2(first));
      const roots = rootsOf(first, size, isPower ? [root(first), ...proof(first, size)] : proof(first, size));
      assert.is(roots && toHex(roots.first), toHex(root(first)));
      assert.is(roots && toHex(roots.second), toHex(root(size)));
    }
  assert.is(rootsOf(3, 3, [stray]), undefined);
  assert.is(rootsOf(0, 3, [stray]), undefined);
  assert.is(rootsOf(2, 3, []), undefined);
});

test('however leaves are put into batches, with a store that answers at once or later, the nodes are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 }),
      fc.boolean(),
      async (batches, later) => {
        const store = memoryNodes();
        const log = new MerkleLog(later ? laterStore(store) : store, 0);
        let at = 0;
        for (const length of batches) {
          const answer = log.append(leaves.slice(at, at + length));
          if (!later) assert.type(answer, 'number');
          at = Math.min(at + length, MOST);
          assert.is(await answer, at);
        }
        assert.is(hex(await log.root(at)), toHex(plainRoot(leaves.slice(0, at))));
        for (const [place, hash] of store.nodes) {
          const [level = 0, index = 0] = place.split('/').map(Number);
          assert.is(toHex(hash), toHex(plainRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))));
        }
        if (at > 0)
          assert.equal(hexes(await log.inclusionProof(at - 1, at)), plainPath(at - 1, leaves.slice(0, at)).map(toHex));
      },
    ),
    { numRuns: 200 },
  );
});

test('what a lost transaction left beyond the size is overwritten', () => {
  const store = memoryNodes();
  new MerkleLog(store, 0).append(leaves.slice(0, 5));
  new MerkleLog(store, 5).append([stray, stray, stray]);
  const log = new MerkleLog(store, 5);
  log.append(leaves.slice(5, 11));
  assert.is(hex(log.root(11)), toHex(plainRoot(leaves.slice(0, 11))));
});

test('a proof reads O(log n) nodes, and an append of one writes as many as it completes', () => {
  const size = 1_000_003;
  let [reads, writes] = [0, 0];
  // All leaves of this log are the same, so a level has one hash.
  const levels = [stray];
  for (let level = 1; level < 54; level++)
    levels.push(nodeHash(levels.at(-1) as Uint8Array, levels.at(-1) as Uint8Array));
  const get = (level: number): Uint8Array | undefined => {
    reads++;
    return levels[level];
  };
  const log = new MerkleLog({ get, put: () => void writes++ }, size);
  log.inclusionProof(777_777, size);
  assert.ok(reads <= 40, `${reads} reads`);
  reads = 0;
  log.consistencyProof(333_333, size);
  assert.ok(reads <= 40, `${reads} reads`);
  reads = 0;
  log.append([stray]);
  assert.ok(reads <= 20, `${reads} reads`);
  assert.is(writes, 3);
  const huge = new MerkleLog({ get: (level) => levels[level], put: () => {} }, 2 ** 52 + 3);
  const far = huge.inclusionProof(2 ** 52 + 1, 2 ** 52 + 3) as Uint8Array[];
  const inFar = {
    leafHash: stray,
    index: 2 ** 52 + 1,
    size: 2 ** 52 + 3,
    path: far,
    root: huge.root(2 ** 52 + 3) as Uint8Array,
  };
  assert.ok(verifyInclusion(inFar));
  assert.not(verifyInclusion({ ...inFar, index: 2 ** 52 + 2 }));
  assert.not(verifyInclusion({ ...inFar, index: 1 }));
});

test('numbers that are none, hashes of another length, and nodes that are missing', async () => {
  const calls: (() => unknown)[] = [
    () => full.root(MOST + 1),
    () => full.root(-1),
    () => full.root(1.5),
    () => full.inclusionProof(5, 5),
    () => full.inclusionProof(0, 0),
    () => full.consistencyProof(6, 5),
    () => full.append([new Uint8Array(31)]),
    () => new MerkleLog(memoryNodes(), -1),
    () => new MerkleLog(memoryNodes(), 2 ** 53),
  ];
  for (const call of calls) assert.instance(await refusal(call), RangeError);
  assert.is((await refusal(() => new MerkleLog(memoryNodes(), 3).root(3)))?.code, 'ERR_STORE');
  const short = new MerkleLog({ get: () => new Uint8Array(16), put: () => {} }, 3);
  assert.is((await refusal(() => short.append([stray])))?.code, 'ERR_STORE');
  assert.is(short.size, 3);
});

function nearMisses(path: readonly Uint8Array[], other: Uint8Array): Uint8Array[][] {
  const misses = [
    [...path, other],
    [other, ...path],
    [...path, stray],
    [stray, ...path],
    path.length > 0 ? path.slice(1) : [stray],
  ];
  if (path.length > 0) misses.push(path.slice(0, -1), [...path.slice(0, -1), stray], [stray, ...path.slice(1)]);
  if (path.length > 1) misses.push([...path].reverse());
  path.forEach((hash, i) => {
    const flipped = Uint8Array.from(hash);
    flipped[i % 32] = (flipped[i % 32] as number) ^ 8;
    misses.push(path.with(i, flipped), path.with(i, hash.subarray(0, 31)));
  });
  return misses.filter(
    (miss) => miss.length !== path.length || !miss.every((hash, i) => equal(hash, path[i] as Uint8Array)),
  );
}

function laterStore(store: ReturnType<typeof memoryNodes>): ConstructorParameters<typeof MerkleLog>[0] {
  return {
    get: async (level, index) => store.get(level, index),
    put: async (level, index, hash) => store.put(level, index, hash),
  };
}

function root(size: number): Uint8Array {
  return full.root(size) as Uint8Array;
}

function path(index: number, size: number): Uint8Array[] {
  return full.inclusionProof(index, size) as Uint8Array[];
}

function proof(first: number, second: number): Uint8Array[] {
  return full.consistencyProof(first, second) as Uint8Array[];
}

function hex(hash: unknown): string {
  return toHex(hash as Uint8Array);
}

function hexes(hashes: unknown): string[] {
  return (hashes as Uint8Array[]).map(toHex);
}

test.run();
