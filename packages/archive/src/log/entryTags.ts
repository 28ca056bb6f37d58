/**
 * By what entries are found: keyed tags, and the columns of their peers.
 * @module
 */
import type { Tags } from '../keys/ownerTags.js';
import type { Peer } from '../parse/description.js';
import type { ComposedEntry, EntryDescription, EntrySource, PeerNames } from './composedEntry.js';

/** By which an entry's copies are found, and it by its id. */
export type NameTags = Pick<ComposedEntry, 'sameTag' | 'idTag'>;

/** Copies of an object are one entry whatever their ids; of anything else those that have one id too. */
export function nameTags({ stanzaId = '' }: EntrySource, description: EntryDescription, ownerTags: Tags): NameTags {
  if (description.form === 'record') return { sameTag: undefined, idTag: undefined };
  const { form, identity } = description;
  return {
    sameTag: ownerTags.tag('stanza', form, identity, form === 'sealed' ? '' : stanzaId),
    idTag: form === 'quarantined' || stanzaId === '' ? undefined : idTagOf(ownerTags, stanzaId),
  };
}

/** Tags of the keys that an object is sealed to. */
export function keyTagsOf(rKeyIds: readonly Uint8Array[], archiveTags: Tags): readonly number[] {
  const tags = rKeyIds.map((id) => archiveTags.number('recipientKey', id));
  return tags.length === 1 ? tags : [...new Set(tags)];
}

/** How a peer stands in its columns, and is looked for there. */
export function peerColumns(
  ownerTags: Tags,
  peers: PeerNames,
  peer: Peer | undefined,
): { readonly peer: string; readonly resource: string } {
  const { bare = '', resource = '' } = peer ?? {};
  if (peers === 'named' || bare === '') return { peer: bare, resource };
  const full = resource === '' ? '' : ownerTags.text('resource', `${bare}/${resource}`);
  return { peer: ownerTags.text('peer', bare), resource: full };
}

/** The tag of a stanza id. */
export function idTagOf(ownerTags: Tags, stanzaId: string): Uint8Array {
  return ownerTags.tag('stanzaId', stanzaId);
}
