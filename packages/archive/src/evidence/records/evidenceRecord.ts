/**
 * Evidence records (RFC 4998 §3.1, §4.1), strict DER. The module has IMPLICIT tags.
 *
 * ```
 * EvidenceRecord ::= SEQUENCE { version INTEGER (1), digestAlgorithms SEQUENCE OF AlgorithmIdentifier,
 *   cryptoInfos [0] CryptoInfos OPTIONAL, encryptionInfo [1] EncryptionInfo OPTIONAL,
 *   archiveTimeStampSequence SEQUENCE OF SEQUENCE OF ArchiveTimeStamp }
 * ArchiveTimeStamp ::= SEQUENCE { digestAlgorithm [0] AlgorithmIdentifier OPTIONAL, attributes [1] Attributes OPTIONAL,
 *   reducedHashtree [2] SEQUENCE OF PartialHashtree OPTIONAL, timeStamp ContentInfo }
 * PartialHashtree ::= SEQUENCE OF OCTET STRING
 * ```
 * @module
 */
import {
  CmsError,
  constructed,
  copyOctets,
  type DerNode,
  DerReader,
  encodeDer,
  encoded,
  integer,
  octetString,
  sequence,
} from '@stanzaseal/cms';
import { type DigestName, digestNode, readDigestName } from '../timestamp/digests.js';
import type { ReducedHashTree } from './hashTree.js';

/** One archive timestamp. */
export interface ArchiveTimestamp {
  /** Digest of its tree and its stamp. */
  readonly digestName: DigestName;
  /** Its tree, reduced to what leads from one group to the root; no list where the stamp is over the one hash. */
  readonly reduced: ReducedHashTree;
  /** The token: DER of a ContentInfo. */
  readonly token: Uint8Array;
}

/** Archive timestamps of one digest, each over the stamp before it; the first is over the data. */
export type ArchiveTimestampChain = readonly [ArchiveTimestamp, ...ArchiveTimestamp[]];

/** Evidence that data existed: chains, each but the first begun since a digest grew weak. */
export interface EvidenceRecord {
  /** The chains from the oldest on. */
  readonly chains: readonly [ArchiveTimestampChain, ...ArchiveTimestampChain[]];
}

const LIMITS = { octets: 16777216, depth: 32 };
/** Most chains, timestamps in a chain, lists in a tree, and hashes in a list, that are read. */
const MAX = { chains: 64, timestamps: 256, lists: 64, hashes: 65536, digests: 16 };

/** DER of an evidence record. */
export function encodeEvidenceRecord({ chains }: EvidenceRecord): Uint8Array {
  const names = new Set(chains.map(([first]) => first.digestName));
  const digests = sequence(...[...names].map((name) => digestNode(name)));
  return encodeDer(sequence(integer(1), digests, encoded(encodeChains(chains))));
}

/** DER of ArchiveTimeStampSequence: of all chains, or of those before a new one, which that one is to cover (RFC 4998 §5.2). */
export function encodeChains(chains: readonly ArchiveTimestampChain[]): Uint8Array {
  return encodeDer(sequence(...chains.map((chain) => sequence(...chain.map(timestampNode)))));
}

/** Reads an evidence record; encryptionInfo is refused, since what it is about cannot be judged. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` */
export function decodeEvidenceRecord(der: Uint8Array): EvidenceRecord {
  const outer = new DerReader(der, LIMITS);
  const fields = outer.sequence();
  outer.end();
  if (fields.integer() !== 1) throw new CmsError('ERR_UNSUPPORTED', 'another version of evidence record');
  const announced = fields.sequenceOf((reader) => readDigestName(reader), MAX.digests);
  passOver(fields, 0xa0);
  if (tagOf(fields) === 0xa1) throw new CmsError('ERR_UNSUPPORTED', 'evidence record of data that was encrypted anew');
  const chains = fields.sequenceOf(readChain, MAX.chains);
  fields.end();
  const [first, ...more] = chains;
  if (first === undefined) throw new CmsError('ERR_DER', 'evidence record without a timestamp');
  if (chains.some(([{ digestName }]) => !announced.includes(digestName)))
    throw new CmsError('ERR_DER', 'digest that was not announced');
  return { chains: [first, ...more] };
}

function timestampNode({ digestName, reduced, token }: ArchiveTimestamp): DerNode {
  const lists = reduced.map((list) => sequence(...list.map((hash) => octetString(hash))));
  const tree = lists.length === 0 ? [] : [constructed(0xa2, lists)];
  return sequence(digestNode(digestName, 0xa0), ...tree, encoded(token));
}

function readChain(reader: DerReader): ArchiveTimestampChain {
  const [first, ...more] = reader.sequenceOf(readTimestamp, MAX.timestamps);
  if (first === undefined) throw new CmsError('ERR_DER', 'chain without a timestamp');
  // All timestamps of a chain use one digest (RFC 4998 §5.3).
  if (more.some(({ digestName }) => digestName !== first.digestName))
    throw new CmsError('ERR_DER', 'chain of two digests');
  return [first, ...more];
}

/** digestAlgorithm may be left to the token; every writer known gives it, and a record that can be read without its tokens is the better one. */
function readTimestamp(reader: DerReader): ArchiveTimestamp {
  const fields = reader.sequence();
  if (tagOf(fields) !== 0xa0) throw new CmsError('ERR_UNSUPPORTED', 'archive timestamp that does not name its digest');
  const digestName = readDigestName(fields, 0xa0);
  passOver(fields, 0xa1);
  const reduced = tagOf(fields) === 0xa2 ? fields.sequenceOf(readList, MAX.lists, 0xa2) : [];
  const token = copyOctets(fields.encodedAs(0x30));
  fields.end();
  return { digestName, reduced, token };
}

function readList(reader: DerReader): Uint8Array[] {
  return reader.sequenceOf((each) => copyOctets(each.octetString()), MAX.hashes);
}

/** cryptoInfos and attributes: hints that no judgement rests on (RFC 4998 §3.1, §4.1). */
function passOver(fields: DerReader, tag: number): void {
  if (fields.tag === tag) fields.encodedAs(tag);
}

/** The tag now: it changes with each read, which the compiler does not know of a getter. */
function tagOf(fields: DerReader): number {
  return fields.tag;
}
