/**
 * A server-side archive of sealed and ordinary stanzas: what it acknowledged is durable, what it holds it can prove.
 * @module
 */
export {
  type Archive,
  type ArchiveOptions,
  openArchive,
  type Receipt,
  type StanzaContext,
  type StanzaInput,
  type StanzaItem,
} from './archive.js';
export { ArchiveError, type ArchiveErrorCode } from './archiveError.js';
export type { ArchiveEvent, ArchiveLimits } from './core.js';
export type { StoredCheckpoint } from './log/checkpointer.js';
export type { PeerNames } from './log/composeEntry.js';
export {
  type DescribeParameters,
  type Description,
  describeStanza,
  type Peer,
  type PlainDescription,
  type QuarantinedDescription,
  type SealedDescription,
} from './parse/describeStanza.js';
export type { ArchivedStanza } from './query/archivedStanza.js';
export { type MamParameters, type MamResult, mamResult } from './query/mamResult.js';
export type { ArchiveEnd, ArchiveMetadata, QuarantinedEntry, QuarantineQuery } from './query/metadata.js';
export type { Page, PageQuery } from './query/page.js';
export type { ArchiveProof, ProofQuery } from './query/proof.js';
export type { Selection } from './query/selection.js';
export type { WorkerOptions } from './workers/composer.js';
