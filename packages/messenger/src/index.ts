/**
 * Seals stanzas to people and opens what they sent, online and offline alike: devices, prekeys, first contact, replay,
 * strangers, erasure.
 * @module
 */

export type { ImportedKeys } from './importKeys.js';
export { createMessenger, type Messenger, type MessengerParameters } from './messenger.js';
export { MessengerError, type MessengerErrorCode } from './messengerError.js';
export type { Opened, OpenedSender, OpenOptions, OpenResult } from './open.js';
export type { Published } from './publish.js';
export type { NamedRecipient } from './recipientsOf.js';
export { RULES, type Rules } from './rules.js';
export type { Sealed, SealOptions, SealTarget } from './seal.js';
export type { MessengerEvent } from './session.js';
export type { Contact } from './trust.js';
export type { Warning } from './warnings.js';
