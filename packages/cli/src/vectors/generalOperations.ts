/**
 * The general profile in vectors: loaded when one of them is of it.
 * @module
 */
import { fromHex, type PrivateKey, type PublicKey, toHex } from '@stanzaseal/cms';
import { toGeneralPrivateKey, toGeneralPublicKey } from '@stanzaseal/cms/general';
import { createGeneralCrypto } from '@stanzaseal/cms/general/provider';
import { decrypt, encrypt, GENERAL_POLICY } from '@stanzaseal/envelope/general';
import { recordedRandom } from './input.js';
import type { Outcome } from './vector.js';

/** Content encrypted with AES-256-GCM and RFC 9709. */
export async function encryptGeneral(
  content: string,
  to: readonly PublicKey[],
  { contentType, random }: { readonly contentType: Uint8Array; readonly random: readonly string[] },
): Promise<Uint8Array> {
  const crypto = createGeneralCrypto();
  const recipients = await Promise.all(
    to.map(async (key) => ({ kind: 'key', key: await toGeneralPublicKey(key, crypto) }) as const),
  );
  const { der } = await encrypt(fromHex(content), {
    profile: 'general',
    recipients,
    contentType,
    contentEncryption: 'AES-256-GCM',
    cekHkdf: true,
    random: recordedRandom(random),
    crypto,
  });
  return der;
}

/** An object decrypted with own keys. */
export async function decryptGeneral(der: string, own: readonly PrivateKey[]): Promise<Outcome> {
  const crypto = createGeneralCrypto();
  const keys = await Promise.all(
    own.map(async (key) => ({ kind: 'key', key: await toGeneralPrivateKey(key, crypto) }) as const),
  );
  const { content, cek, by } = await decrypt(fromHex(der), {
    profile: 'general',
    keys,
    policy: GENERAL_POLICY,
    crypto,
  });
  const rKeyId = by.name?.kind === 'subjectKeyIdentifier' ? toHex(by.name.keyIdentifier) : null;
  return { output: { content: toHex(content) }, intermediate: { cek: toHex(cek), rKeyId } };
}
