/**
 * Names and characters of XML 1.0 (fifth edition) and Namespaces in XML 1.0.
 * @module
 */
import { xmlError } from './stanzaError.js';
import { LONG_TEXT, PIECE, writeAscii } from './textLength.js';

/** Kind of each ASCII code unit in an NCName: 2 may start one, 1 may follow, 0 neither. */
export const ASCII_NAME: Uint8Array = /* @__PURE__ */ asciiNameTable();

/** Whether a text is an NCName: a name without a colon (Namespaces in XML §3). */
export function isNcName(text: string): boolean {
  // Whatever is not in the table, the empty text too, is for the expression.
  if (ASCII_NAME[text.charCodeAt(0)] !== 2) return WIDE_NAME.test(text);
  for (let i = 1; i < text.length; i++) if (!ASCII_NAME[text.charCodeAt(i)]) return WIDE_NAME.test(text);
  return true;
}

/**
 * Refuses text with a character that is no XML 1.0 Char (§2.2); a lone surrogate is none (H8).
 * @param ascii its octets, if all of it is ASCII: to look at them takes a fourth of the time
 * @throws StanzaError `ERR_XML`
 */
export function checkCharacters(text: string, ascii?: Uint8Array): void {
  if (ascii ? hasControls(ascii) : FOREIGN.test(text)) throw xmlError('text holds a character that XML has not');
}

/**
 * The same of a text of any length. A long one is encoded to be looked at, as far as it is ASCII.
 * @returns whether all of it is known to be ASCII
 * @throws StanzaError `ERR_XML`
 */
export function checkText(text: string): boolean {
  const { length } = text;
  if (length < LONG_TEXT) {
    checkCharacters(text);
    return false;
  }
  const scratch = new Uint8Array(PIECE);
  for (let at = 0; at < length; at += PIECE) {
    const ascii = writeAscii(text.slice(at, at + PIECE), scratch);
    // What is before it is ASCII, so no pair of surrogates is cut.
    checkCharacters(text.slice(at), ascii);
    if (!ascii) return false;
  }
  return true;
}

/** Whether one of ASCII octets is a control character that XML has not. */
function hasControls(octets: Uint8Array): boolean {
  const { buffer, byteOffset, length } = octets;
  let at = -byteOffset & 3;
  // Fewer may have no whole word.
  if (length < 8) return hasControl(octets, 0, length);
  if (hasControl(octets, 0, at)) return true;
  const words = new Int32Array(buffer, byteOffset + at, (length - at) >> 2);
  for (let i = 7; i < words.length; i += 8, at += 32) {
    // One by one: taken apart from an array they cost half as much again. A high bit is set where an octet is below the space.
    const odd =
      ((words[i - 7] as number) - SPACES) |
      ((words[i - 6] as number) - SPACES) |
      ((words[i - 5] as number) - SPACES) |
      ((words[i - 4] as number) - SPACES) |
      ((words[i - 3] as number) - SPACES) |
      ((words[i - 2] as number) - SPACES) |
      ((words[i - 1] as number) - SPACES) |
      ((words[i] as number) - SPACES);
    if ((odd & 0x80808080) !== 0 && hasControl(octets, at, at + 32)) return true;
  }
  return hasControl(octets, at, length);
}

function hasControl(octets: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const octet = octets[at] as number;
    // Of those below the space XML has three: tab, line feed and return.
    if (octet < 32 && !((0x2600 >> octet) & 1)) return true;
  }
  return false;
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
