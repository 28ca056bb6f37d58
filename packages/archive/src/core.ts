/**
 * What the parts of an archive share. Rights, retention, scrubbing and feeds are functions over an archive; this is where they find its
 * databases, keys and sequencer.
 * @module
 */
import type { Clock, CryptoProvider, ObjectLimits, RandomSource } from '@stanzaseal/cms';
import { bareJid, type XmlLimits } from '@stanzaseal/stanza';
import type { Database } from './engine/database.js';
import type { KeyVault } from './keys/keyVault.js';
import type { Tags } from './keys/ownerTags.js';
import type { Checkpointer } from './log/checkpointer.js';
import type { PeerNames } from './log/composedEntry.js';
import type { Sequencer } from './log/sequencer.js';
import type { Composer } from './workers/composer.js';

/** What an archive tells whoever runs it. Owners are named; texts and keys never are. */
export type ArchiveEvent =
  /** Something was kept that is no good stanza. */
  | {
      readonly type: 'quarantined';
      readonly owner: string;
      readonly leafIndex: number;
      readonly reason: string;
    }
  /** A stored entry does not agree with its leaf. */
  | { readonly type: 'damaged'; readonly owner: string; readonly leafIndex: number }
  /** A checkpoint was signed. */
  | { readonly type: 'checkpoint'; readonly size: number; readonly note: string }
  /** A checkpoint that was due could not be made. */
  | { readonly type: 'checkpoint-failed'; readonly error: unknown }
  /** The database server does not wait for its disk: nothing that it acknowledges is durable. */
  | { readonly type: 'not-durable'; readonly setting: string };

/** Bounds; those left out are as said. */
export interface ArchiveLimits {
  /** Most entries of a page: 250 (K12). */
  readonly page: number;
  /** Most entries of a transaction: 256. */
  readonly batch: number;
  /** Most entries that `ingest` has under way: 1,024. */
  readonly queue: number;
  /** Entries without a checkpoint that call for one at once: 1,000. */
  readonly checkpointEntries: number;
  /** How long an entry waits for a checkpoint at most, in ms: 1,000. */
  readonly checkpointInterval: number;
  /** On the XML of a stanza: `XML_LIMITS`. */
  readonly xml: XmlLimits;
  /** On a sealed object: `OBJECT_LIMITS`. */
  readonly object: ObjectLimits;
}

/** An open archive, from within. */
export interface ArchiveCore {
  /** The contents. */
  readonly content: Database;
  /** The keys. */
  readonly keys: Database;
  /** Owners and their keys. */
  readonly vault: KeyVault;
  /** Tags that are of no owner. */
  readonly archiveTags: Tags;
  /** Writes entries. */
  readonly sequencer: Sequencer;
  /** Makes entries of stanzas. */
  readonly composer: Composer;
  /** Signs the log. */
  readonly checkpointer: Checkpointer;
  /** The log's name. */
  readonly origin: string;
  /** How peers are kept. */
  readonly peers: PeerNames;
  readonly limits: ArchiveLimits;
  readonly random: RandomSource;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly onEvent: (event: ArchiveEvent) => void;
  /** The normal form of an owner's name; `''` is the archive itself. @throws StanzaError `ERR_ADDRESS` */
  ownerName(owner: string): string;
}

/** The normal form of an owner's name. @throws StanzaError `ERR_ADDRESS`; RangeError for a full JID */
export function ownerName(owner: string): string {
  if (owner === '') return '';
  if (owner.includes('/')) throw new RangeError('owner has a resource');
  return bareJid(owner);
}
