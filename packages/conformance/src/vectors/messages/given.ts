/**
 * What a case is given besides its file: keys that open, and the content that must come out.
 * @module
 */
import { fromHex } from '@stanzaseal/cms';
import type { OwnKey } from '@stanzaseal/envelope/general';
import { type MessageSource, privateKeyFile, rawFile } from './vectorFile.js';

/** Octets to compare with: text, or a file of text, behind other text or with other ends of lines where its signer changed them. */
export type Content = string | { readonly file: string; readonly before?: string; readonly newline?: '\r\n' };

/** Something that opens: a file of a private key, a key-encryption key, a password. */
export type OpenedBy =
  | { readonly key: string; readonly names?: readonly string[] }
  | { readonly kek: string; readonly identifier: string }
  | { readonly password: string };

/** A key-encryption key for what is refused before any key is tried. */
export const ANY_KEK: OpenedBy = { kek: '00'.repeat(16), identifier: '00' };

/** A key as the opener takes it. */
export async function ownKey(source: MessageSource, by: OpenedBy): Promise<OwnKey> {
  if ('kek' in by) return { kind: 'kek', keyIdentifier: fromHex(by.identifier), key: fromHex(by.kek) };
  if ('password' in by) return { kind: 'password', password: new TextEncoder().encode(by.password) };
  const names = (by.names ?? []).map((name) => fromHex(name));
  return { kind: 'key', key: await privateKeyFile(source, by.key), names };
}

/** The octets of a content. */
export function octetsOf(source: MessageSource, content: Content): Uint8Array {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  const inFile = rawFile(source, content.file);
  if (content.before === undefined && content.newline === undefined) return inFile;
  const text = new TextDecoder().decode(inFile).replaceAll('\n', content.newline ?? '\n');
  return new TextEncoder().encode(`${content.before ?? ''}${text}`);
}
