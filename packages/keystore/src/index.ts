/**
 * Own keys, prekeys, contacts and replay memory of one device, behind one commit point.
 * @module
 */
export type { KeyStore, KeyStoreStorage } from './keyStore.js';
export * from './records.js';
export { KeyStoreError, type KeyStoreErrorCode } from './keyStoreError.js';
// Making and opening
export {
  createAccount,
  createJoiningDevice,
  createKeyStore,
  ENDORSEMENT_VALIDITY,
  generatePrekeys,
  type NewKeys,
  ONE_TIME_PREKEYS,
  type PrekeyChange,
  PUBLISHED_VALIDITY,
} from './createKeyStore.js';
export { openKeyStore } from './openKeyStore.js';
// Storages: this one, and `@stanzaseal/keystore/file`
export { createMemoryStorage } from './memoryStorage.js';
// For who writes a storage of their own
export { decodeRecords, encodeRecord, type StoredRecord } from './recordCodec.js';
// For people
export { fingerprint, parseFingerprint } from './fingerprint.js';
