/**
 * PWRI-KEK: AES-CBC twice over a key with its length, a check value and padding (RFC 3211 §2.3).
 * @module
 */
import { concat, drawOctets, equalConstantTime, type RandomSource } from '@stanzaseal/cms';
import type { GeneralCrypto } from '@stanzaseal/cms/general';

/** Length in octets of a block of AES, and so of the IV. */
export const BLOCK = 16;
const COUNT_AND_CHECK = 4;

/** Wraps a key of 3 to 255 octets with the padding drawn for it (RFC 3211 §2.3.1). */
export async function wrapByPassword(
  keyEncryptionKey: Uint8Array,
  iv: Uint8Array,
  key: Uint8Array,
  padding: Uint8Array,
  crypto: GeneralCrypto,
): Promise<Uint8Array> {
  const block = concat(Uint8Array.of(key.length), checkValue(key), key, padding);
  const inner = await crypto.encryptCbc(keyEncryptionKey, iv, block);
  return crypto.encryptCbc(keyEncryptionKey, inner.subarray(-BLOCK), inner);
}

/** Draws the padding of a key of a length: to whole blocks, and to two at least. */
export function drawPadding(keyLength: number, random: RandomSource): Uint8Array {
  const length = keyLength + COUNT_AND_CHECK;
  const padding = Math.max(2 * BLOCK, Math.ceil(length / BLOCK) * BLOCK) - length;
  return padding === 0 ? new Uint8Array(0) : drawOctets(random, padding);
}

/**
 * Unwraps a key of a known length, or gives `undefined` where the check fails (RFC 3211 §2.3.2). The length of the whole is
 * checked before anything is decrypted: two blocks at least, and whole ones (CVE-2026-9076, CVE-2025-9230).
 */
export async function unwrapByPassword(
  keyEncryptionKey: Uint8Array,
  iv: Uint8Array,
  wrapped: Uint8Array,
  isKeyLength: (length: number) => boolean,
  crypto: GeneralCrypto,
): Promise<Uint8Array | undefined> {
  const { length } = wrapped;
  if (length < 2 * BLOCK || length > MOST || length % BLOCK !== 0) return undefined;
  const lastButOne = wrapped.subarray(length - 2 * BLOCK, length - BLOCK);
  const outerIv = await crypto.decryptCbc(keyEncryptionKey, lastButOne, wrapped.subarray(length - BLOCK));
  const inner = await crypto.decryptCbc(keyEncryptionKey, outerIv, wrapped);
  const block = await crypto.decryptCbc(keyEncryptionKey, iv, inner);
  const count = block[0] as number;
  const key = block.subarray(COUNT_AND_CHECK, COUNT_AND_CHECK + count);
  const isRight =
    key.length === count && isKeyLength(count) && equalConstantTime(block.subarray(1, 4), checkValue(key));
  return isRight ? key : undefined;
}

/** A key of 255 octets, in whole blocks. */
const MOST = 272;

/** The first three octets, inverted. */
function checkValue(key: Uint8Array): Uint8Array {
  return Uint8Array.from(key.subarray(0, 3), (octet) => ~octet);
}
