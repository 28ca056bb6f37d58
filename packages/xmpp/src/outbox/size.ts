/**
 * How long a sealed stanza will be, before anything is sealed: servers end the connection of who sends too much (T20, H16).
 * @module
 */
import {
  isServerProcessed,
  paddedLength,
  utf8Length,
  withChildren,
  writeXml,
  type XmlElement,
} from '@stanzaseal/stanza';

/** What an envelope and its signature take at least, besides content and recipients: affixes, attributes, signature. */
const SIGNED_OCTETS = 880;
const SIGNED_OCTETS_EACH = 70;
/** What an object takes at least around what is signed. */
const OBJECT_OCTETS = 420;
const OBJECT_OCTETS_EACH = 80;
/** What is around the object in a stanza: start tag with two addresses and an id, hints. */
const STANZA_OCTETS = 200;

/** Octets of an element as text. */
export function octetsOf(element: XmlElement): number {
  return utf8Length(writeXml(element));
}

/**
 * Octets that a stanza will have at least when it was sealed to so many devices: what exceeds the limit by this needs not be taken at all.
 * @param stanza not sealed
 */
export function leastSealedOctets(stanza: XmlElement, devices: number): number {
  const inside = stanza.children.filter((node) => typeof node === 'string' || !isServerProcessed(node));
  const content = octetsOf(withChildren({ ...stanza, attributes: [] }, inside));
  const signed = content + SIGNED_OCTETS + SIGNED_OCTETS_EACH * devices;
  const object = paddedLength(signed) + OBJECT_OCTETS + OBJECT_OCTETS_EACH * devices;
  return Math.ceil(object / 3) * 4 + STANZA_OCTETS;
}

/** Greatest length of an object in octets so that its stanza, with so many octets beside it, is within a limit. */
export function objectLimit(stanzaLimit: number, beside: number): number {
  return Math.max(0, Math.floor((stanzaLimit - beside) / 4) * 3);
}
