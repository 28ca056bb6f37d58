/**
 * What a thread is asked and what it answers. All octets of an answer are in one buffer, which changes hands without a copy.
 * @module
 */
import type { ObjectLimits } from '@stanzaseal/cms';
import type { XmlLimits } from '@stanzaseal/stanza';
import { HASH_LENGTH } from '../evidence/index.js';
import { TAG_LENGTH } from '../keys/ownerTags.js';
import type { ComposedEntry, EntrySource, PeerNames } from '../log/composeEntry.js';

/** What a thread knows from its start. */
export interface ThreadData {
  /** Secret of the archive's tags. */
  readonly secret: Uint8Array;
  readonly peers: PeerNames;
  readonly xmlLimits: XmlLimits;
  readonly objectLimits: ObjectLimits;
}

/** Entries to compose. All stanzas are in one buffer, which changes hands. */
export interface ComposeRequest {
  readonly number: number;
  readonly sources: readonly Omit<EntrySource, 'stanza'>[];
  /** The stanzas, joined. */
  readonly stanzas: Uint8Array;
  /** The length of each. */
  readonly lengths: readonly number[];
  /** KEK and secret of tags of each, once for all that have the same. */
  readonly keys: readonly (readonly [kek: Uint8Array, ownerSecret: Uint8Array])[];
  /** Which of the keys each has. */
  readonly keyOf: readonly number[];
  /** What composing draws: fresh random octets of the archive's own source. */
  readonly drawn: Uint8Array;
}

type Fields = Omit<ComposedEntry, 'content' | 'recipients' | 'leafHash' | 'sameTag' | 'idTag'> & {
  /** Lengths of content and recipients; -1 for none. */
  readonly lengths: readonly [content: number, recipients: number];
  readonly tags: readonly [same: boolean, id: boolean];
};

/** Composed entries; or why there are none. */
export type ComposeAnswer =
  | {
      readonly number: number;
      readonly fields: readonly Fields[];
      readonly octets: Uint8Array;
      readonly failure?: undefined;
    }
  | { readonly number: number; readonly failure: Error };

/** Stanzas joined: texts become UTF-8. */
export function joinedStanzas(sources: readonly EntrySource[]): Pick<ComposeRequest, 'stanzas' | 'lengths'> {
  const lengths = sources.map(({ stanza }) => (typeof stanza === 'string' ? Buffer.byteLength(stanza) : stanza.length));
  const stanzas = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  sources.forEach(({ stanza }, i) => {
    if (typeof stanza === 'string') stanzas.write(stanza, at);
    else stanzas.set(stanza, at);
    at += lengths[i] as number;
  });
  return { stanzas: new Uint8Array(stanzas.buffer), lengths };
}

/** The sources of a request. */
export function sourcesOf({ sources, stanzas, lengths }: ComposeRequest): EntrySource[] {
  let at = 0;
  return sources.map((source, i) => {
    at += lengths[i] as number;
    return { ...source, stanza: stanzas.subarray(at - (lengths[i] as number), at) };
  });
}

/** Entries as an answer. */
export function packed(number: number, entries: readonly ComposedEntry[]): ComposeAnswer & { octets: Uint8Array } {
  const parts = entries.flatMap(({ leafHash, sameTag, idTag, content, recipients }) =>
    [leafHash, sameTag, idTag, content, recipients].filter((part) => part !== undefined && part !== null),
  );
  const octets = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  const fields = entries.map(({ leafHash: _, sameTag, idTag, content, recipients, ...rest }) => ({
    ...rest,
    lengths: [content.length, recipients?.length ?? -1] as const,
    tags: [sameTag !== undefined, idTag !== undefined] as const,
  }));
  return { number, fields, octets };
}

/** Entries of an answer: views of its octets. */
export function unpacked(fields: readonly Fields[], octets: Uint8Array): ComposedEntry[] {
  let at = 0;
  const take = (length: number) => {
    at += length;
    return octets.subarray(at - length, at);
  };
  return fields.map(({ lengths: [content, recipients], tags: [same, id], ...rest }) => ({
    ...rest,
    leafHash: take(HASH_LENGTH),
    sameTag: same ? take(TAG_LENGTH) : undefined,
    idTag: id ? take(TAG_LENGTH) : undefined,
    content: take(content),
    recipients: recipients < 0 ? null : take(recipients),
  }));
}
