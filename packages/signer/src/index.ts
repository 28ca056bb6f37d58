/**
 * Signs octets under bare keys as CMS SignedData (RFC 5652 §5, RFC 8419) and verifies them; and the signed things of
 * `urn:xmpp:sealed:0` that are not stanzas: endorsements, device lists, prekey bundles.
 * @module
 */

export { signDeviceList, type VerifiedDeviceList, verifyDeviceList } from './deviceList.js';
// The signed things of the profile
export {
  completeEndorsement,
  endorse,
  requestEndorsement,
  revoke,
  verifyEndorsement,
  verifyRevocation,
} from './endorsement.js';
export { signPrekeyBundle, type VerifiedPrekeyBundle, verifyPrekeyBundle } from './prekeyBundle.js';
export { type Signed, type SignParameters, sign, signedLengths } from './sign.js';
export { SignerError, type SignerErrorCode } from './signerError.js';
export {
  readSignedData,
  type UnverifiedSignedData,
  type Verified,
  type VerifyParameters,
  verify,
  verifyRead,
} from './verify.js';
