/**
 * Line ends and references in XML text.
 * @module
 */
import type { StanzaError } from './stanzaError.js';
import { xmlError } from './stanzaError.js';

/** XML 1.0 §2.11: a return, with or without a line feed, is a line feed. */
export function normaliseLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/**
 * Expands references: the five predefined entities and characters by number (RFC 6120 §11.1; H1).
 * @throws StanzaError `ERR_XML` for every other one
 */
export function expandReferences(text: string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
    out += text.slice(from, at);
    let end = at + 1;
    let unit = text.charCodeAt(end);
    if (unit === 35 /* # */) {
      const hex = text.charCodeAt(++end) === 120; /* x */
      if (hex) end++;
      const first = end;
      let code = 0;
      for (; text.charCodeAt(end) !== 59 /* ; */; end++) {
        const digit = Number.parseInt(text.charAt(end), hex ? 16 : 10);
        code = code * (hex ? 16 : 10) + digit;
        // Leaving here keeps the number small and the loop short; what is no digit makes it NaN.
        if (!(code <= 0x10ffff)) throw reference();
      }
      if (end === first || !isXmlCodePoint(code)) throw reference();
      out += String.fromCodePoint(code);
    } else {
      while (unit >= 97 && unit <= 122 && end - at < 6) unit = text.charCodeAt(++end);
      if (unit !== 59) throw reference();
      out += predefined(text.slice(at + 1, end));
    }
    from = end + 1;
  }
  return out + text.slice(from);
}

function predefined(name: string): string {
  switch (name) {
    case 'amp':
      return '&';
    case 'lt':
      return '<';
    case 'gt':
      return '>';
    case 'quot':
      return '"';
    case 'apos':
      return "'";
    default:
      throw reference();
  }
}

function isXmlCodePoint(code: number): boolean {
  return code >= 0x20
    ? code < 0xd800 || (code >= 0xe000 && code !== 0xfffe && code !== 0xffff)
    : code === 9 || code === 10 || code === 13;
}

function reference(): StanzaError {
  return xmlError('a reference is malformed or not allowed');
}
