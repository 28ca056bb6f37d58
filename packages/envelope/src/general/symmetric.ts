/**
 * KEKRecipientInfo: an AES key wrap under a key that both sides have (RFC 5652 §6.2.3, RFC 3565 §2.3).
 * @module
 */
import { type GeneralCrypto, keyWrapAlgorithm, readKeyWrapAlgorithm } from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import type { EntryPlan } from './entryPlan.js';
import type { KekRecipient, WrapStep } from './parties.js';
import type { KekInfo } from './recipientEntry.js';

/** A KEKRecipientInfo. @throws RangeError for a key of another length than 16, 24 or 32 octets */
export function wrapUnder({ keyIdentifier, key }: KekRecipient, crypto: GeneralCrypto): WrapStep {
  const keyEncryptionAlgorithm = keyWrapAlgorithm(keyWrapLength(key));
  return async (cek) => ({
    kind: 'kekri',
    keyIdentifier,
    keyEncryptionAlgorithm,
    encryptedKey: await crypto.wrapKey(key, cek),
  });
}

/**
 * How a symmetric key opens a KEKRecipientInfo.
 * @throws CmsError `ERR_UNSUPPORTED` for another key wrap; EnvelopeError `ERR_OPEN` for one of another length
 */
export function kekPlan(info: KekInfo, key: Uint8Array, crypto: GeneralCrypto): EntryPlan {
  if (readKeyWrapAlgorithm(info.keyEncryptionAlgorithm) !== key.length || info.version !== 4) throw new EnvelopeError();
  return { hash: undefined, unwrap: async () => crypto.unwrapKey(key, info.encryptedKey) };
}

function keyWrapLength({ length }: Uint8Array): 16 | 24 | 32 {
  if (length !== 16 && length !== 24 && length !== 32)
    throw new RangeError('recipients hold a key not of 16, 24 or 32 octets');
  return length;
}
