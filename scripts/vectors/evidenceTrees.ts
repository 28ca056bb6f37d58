/**
 * Vectors of trees.
 * @module
 */
import { sha256 } from '@stanzaseal/archive/evidence';
import { fromHex, toHex } from '@stanzaseal/cms';
import type { Fields } from '../../packages/archive/test/evidence/evidenceVector.js';
import { bad, type Draft, good } from './evidenceWriter.js';

// The reference test data of Certificate Transparency: `LeafInputs`, `RootHashes` and the proofs of `verify_test.go` in
// github.com/transparency-dev/merkle (testonly/constants.go, proof/verify_test.go; Apache-2.0), after those of Google's
// certificate-transparency (merkletree/merkle_tree_test.cc). Indices there count from 1, here from 0.
const REFERENCE = 'github.com/transparency-dev/merkle, testonly/constants.go, proof/verify_test.go; RFC 9162 §2.1';
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const N = {
  a0: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  a1: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  a4: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  a6: 'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
  b0: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  b1: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  b2: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  b3: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  c0: 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  c1: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
};
const inclusions: [index: number, size: number, path: string[]][] = [
  [0, 1, []],
  [0, 8, [N.a1, N.b1, N.c1]],
  [5, 8, [N.a4, N.b3, N.c0]],
  [2, 3, [N.b0]],
  [1, 5, [N.a0, N.b1, N.a4]],
];
const consistencies: [first: number, second: number, path: string[]][] = [
  [1, 1, []],
  [1, 8, [N.a1, N.b1, N.c1]],
  [6, 8, [N.b2, N.b3, N.c0]],
  [2, 5, [N.b1, N.a4]],
  [6, 7, [N.b2, N.a6, N.c0]],
];
const inclusion = ([index, size, nodes]: (typeof inclusions)[number]): Fields => ({
  leafHash: toHex(sha256(fromHex(`00${LEAVES[index]}`))),
  index,
  size,
  path: nodes,
  root: ROOTS[size],
});
const consistency = ([first, second, nodes]: (typeof consistencies)[number]): Fields => ({
  first,
  firstRoot: ROOTS[first],
  second,
  secondRoot: ROOTS[second],
  path: nodes,
});
const longInclusion = { ...inclusion([5, 8, []]), path: [N.a4, N.b3, N.c0] };
const longConsistency = { ...consistency([6, 8, []]), path: [N.b2, N.b3, N.c0] };

export const treeVectors: readonly Draft[] = [
  good('tree-reference', 'roots of trees of up to eight leaves', 'tree', { leaves: LEAVES }, REFERENCE),
  ...inclusions.map((each, i) =>
    good(
      `inclusion-reference-${i + 1}`,
      `leaf ${each[0]} in a tree of ${each[1]}`,
      'inclusion',
      inclusion(each),
      REFERENCE,
    ),
  ),
  ...consistencies.map((each, i) =>
    good(
      `consistency-reference-${i + 1}`,
      `from ${each[0]} to ${each[1]} leaves`,
      'consistency',
      consistency(each),
      REFERENCE,
    ),
  ),
  bad(
    'inclusion-surplus-node',
    'a node more than the path has',
    'inclusion',
    { ...longInclusion, path: [...longInclusion.path, ROOTS[8]] },
    'RFC 9162 §2.1.3.2',
  ),
  bad(
    'inclusion-missing-node',
    'a node less',
    'inclusion',
    { ...longInclusion, path: longInclusion.path.slice(0, 2) },
    'RFC 9162 §2.1.3.2',
  ),
  bad(
    'inclusion-other-index',
    'the index of the neighbour',
    'inclusion',
    { ...longInclusion, index: 4 },
    'RFC 9162 §2.1.3.2',
  ),
  bad(
    'inclusion-index-beyond',
    'an index that is not below the size',
    'inclusion',
    { ...longInclusion, index: 8 },
    'RFC 9162 §2.1.3.2',
  ),
  bad(
    'consistency-empty',
    'different sizes and no path',
    'consistency',
    { ...longConsistency, path: [] },
    'RFC 9162 §2.1.4.2',
  ),
  bad(
    'consistency-surplus-node',
    'a node more than the path has',
    'consistency',
    { ...longConsistency, path: [...longConsistency.path, ROOTS[8]] },
    'RFC 9162 §2.1.4.2',
  ),
  bad(
    'consistency-swapped',
    'the sizes in the wrong order',
    'consistency',
    { ...longConsistency, first: 8, second: 6 },
    'RFC 9162 §2.1.4.2',
  ),
];
