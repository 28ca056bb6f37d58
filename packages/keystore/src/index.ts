/**
 * Own keys, prekeys, contacts and replay memory of one device, behind one commit point.
 * @module
 */

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
export type { HeldKey, HeldKeys, HeldKeysWanted, KeyHolder } from './heldKeys.js';
export type { KeyStore, KeyStoreStorage, StoredKeys } from './keyStore.js';
export { KeyStoreError, type KeyStoreErrorCode } from './keyStoreError.js';
// Storages: this one, and `@stanzaseal/keystore/file`
export { createMemoryStorage } from './memoryStorage.js';
export { openKeyStore } from './openKeyStore.js';
// For who writes a storage of their own
export { decodeRecords, encodeRecord, type StoredRecord } from './recordCodec.js';
export * from './records.js';
export { withoutSecrets } from './withoutSecrets.js';
