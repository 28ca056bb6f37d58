/**
 * RFC 5652 and RFC 5083 structures as immutable data, strict DER in and out, bare keys and their identifiers.
 * @module
 */

// RFC 5652, RFC 5083, RFC 5084, RFC 8418, RFC 9709: structures
export {
  AES256_WRAP,
  type ContentEncryption,
  contentEncryption,
  ECDSA_WITH_SHA256,
  ED25519,
  GCM_NONCE_LENGTH,
  GCM_TAG_LENGTH,
  SHA256,
  SHA512,
  STD_DH_HKDF_SHA256_AES256_WRAP,
} from './algorithmIdentifier.js';
export {
  type Attribute,
  attribute,
  attributeReader,
  attributesLength,
  contentTypeAttribute,
  encodeAttributes,
  findAttribute,
  MAX_ATTRIBUTES,
  messageDigestAttribute,
  signingTimeAttribute,
  type UnwrittenAttribute,
} from './attribute.js';
export {
  type AuthEnvelopedData,
  authEnvelopedDataLength,
  type DecodedAuthEnvelopedData,
  decodeAuthEnvelopedData,
  encodeAuthEnvelopedData,
  OBJECT_LIMITS,
  type ObjectLimits,
} from './authEnvelopedData.js';
export { BASE64, fromBase64, toBase64 } from './base64.js';
// Errors
export { CmsError, type CmsErrorCode } from './cmsError.js';
// RFC 8410, RFC 5480, RFC 5958, RFC 7517: bare keys
export { isAcceptableEd25519Point, isAcceptablePublicKey } from './curvePoints.js';
// X.690: DER
export { checkUniversal, DER_LIMITS, type DerLimits, DerReader, MAX_OID_OCTETS } from './derReader.js';
export { type DerTree, decodeDerTree, encodeDerTree } from './derTree.js';
export * from './derWriter.js';
export {
  type BareJsonWebKey,
  privateKeyFromJwk,
  privateKeyToJwk,
  publicKeyFromJwk,
  publicKeyToJwk,
} from './jsonWebKey.js';
export {
  encodeKeyAgreeRecipientInfo,
  type KeyAgreeRecipientInfo,
  MAX_RECIPIENTS,
  type RecipientEncryptedKey,
  readKeyAgreeRecipientInfo,
  UKM_LENGTH,
  WRAPPED_KEY_LENGTH,
} from './keyAgreeRecipientInfo.js';
export * from './objectIdentifiers.js';
// Octets and their text forms
export {
  compare,
  concat,
  copyOctets,
  equal,
  equalConstantTime,
  fromHex,
  fromUtf8,
  inOrder,
  isAllZero,
  toHex,
  toUtf8,
} from './octets.js';
export { decodePem, decodePemBlocks, encodePem, type PemLabel } from './pem.js';
// Ports: everything trusted comes in through these
export type {
  AgreementKey,
  AgreementKeys,
  Base64,
  Clock,
  CryptoProvider,
  KeyAlgorithm,
  MaybePromise,
  PublicKey,
  RandomSource,
  RawPublicKey,
  SigningKey,
} from './ports.js';
export { chain } from './ports.js';
export {
  drawOctets,
  exportPrivateKey,
  generatePrivateKey,
  importPrivateKey,
  PrivateKey,
  privateKeyFromSecret,
} from './privateKey.js';
// urn:xmpp:sealed:0: our own structures
export * from './profile/clearContext.js';
export * from './profile/deviceList.js';
export * from './profile/endorsement.js';
export * from './profile/prekeyBundle.js';
export * from './profile/privateContext.js';
export * from './profile/recipients.js';
export * from './profile/replyPrekey.js';
export * from './profile/senderKeys.js';
// For signing keys in other hands: ECDSA-Sig-Value
export { ecdsaToDer } from './provider/ecdsaSignature.js';
export { exportPublicKey, importPublicKey, publicKeyFromRaw, readPublicKey } from './publicKey.js';
export {
  decodeSignedData,
  encodeSignedData,
  looksLikeSignedAttributes,
  MAX_SIGNERS,
  type SignedData,
  type SignedDataForm,
  type SignedDataLengths,
  type SignedDataToWrite,
  type SignerInfoShape,
  signedDataLengths,
} from './signedData.js';
export { KEY_IDENTIFIER_LENGTH, type SignerInfo, type SignerInfoToWrite } from './signerInfo.js';
export { parseGeneralizedTime, parseUtcTime } from './time.js';
