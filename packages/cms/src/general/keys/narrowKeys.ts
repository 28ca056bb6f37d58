/**
 * Keys of the sealed profile as keys of the general one, and back: Ed25519, X25519 and P-256 are the same keys in both.
 * @module
 */
import { CmsError } from '../../cmsError.js';
import type { CryptoProvider, MaybePromise, PublicKey } from '../../ports.js';
import { exportPrivateKey, importPrivateKey, type PrivateKey } from '../../privateKey.js';
import { exportPublicKey } from '../../publicKey.js';
import type { GeneralCrypto } from '../generalCrypto.js';
import type { GeneralPrivateKey, GeneralPublicKey } from '../generalKey.js';

/** The same public key for the general profile. */
export function toGeneralPublicKey(key: PublicKey, crypto: GeneralCrypto): MaybePromise<GeneralPublicKey> {
  return crypto.importPublicKey(exportPublicKey(key));
}

/** The same private key for the general profile. */
export function toGeneralPrivateKey(key: PrivateKey, crypto: GeneralCrypto): MaybePromise<GeneralPrivateKey> {
  return crypto.importPrivateKey(exportPrivateKey(key));
}

/** The same public key for the sealed profile. @throws CmsError `ERR_UNSUPPORTED` for an algorithm that it does not have */
export function toSealedPublicKey({ algorithm, subjectPublicKey, keyIdentifier }: GeneralPublicKey): PublicKey {
  if (algorithm !== 'Ed25519' && algorithm !== 'X25519' && algorithm !== 'P-256')
    throw new CmsError('ERR_UNSUPPORTED', 'key of an algorithm that the sealed profile does not have');
  return Object.freeze({ algorithm, raw: subjectPublicKey, keyIdentifier });
}

/** The same private key for the sealed profile. @throws CmsError `ERR_UNSUPPORTED` for an algorithm that it does not have */
export function toSealedPrivateKey(key: GeneralPrivateKey, crypto: CryptoProvider): Promise<PrivateKey> {
  return importPrivateKey(key.pkcs8(), crypto);
}
