/**
 * Encryption of what is stored: AES-256-GCM, a random nonce before the ciphertext, the tag behind it. By `node:crypto` itself, which
 * computes at once: a provider's promise for each of two columns of each entry costs as much as the cipher.
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { drawOctets, GCM_NONCE_LENGTH, GCM_TAG_LENGTH, type RandomSource, toUtf8 } from '@stanzaseal/cms';
import { pooledOctets } from '../evidence/pooledOctets.js';

/** Columns that hold what is encrypted; the name is authenticated, so that nothing can be put into another's place. */
export type SealedColumn = 'content' | 'recipients' | 'wrap' | 'record';

/** Encrypts octets for a column. @param secret 32 octets */
export function sealColumn(
  secret: Uint8Array,
  column: SealedColumn,
  octets: Uint8Array,
  random: RandomSource,
): Uint8Array {
  const sealed = pooledOctets(sealedLength(octets));
  sealColumnInto(sealed, secret, column, octets, drawOctets(random, GCM_NONCE_LENGTH));
  return sealed;
}

/** Octets that others take when they are encrypted. */
export function sealedLength({ length }: Uint8Array): number {
  return GCM_NONCE_LENGTH + length + GCM_TAG_LENGTH;
}

/** As `sealColumn`, into octets of just that length, with a nonce that was drawn for it alone. */
export function sealColumnInto(
  sealed: Uint8Array,
  secret: Uint8Array,
  column: SealedColumn,
  octets: Uint8Array,
  nonce: Uint8Array,
): void {
  sealed.set(nonce);
  // From where it stands now: short octets of their own would be moved for the cipher.
  const cipher = createCipheriv(ALGORITHM, secret, sealed.subarray(0, GCM_NONCE_LENGTH), OPTIONS);
  cipher.setAAD(DATA[column]);
  sealed.set(cipher.update(octets), GCM_NONCE_LENGTH);
  cipher.final();
  sealed.set(cipher.getAuthTag(), GCM_NONCE_LENGTH + octets.length);
}

/** Decrypts what `sealColumn` gave. Throws what is damaged, of another column or key. */
export function openColumn(secret: Uint8Array, column: SealedColumn, sealed: Uint8Array): Uint8Array {
  const end = sealed.length - GCM_TAG_LENGTH;
  if (end < GCM_NONCE_LENGTH) throw new RangeError('sealed octets are cut');
  const decipher = createDecipheriv(ALGORITHM, secret, sealed.subarray(0, GCM_NONCE_LENGTH), OPTIONS);
  decipher.setAAD(DATA[column]);
  decipher.setAuthTag(sealed.subarray(end));
  const octets = decipher.update(sealed.subarray(GCM_NONCE_LENGTH, end));
  try {
    decipher.final();
  } catch (cause) {
    octets.fill(0);
    throw cause;
  }
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}

const ALGORITHM = 'aes-256-gcm';
/** Without it Node takes shorter tags as well (A6). */
const OPTIONS = { authTagLength: GCM_TAG_LENGTH };
const DATA: Readonly<Record<SealedColumn, Uint8Array>> = {
  content: toUtf8('stanzaseal archive: content'),
  recipients: toUtf8('stanzaseal archive: recipients'),
  wrap: toUtf8('stanzaseal archive: wrap'),
  record: toUtf8('stanzaseal archive: record'),
};
