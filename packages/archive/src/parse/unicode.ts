/**
 * Stanzas as texts and as octets.
 * @module
 */
import { toUtf8 } from '@stanzaseal/cms';

/** UTF-8 octets of a stanza: its own, if it came as octets. */
export function octetsOf(stanza: Uint8Array | string): Uint8Array {
  return typeof stanza === 'string' ? toUtf8(stanza) : stanza;
}

/** Whether a text has octets at all: without surrogates that have no other half. */
export function isUnicode(text: string): boolean {
  // Of a text of one-octet characters V8 knows without a look that it has none of the others.
  return !/[^\0-\xff]/.test(text) || !/\p{Surrogate}/u.test(text);
}
