/**
 * Hash trees of archive timestamps (RFC 4998 §4.2, §4.3). Unlike in the log's own tree, hashes are sorted before they are joined and
 * nothing stands before them: no path of one tree is a path of the other.
 * @module
 */
import { compare, equal } from '@stanzaseal/cms';
import { type DigestName, digest } from '../timestamp/digests.js';

/** The reduced hash tree of a group: lists of hashes from the bottom to the top; none where the root is the group's one hash. */
export type ReducedHashTree = readonly (readonly Uint8Array[])[];

/** A tree over groups of hashes. */
export interface HashTree {
  /** What is stamped. */
  readonly root: Uint8Array;
  /** Of each group, in their order. */
  readonly reduced: readonly ReducedHashTree[];
}

interface Node {
  readonly hash: Uint8Array;
  readonly groups: readonly number[];
}

/** Builds a binary tree over groups of hashes, none of them empty. @throws RangeError */
export function buildHashTree(groups: readonly (readonly Uint8Array[])[], name: DigestName): HashTree {
  if (groups.length === 0 || groups.some((group) => group.length === 0))
    throw new RangeError('groups has an empty one');
  const reduced: Uint8Array[][][] = groups.map((group) => [[...group].sort(compare)]);
  let row: Node[] = groups.map((group, i) => ({ hash: join(group, name), groups: [i] }));
  while (row.length > 1) {
    const parents: Node[] = [];
    for (let i = 0; i < row.length; i += 2) {
      const [left, right] = [row[i] as Node, row[i + 1]];
      if (right === undefined) {
        parents.push(left);
        continue;
      }
      for (const each of left.groups) addSibling(reduced[each] as Uint8Array[][], right.hash);
      for (const each of right.groups) addSibling(reduced[each] as Uint8Array[][], left.hash);
      parents.push({ hash: join([left.hash, right.hash], name), groups: [...left.groups, ...right.groups] });
    }
    row = parents;
  }
  const root = (row[0] as Node).hash;
  return { root, reduced: reduced.map((lists) => (lists.length === 1 && lists[0]?.length === 1 ? [] : lists)) };
}

/** The root that a reduced tree leads to; the hashes must stand in its first list. `undefined` where they do not. */
export function rootOfReduced(
  reduced: ReducedHashTree,
  hashes: readonly Uint8Array[],
  name: DigestName,
): Uint8Array | undefined {
  const [first, ...more] = reduced;
  if (first === undefined) return hashes.length === 1 ? hashes[0] : undefined;
  if (reduced.some((list) => list.length === 0)) return undefined;
  if (!hashes.every((hash) => first.some((each) => equal(each, hash)))) return undefined;
  // A group is proved whole or not at all: nothing else may stand in its list (RFC 4998 §4.3).
  if (hashes.length > 1 && first.length !== hashes.length) return undefined;
  return more.reduce((below, list) => join([below, ...list], name), join(first, name));
}

/**
 * A list's hash: of one hash, that hash (RFC 4998 §4.2); of more, that of all in binary ascending order, joined.
 */
function join(hashes: readonly Uint8Array[], name: DigestName): Uint8Array {
  const [first, ...more] = hashes;
  return first !== undefined && more.length === 0 ? first : digest(name, ...[...hashes].sort(compare));
}

/** A first list of one hash takes the sibling in: readers differ on whether a list of one is hashed again. */
function addSibling(lists: Uint8Array[][], sibling: Uint8Array): void {
  const [first] = lists;
  if (lists.length === 1 && first?.length === 1) lists[0] = [...first, sibling].sort(compare);
  else lists.push([sibling]);
}
