/**
 * Endorsement of a bare key by an X.509 certificate: made with the certificate's private key, checked against the roots that the caller
 * trusts.
 * @module
 */
export type { Endorsed, Expected } from '../endorsed.js';
export { endorsementIn } from '../statement.js';
export { TrustError, type TrustErrorCode } from '../trustError.js';
export type { NameMatch } from './accountNames.js';
export type { CertificateCrypto } from './certificateCrypto.js';
export { type CertificateCheck, type CertificateEndorsement, checkCertificateEndorsement } from './check.js';
export {
  type CertificateSigner,
  completeCertificateEndorsement,
  type EndorsementTerms,
  endorseByCertificate,
  requestCertificateEndorsement,
  revokeByCertificate,
} from './endorse.js';
