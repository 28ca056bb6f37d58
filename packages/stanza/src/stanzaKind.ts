/**
 * Stanzas of RFC 6120 §8: what kind and type an element has.
 * @module
 */
import { STANZA_KINDS, type StanzaKind } from '@stanzaseal/cms';
import { NS } from './namespaces.js';
import { attribute, type XmlElement } from './xml.js';

/** The kind of a stanza element in `jabber:client` or `jabber:server` (T23), or `undefined` for any other element. */
export function stanzaKind(root: XmlElement): StanzaKind | undefined {
  if (root.namespace !== NS.CLIENT && root.namespace !== NS.SERVER) return undefined;
  return STANZA_KINDS.find((kind) => kind === root.name);
}

/** The type that a kind of stanza has where none is written: `normal` (RFC 6121 §5.2.2), `available` (§4.7.1). An iq without type has `''`, which is none. */
export function defaultType(kind: StanzaKind): string {
  return kind === 'message' ? 'normal' : kind === 'presence' ? 'available' : '';
}

/** The type of a stanza element, written or not. */
export function stanzaType(root: XmlElement, kind: StanzaKind): string {
  return attribute(root, 'type') ?? defaultType(kind);
}
