/**
 * Text of others on a terminal: control characters move the cursor and colour the screen, and bidirectional marks turn what
 * is read around, so both are spelled out.
 * @module
 */

/** One line of text: control characters, bidirectional marks, line and paragraph separators become `\u{...}`; whatever is no character, U+FFFD. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, (each) => `\\u{${each.charCodeAt(0).toString(16)}}`);
}

/** The same in quotation marks. */
export function quoted(text: string): string {
  return `"${printable(text.replace(/["\\]/g, '\\$&'))}"`;
}
