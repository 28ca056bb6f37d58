/**
 * SignedData of other people's software under bare keys: the general profile, by an explicit argument and policy. The sealed
 * profile never passes through here.
 * @module
 */
export { SignerError, type SignerErrorCode } from '../signerError.js';
export { hashOf } from './digestAlgorithm.js';
export { GENERAL_SIGNATURE_POLICY, type SignatureHash, type SignaturePolicy } from './policy.js';
export { checkSigners, type GeneralSignParameters, sign } from './sign.js';
export { isSigningKey } from './signatureSuite.js';
// SignerInfos from digests of content, for content that streams by
export {
  contentHashOf,
  digestAlgorithmOf,
  type GeneralSigner,
  type SignerInfoParameters,
  sidOf,
  signDigest,
  signerInfosLength,
} from './signerInfo.js';
export type { CertificateName, NameOf, SignerName, VerifyingKey } from './signerNames.js';
export { type StreamSignParameters, signStream } from './signStream.js';
export {
  type GeneralVerified,
  type GeneralVerifyParameters,
  type Judgement,
  type JudgementParameters,
  judgeSigners,
  verify,
} from './verify.js';
export { type SignedContent, type VerifiedSignature, verifySignerInfo } from './verifySignerInfo.js';
export { type StreamVerified, type StreamVerifyParameters, verifyStream } from './verifyStream.js';
