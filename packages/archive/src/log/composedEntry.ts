/**
 * An entry before it is composed and after.
 * @module
 */
import { type CryptoProvider, GCM_NONCE_LENGTH, type ObjectLimits } from '@stanzaseal/cms';
import type { XmlLimits } from '@stanzaseal/stanza';
import { SALT_LENGTH } from '../evidence/index.js';
import type { WritingKeys } from '../keys/keyVault.js';
import type { Tags } from '../keys/ownerTags.js';
import type { DescriptionInPlace } from '../parse/description.js';

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

/** Entries that were composed together. */
export interface ComposedPiece {
  readonly entries: readonly ComposedEntry[];
  /** Content and recipients of each, one after another: what those columns are views of, and all that is in its buffer. */
  readonly sealed: Uint8Array;
}

/** An entry that somebody waits for. */
export interface AskedEntry {
  readonly source: EntrySource;
  readonly keys: WritingKeys;
  readonly resolve: (entry: ComposedEntry) => void;
  readonly reject: (error: unknown) => void;
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

/** What is known of what is to be written. */
export type EntryDescription = DescriptionInPlace | { readonly form: 'record'; readonly object: Uint8Array };
