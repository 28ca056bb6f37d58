/**
 * Line ends and references in XML text.
 * @module
 */
import { xmlError } from './stanzaError.js';
import { checkCharacters } from './xmlName.js';

/** XML 1.0 §2.11: a return, with or without a line feed, is a line feed. */
export function normaliseLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/**
 * Expands references: the five predefined entities and characters by number (RFC 6120 §11.1; H1).
 * @throws StanzaError `ERR_XML` for every other one
 */
export function expandReferences(text: string): string {
  const [before, ...rest] = text.split('&');
  return before + rest.map(expanded).join('');
}

/** Text that begins with a reference, but for its `&`. */
function expanded(text: string): string {
  const [reference, number, name] = REFERENCE.exec(text) ?? [];
  const character = number ? numbered(Number(number.replace('x', '0x'))) : PREDEFINED.get(name);
  if (!reference || !character) throw xmlError('a reference is malformed or not allowed');
  return character + text.slice(reference.length);
}

const REFERENCE = /^(?:#(\d+|x[\da-fA-F]+)|([a-z]+));/;

const PREDEFINED: ReadonlyMap<string | undefined, string> = /* @__PURE__ */ new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function numbered(code: number): string | undefined {
  if (code > 0x10ffff) return undefined;
  const character = String.fromCodePoint(code);
  checkCharacters(character);
  return character;
}
