/**
 * When enough was measured.
 * @module
 */

/**
 * Whether a median is on one side of a limit with some certainty: the limit lies outside the interval that holds the true median in 95 of
 * 100 cases, found by ranks, which assumes nothing of how the values are spread (the sign test). It asks for the same certainty of
 * either side, so that to measure on while it says `false` favours neither.
 * @example
 * isDecided([1.48, 1.51, 1.5, 1.52, 1.49, 1.5, 1.51, 1.5], 1.6); // true
 */
export function isDecided(values: readonly number[], limit: number): boolean {
  const below = values.filter((value) => value < limit).length;
  const above = values.filter((value) => value > limit).length;
  // Of values that fall on either side by chance, their difference has a deviation of the root of their number.
  return Math.abs(below - above) > 1.96 * Math.sqrt(below + above);
}
