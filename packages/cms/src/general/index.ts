/**
 * The general reader: tolerates BER and reads any CMS object, key or certificate, for people to look at; and pkijs as a
 * second reader. The sealed profile never passes through here.
 * @module
 */
export type {
  AeadName,
  AeadStream,
  GeneralCrypto,
  HashName,
  HashStream,
  OaepParameters,
  SignatureScheme,
} from './generalCrypto.js';
export { type GeneralKeyAlgorithm, GeneralPrivateKey, type GeneralPublicKey } from './generalKey.js';
export {
  GENERAL_LIMITS,
  type GeneralLimits,
  type GeneralNode,
  type GeneralObject,
  type GeneralValue,
  type TagClass,
} from './generalNode.js';
export { oidNames } from './oidNames.js';
export { findPemBlocks, type PemBlock } from './pemBlocks.js';
export { readGeneral } from './readGeneral.js';
export {
  type CertificateSummary,
  type PkijsSignedData,
  type PkijsSignerInfo,
  readCertificateWithPkijs,
  readSignedDataWithPkijs,
} from './readWithPkijs.js';
export type * from './structures/types.js';
