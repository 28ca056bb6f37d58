/**
 * KEMRecipientInfo with ML-KEM (RFC 9629, RFC 9936): a shared secret, HKDF, an AES key wrap.
 * @module
 */
import type { RandomSource } from '@stanzaseal/cms';
import {
  type GeneralCrypto,
  type GeneralPrivateKey,
  hkdfAlgorithm,
  type KemName,
  kemAlgorithm,
  kemOtherInfo,
  keyWrapAlgorithm,
  readHkdfAlgorithm,
  readKemAlgorithm,
  readKeyWrapAlgorithm,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import type { EntryPlan } from './entryPlan.js';
import type { NamedKey, WrapStep } from './parties.js';
import type { GeneralPolicy } from './policy.js';
import type { KemInfo } from './recipientEntry.js';
import { unsupported } from './refusal.js';

const NO_SALT = new Uint8Array(0);
const KEK_LENGTH = 32;

/** A KEMRecipientInfo for one ML-KEM key, without ukm; draws 32 octets. */
export async function encapsulateTo(
  { key, name }: NamedKey,
  { random, crypto }: { readonly random: RandomSource; readonly crypto: GeneralCrypto },
): Promise<WrapStep> {
  const { sharedSecret, ciphertext: kemct } = await crypto.encapsulate(key, random);
  const kem = kemAlgorithm(key.algorithm as KemName);
  const [kdf, wrap] = [hkdfAlgorithm('SHA-256'), keyWrapAlgorithm(KEK_LENGTH)];
  const info = kemOtherInfo(wrap, KEK_LENGTH, undefined);
  return async (cek) => {
    const wrapping = await crypto.hkdf('SHA-256', sharedSecret, NO_SALT, info, KEK_LENGTH);
    const encryptedKey = await crypto.wrapKey(wrapping, cek);
    return { kind: 'kemri', rid: name, kem, kemct, kdf, kekLength: KEK_LENGTH, ukm: undefined, wrap, encryptedKey };
  };
}

/**
 * How an own ML-KEM key opens a KEMRecipientInfo; nothing is computed yet. A wrong ciphertext decapsulates to a secret that fits
 * nothing (FIPS 203 §6.3), so that it fails where a wrong wrap does (D9).
 * @throws CmsError `ERR_UNSUPPORTED` for another KEM, KDF or key wrap; EnvelopeError `ERR_OPEN` for what is malformed or not of the
 * policy, such as a length of the key that is not the key wrap's (D10)
 */
export function kemPlan(
  info: KemInfo,
  key: GeneralPrivateKey,
  policy: GeneralPolicy,
  crypto: GeneralCrypto,
): EntryPlan {
  const { kemct, kekLength, ukm, wrap } = info;
  if (readKemAlgorithm(info.kem) !== key.publicKey.algorithm) throw unsupported('KEM does not fit the key');
  const hash = readHkdfAlgorithm(info.kdf);
  if (readKeyWrapAlgorithm(wrap) !== kekLength || info.version !== 0 || !policy.kemHashes.includes(hash))
    throw new EnvelopeError();
  return {
    hash,
    async unwrap() {
      const secret = await crypto.decapsulate(key, kemct);
      const wrapping = await crypto.hkdf(hash, secret, NO_SALT, kemOtherInfo(wrap, kekLength, ukm), kekLength);
      return crypto.unwrapKey(wrapping, info.encryptedKey);
    },
  };
}
