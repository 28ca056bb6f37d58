/**
 * How long a text is, and from where on that matters.
 * @module
 */

/** UTF-16 code units from which on a text is a long one, which nobody should copy, join or look at more often than needed. */
export const LONG_TEXT = 4096;

/**
 * Octets of a text in UTF-8. It is encoded piece by piece into the same octets, which takes a fourth of the time in which an expression
 * finds that all of it is ASCII.
 */
export function utf8Length(text: string): number {
  const units = text.length;
  const scratch = new Uint8Array(3 * Math.min(PIECE, units));
  let octets = 0;
  for (let at = 0, end = 0; at < units; at = end) {
    end = Math.min(at + PIECE, units);
    // Halves of a surrogate pair stay together: apart they would be three octets each.
    if (end < units && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
    octets += encoder.encodeInto(text.slice(at, end), scratch).written;
  }
  return octets;
}

/** UTF-16 code units. */
const PIECE = 2048;
const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();
