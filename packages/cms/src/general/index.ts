/**
 * The general reader: tolerates BER and reads any CMS object, key or certificate, for people to look at; and pkijs as a
 * second reader. The sealed profile never passes through here.
 * @module
 */
export type {
  AeadName,
  GeneralCrypto,
  HashName,
  HashStream,
  OaepParameters,
  OpenStream,
  SealStream,
  SignatureScheme,
} from './generalCrypto.js';
export { type GeneralKeyAlgorithm, GeneralPrivateKey, type GeneralPublicKey } from './generalKey.js';
export {
  type BrokenObject,
  GENERAL_LIMITS,
  type GeneralLimits,
  type GeneralNode,
  type GeneralObject,
  type GeneralValue,
  type TagClass,
} from './generalNode.js';
export { toGeneralPrivateKey, toGeneralPublicKey, toSealedPrivateKey, toSealedPublicKey } from './keys/narrowKeys.js';
export { oidNames } from './oidNames.js';
export { findPemBlocks, type PemBlock } from './pemBlocks.js';
export { readBroken, readGeneral } from './readGeneral.js';
export {
  type CertificateSummary,
  type PkijsSignedData,
  type PkijsSignerInfo,
  readCertificateWithPkijs,
  readSignedDataWithPkijs,
} from './readWithPkijs.js';
export { inPieces, type OctetSource, octetsFrom, PIECE_LENGTH, toReadable } from './streams/octetStream.js';
export { type ContentStream, type GeneralContentHead, readContentStream } from './streams/readContentStream.js';
export type { Spill } from './streams/spill.js';
export { generalAlgorithm } from './structures/algorithm.js';
export {
  contentEncryptionAlgorithm,
  type GeneralContentEncryption,
  readContentEncryptionAlgorithm,
} from './structures/algorithms/contentEncryptionAlgorithm.js';
export {
  type GeneralSignatureAlgorithm,
  generalSignatureAlgorithm,
  readSignatureAlgorithm,
} from './structures/algorithms/generalSignatureAlgorithm.js';
export {
  digestAlgorithm,
  hkdfAlgorithm,
  hmacAlgorithm,
  readDigestAlgorithm,
  readHkdfAlgorithm,
  readHmacAlgorithm,
} from './structures/algorithms/hashAlgorithms.js';
export { type KemName, kemAlgorithm, readKemAlgorithm } from './structures/algorithms/kemAlgorithm.js';
export {
  type KeyAgreement,
  type KeyAgreementScheme,
  keyAgreementAlgorithm,
  type OriginatorKeyAlgorithm,
  originatorKeyAlgorithm,
  readKeyAgreementAlgorithm,
  readOriginatorKeyAlgorithm,
} from './structures/algorithms/keyAgreementAlgorithm.js';
export { keyTransportAlgorithm, readKeyTransportAlgorithm } from './structures/algorithms/keyTransportAlgorithm.js';
export {
  type AesKeyLength,
  keyWrapAlgorithm,
  type PasswordWrap,
  passwordWrapAlgorithm,
  readKeyWrapAlgorithm,
  readPasswordWrapAlgorithm,
} from './structures/algorithms/keyWrapAlgorithm.js';
export {
  type PasswordDerivation,
  passwordDerivationAlgorithm,
  readPasswordDerivationAlgorithm,
} from './structures/algorithms/passwordDerivationAlgorithm.js';
export { eccSharedInfo, kemOtherInfo } from './structures/algorithms/sharedInfo.js';
export { generalAttributes, singleValue } from './structures/attributes.js';
export {
  type AuthEnvelopedDataHead,
  type AuthEnvelopedDataToWrite,
  authEnvelopedDataFrame,
  encodeGeneralAuthEnvelopedData,
} from './structures/authEnvelopedData.js';
export {
  type AuthenticatedDataHead,
  type AuthenticatedDataTail,
  type AuthenticatedDataToWrite,
  authenticatedDataFrame,
  encodeAuthenticatedDataTail,
  encodeGeneralAuthenticatedData,
  ID_CT_AUTH_DATA,
} from './structures/authenticatedData.js';
export type { ContentFrame } from './structures/frame.js';
export { readGeneralContentInfo, readGeneralSignedData } from './structures/readContentInfo.js';
export {
  encodeGeneralSignedData,
  encodeSignerInfos,
  type SignedDataHead,
  type SignedDataToWrite,
  type SignerInfoToWrite,
  signedDataFrame,
} from './structures/signedData.js';
export type * from './structures/types.js';
export { encodeRecipientInfo, type RecipientInfoToWrite } from './structures/writeRecipientInfo.js';
