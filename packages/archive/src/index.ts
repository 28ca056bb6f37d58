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
export type { PeerNames } from './log/composedEntry.js';
export { type DescribeParameters, describeStanza } from './parse/describeStanza.js';
export type {
  Description,
  Peer,
  PlainDescription,
  QuarantinedDescription,
  SealedDescription,
} from './parse/description.js';
export type { ArchivedStanza } from './query/archivedStanza.js';
export { type MamParameters, type MamResult, mamResult } from './query/mamResult.js';
export type { ArchiveEnd, ArchiveMetadata, QuarantinedEntry, QuarantineQuery } from './query/metadata.js';
export type { Page, PageQuery } from './query/page.js';
export type { ArchiveProof, ProofQuery } from './query/proof.js';
export type { Selection } from './query/selection.js';
export { type LoggedRecord, readRecords } from './records/recordLog.js';
export type { Erased } from './retention/carryOut.js';
export type { Hold, HoldScope } from './retention/holds.js';
export {
  type ErasureProgress,
  openRetention,
  type Retention,
  type RetentionOptions,
  type ShredScope,
} from './retention/retention.js';
export type { RetentionRule } from './retention/rules.js';
export type { Line } from './rights/archiveKeys.js';
export type { Escrowed } from './rights/escrow.js';
export type { Quorum, Release, ReleasedKey } from './rights/release.js';
export type { Rewrapped } from './rights/rewrap.js';
export {
  type NewArchiveKey,
  type OwnWrap,
  openRights,
  type ReadingMode,
  type Rights,
  type RightsEvent,
  type RightsOptions,
  type RightsProgress,
} from './rights/rights.js';
export type { WrapState } from './rights/rightsTables.js';
export { type Scrubbed, type ScrubOptions, scrub } from './scrub/scrub.js';
export { type ArchiveStats, openMetrics, stats } from './scrub/stats.js';
export { type Followed, type FollowOptions, follow, readSources } from './sources/follow.js';
export { type FeedOptions, type ForwardedFeed, forwardedFeed } from './sources/forwardedFeed.js';
export {
  type EjabberdArchiveOptions,
  ejabberdArchive,
  type MamDatabaseOptions,
  type MamServer,
  type ProsodyArchiveOptions,
  prosodyArchive,
  wakeUpSql,
} from './sources/postgres/mamDatabases.js';
export type { RefusedItem, Source, SourceItem } from './sources/source.js';
export type { ReadSource } from './sources/sourcesTable.js';
export { type Xep0227Options, xep0227File } from './sources/xep0227/xep0227File.js';
export { type ExportedEntry, exportEntries } from './transfer/exportedEntries.js';
export { itemOfJsonLine, jsonLineOf } from './transfer/jsonLines.js';
export { writeProofDirectory } from './transfer/proofDirectory.js';
export { type LeftOutReason, writeXep0227, type Xep0227ExportOptions } from './transfer/xep0227.js';
export type { WorkerOptions } from './workers/composer.js';
