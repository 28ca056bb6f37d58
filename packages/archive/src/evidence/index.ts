/**
 * Evidence: the leaf of an entry, the Merkle log, checkpoints and witnesses, proofs that a stranger verifies, timestamps and
 * evidence records. Nothing here knows a database.
 * @module
 */
export {
  type Checkpoint,
  type CheckpointPolicy,
  checkpointText,
  parseCheckpoint,
  signCheckpoint,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './checkpoint.js';
export { type Cosignature, cosign, type WitnessKey, type WitnessPolicy } from './cosignature.js';
export { decodeMeta, ENTRY_KINDS, type EntryKind, type EntryMeta, encodeMeta, type Shell } from './entryMeta.js';
export { decodeProof, type EntryProof, encodeProof } from './entryProof.js';
export {
  decodeFork,
  encodeFork,
  type Fork,
  type ForkPolicy,
  findFork,
  forkPath,
  type VerifiedFork,
  verifyFork,
} from './fork.js';
export {
  contentHash,
  drawSalts,
  type LeafContent,
  type LeafRecipients,
  leafHash,
  leafOf,
  recipientsHash,
  SALT_LENGTH,
} from './leaf.js';
export type { ContentOpening, LeafOpening, RecipientsOpening } from './leafOpening.js';
export { MerkleLog, type NodeStore } from './merkle/merkleLog.js';
export {
  type Consistency,
  type Inclusion,
  rootsOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle/merkleProof.js';
export { EMPTY_ROOT, foldSubtrees, nodeHash } from './merkle/nodeHash.js';
export { type CutObject, cutRecipientInfos, joinRecipientInfos } from './recipientInfos.js';
export {
  createEvidenceRecords,
  type DataGroup,
  evidenceRecordOf,
  renewHashTrees,
  renewTimestamps,
} from './records/createEvidenceRecords.js';
export {
  type ArchiveTimestamp,
  type ArchiveTimestampChain,
  decodeEvidenceRecord,
  type EvidenceRecord,
  encodeEvidenceRecord,
} from './records/evidenceRecord.js';
export type { ReducedHashTree } from './records/hashTree.js';
export {
  type EvidenceRecordPolicy,
  type VerifiedEvidence,
  verifyEvidenceRecord,
} from './records/verifyEvidenceRecord.js';
export { HASH_LENGTH, sha256 } from './sha256.js';
export type { DigestName } from './timestamp/digests.js';
export type { TimestampInfo } from './timestamp/timestampInfo.js';
export { drawNonce, encodeTimestampRequest, type TimestampRequest, tokenOf } from './timestamp/timestampRequest.js';
export {
  type Stamped,
  type StampParameters,
  stamp,
  stampDigest,
  type Timestamp,
  type TimestampAuthority,
  type TimestampPolicy,
  verifyTimestamp,
} from './timestamp/verifyTimestamp.js';
export { formatVerifierKey, parseVerifierKey, type VerifierKey } from './verifierKey.js';
export { type ProvedEntry, type VerifiedEntry, type VerifyParameters, verify } from './verifyProof.js';
export {
  type AskedWitness,
  cosignedBy,
  createWitness,
  createWitnessMemory,
  formatWitnessRequest,
  mergeNotes,
  parseWitnessRequest,
  type Witness,
  type WitnessAnswer,
  type WitnessMemory,
  type WitnessParameters,
  type WitnessRequest,
} from './witness.js';
