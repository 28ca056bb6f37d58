/**
 * Encryption of what is stored: AES-256-GCM, a random nonce before the ciphertext, the tag behind it.
 * @module
 */
import {
  type CryptoProvider,
  chain,
  concat,
  drawOctets,
  GCM_NONCE_LENGTH,
  GCM_TAG_LENGTH,
  type MaybePromise,
  type RandomSource,
  toUtf8,
} from '@stanzaseal/cms';

/** Columns that hold what is encrypted; the name is authenticated, so that nothing can be put into another's place. */
export type SealedColumn = 'content' | 'recipients' | 'wrap' | 'record';

/** Encrypts octets for a column. @param secret 32 octets */
export function sealColumn(
  secret: Uint8Array,
  column: SealedColumn,
  octets: Uint8Array,
  random: RandomSource,
  crypto: CryptoProvider,
): MaybePromise<Uint8Array> {
  const nonce = drawOctets(random, GCM_NONCE_LENGTH);
  return chain(crypto.encryptAesGcm(secret, nonce, DATA[column], octets), (sealed) => concat(nonce, sealed));
}

/** Decrypts what `sealColumn` gave. Throws what is damaged, of another column or key. */
export function openColumn(
  secret: Uint8Array,
  column: SealedColumn,
  sealed: Uint8Array,
  crypto: CryptoProvider,
): MaybePromise<Uint8Array> {
  const end = sealed.length - GCM_TAG_LENGTH;
  if (end < GCM_NONCE_LENGTH) throw new RangeError('sealed octets are cut');
  const nonce = sealed.subarray(0, GCM_NONCE_LENGTH);
  const ciphertext = sealed.subarray(GCM_NONCE_LENGTH, end);
  return crypto.decryptAesGcm(secret, nonce, DATA[column], ciphertext, sealed.subarray(end));
}

const DATA: Readonly<Record<SealedColumn, Uint8Array>> = {
  content: toUtf8('stanzaseal archive: content'),
  recipients: toUtf8('stanzaseal archive: recipients'),
  wrap: toUtf8('stanzaseal archive: wrap'),
  record: toUtf8('stanzaseal archive: record'),
};
