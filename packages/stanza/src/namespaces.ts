/**
 * XML namespaces spoken here. One constant each, compared as whole strings (T01: RFC 3923 spelled one of its namespaces in two ways).
 * @module
 */

/** Namespace names by a short key. */
export const NS: {
  readonly SEALED: 'urn:xmpp:sealed:0';
  readonly SCE: 'urn:xmpp:sce:1';
  readonly EME: 'urn:xmpp:eme:0';
  readonly HINTS: 'urn:xmpp:hints';
  readonly CLIENT: 'jabber:client';
  readonly SERVER: 'jabber:server';
  readonly STANZA_ID: 'urn:xmpp:sid:0';
  readonly ADDRESS: 'http://jabber.org/protocol/address';
  readonly FORWARD: 'urn:xmpp:forward:0';
  readonly CARBONS: 'urn:xmpp:carbons:2';
  readonly MAM: 'urn:xmpp:mam:2';
  readonly DELAY: 'urn:xmpp:delay';
  readonly STANZAS: 'urn:ietf:params:xml:ns:xmpp-stanzas';
  readonly XML: 'http://www.w3.org/XML/1998/namespace';
  readonly XMLNS: 'http://www.w3.org/2000/xmlns/';
} = {
  /** The sealed profile. */
  SEALED: 'urn:xmpp:sealed:0',
  /** XEP-0420 stanza content encryption. */
  SCE: 'urn:xmpp:sce:1',
  /** XEP-0380 explicit message encryption. */
  EME: 'urn:xmpp:eme:0',
  /** XEP-0334 message processing hints. */
  HINTS: 'urn:xmpp:hints',
  /** Stanzas between a client and its server (RFC 6120 §4.8.3). */
  CLIENT: 'jabber:client',
  /** Stanzas between servers (RFC 6120 §4.8.3). */
  SERVER: 'jabber:server',
  /** XEP-0359 stanza ids. */
  STANZA_ID: 'urn:xmpp:sid:0',
  /** XEP-0033 extended addresses. */
  ADDRESS: 'http://jabber.org/protocol/address',
  /** XEP-0297 forwarding. */
  FORWARD: 'urn:xmpp:forward:0',
  /** XEP-0280 carbons. */
  CARBONS: 'urn:xmpp:carbons:2',
  /** XEP-0313 message archive. */
  MAM: 'urn:xmpp:mam:2',
  /** XEP-0203 delayed delivery. */
  DELAY: 'urn:xmpp:delay',
  /** Stanza error conditions (RFC 6120 §8.3.3). */
  STANZAS: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  /** What the prefix `xml` always means: `xml:lang` (Namespaces in XML §3). */
  XML: 'http://www.w3.org/XML/1998/namespace',
  /** What the prefix `xmlns` always means; nothing may be put into it (Namespaces in XML §3). */
  XMLNS: 'http://www.w3.org/2000/xmlns/',
};
