/**
 * What a primitive value says, in a form for people and bounded in length.
 * @module
 */

import { oidToText } from '../objectIdentifiers.js';
import { toHex } from '../octets.js';
import { parseGeneralizedTime, parseUtcTime } from '../time.js';
import type { BerNode } from './berTree.js';
import type { GeneralValue } from './generalNode.js';
import { oidNames } from './oidNames.js';
import type { Shape } from './shape.js';

const PREVIEW_OCTETS = 64;
const PREVIEW_CHARACTERS = 256;
/** Longest OBJECT IDENTIFIER spelled out: arcs of any size cost time that grows with the square (CVE-2023-2650). */
const PREVIEW_OID_OCTETS = 128;

/** BOOLEAN, NULL, OBJECT IDENTIFIER and times hold no part of a key, wherever they stand. */
const NEVER_SECRET: ReadonlySet<number> = new Set([1, 5, 6, 23, 24]);

/** The value of a primitive of a type. */
export function previewOf(ber: BerNode, shape: Shape): GeneralValue {
  if (shape.secret === true && !(ber.tagClass === 0 && NEVER_SECRET.has(ber.tagNumber))) return { kind: 'secret' };
  if (ber.tagClass !== 0) return octets(ber.content);
  const { content } = ber;
  switch (ber.tagNumber) {
    case 1:
      return content.length === 1 ? { kind: 'boolean', boolean: content[0] !== 0 } : octets(content);
    case 2:
    case 10:
      return integer(content, shape.names);
    case 3:
      return octets(content.subarray(1));
    case 5:
      return content.length === 0 ? { kind: 'null' } : octets(content);
    case 6:
      return objectIdentifier(content);
    case 23:
      return time(content, parseUtcTime);
    case 24:
      return time(content, parseGeneralizedTime);
    case 12:
      return text(content, 'utf-8');
    case 18:
    case 19:
    case 20:
    case 22:
    case 25:
    case 26:
    case 27:
      return text(content, 'latin1');
    case 30:
      return text(content, 'utf-16be');
    default:
      return octets(content);
  }
}

function integer(content: Uint8Array, names: readonly string[] | undefined): GeneralValue {
  const hex = toHex(content.subarray(0, PREVIEW_OCTETS));
  const truncated = content.length > PREVIEW_OCTETS;
  if (content.length === 0 || content.length > 8) return { kind: 'integer', hex, truncated };
  const decimal = BigInt.asIntN(8 * content.length, BigInt(`0x${hex}`)).toString();
  const name = names?.[Number(decimal)];
  return { kind: 'integer', decimal, hex, truncated, ...(name === undefined ? {} : { name }) };
}

function objectIdentifier(content: Uint8Array): GeneralValue {
  const last = content[content.length - 1];
  if (last === undefined || last >= 0x80 || content.length > PREVIEW_OID_OCTETS) return octets(content);
  const oid = oidToText(content);
  const name = oidNames.get(oid);
  return { kind: 'objectIdentifier', oid, ...(name === undefined ? {} : { name }) };
}

function time(content: Uint8Array, parse: (octets: Uint8Array) => number): GeneralValue {
  try {
    return { kind: 'time', time: new Date(parse(content)).toISOString() };
  } catch {
    return { kind: 'time', time: new TextDecoder('latin1').decode(content.subarray(0, PREVIEW_OCTETS)) };
  }
}

function text(content: Uint8Array, encoding: 'utf-8' | 'latin1' | 'utf-16be'): GeneralValue {
  // Four octets hold a character in each of the encodings.
  const octets = content.subarray(0, 4 * PREVIEW_CHARACTERS);
  const whole = encoding === 'utf-16be' ? utf16(octets) : new TextDecoder(encoding).decode(octets);
  const shown = whole.slice(0, PREVIEW_CHARACTERS);
  return { kind: 'text', text: shown, truncated: shown.length < whole.length || octets.length < content.length };
}

/** Not every runtime has a decoder for UTF-16BE. */
function utf16(octets: Uint8Array): string {
  let whole = '';
  for (let i = 0; i + 1 < octets.length; i += 2) {
    whole += String.fromCharCode(((octets[i] as number) << 8) | (octets[i + 1] as number));
  }
  return whole;
}

function octets(content: Uint8Array): GeneralValue {
  const preview = content.subarray(0, PREVIEW_OCTETS);
  const printable = preview.length > 0 && preview.every((octet) => octet >= 0x20 && octet < 0x7f);
  return {
    kind: 'octets',
    hex: toHex(preview),
    truncated: content.length > PREVIEW_OCTETS,
    ...(printable ? { text: new TextDecoder('latin1').decode(preview) } : {}),
  };
}
