/**
 * How long a text is, and from where on that matters.
 * @module
 */

/** UTF-16 code units from which on a text is a long one, which nobody should copy, join or look at more often than needed. */
export const LONG_TEXT = 4096;

/** Octets of a text in UTF-8. It is encoded piece by piece into the same octets. */
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

/** Writes text in UTF-8; its octets, if all of it is ASCII. */
export function writeAscii(text: string, into: Uint8Array): Uint8Array | undefined {
  const { read, written } = encoder.encodeInto(text, into);
  // Of anything else a unit takes more than one octet, and what does not fit is not read.
  return read === text.length && written === read ? into.subarray(0, written) : undefined;
}

/** UTF-16 code units. */
export const PIECE = 16_384;
const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();
