/**
 * What a thread is asked and what it answers: columns, not rows, since a message carries an object's names with each object. The octets
 * of an answer are in two buffers, which change hands without a copy.
 * @module
 */
import type { ObjectLimits } from '@stanzaseal/cms';
import type { XmlLimits } from '@stanzaseal/stanza';
import { HASH_LENGTH } from '../evidence/index.js';
import type { ComposedEntry, ComposedPiece, EntrySource, PeerNames } from '../log/composedEntry.js';

/** What a thread knows from its start. */
export interface ThreadData {
  /** Secret of the archive's tags. */
  readonly secret: Uint8Array;
  readonly peers: PeerNames;
  readonly xmlLimits: XmlLimits;
  readonly objectLimits: ObjectLimits;
}

/** Entries to compose. */
export interface ComposeRequest {
  readonly number: number;
  /** UTF-8 octets of all stanzas, joined. */
  readonly octets: Uint8Array;
  /** Octets of each. */
  readonly lengths: readonly number[];
  readonly receivedAt: readonly number[];
  readonly stanzaId: readonly EntrySource['stanzaId'][];
  readonly as: readonly EntrySource['as'][];
  /** Owner, KEK and secret of tags of each, once for all that have the same. */
  readonly keys: readonly (readonly [owner: string, kek: Uint8Array, ownerSecret: Uint8Array])[];
  /** Which of the keys each has. */
  readonly keyOf: readonly number[];
  /** What composing draws: fresh random octets of the archive's own source. */
  readonly drawn: Uint8Array;
}

/** Composed entries. */
export interface ComposedColumns {
  readonly type: readonly string[];
  readonly peer: readonly string[];
  readonly resource: readonly string[];
  readonly reason: readonly ComposedEntry['reason'][];
  /** Of each, one after another: form, kind, how many keys, and the lengths of tags, content and recipients, -1 for none. As octets, which are not written one by one. */
  readonly numbers: Int32Array;
  /** Of all. */
  readonly keyTags: Float64Array;
  /** Leaf hash and tags of each, joined. */
  readonly octets: Uint8Array;
  /** Content and recipients of each, where they were encrypted to. */
  readonly sealed: Uint8Array;
}

/** Composed entries; or why there are none. */
export type ComposeAnswer =
  | { readonly number: number; readonly columns: ComposedColumns; readonly failure?: undefined }
  | { readonly number: number; readonly failure: Error };

/** The sources of a request, but for their owners. */
export function columnsOf(
  sources: readonly EntrySource[],
): Pick<ComposeRequest, 'octets' | 'lengths' | 'receivedAt' | 'stanzaId' | 'as'> {
  const lengths = sources.map(({ stanza }) => Buffer.byteLength(stanza));
  const octets = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [i, { stanza }] of sources.entries()) {
    if (typeof stanza === 'string') octets.write(stanza, at);
    else octets.set(stanza, at);
    at += lengths[i] as number;
  }
  return {
    octets,
    lengths,
    receivedAt: sources.map((source) => source.receivedAt),
    stanzaId: sources.map((source) => source.stanzaId),
    as: sources.map((source) => source.as),
  };
}

/** The sources of a request: views of its octets. */
export function sourcesOf({ octets, lengths, receivedAt, stanzaId, as, keys, keyOf }: ComposeRequest): EntrySource[] {
  let at = 0;
  return lengths.map((length, i) => {
    const [owner] = keys[keyOf[i] as number] as ComposeRequest['keys'][0];
    const stanza = octets.subarray(at, (at += length));
    return { stanza, owner, receivedAt: receivedAt[i] as number, stanzaId: stanzaId[i], as: as[i] };
  });
}

/** Entries as columns. */
export function packed({ entries, sealed }: ComposedPiece): ComposedColumns {
  const numbers = new Int32Array(entries.length * NUMBERS);
  const keyTags: number[] = [];
  const parts: Uint8Array[] = [];
  for (const [i, { form, kind, keyTags: own, leafHash, sameTag, idTag, content, recipients }] of entries.entries()) {
    const lengths = [sameTag?.length ?? -1, idTag?.length ?? -1, content.length, recipients?.length ?? -1];
    numbers.set([form, kind, own.length, ...lengths], i * NUMBERS);
    keyTags.push(...own);
    parts.push(leafHash);
    for (const part of [sameTag, idTag]) if (part !== undefined) parts.push(part);
  }
  return {
    type: entries.map(({ type }) => type),
    peer: entries.map(({ peer }) => peer),
    resource: entries.map(({ resource }) => resource),
    reason: entries.map(({ reason }) => reason),
    numbers,
    keyTags: Float64Array.from(keyTags),
    octets: joined(parts),
    sealed,
  };
}

/** Numbers of an entry. */
const NUMBERS = 7;

/** Entries of columns: views of their octets. */
export function unpacked(columns: ComposedColumns): ComposedEntry[] {
  const { type, peer, resource, reason, numbers, keyTags, octets, sealed } = columns;
  let [at, sealedAt, keyAt] = [0, 0, 0];
  const take = (length: number) => octets.subarray(at, (at += length));
  const takeSealed = (length: number) => sealed.subarray(sealedAt, (sealedAt += length));
  return type.map((each, i) => {
    const number = (k: number) => numbers[i * NUMBERS + k] as number;
    return {
      form: number(0),
      kind: number(1),
      type: each,
      peer: peer[i] as string,
      resource: resource[i] as string,
      reason: reason[i],
      keyTags: Array.from({ length: number(2) }, () => keyTags[keyAt++] as number),
      leafHash: take(HASH_LENGTH),
      sameTag: number(3) < 0 ? undefined : take(number(3)),
      idTag: number(4) < 0 ? undefined : take(number(4)),
      content: takeSealed(number(5)),
      recipients: number(6) < 0 ? null : takeSealed(number(6)),
    };
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  return octets;
}
