/**
 * Wraps: an object's content-encryption key (CEK) for one archive key or one auditor's device, as KeyAgreeRecipientInfo (RFC 8418) beside
 * the object. Pure: it runs on devices as well.
 * @module
 */
import {
  type AgreementKey,
  type CryptoProvider,
  concat,
  DerReader,
  drawOctets,
  encodeDer,
  encodeKeyAgreeRecipientInfo,
  equal,
  equalConstantTime,
  type KeyAgreeRecipientInfo,
  type PublicKey,
  type RandomSource,
  type RawPublicKey,
  readKeyAgreeRecipientInfo,
  toUtf8,
} from '@stanzaseal/cms';
import { cekCommitment, KEY_LENGTH, keyEncryptionKey, sharedInfo } from '@stanzaseal/envelope';
import type { ObjectFacts } from './objectFacts.js';

/** What a wrap is for: it goes into the key that it is made under. */
export type WrapUse = 'archive' | 'release';

/**
 * ukm of a wrap: SHA-256(label || digest of the object || context). No wrap opens as another object's, or as of another use.
 * @param context of a release SHA-256 of the request; else no octets
 */
export async function wrapUkm(
  use: WrapUse,
  { digest }: ObjectFacts,
  context: Uint8Array,
  crypto: CryptoProvider,
): Promise<Uint8Array> {
  return crypto.sha256(concat(LABELS[use], digest, context));
}

const LABELS: Readonly<Record<WrapUse, Uint8Array>> = {
  archive: toUtf8('stanzaseal/0 archive wrap'),
  release: toUtf8('stanzaseal/0 archive release'),
};

/**
 * Wraps keys to one recipient under one ephemeral key, so that a thousand wraps cost two key agreements; each has a ukm of its own and so a key of its own.
 * @returns what makes the DER of a KeyAgreeRecipientInfo
 */
export async function createWrapper(
  recipient: PublicKey,
  { random, crypto }: { readonly random: RandomSource; readonly crypto: CryptoProvider },
): Promise<(cek: Uint8Array, ukm: Uint8Array) => Promise<Uint8Array>> {
  const ephemeral = await crypto.agreementKey(drawOctets(random, KEY_LENGTH));
  const secret = await ephemeral.agree(recipient);
  return async (cek, ukm) => {
    const key = await keyEncryptionKey(secret, ukm, sharedInfo(ukm), crypto);
    const encryptedKey = await crypto.wrapKey(key, cek);
    const recipientEncryptedKeys = [{ rKeyId: recipient.keyIdentifier, encryptedKey }];
    return encodeWrap({ originatorKey: ephemeral.publicKey, ukm, recipientEncryptedKeys });
  };
}

/** Unwraps keys with one private key; what was agreed with an ephemeral key is kept for the next wrap under it. */
export function createUnwrapper(
  key: AgreementKey,
  rKeyId: Uint8Array,
  crypto: CryptoProvider,
): (wrap: KeyAgreeRecipientInfo) => Promise<Uint8Array | undefined> {
  let last: { readonly peer: RawPublicKey; readonly secret: Uint8Array } | undefined;
  return async ({ originatorKey, ukm, recipientEncryptedKeys }) => {
    const own = recipientEncryptedKeys.find((recipient) => equal(recipient.rKeyId, rKeyId));
    if (own === undefined) return undefined;
    try {
      if (last === undefined || !equal(last.peer.raw, originatorKey.raw))
        last = { peer: originatorKey, secret: await key.agree(originatorKey) };
      const keyEncryption = await keyEncryptionKey(last.secret, ukm, sharedInfo(ukm), crypto);
      return await crypto.unwrapKey(keyEncryption, own.encryptedKey);
    } catch {
      return undefined; // a wrap of somebody else's making: it does not match, whatever is wrong with it
    }
  };
}

/** Whether a key is the one that an object commits to (K3, K4). */
export async function isKeyOf(cek: Uint8Array, { commitment }: ObjectFacts, crypto: CryptoProvider): Promise<boolean> {
  return cek.length === KEY_LENGTH && equalConstantTime(await cekCommitment(cek, crypto), commitment);
}

/** DER of a wrap. */
export function encodeWrap(wrap: KeyAgreeRecipientInfo): Uint8Array {
  return encodeDer(encodeKeyAgreeRecipientInfo(wrap));
}

/** Reads a wrap: one recipient. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeWrap(der: Uint8Array): KeyAgreeRecipientInfo {
  const reader = new DerReader(der);
  const wrap = readKeyAgreeRecipientInfo(reader, 1);
  reader.end();
  return wrap;
}
