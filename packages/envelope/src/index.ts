/**
 * Encrypts octets to bare X25519 keys as CMS AuthEnvelopedData (RFC 5083, RFC 8418, RFC 9709) and decrypts them.
 * @module
 */

export {
  type Decrypted,
  decrypt,
  decryptWithCek,
  objectDigest,
  type ReadObject,
  type ReadObjectParameters,
  readObject,
  readObjectAtOnce,
  recipientsOf,
  replayDigest,
} from './decrypt.js';
export {
  type Encrypted,
  type EncryptParameters,
  encrypt,
  sealedLength,
} from './encrypt.js';
export { EnvelopeError, type EnvelopeErrorCode } from './envelopeError.js';
export { cekCommitment, contentKey, KEY_LENGTH, keyEncryptionKey, sealedUkm, sharedInfo } from './keyDerivation.js';
export { recipientsDigest } from './recipientsDigest.js';
