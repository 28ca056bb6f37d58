/**
 * General CMS for other people's software: AuthEnvelopedData and AuthenticatedData to keys of every kind (RFC 5083, RFC 5652 §9),
 * by the caller's word (`profile: 'general'`) and policy, never by fallback.
 * @module
 */
export { EnvelopeError, type EnvelopeErrorCode } from '../envelopeError.js';
export { type AuthenticateParameters, authenticate, type MacName } from './authenticate.js';
export { decrypt, type GeneralDecrypted, type GeneralDecryptParameters } from './decrypt.js';
export { decryptStream, type StreamDecrypted } from './decryptStream.js';
export { encrypt, type GeneralEncrypted, type GeneralEncryptParameters } from './encrypt.js';
export { encryptStream, type StreamEncryptParameters } from './encryptStream.js';
export type { FindParameters, OpenedBy } from './findCek.js';
export type { ObjectSource, StreamOpenParameters } from './openedStream.js';
export {
  type CertificateName,
  type GeneralRecipient,
  type KekRecipient,
  type KeyRecipient,
  type NameOf,
  type OwnKey,
  PASSWORD_COST,
  type PasswordCost,
  type PasswordRecipient,
} from './parties.js';
export { type Bounds, GENERAL_POLICY, type GeneralPolicy, type PasswordPolicy } from './policy.js';
export { type RecipientDescription, type RecipientList, readRecipients } from './readRecipients.js';
export { type VerifiedAuthenticated, verifyAuthenticated } from './verifyAuthenticated.js';
export { type StreamVerifiedAuthenticated, verifyAuthenticatedStream } from './verifyAuthenticatedStream.js';
