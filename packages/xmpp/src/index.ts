/**
 * Sealed stanzas on a live XMPP connection: keys published and fetched, messages taken in however they arrive, an outbox that
 * survives, rooms.
 * @module
 */

// What arrives
export type {
  AnyMessage,
  Message,
  PlainMessage,
  SealedMessage,
  SealedPresence,
  SealedQuery,
  Via,
} from './arrival/message.js';
export type { QueryHandler } from './arrival/queries.js';
// A connection
export type { PlaintextPolicy, SealedConnection, SealedOptions, SendOptions, XmppEvent } from './connection.js';
export { type Disco, type DiscoIdentity, FEATURES } from './discovery.js';
// Elements of xmpp.js
export { fromXmppElement, toXmppElement, type XmppElement, type XmppElementClass } from './elements.js';
export type { ArrivalEvent, ConnectionEvent } from './events.js';
export type { KeyEvent } from './keys/keyEvents.js';
export { type KeyNode, NODES } from './keys/nodes.js';
export { ignoreLateData } from './lateData.js';
export type { Link } from './link.js';
export { XMPP } from './namespaces.js';
export type { Outbox } from './outbox/outbox.js';
export type { OutboxEvent, PendingStanza } from './outbox/outboxEvents.js';
export type { LeftReason, RoomEvent } from './rooms/roomEvents.js';
export type { Rooms } from './rooms/rooms.js';
export { type Schedule, systemSchedule } from './schedule.js';
export { sealed } from './sealed.js';
export type { XmppContext, XmppEmitter, XmppEntity, XmppMiddleware } from './xmppEntity.js';
export { XmppError, type XmppErrorCode, type XmppErrorDetails } from './xmppError.js';
