/**
 * PasswordRecipientInfo: a key from a password by PBKDF2 or scrypt, and PWRI-KEK under it (RFC 5652 §6.2.4, RFC 3211).
 * @module
 */
import { drawOctets, type RandomSource } from '@stanzaseal/cms';
import {
  type GeneralCrypto,
  type PasswordDerivation,
  passwordDerivationAlgorithm,
  passwordWrapAlgorithm,
  readPasswordDerivationAlgorithm,
  readPasswordWrapAlgorithm,
} from '@stanzaseal/cms/general';
import { EnvelopeError } from '../envelopeError.js';
import type { EntryPlan } from './entryPlan.js';
import type { PasswordCost, PasswordRecipient, WrapStep } from './parties.js';
import { BLOCK, drawPadding, unwrapByPassword, wrapByPassword } from './passwordWrap.js';
import { GENERAL_POLICY, isWithin, type PasswordPolicy } from './policy.js';
import type { PasswordInfo } from './recipientEntry.js';

const SALT_LENGTH = 16;
const KEK_LENGTH = 32;
const HASH = 'SHA-256';

/**
 * A PasswordRecipientInfo; draws the salt (16 octets), the IV (16), the padding (what `cekLength` needs).
 * @throws RangeError for a cost that `GENERAL_POLICY` would not open
 */
export function wrapByPasswordOf(
  { password, cost }: PasswordRecipient,
  cekLength: number,
  { random, crypto }: { readonly random: RandomSource; readonly crypto: GeneralCrypto },
): WrapStep {
  const salt = drawOctets(random, SALT_LENGTH);
  const iv = drawOctets(random, BLOCK);
  const padding = drawPadding(cekLength, random);
  const derivation = derivationOf(cost, salt);
  if (!isAffordable(derivation, GENERAL_POLICY.password)) throw new RangeError('cost is out of bounds');
  return async (cek) => {
    const wrapping = await passwordKey(password, derivation, KEK_LENGTH, crypto);
    return {
      kind: 'pwri',
      keyDerivationAlgorithm: passwordDerivationAlgorithm(derivation),
      keyEncryptionAlgorithm: passwordWrapAlgorithm({ keyLength: KEK_LENGTH, iv }),
      encryptedKey: await wrapByPassword(wrapping, iv, cek, padding, crypto),
    };
  };
}

/**
 * How a password opens a PasswordRecipientInfo; nothing is derived yet.
 * @throws CmsError `ERR_UNSUPPORTED` for another derivation or cipher (a stream mode among them: CVE-2026-9076); EnvelopeError
 * `ERR_OPEN` for one without a derivation (A11), malformed, or too cheap or too dear for the policy (G2, G3)
 */
export function passwordPlan(
  info: PasswordInfo,
  password: Uint8Array,
  { password: policy }: { readonly password: PasswordPolicy },
  isKeyLength: (length: number) => boolean,
  crypto: GeneralCrypto,
): EntryPlan {
  const { keyDerivationAlgorithm, keyEncryptionAlgorithm, encryptedKey, version } = info;
  if (keyDerivationAlgorithm === undefined || version !== 0) throw new EnvelopeError();
  const derivation = readPasswordDerivationAlgorithm(keyDerivationAlgorithm);
  const { keyLength, iv } = readPasswordWrapAlgorithm(keyEncryptionAlgorithm);
  if (derivation.keyLength !== undefined && derivation.keyLength !== keyLength) throw new EnvelopeError();
  if (!isAffordable(derivation, policy)) throw new EnvelopeError();
  if (derivation.kdf === 'PBKDF2' && !policy.pbkdf2Hashes.includes(derivation.hash)) throw new EnvelopeError();
  return {
    hash: undefined,
    unwrap: async () =>
      unwrapByPassword(
        await passwordKey(password, derivation, keyLength, crypto),
        iv,
        encryptedKey,
        isKeyLength,
        crypto,
      ),
  };
}

function derivationOf(cost: PasswordCost, salt: Uint8Array): PasswordDerivation {
  // The PRF is written: its DEFAULT is SHA-1 (RFC 8018 §A.2).
  const common = { salt, keyLength: undefined };
  if (cost.kind === 'pbkdf2') return { kdf: 'PBKDF2', hash: HASH, iterations: cost.iterations, ...common };
  return { kdf: 'scrypt', n: cost.n, r: cost.r, p: cost.p, ...common };
}

function passwordKey(
  password: Uint8Array,
  derivation: PasswordDerivation,
  length: number,
  crypto: GeneralCrypto,
): Promise<Uint8Array> | Uint8Array {
  const { salt } = derivation;
  return derivation.kdf === 'PBKDF2'
    ? crypto.pbkdf2(derivation.hash, password, salt, derivation.iterations, length)
    : crypto.scrypt(password, salt, derivation, length);
}

function isAffordable(cost: PasswordDerivation, policy: PasswordPolicy): boolean {
  if (cost.kdf === 'PBKDF2')
    return Number.isInteger(cost.iterations) && isWithin(cost.iterations, policy.pbkdf2Iterations);
  const { n, r, p } = cost;
  // N is a power of two, and none of them is out of the range of 32 bits (RFC 7914 §2).
  if (![n, r, p].every((each) => Number.isInteger(each) && each >= 1 && each < 2 ** 31)) return false;
  if (n < 2 || (n & (n - 1)) !== 0) return false;
  return isWithin(128 * n * r, policy.scryptMemory) && isWithin(128 * n * r * p, policy.scryptWork);
}
