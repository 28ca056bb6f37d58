/**
 * The shape of the tree (RFC 9162 §2.1): which stretches of leaves a root, a path and a proof are made of, and of which complete
 * subtrees each stretch. Numbers are up to 2^53, so there are no bit operations.
 * @module
 */

/** A complete subtree: the leaves from `index * 2^level` up to `(index + 1) * 2^level`. */
export interface NodePlace {
  /** Height above the leaves. */
  readonly level: number;
  /** Which of its level, from the left. */
  readonly index: number;
}

/** Leaves from `start` up to `end`, without it. */
export interface LeafRange {
  /** The first. */
  readonly start: number;
  /** Behind the last. */
  readonly end: number;
}

/** The stretches whose hashes are the inclusion path of a leaf, from the leaf upwards (RFC 9162 §2.1.3.1). */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    const isLeft = index < middle;
    ranges.push(isLeft ? { start: middle, end } : { start, end: middle });
    if (isLeft) end = middle;
    else start = middle;
  }
  return ranges.reverse();
}

/** The stretches whose hashes are the consistency path from a size of at least 1 to another that is not smaller (RFC 9162 §2.1.4.1). */
export function consistencyRanges(first: number, second: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let [start, end] = [0, second];
  while (first < end) {
    const middle = start + splitOf(end - start);
    const isLeft = first <= middle;
    ranges.push(isLeft ? { start: middle, end } : { start, end: middle });
    if (isLeft) end = middle;
    else start = middle;
  }
  // The old tree's own root is known to the verifier where it is a subtree of the new one.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The complete subtrees of a stretch from left to right; its start must be a multiple of the greatest of them, as in the stretches above. */
export function subtreesOf({ start, end }: LeafRange): NodePlace[] {
  const places: NodePlace[] = [];
  for (let at = start; at < end; ) {
    const level = Math.floor(Math.log2(end - at));
    const exact = 2 ** level > end - at ? level - 1 : level;
    places.push({ level: exact, index: at / 2 ** exact });
    at += 2 ** exact;
  }
  return places;
}

/** Whether a number is a power of two. */
export function isPowerOfTwo(value: number): boolean {
  return value >= 1 && 2 ** Math.round(Math.log2(value)) === value;
}

/** The greatest power of two below a count of at least 2. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}
