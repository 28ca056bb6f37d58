/**
 * From a stanza to what is stored of it: described, encrypted, hashed and tagged. A pure function of what it is given, random octets
 * among it, so it may run in any thread.
 * @module
 */
import {
  type CryptoProvider,
  chain,
  encodedLength,
  encodeInto,
  GCM_NONCE_LENGTH,
  type MaybePromise,
  type ObjectLimits,
  STANZA_KINDS,
  toUtf8,
} from '@stanzaseal/cms';
import type { XmlLimits } from '@stanzaseal/stanza';
import { metaNode } from '../evidence/entryMeta.js';
import { ENTRY_KINDS, leafOf, SALT_LENGTH, sha256 } from '../evidence/index.js';
import { pooledOctets } from '../evidence/pooledOctets.js';
import type { Tags } from '../keys/ownerTags.js';
import { sealColumnWith } from '../keys/sealing.js';
import { NO_STANZA } from '../layout.js';
import { type Description, describeAtOnce, type Peer } from '../parse/describeStanza.js';

/** What is to be written. */
export interface EntrySource {
  /** The stanza as it came: octets or text. */
  readonly stanza: Uint8Array | string;
  /** Bare JID, normalised; `''` for a record of the whole archive. */
  readonly owner: string;
  /** When it was received, in ms since 1970. */
  readonly receivedAt: number;
  /** The stanza's id in the owner's archive. */
  readonly stanzaId?: string | undefined;
  /** `record`: octets that the archive itself says. `conflict`: a stanza whose id another one has. Left out, a stanza. */
  readonly as?: 'record' | 'conflict' | undefined;
}

/** Whether contents keep peers by name, or by keyed tags. */
export type PeerNames = 'named' | 'hidden';

/** What is stored of an entry, wherever it will stand. */
export interface ComposedEntry {
  /** Number of the form, by ENTRY_KINDS. */
  readonly form: number;
  /** Number of the kind of stanza. */
  readonly kind: number;
  readonly type: string;
  readonly peer: string;
  readonly resource: string;
  readonly content: Uint8Array;
  readonly recipients: Uint8Array | null;
  readonly leafHash: Uint8Array;
  /** By which its copies are found; none for a record. */
  readonly sameTag: Uint8Array | undefined;
  /** By which it is found by its id; none for what is in quarantine. */
  readonly idTag: Uint8Array | undefined;
  /** Of the keys that it is sealed to. */
  readonly keyTags: readonly number[];
  /** Why it is in quarantine. */
  readonly reason: string | undefined;
}

/** What an entry is composed with, and no other. */
export interface EntryKeys {
  /** KEK(owner, month): 32 octets. */
  readonly kek: Uint8Array;
  /** Tags under the owner's secret. */
  readonly ownerTags: Tags;
  /** Random octets that serve nothing else: so many as `DRAWN_OCTETS`. */
  readonly drawn: Uint8Array;
}

/** What all entries of an archive are composed with. */
export interface ComposeParameters {
  /** Tags under the archive's secret. */
  readonly archiveTags: Tags;
  readonly peers: PeerNames;
  readonly xmlLimits: XmlLimits;
  readonly objectLimits: ObjectLimits;
  readonly crypto: CryptoProvider;
}

/** Random octets that an entry takes: two salts and two nonces. */
export const DRAWN_OCTETS: number = 2 * SALT_LENGTH + 2 * GCM_NONCE_LENGTH;

type Described = Description | { readonly form: 'record'; readonly object: Uint8Array };

/** Composes an entry; at once where the provider computes at once. @throws RangeError for too few or too many octets that were drawn */
export function composeEntry(
  source: EntrySource,
  keys: EntryKeys,
  parameters: ComposeParameters,
): MaybePromise<ComposedEntry> {
  return chain(descriptionOf(source, parameters), (description) => compose(source, description, keys, parameters));
}

function compose(
  source: EntrySource,
  description: Described,
  { kek, ownerTags, drawn }: EntryKeys,
  { archiveTags, peers }: ComposeParameters,
): ComposedEntry {
  if (drawn.length !== DRAWN_OCTETS) throw new RangeError('drawn has another length'); // else old octets of the pool would be a nonce
  const isSealed = description.form === 'sealed';
  let at = 0;
  const take = (length: number) => drawn.subarray(at, (at += length));
  const [salt1, salt2] = [take(SALT_LENGTH), take(SALT_LENGTH)];
  // What has no recipients keeps the second salt before the first. From there on it is what is hashed.
  const content = contentOf(isSealed ? undefined : salt2, salt1, source, description);
  const recipients = isSealed ? joined(salt2, description.recipientInfos) : salt2;
  const { peer, resource } = peerColumns(ownerTags, peers, 'peer' in description ? description.peer : undefined);
  const { sameTag, idTag } = tagsOf(source, description, ownerTags);
  return {
    form: ENTRY_KINDS.indexOf(description.form),
    kind: 'kind' in description ? STANZA_KINDS.indexOf(description.kind) : NO_STANZA,
    type: 'type' in description ? description.type : '',
    peer,
    resource,
    content: sealColumnWith(kek, 'content', content, take(GCM_NONCE_LENGTH)),
    recipients: isSealed ? sealColumnWith(kek, 'recipients', recipients, take(GCM_NONCE_LENGTH)) : null,
    leafHash: leafOf(sha256(isSealed ? content : content.subarray(SALT_LENGTH)), sha256(recipients)),
    sameTag,
    idTag,
    keyTags: isSealed ? keyTagsOf(description.rKeyIds, archiveTags) : [],
    reason: description.form === 'quarantined' ? description.reason : undefined,
  };
}

/** Salts, meta and object, each written once. */
function contentOf(
  salt2: Uint8Array | undefined,
  salt1: Uint8Array,
  { owner, receivedAt, stanzaId }: EntrySource,
  description: Described,
): Uint8Array {
  const { form: kind, object } = description;
  const shell = kind === 'sealed' ? description.shell : undefined;
  const meta = metaNode({ kind, owner, receivedAt, stanzaId, shell });
  const metaAt = (salt2?.length ?? 0) + SALT_LENGTH;
  const objectAt = metaAt + encodedLength(meta);
  const content = pooledOctets(objectAt + object.length);
  if (salt2 !== undefined) content.set(salt2);
  content.set(salt1, metaAt - SALT_LENGTH);
  encodeInto(meta, content, metaAt);
  content.set(object, objectAt);
  return content;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const octets = pooledOctets(first.length + second.length);
  octets.set(first);
  octets.set(second, first.length);
  return octets;
}

function keyTagsOf(rKeyIds: readonly Uint8Array[], archiveTags: Tags): readonly number[] {
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

function descriptionOf(
  { stanza, owner, as }: EntrySource,
  { xmlLimits, objectLimits, crypto }: ComposeParameters,
): MaybePromise<Described> {
  const octets = () => (typeof stanza === 'string' ? toUtf8(stanza) : stanza);
  if (as === 'record') return { form: 'record', object: octets() };
  const described = describeAtOnce(stanza, { owner, xmlLimits, objectLimits, crypto });
  if (as === undefined) return described;
  return chain(described, (description) => {
    const identity = sha256(description.identity);
    return { form: 'quarantined', reason: 'another stanza has its id', object: octets(), identity };
  });
}

/** Copies of an object are one entry whatever their ids; of anything else those that have one id too. */
function tagsOf(
  { stanzaId = '' }: EntrySource,
  description: Described,
  ownerTags: Tags,
): Pick<ComposedEntry, 'sameTag' | 'idTag'> {
  if (description.form === 'record') return { sameTag: undefined, idTag: undefined };
  const { form, identity } = description;
  return {
    sameTag: ownerTags.tag('stanza', form, identity, form === 'sealed' ? '' : stanzaId),
    idTag: form === 'quarantined' || stanzaId === '' ? undefined : idTagOf(ownerTags, stanzaId),
  };
}
