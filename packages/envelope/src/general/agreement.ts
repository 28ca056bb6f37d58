/**
 * KeyAgreeRecipientInfo: an ephemeral key, a shared secret, a key-encryption key of it, an AES key wrap. X25519 by RFC 8418, P-256
 * and P-384 by RFC 5753.
 * @module
 */
import { concat, isAllZero, type RandomSource } from '@stanzaseal/cms';
import {
  eccSharedInfo,
  type GeneralCrypto,
  type GeneralPrivateKey,
  type GeneralPublicKey,
  type KeyAgreement,
  keyAgreementAlgorithm,
  keyWrapAlgorithm,
  originatorKeyAlgorithm,
  readKeyAgreementAlgorithm,
  readKeyWrapAlgorithm,
  readOriginatorKeyAlgorithm,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import type { EntryPlan } from './entryPlan.js';
import type { NamedKey, WrapStep } from './parties.js';
import type { GeneralPolicy } from './policy.js';
import type { AgreementInfo } from './recipientEntry.js';
import { unsupported } from './refusal.js';

/** Curves that agree. */
export type Curve = 'X25519' | 'P-256' | 'P-384';

/** Curves with what is written for them. */
export const CURVES: Readonly<Record<Curve, KeyAgreement>> = {
  X25519: { kdf: 'HKDF', cofactor: false, hash: 'SHA-256', wrap: keyWrapAlgorithm(32) },
  'P-256': { kdf: 'X9.63', cofactor: false, hash: 'SHA-256', wrap: keyWrapAlgorithm(32) },
  'P-384': { kdf: 'X9.63', cofactor: false, hash: 'SHA-384', wrap: keyWrapAlgorithm(32) },
};

/** One KeyAgreeRecipientInfo under one ephemeral key for all recipients of a curve; draws the ephemeral key. */
export async function agreeWithAll(
  curve: Curve,
  recipients: readonly NamedKey[],
  { random, crypto }: { readonly random: RandomSource; readonly crypto: GeneralCrypto },
): Promise<WrapStep> {
  const ephemeral = await crypto.generatePrivateKey(curve, random);
  const agreement = CURVES[curve];
  const keyEncryptionAlgorithm = keyAgreementAlgorithm(agreement);
  const { subjectPublicKey: publicKey } = ephemeral.publicKey;
  const originatorKey = { algorithm: originatorKeyAlgorithm(curve), publicKey };
  return async (cek) => {
    const recipientEncryptedKeys = await Promise.all(
      recipients.map(async ({ key, name }) => {
        const wrapping = await agreedKey(await crypto.agree(ephemeral, key), agreement, undefined, crypto);
        return { rid: name, encryptedKey: await crypto.wrapKey(wrapping, cek) };
      }),
    );
    return { kind: 'kari', originatorKey, ukm: undefined, keyEncryptionAlgorithm, recipientEncryptedKeys };
  };
}

/**
 * How an own key opens its part of a KeyAgreeRecipientInfo; nothing is computed yet.
 * @throws CmsError `ERR_UNSUPPORTED` for another scheme, curve or key wrap, or for a static originator; EnvelopeError `ERR_OPEN`
 * for what is malformed (parameters without a key wrap: A9, CVE-2026-28389) or not of the policy
 */
export function agreementPlan(
  info: AgreementInfo,
  encryptedKey: Uint8Array,
  key: GeneralPrivateKey,
  policy: GeneralPolicy,
  crypto: GeneralCrypto,
): EntryPlan {
  const { algorithm: curve } = key.publicKey;
  const agreement = readKeyAgreementAlgorithm(info.keyEncryptionAlgorithm);
  readKeyWrapAlgorithm(agreement.wrap);
  if (!isCurve(curve) || CURVES[curve].kdf !== agreement.kdf) throw unsupported('key agreement does not fit the key');
  if (info.originatorKey === undefined) throw unsupported('originator without an ephemeral key');
  const peer = originatorSpki(info.originatorKey, key.publicKey);
  if (info.version !== 3 || !policy.agreementHashes.includes(agreement.hash)) throw new EnvelopeError();
  return {
    hash: agreement.hash,
    async unwrap() {
      const secret = await crypto.agree(key, await crypto.importPublicKey(peer));
      return crypto.unwrapKey(await agreedKey(secret, agreement, info.ukm, crypto), encryptedKey);
    },
  };
}

/**
 * Key-encryption key of a shared secret. HKDF with the ukm as salt, in the info as well (RFC 8418 §2.2; Bouncy Castle 1.86 leaves
 * out the salt, so its objects with ukm do not open); X9.63 (RFC 5753 §7.2, SEC 1 §3.6.1).
 */
async function agreedKey(
  secret: Uint8Array,
  { kdf, hash, wrap }: KeyAgreement,
  ukm: Uint8Array | undefined,
  crypto: GeneralCrypto,
): Promise<Uint8Array> {
  // RFC 8418 §2, RFC 7748 §6.1: MUST, whatever a provider thinks of it.
  if (isAllZero(secret)) throw new EnvelopeError();
  const wrapLength = readKeyWrapAlgorithm(wrap);
  const info = eccSharedInfo(wrap, wrapLength, ukm);
  if (kdf === 'HKDF') return crypto.hkdf(hash, secret, ukm ?? NO_SALT, info, wrapLength);
  const first = await crypto.digest(hash, concat(secret, COUNTER_1, info));
  // Of SHA-1 one round gives 20 octets, and a key may have 32.
  const rest = first.length < wrapLength ? await crypto.digest(hash, concat(secret, COUNTER_2, info)) : NO_SALT;
  return concat(first, rest).subarray(0, wrapLength);
}

const NO_SALT = new Uint8Array(0);
const COUNTER_1 = Uint8Array.of(0, 0, 0, 1);
const COUNTER_2 = Uint8Array.of(0, 0, 0, 2);

/**
 * SubjectPublicKeyInfo of the originator, on the curve of the own key. Parameters of id-ecPublicKey may be absent, NULL or the
 * curve (RFC 5753 §3.1.1); a point comes uncompressed.
 */
function originatorSpki(
  { algorithm, publicKey }: NonNullable<AgreementInfo['originatorKey']>,
  own: GeneralPublicKey,
): Uint8Array {
  const named = readOriginatorKeyAlgorithm(algorithm);
  const isSame = named === own.algorithm || (named === 'EC' && own.algorithm !== 'X25519');
  if (!isSame || publicKey.length !== own.subjectPublicKey.length) throw new EnvelopeError();
  return concat(own.spki.subarray(0, own.spki.length - publicKey.length), publicKey);
}

function isCurve(algorithm: string): algorithm is Curve {
  return Object.hasOwn(CURVES, algorithm);
}
