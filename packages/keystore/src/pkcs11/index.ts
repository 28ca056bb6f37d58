/**
 * Keys in PKCS#11 tokens: what opens a store, what its erasure keys lie under, and signing and agreement keys. Loads the
 * package `pkcs11js`, which is to be installed beside this one, with the first use of a token.
 * @module
 */
export type { Cryptoki, CryptokiAttribute, CryptokiHandle, CryptokiMechanism } from './cryptoki.js';
export { pkcs11Erasure } from './pkcs11Erasure.js';
export {
  destroyPkcs11Key,
  generatePkcs11Key,
  type Pkcs11KeyParameters,
  pkcs11AgreementKey,
  pkcs11SigningKey,
} from './pkcs11Keys.js';
export { pkcs11Secret } from './pkcs11Secret.js';
export { type Pkcs11Session, type Pkcs11Token, type Pkcs11TokenParameters, pkcs11Token } from './pkcs11Token.js';
