/**
 * Making evidence records and renewing them (RFC 4998 §4.2, §5.2). One stamp serves any number of them.
 * @module
 */
import { GENERAL_LIMITS, readGeneral } from '@stanzaseal/cms/general';
import { ArchiveError } from '../../archiveError.js';
import { type DigestName, digest } from '../timestamp/digests.js';
import { type StampParameters, stampDigest } from '../timestamp/verifyTimestamp.js';
import {
  type ArchiveTimestamp,
  type ArchiveTimestampChain,
  type EvidenceRecord,
  encodeChains,
} from './evidenceRecord.js';
import { buildHashTree } from './hashTree.js';

/** A group of data objects that is proved whole: an entry's proof file alone, or with the object beside it. */
export type DataGroup = readonly [Uint8Array, ...Uint8Array[]];

/**
 * Has groups of data objects stamped together, and gives each its own record, in their order.
 * @throws ArchiveError `ERR_PROOF` for an answer of the authority that is not good, or whose token is BER
 * @example
 * const [record] = await createEvidenceRecords([[toUtf8(proof)]], { authority, roots, random });
 */
export async function createEvidenceRecords(
  groups: readonly DataGroup[],
  parameters: StampParameters,
): Promise<EvidenceRecord[]> {
  const { digestName = 'SHA-256' } = parameters;
  const hashes = groups.map((group) => group.map((octets) => digest(digestName, octets)));
  const timestamps = await stampGroups(hashes, digestName, parameters);
  return timestamps.map((timestamp) => ({ chains: [[timestamp]] }));
}

/** A record made of the timestamp that a checkpoint's note, or whatever data object, has already. @throws ArchiveError `ERR_PROOF` for a token that is BER */
export function evidenceRecordOf({
  digestName,
  token,
}: Pick<ArchiveTimestamp, 'digestName' | 'token'>): EvidenceRecord {
  return { chains: [[{ digestName, reduced: [], token: derToken(token) }]] };
}

/**
 * Renews the timestamps of records, before the last one's certificate ends or its algorithms grow weak: the same digest, and the
 * data is not needed. All records must be of the digest of `parameters`.
 * @throws RangeError for a record of another digest; ArchiveError `ERR_PROOF`
 */
export async function renewTimestamps(
  records: readonly EvidenceRecord[],
  parameters: StampParameters,
): Promise<EvidenceRecord[]> {
  const { digestName = 'SHA-256' } = parameters;
  const lasts = records.map(({ chains }) => (chains.at(-1) as ArchiveTimestampChain).at(-1) as ArchiveTimestamp);
  if (lasts.some((last) => last.digestName !== digestName)) throw new RangeError('records has one of another digest');
  const hashes = lasts.map(({ token }) => [digest(digestName, token)]);
  const timestamps = await stampGroups(hashes, digestName, parameters);
  return records.map(({ chains }, i) => {
    const chain = chains.at(-1) as ArchiveTimestampChain;
    const renewed: ArchiveTimestampChain = [...chain, timestamps[i] as ArchiveTimestamp];
    return { chains: [...chains.slice(0, -1), renewed] as unknown as EvidenceRecord['chains'] };
  });
}

/**
 * Renews the hash trees of records, before their digest grows weak: a new chain of the digest of `parameters` covers the data and all
 * chains before. @throws ArchiveError `ERR_PROOF`
 */
export async function renewHashTrees(
  records: readonly { readonly record: EvidenceRecord; readonly group: DataGroup }[],
  parameters: StampParameters,
): Promise<EvidenceRecord[]> {
  const { digestName = 'SHA-256' } = parameters;
  const hashes = records.map(({ record, group }) =>
    group.map((octets) => renewedHash(octets, record.chains, digestName)),
  );
  const timestamps = await stampGroups(hashes, digestName, parameters);
  return records.map(({ record: { chains } }, i) => ({ chains: [...chains, [timestamps[i] as ArchiveTimestamp]] }));
}

/** What a new chain's first timestamp covers: H(H(data) || H(older chains)) (RFC 4998 §5.2). */
export function renewedHash(
  octets: Uint8Array,
  older: readonly ArchiveTimestampChain[],
  digestName: DigestName,
): Uint8Array {
  return digest(digestName, digest(digestName, octets), digest(digestName, encodeChains(older)));
}

async function stampGroups(
  groups: readonly (readonly Uint8Array[])[],
  digestName: DigestName,
  parameters: StampParameters,
): Promise<ArchiveTimestamp[]> {
  const { root, reduced } = buildHashTree(groups, digestName);
  const { token } = await stampDigest(root, parameters);
  const der = derToken(token);
  return reduced.map((lists) => ({ digestName, reduced: lists, token: der }));
}

/** What is hashed when a stamp is renewed is its DER, and others would make DER of it first (RFC 4998 §5.2): BER would be two things. */
function derToken(token: Uint8Array): Uint8Array {
  const { isStrictDer } = readGeneral(token, GENERAL_LIMITS);
  if (!isStrictDer) throw new ArchiveError('ERR_PROOF', 'timestamp token is not DER');
  return token;
}
