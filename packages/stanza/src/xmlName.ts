/**
 * Names and characters of XML 1.0 (fifth edition) and Namespaces in XML 1.0.
 * @module
 */

/** Kind of each ASCII code unit in an NCName: 2 may start one, 1 may follow, 0 neither. */
export const ASCII_NAME: Uint8Array = /* @__PURE__ */ asciiNameTable();

/** Whether a text is an NCName: a name without a colon (Namespaces in XML §3). */
export function isNcName(text: string): boolean {
  const length = text.length;
  if (length === 0) return false;
  const first = text.charCodeAt(0);
  if (first > 127 || ASCII_NAME[first] !== 2) return WIDE_NAME.test(text);
  for (let i = 1; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return WIDE_NAME.test(text);
    if (ASCII_NAME[unit] === 0) return false;
  }
  return true;
}

/** Whether every character is an XML 1.0 Char (§2.2); a lone surrogate is none (H8). */
export function isXmlText(text: string): boolean {
  return !FOREIGN.test(text);
}

/** Whether octets are ASCII that XML may have, all of them. Then their text need not be looked at, which takes more than twice as long. */
export function isXmlAscii(octets: Uint8Array): boolean {
  const { buffer, byteOffset, length } = octets;
  let at = -byteOffset & 3;
  // Fewer may have no whole word.
  if (length < 16) return isPlain(octets, 0, length);
  const words = new Int32Array(buffer, byteOffset + at, (length - at) >> 2);
  if (!isPlain(octets, 0, at)) return false;
  for (let i = 3; i < words.length; i += 4, at += 16) {
    // One by one: taken apart from an array they cost half as much again.
    const a = words[i - 3] as number;
    const b = words[i - 2] as number;
    const c = words[i - 1] as number;
    const d = words[i] as number;
    // A high bit is set where an octet is below the space or above 127.
    const isOdd = (((a - SPACES) | a | (b - SPACES) | b | (c - SPACES) | c | (d - SPACES) | d) & 0x80808080) !== 0;
    if (isOdd && !isPlain(octets, at, at + 16)) return false;
  }
  return isPlain(octets, at, length);
}

function isPlain(octets: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const octet = octets[at] as number;
    // Of those below the space there are three: tab, line feed and return.
    if (octet > 127 || (octet < 32 && !((0x2600 >> octet) & 1))) return false;
  }
  return true;
}

const SPACES = 0x20202020;

// NameStartChar and NameChar of XML 1.0 §2.3, without the colon.
const WIDE_START =
  'A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const WIDE_NAME: RegExp = /* @__PURE__ */ new RegExp(
  `^[${WIDE_START}][${WIDE_START}\\-.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040]*$`,
  'u',
);

// Without the `u` flag V8 scans one-octet strings several times as fast; the look-arounds find lone surrogates.
const FOREIGN: RegExp =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
  /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

function asciiNameTable(): Uint8Array {
  const table = new Uint8Array(128);
  for (let unit = 0; unit < 128; unit++) {
    const character = String.fromCharCode(unit);
    table[unit] = /[A-Za-z_]/.test(character) ? 2 : /[-.0-9]/.test(character) ? 1 : 0;
  }
  return table;
}
