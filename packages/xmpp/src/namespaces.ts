/**
 * Namespaces of what this package says to servers; those of stanzas and objects are in `NS` of `@stanzaseal/stanza`.
 * @module
 */

/** Namespace names by a short key. */
export const XMPP: {
  readonly CAPS: 'http://jabber.org/protocol/caps';
  readonly DATA: 'jabber:x:data';
  readonly DISCO_INFO: 'http://jabber.org/protocol/disco#info';
  readonly DISCO_ITEMS: 'http://jabber.org/protocol/disco#items';
  readonly MUC: 'http://jabber.org/protocol/muc';
  readonly MUC_ADMIN: 'http://jabber.org/protocol/muc#admin';
  readonly MUC_OWNER: 'http://jabber.org/protocol/muc#owner';
  readonly MUC_USER: 'http://jabber.org/protocol/muc#user';
  readonly PING: 'urn:xmpp:ping';
  readonly PUBSUB: 'http://jabber.org/protocol/pubsub';
  readonly PUBSUB_ERRORS: 'http://jabber.org/protocol/pubsub#errors';
  readonly PUBSUB_EVENT: 'http://jabber.org/protocol/pubsub#event';
  readonly PUBSUB_OWNER: 'http://jabber.org/protocol/pubsub#owner';
  readonly RSM: 'http://jabber.org/protocol/rsm';
  readonly STREAM_LIMITS: 'urn:xmpp:stream-limits:0';
  readonly STREAM_MANAGEMENT: 'urn:xmpp:sm:3';
} = {
  /** XEP-0115 what a presence says its client can do. */
  CAPS: 'http://jabber.org/protocol/caps',
  /** XEP-0004 forms. */
  DATA: 'jabber:x:data',
  /** XEP-0030 what an entity can do. */
  DISCO_INFO: 'http://jabber.org/protocol/disco#info',
  /** XEP-0030 what belongs to an entity. */
  DISCO_ITEMS: 'http://jabber.org/protocol/disco#items',
  /** XEP-0045 joining a room. */
  MUC: 'http://jabber.org/protocol/muc',
  /** XEP-0045 lists of affiliations. */
  MUC_ADMIN: 'http://jabber.org/protocol/muc#admin',
  /** XEP-0045 configuration of a room. */
  MUC_OWNER: 'http://jabber.org/protocol/muc#owner',
  /** XEP-0045 who an occupant is. */
  MUC_USER: 'http://jabber.org/protocol/muc#user',
  /** XEP-0199. */
  PING: 'urn:xmpp:ping',
  /** XEP-0060 publishing and fetching. */
  PUBSUB: 'http://jabber.org/protocol/pubsub',
  /** XEP-0060 conditions of errors. */
  PUBSUB_ERRORS: 'http://jabber.org/protocol/pubsub#errors',
  /** XEP-0060 notifications. */
  PUBSUB_EVENT: 'http://jabber.org/protocol/pubsub#event',
  /** XEP-0060 configuration of nodes. */
  PUBSUB_OWNER: 'http://jabber.org/protocol/pubsub#owner',
  /** XEP-0059 paging. */
  RSM: 'http://jabber.org/protocol/rsm',
  /** XEP-0478. */
  STREAM_LIMITS: 'urn:xmpp:stream-limits:0',
  /** XEP-0198. */
  STREAM_MANAGEMENT: 'urn:xmpp:sm:3',
};
