/**
 * Names of certificates (RFC 5280 §4.2.1.6): what they name, in their several forms.
 * @module
 */
import { CmsError, DerReader, fromUtf8, oidToText } from '@stanzaseal/cms';

/** A name. */
export type GeneralName =
  /** A domain name, a mail address or a URI: printable ASCII. In constraints: a domain, a host. */
  | { readonly form: 'dns' | 'email' | 'uri'; readonly text: string }
  /** An address of 4 or 16 octets; in constraints with its mask, of 8 or 32. */
  | { readonly form: 'ip'; readonly octets: Uint8Array }
  /** DER of a distinguished name. */
  | { readonly form: 'directory'; readonly name: Uint8Array }
  /** A form that somebody else defined: its dotted object identifier, and DER of its value. */
  | { readonly form: 'other'; readonly type: string; readonly value: Uint8Array }
  /** x400Address, ediPartyName, registeredID: by their tags. */
  | { readonly form: 'unknown'; readonly tag: number };

const MAX_NAMES = 1024;
const TEXTS = new Map<number, 'dns' | 'email' | 'uri'>([
  [0x81, 'email'],
  [0x82, 'dns'],
  [0x86, 'uri'],
]);

/** Reads GeneralNames. @throws CmsError `ERR_DER` */
export function readGeneralNames(der: Uint8Array): readonly GeneralName[] {
  const reader = new DerReader(der);
  const names = reader.sequenceOf(readGeneralName, MAX_NAMES);
  reader.end();
  return names;
}

/** Reads a GeneralName at the reader's place. @throws CmsError `ERR_DER` */
export function readGeneralName(reader: DerReader): GeneralName {
  const { tag } = reader;
  const text = TEXTS.get(tag);
  if (text !== undefined) return { form: text, text: asciiText(reader.primitive(tag)) };
  switch (tag) {
    case 0x87:
      return { form: 'ip', octets: reader.primitive(tag) };
    case 0xa4:
      return { form: 'directory', name: whole(reader.constructed(tag), (inside) => inside.encodedAs(0x30)) };
    case 0xa0: {
      const fields = reader.constructed(tag);
      const type = oidToText(fields.objectIdentifier());
      const value = whole(fields.constructed(0xa0), (inside) => inside.any());
      fields.end();
      return { form: 'other', type, value };
    }
    default:
      if ((tag & 0xc0) !== 0x80) throw new CmsError('ERR_DER', 'name of no form');
      reader.any();
      return { form: 'unknown', tag };
  }
}

/** IA5String without control characters: a name with a NUL in it reads differently to different readers (CVE-2009-2408). */
export function asciiText(octets: Uint8Array): string {
  if (octets.some((octet) => octet < 0x20 || octet > 0x7e)) throw new CmsError('ERR_DER', 'name is no printable text');
  return fromUtf8(octets);
}

function whole<T>(inside: DerReader, read: (reader: DerReader) => T): T {
  const value = read(inside);
  inside.end();
  return value;
}
