/**
 * Text of others on a terminal: control characters move the cursor and colour the screen, and bidirectional marks turn what
 * is read around, so both are spelled out.
 * @module
 */

/** One line of text: control characters, bidirectional marks, line separators and lone surrogates become `\u{...}`. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (each: string) => `\\u{${each.charCodeAt(0).toString(16)}}`,
  );
}

/** The same in quotation marks. */
export function quoted(text: string): string {
  return `"${printable(text.replace(/["\\]/g, '\\$&'))}"`;
}
