/**
 * Asking for a timestamp (RFC 3161 §2.4.1) and taking the answer apart (§2.4.2).
 *
 * ```
 * TimeStampReq ::= SEQUENCE { version INTEGER (1), messageImprint MessageImprint, reqPolicy OBJECT IDENTIFIER OPTIONAL,
 *   nonce INTEGER OPTIONAL, certReq BOOLEAN DEFAULT FALSE, extensions [0] IMPLICIT Extensions OPTIONAL }
 * MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }
 * TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }
 * ```
 * @module
 */
import {
  type DerNode,
  drawOctets,
  encodeDer,
  integer,
  objectIdentifier,
  octetString,
  oid,
  primitive,
  type RandomSource,
  sequence,
} from '@stanzaseal/cms';
import { GENERAL_LIMITS, readGeneral } from '@stanzaseal/cms/general';
import { ArchiveError } from '../../archiveError.js';
import { orProofError, proofError } from '../proofError.js';
import { type DigestName, digestNode } from './digests.js';

/** What is asked. */
export interface TimestampRequest {
  /** Which digest. */
  readonly digestName: DigestName;
  /** The digest of what is to be stamped: nothing else leaves the house. */
  readonly digest: Uint8Array;
  /** Content octets of a positive INTEGER that comes back: an old answer is no answer. */
  readonly nonce: Uint8Array;
  /** The policy that is asked for, dotted; left out, the authority's own. */
  readonly policy?: string;
}

const NONCE_LENGTH = 16;
const TRUE = primitive(0x01, Uint8Array.of(0xff));
const GRANTED = ['0', '1'];

/** A fresh nonce: 16 octets that are a positive INTEGER in its shortest form. */
export function drawNonce(random: RandomSource): Uint8Array {
  const nonce = new Uint8Array(drawOctets(random, NONCE_LENGTH));
  nonce[0] = ((nonce[0] as number) & 0x7f) | 0x40;
  return nonce;
}

/** DER of a request; the authority's certificate is asked for with it. @throws RangeError for a policy that is none */
export function encodeTimestampRequest({ digestName, digest, nonce, policy }: TimestampRequest): Uint8Array {
  const asked: DerNode[] = policy === undefined ? [] : [objectIdentifier(oid(policy))];
  const imprint = sequence(digestNode(digestName), octetString(digest));
  return encodeDer(sequence(integer(1), imprint, ...asked, primitive(0x02, nonce), TRUE));
}

/**
 * The token in a response, unverified: BER is taken, as many authorities write it.
 * @throws ArchiveError `ERR_PROOF` for what is no response; one that was not granted says so
 */
export function tokenOf(response: Uint8Array): Uint8Array {
  const [status, token] = orProofError(() => {
    const { root, trailingOctets } = readGeneral(response, GENERAL_LIMITS);
    const [info, contentInfo, ...more] = root.children ?? [];
    const value = info?.children?.[0]?.value;
    if (trailingOctets > 0 || more.length > 0 || value?.kind !== 'integer') throw proofError();
    return [
      value.decimal ?? '',
      contentInfo === undefined ? undefined : response.subarray(contentInfo.offset, endOf(contentInfo)),
    ];
  });
  if (!GRANTED.includes(status)) throw new ArchiveError('ERR_PROOF', `timestamp was not granted: status ${status}`);
  if (token === undefined) throw proofError();
  return new Uint8Array(token);
}

function endOf(node: { offset: number; headerLength: number; contentLength: number; indefinite: boolean }): number {
  return node.offset + node.headerLength + node.contentLength + (node.indefinite ? 2 : 0);
}
