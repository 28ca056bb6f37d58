/**
 * Verifying evidence records by RFC 4998 §5.3, and nothing else: no log, no archive, no key but the authorities' roots.
 * @module
 */
import { ArchiveError } from '../../archiveError.js';
import { proofError } from '../proofError.js';
import { type DigestName, digest } from '../timestamp/digests.js';
import { type Timestamp, type TimestampPolicy, verifyTimestamp } from '../timestamp/verifyTimestamp.js';
import { type DataGroup, renewedHash } from './createEvidenceRecords.js';
import { type ArchiveTimestamp, decodeEvidenceRecord } from './evidenceRecord.js';
import { rootOfReduced } from './hashTree.js';

/** Whom a verifier believes, and when. */
export interface EvidenceRecordPolicy extends Omit<TimestampPolicy, 'validAt'> {
  /** When the last timestamp must be valid, in ms: the present time. */
  readonly validAt: number;
  /** Digests that were still good enough when the next chain began; left out, all that are spoken here. */
  readonly digests?: readonly DigestName[];
}

/** What a record proves: that the data existed at a time. */
export interface VerifiedEvidence {
  /** When it existed at the latest, in ms: the time of the first timestamp. */
  readonly time: number;
  /** All timestamps from the oldest on. */
  readonly timestamps: readonly Timestamp[];
}

/** A timestamp and what must stand in its first list. */
interface Step {
  readonly timestamp: ArchiveTimestamp;
  readonly hashes: readonly Uint8Array[];
}

/**
 * Verifies the DER of an evidence record over one data object, or over a group.
 * @throws ArchiveError `ERR_PROOF` for whatever is wrong with it
 * @example
 * const { time } = await verifyEvidenceRecord(record, [toUtf8(note)], { roots, validAt: Date.now() });
 */
export async function verifyEvidenceRecord(
  record: Uint8Array,
  group: DataGroup,
  policy: EvidenceRecordPolicy,
): Promise<VerifiedEvidence> {
  try {
    const steps = stepsOf(record, group, policy.digests);
    const timestamps: Timestamp[] = [];
    // From the newest back: each is valid when the next was made, the newest now.
    for (let i = steps.length - 1, validAt = policy.validAt; i >= 0; i--) {
      const { timestamp, hashes } = steps[i] as Step;
      const { digestName, reduced, token } = timestamp;
      const root = rootOfReduced(reduced, hashes, digestName);
      if (root === undefined) throw proofError();
      const stamped = await verifyTimestamp(token, { digestName, digest: root }, { ...policy, validAt });
      if (stamped.time > validAt) throw proofError();
      timestamps.unshift(stamped);
      validAt = stamped.time;
    }
    return { time: (timestamps[0] as Timestamp).time, timestamps };
  } catch (cause) {
    throw cause instanceof ArchiveError ? cause : proofError(cause);
  }
}

function stepsOf(record: Uint8Array, group: DataGroup, digests: readonly DigestName[] | undefined): Step[] {
  const { chains } = decodeEvidenceRecord(record);
  return chains.flatMap((chain, c) =>
    chain.map((timestamp, t) => {
      const { digestName } = timestamp;
      if (digests !== undefined && !digests.includes(digestName)) throw proofError();
      const previous = chain[t - 1];
      if (previous !== undefined) return { timestamp, hashes: [digest(digestName, previous.token)] };
      const older = chains.slice(0, c);
      const hashes = group.map((octets) =>
        c === 0 ? digest(digestName, octets) : renewedHash(octets, older, digestName),
      );
      return { timestamp, hashes };
    }),
  );
}
