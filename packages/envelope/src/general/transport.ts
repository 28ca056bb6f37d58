/**
 * KeyTransRecipientInfo with RSAES-OAEP (RFC 5652 §6.2.1, RFC 4055 §4).
 * @module
 */
import {
  type GeneralCrypto,
  type GeneralPrivateKey,
  keyTransportAlgorithm,
  readKeyTransportAlgorithm,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import type { EntryPlan } from './entryPlan.js';
import type { NamedKey, WrapStep } from './parties.js';
import type { GeneralPolicy } from './policy.js';
import type { TransportInfo } from './recipientEntry.js';
import { unsupported } from './refusal.js';

const OAEP = { hash: 'SHA-256', mgfHash: 'SHA-256', label: new Uint8Array(0) } as const;

/** A KeyTransRecipientInfo for one RSA key; its randomness is the platform's own. */
export function transportTo({ key, name }: NamedKey, crypto: GeneralCrypto): WrapStep {
  const keyEncryptionAlgorithm = keyTransportAlgorithm(OAEP);
  return async (cek) => ({
    kind: 'ktri',
    rid: name,
    keyEncryptionAlgorithm,
    encryptedKey: await crypto.encryptOaep(key, OAEP, cek),
  });
}

/**
 * How an own RSA key opens a KeyTransRecipientInfo; nothing is computed yet.
 * @throws CmsError `ERR_UNSUPPORTED` for PKCS #1 v1.5, whose padding tells on itself (Bleichenbacher), and for OAEP with two
 * hashes; EnvelopeError `ERR_OPEN` for malformed parameters (CVE-2026-28390) or a hash that is not of the policy
 */
export function transportPlan(
  info: TransportInfo,
  key: GeneralPrivateKey,
  policy: GeneralPolicy,
  crypto: GeneralCrypto,
): EntryPlan {
  if (key.publicKey.algorithm !== 'RSA') throw unsupported('key transport to a key that is not of RSA');
  const parameters = readKeyTransportAlgorithm(info.keyEncryptionAlgorithm);
  if (parameters.hash !== parameters.mgfHash) throw unsupported('RSA-OAEP with two different hashes');
  if ((info.version !== 0 && info.version !== 2) || !policy.oaepHashes.includes(parameters.hash))
    throw new EnvelopeError();
  return { hash: parameters.hash, unwrap: async () => crypto.decryptOaep(key, parameters, info.encryptedKey) };
}
