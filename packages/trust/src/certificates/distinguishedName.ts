/**
 * Distinguished names (RFC 5280 §4.1.2.4): as text for people, and in a form in which constraints are compared. No account is ever
 * recognised by one.
 * @module
 */
import { DerReader, fromUtf8, oidToText, toHex } from '@stanzaseal/cms';

/** One attribute of a name. */
interface NamePart {
  /** Dotted object identifier. */
  readonly type: string;
  /** Its text, or the octets in hexadecimal after `#` where it is none. */
  readonly text: string;
}

/** emailAddress (RFC 5280 §4.1.2.6): where authorities once put mail addresses. */
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';
const SHORT: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  [EMAIL_ADDRESS, 'emailAddress'],
]);
const MAX_PARTS = 64;

/** A name as text (RFC 4514): `CN=Juliet,O=Capulet`. Empty where it has no attribute. @throws CmsError `ERR_DER` */
export function nameText(der: Uint8Array): string {
  const relative = readName(der).map((parts) =>
    parts.map(({ type, text }) => `${SHORT.get(type) ?? type}=${escaped(text)}`).join('+'),
  );
  return relative.reverse().join(',');
}

/** Mail addresses in a name. @throws CmsError `ERR_DER` */
export function emailAddressesIn(der: Uint8Array): readonly string[] {
  return readName(der).flatMap((parts) => parts.flatMap(({ type, text }) => (type === EMAIL_ADDRESS ? [text] : [])));
}

/** Whether a name lies in the subtree of another: begins with all that it says (RFC 5280 §7.1). @throws CmsError `ERR_DER` */
export function isWithinDirectory(name: Uint8Array, base: Uint8Array): boolean {
  const [inside, around] = [readName(name), readName(base)];
  return around.length <= inside.length && around.every((parts, i) => folded(parts) === folded(inside[i] ?? []));
}

/** Looser than octets, so that nobody slips through an exclusion by another spelling: no case, no width, no runs of spaces. */
function folded(parts: readonly NamePart[]): string {
  const fold = (text: string): string => text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
  return JSON.stringify(parts.map(({ type, text }) => [type, fold(text)]).sort());
}

function readName(der: Uint8Array): NamePart[][] {
  const reader = new DerReader(der);
  const name = reader.sequenceOf(readRelative, MAX_PARTS);
  reader.end();
  return name;
}

function readRelative(name: DerReader): NamePart[] {
  return name.setOf((set) => {
    const fields = set.sequence();
    const type = oidToText(fields.objectIdentifier());
    const value = fields.any();
    fields.end();
    return { type, text: textOf(value) };
  }, MAX_PARTS);
}

/** UTF8String, PrintableString, IA5String, and BMPString of old authorities; anything else is shown as its octets. */
function textOf(der: Uint8Array): string {
  const [tag] = der;
  const content = new DerReader(der).primitive(tag as number);
  if (tag === 0x0c || tag === 0x13 || tag === 0x16) return decoded(content) ?? `#${toHex(der)}`;
  if (tag === 0x1e && content.length % 2 === 0) {
    const units = Array.from({ length: content.length / 2 }, (_, i) => content.subarray(2 * i, 2 * i + 2));
    return units.map((unit) => String.fromCharCode((unit[0] as number) * 256 + (unit[1] as number))).join('');
  }
  return `#${toHex(der)}`;
}

function decoded(octets: Uint8Array): string | undefined {
  try {
    return fromUtf8(octets);
  } catch {
    return undefined;
  }
}

/** What would look like the end of the attribute, and what a terminal would obey, in hexadecimal (RFC 4514 §2.4). */
function escaped(text: string): string {
  const hexadecimal = (character: string): string => toHex(new TextEncoder().encode(character)).replace(/../g, '\\$&');
  return text.replace(/^[ #]|[ ]$|[\p{C}",+;<>\\=]/gu, hexadecimal);
}
