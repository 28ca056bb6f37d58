/**
 * A stanza as a page gives it.
 * @module
 */
import type { StanzaKind } from '@stanzaseal/cms';
import { NS, readXmlOctets, type XmlElement } from '@stanzaseal/stanza';
import { idOfLeaf } from './cursors.js';
import type { ReadEntry } from './readEntries.js';

/** An archived stanza. */
export interface ArchivedStanza {
  /** The stanza's id in its owner's archive. */
  readonly id: string;
  /** Its place in the log. */
  readonly leafIndex: number;
  /** When it was received, in ms since 1970. */
  readonly receivedAt: number;
  /** Whether there is an object in it that the archive cannot read. */
  readonly sealed: boolean;
  /** Kind of stanza. */
  readonly kind: StanzaKind;
  /** Its octets as they were received; without `xmlns` they are in `jabber:client`. `undefined` once the object's recipients were dropped: nobody opens it any more but by an archive's key. */
  readonly octets: Uint8Array | undefined;
}

/** An entry as a page gives it; `undefined` for what is no stanza, or was erased. */
export function stanzaOf({ form, kind, meta, octets, leafIndex }: ReadEntry): ArchivedStanza | undefined {
  if (meta === undefined || kind === undefined || (form !== 'sealed' && form !== 'plain')) return undefined;
  const id = meta.stanzaId ?? idOfLeaf(leafIndex);
  return { id, leafIndex, receivedAt: meta.receivedAt, sealed: form === 'sealed', kind, octets };
}

/** The stanza as an element. */
export function elementOf(octets: Uint8Array): XmlElement {
  // It was read before it was stored, so no limit of today's applies.
  return readXmlOctets(octets, { octets: Number.MAX_SAFE_INTEGER, depth: 256 }, { defaultNamespace: NS.CLIENT });
}
