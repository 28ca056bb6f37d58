/**
 * From stanzas to what is stored of them: described, encrypted, hashed and tagged. A pure function of what it is given, random octets
 * among it, so it may run in any thread. In stages, as `describeInStages`: each step for all, then the next.
 * @module
 */
import {
  chain,
  encoded,
  encodedLength,
  encodeInto,
  GCM_NONCE_LENGTH,
  type MaybePromise,
  STANZA_KINDS,
} from '@stanzaseal/cms';
import { metaNode } from '../evidence/entryMeta.js';
import { ENTRY_KINDS, leafOf, SALT_LENGTH, sha256 } from '../evidence/index.js';
import { pooledOctets } from '../evidence/pooledOctets.js';
import { sealColumnInto, sealedLength } from '../keys/sealing.js';
import { NO_STANZA } from '../layout.js';
import { describeInStages } from '../parse/describeStanza.js';
import type { DescriptionInPlace } from '../parse/description.js';
import { octetsOf } from '../parse/unicode.js';
import { settled } from '../settled.js';
import {
  type ComposedEntry,
  type ComposedPiece,
  type ComposeParameters,
  DRAWN_OCTETS,
  type EntryDescription,
  type EntryKeys,
  type EntrySource,
} from './composedEntry.js';
import { keyTagsOf, type NameTags, nameTags, peerColumns } from './entryTags.js';

/**
 * Composes entries, each with its own keys; at once where the provider computes at once.
 * @throws RangeError for too few or too many octets that were drawn
 */
export function composeEntries(
  sources: readonly EntrySource[],
  keys: readonly EntryKeys[],
  parameters: ComposeParameters,
): MaybePromise<ComposedPiece> {
  // Else old octets of the pool would be a nonce.
  if (keys.some(({ drawn }) => drawn.length !== DRAWN_OCTETS)) throw new RangeError('drawn has another length');
  return chain(settled(descriptionsOf(sources, parameters)), (descriptions) =>
    compose(
      descriptions.map((description, i) => draftOf(sources[i] as EntrySource, description, keys[i] as EntryKeys)),
      parameters,
    ),
  );
}

/** An entry under way. */
interface Draft {
  readonly source: EntrySource;
  readonly description: EntryDescription;
  readonly keys: EntryKeys;
  /** First salt, meta and object. What has no recipients keeps the second salt before the first; from there on it is what is hashed. */
  readonly content: Uint8Array;
  /** Second salt and RecipientInfos, or the salt alone where there are none. */
  readonly recipients: Uint8Array;
  readonly nonces: { readonly content: Uint8Array; readonly recipients: Uint8Array };
}

function compose(drafts: readonly Draft[], { archiveTags, peers }: ComposeParameters): ComposedPiece {
  const { sealed, contents, recipients } = roomFor(drafts);
  drafts.forEach(({ keys, content, nonces }, i) => {
    sealColumnInto(contents[i] as Uint8Array, keys.kek, 'content', content, nonces.content);
  });
  drafts.forEach(({ keys, recipients: octets, nonces }, i) => {
    const column = recipients[i];
    if (column != null) sealColumnInto(column, keys.kek, 'recipients', octets, nonces.recipients);
  });
  const leaves = drafts.map(leafOfDraft);
  const names = drafts.map(({ source, description, keys }) => nameTags(source, description, keys.ownerTags));
  const entries = drafts.map(({ description, keys }, i): ComposedEntry => {
    const { peer, resource } = peerColumns(keys.ownerTags, peers, 'peer' in description ? description.peer : undefined);
    const { sameTag, idTag } = names[i] as NameTags;
    return {
      form: ENTRY_KINDS.indexOf(description.form),
      kind: 'kind' in description ? STANZA_KINDS.indexOf(description.kind) : NO_STANZA,
      type: 'type' in description ? description.type : '',
      peer,
      resource,
      content: contents[i] as Uint8Array,
      recipients: recipients[i] as Uint8Array | null,
      leafHash: leaves[i] as Uint8Array,
      sameTag,
      idTag,
      keyTags: description.form === 'sealed' ? keyTagsOf(description.rKeyIds, archiveTags) : [],
      reason: description.form === 'quarantined' ? description.reason : undefined,
    };
  });
  return { entries, sealed };
}

/** Memory of its own for what will be encrypted, so that it may change hands; and the places of columns in it. */
function roomFor(drafts: readonly Draft[]): {
  readonly sealed: Uint8Array;
  readonly contents: readonly Uint8Array[];
  readonly recipients: readonly (Uint8Array | null)[];
} {
  const isSealed = ({ description }: Draft) => description.form === 'sealed';
  let length = 0;
  for (const draft of drafts)
    length += sealedLength(draft.content) + (isSealed(draft) ? sealedLength(draft.recipients) : 0);
  const sealed = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let at = 0;
  const take = (octets: Uint8Array) => sealed.subarray(at, (at += sealedLength(octets)));
  const columns = drafts.map(
    (draft) => [take(draft.content), isSealed(draft) ? take(draft.recipients) : null] as const,
  );
  return {
    sealed,
    contents: columns.map(([content]) => content),
    recipients: columns.map(([, recipients]) => recipients),
  };
}

function draftOf(source: EntrySource, description: EntryDescription, keys: EntryKeys): Draft {
  let at = 0;
  const take = (length: number) => keys.drawn.subarray(at, (at += length));
  const [salt1, salt2] = [take(SALT_LENGTH), take(SALT_LENGTH)];
  const nonces = { content: take(GCM_NONCE_LENGTH), recipients: take(GCM_NONCE_LENGTH) };
  const isSealed = description.form === 'sealed';
  const content = contentOf(isSealed ? undefined : salt2, salt1, source, description);
  const recipients = isSealed ? joined(salt2, description.recipientInfos) : salt2;
  return { source, description, keys, content, recipients, nonces };
}

/** Salts, meta and object, each written once. */
function contentOf(
  salt2: Uint8Array | undefined,
  salt1: Uint8Array,
  { owner, receivedAt, stanzaId }: EntrySource,
  description: EntryDescription,
): Uint8Array {
  const isSealed = description.form === 'sealed';
  const meta = metaNode(
    { kind: description.form, owner, receivedAt, stanzaId },
    isSealed ? description.shell : undefined,
  );
  const object = isSealed ? description.object : encoded(description.object);
  const metaAt = (salt2?.length ?? 0) + SALT_LENGTH;
  const objectAt = metaAt + encodedLength(meta);
  const content = pooledOctets(objectAt + encodedLength(object));
  if (salt2 !== undefined) content.set(salt2);
  content.set(salt1, metaAt - SALT_LENGTH);
  encodeInto(meta, content, metaAt);
  encodeInto(object, content, objectAt);
  return content;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const octets = pooledOctets(first.length + second.length);
  octets.set(first);
  octets.set(second, first.length);
  return octets;
}

function leafOfDraft({ description, content, recipients }: Draft): Uint8Array {
  return leafOf(sha256(description.form === 'sealed' ? content : content.subarray(SALT_LENGTH)), sha256(recipients));
}

/** In stages as well: those that are described are described together. */
function descriptionsOf(
  sources: readonly EntrySource[],
  parameters: ComposeParameters,
): MaybePromise<EntryDescription>[] {
  const described = describeInStages(
    sources.filter(({ as }) => as !== 'record'),
    parameters,
  );
  let next = 0;
  return sources.map(({ stanza, as }): MaybePromise<EntryDescription> => {
    if (as === 'record') return { form: 'record', object: octetsOf(stanza) };
    const description = described[next++] as MaybePromise<DescriptionInPlace>;
    return as === undefined ? description : chain(description, ({ identity }) => conflict(stanza, identity));
  });
}

function conflict(stanza: Uint8Array | string, identity: Uint8Array): EntryDescription {
  const reason = 'another stanza has its id';
  return { form: 'quarantined', reason, object: octetsOf(stanza), identity: sha256(identity) };
}
