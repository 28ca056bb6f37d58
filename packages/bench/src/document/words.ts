/**
 * Figures and names as the document writes them.
 * @module
 */

/** Three digits that count, and no fewer than there are before the point. */
export function digits(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** A ratio: two digits after the point, or two that count. */
export function ratioOf(value: number): string {
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

/** A bound: two digits after the point at most. */
export function short(ratio: number): string {
  return String(Math.round(ratio * 100) / 100);
}

/** With a capital letter. */
export function title(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** As the name of a file. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** Rows by what they have in common, in the order in which it first occurs. */
export function groupsBy<T>(rows: readonly T[], key: (row: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return [...groups];
}
