/**
 * The textual encoding of keys and CMS (RFC 7468), strictly: one block, its label known, canonical base64 in it (F13).
 * @module
 */
import { fromBase64, toBase64 } from './base64.js';
import { derError } from './cmsError.js';

/** Labels written and read here. */
export type PemLabel = 'PUBLIC KEY' | 'PRIVATE KEY' | 'CMS';

/** PEM text of DER, lines of 64 characters, ending in a line feed. */
export function encodePem(label: PemLabel, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** DER of exactly one PEM block of the label. @throws CmsError `ERR_DER` */
export function decodePem(text: string, label: PemLabel): Uint8Array {
  const blocks = decodePemBlocks(text);
  const [block] = blocks;
  if (blocks.length !== 1 || block === undefined || block.label !== label)
    throw derError(`not one PEM block labelled ${label}`);
  return block.der;
}

/** All PEM blocks of a text in their order; nothing but white space may stand between them. @throws CmsError `ERR_DER` */
export function decodePemBlocks(text: string): { label: string; der: Uint8Array }[] {
  const blocks: { label: string; der: Uint8Array }[] = [];
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] === '') continue;
    const label = /^-----BEGIN ([A-Z0-9 ]+)-----$/.exec(lines[at] as string)?.[1];
    const end = label === undefined ? -1 : lines.indexOf(`-----END ${label}-----`, at);
    if (label === undefined || end < 0) throw derError('text is not PEM');
    blocks.push({ label, der: fromBase64(lines.slice(at + 1, end).join('')) });
    at = end;
  }
  return blocks;
}
