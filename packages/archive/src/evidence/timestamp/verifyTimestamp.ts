/**
 * Timestamps by an authority (RFC 3161): asked for through a port that the application gives, and verified under roots that it trusts.
 * @module
 */
import { copyOctets, equal, type MaybePromise, oid, type RandomSource } from '@stanzaseal/cms';
import { GENERAL_LIMITS, readGeneralContentInfo } from '@stanzaseal/cms/general';
import { ArchiveError } from '../../archiveError.js';
import { proofError } from '../proofError.js';
import { readCertificate } from './certificate.js';
import { checkAuthority } from './certificatePath.js';
import { type DigestName, digest } from './digests.js';
import { decodeTimestampInfo, type TimestampInfo } from './timestampInfo.js';
import { drawNonce, encodeTimestampRequest, tokenOf } from './timestampRequest.js';
import { verifyTokenSignature } from './tokenSignature.js';
import { certificatesIn, signerAmong } from './tokenSigner.js';

/** The way to an authority: takes a TimeStampReq, gives a TimeStampResp (by HTTP: `application/timestamp-query` and `-reply`). */
export type TimestampAuthority = (request: Uint8Array) => MaybePromise<Uint8Array>;

/** Whom a verifier believes about time. There is no default. */
export interface TimestampPolicy {
  /** DER of certificates: roots that authorities' certificates must lead to, or authorities' certificates themselves. */
  readonly roots: readonly Uint8Array[];
  /** DER of certificates between them, where tokens lack some. */
  readonly intermediates?: readonly Uint8Array[];
  /** Policies that are good enough, dotted; left out, any. */
  readonly policies?: readonly string[];
  /** When the certificates must be valid, in ms; left out, at the time stamped. */
  readonly validAt?: number;
}

/** A good timestamp. */
export interface Timestamp extends TimestampInfo {
  /** The token: a ContentInfo of SignedData, to be kept. */
  readonly token: Uint8Array;
  /** DER of the authority's certificate. */
  readonly authority: Uint8Array;
}

/** What a timestamp must be over. */
export type Stamped =
  | { readonly octets: Uint8Array }
  | { readonly digestName: DigestName; readonly digest: Uint8Array };

/** id-ct-TSTInfo (RFC 3161 §2.4.2). */
const ID_CT_TST_INFO = oid('1.2.840.113549.1.9.16.1.4');
/** What asking for a timestamp needs. */
export interface StampParameters extends TimestampPolicy {
  /** The way to the authority. */
  readonly authority: TimestampAuthority;
  /** For the nonce. */
  readonly random: RandomSource;
  /** The digest; SHA-256 where it is left out. */
  readonly digestName?: DigestName;
  /** The policy to ask for, dotted. */
  readonly policy?: string;
}

/**
 * Has octets stamped, such as the octets of a checkpoint's note, and verifies what comes back: imprint, nonce, policy, signature,
 * certificate (K16). @throws ArchiveError `ERR_PROOF` for an answer that is not good; what the authority's port throws
 * @example
 * const { token, time } = await stamp(toUtf8(note), { authority, roots, random });
 */
export async function stamp(octets: Uint8Array, parameters: StampParameters): Promise<Timestamp> {
  const { digestName = 'SHA-256' } = parameters;
  return stampDigest(digest(digestName, octets), parameters);
}

/** Has a digest stamped. @throws as `stamp` */
export async function stampDigest(imprint: Uint8Array, parameters: StampParameters): Promise<Timestamp> {
  const { authority, random, digestName = 'SHA-256', policy } = parameters;
  const nonce = drawNonce(random);
  const asked = policy === undefined ? {} : { policy };
  const request = encodeTimestampRequest({ digestName, digest: imprint, nonce, ...asked });
  const token = tokenOf(await authority(request));
  const stamped = await verifyTimestamp(token, { digestName, digest: imprint }, parameters);
  const isOurs = stamped.nonce !== undefined && equal(stamped.nonce, nonce);
  if (!isOurs || (policy !== undefined && stamped.policy !== policy)) throw proofError();
  return stamped;
}

/**
 * Verifies a token over octets, or over their digest.
 * @throws ArchiveError `ERR_PROOF` for whatever is wrong with it
 */
export async function verifyTimestamp(
  token: Uint8Array,
  stamped: Stamped,
  policy: TimestampPolicy,
): Promise<Timestamp> {
  const roots = policy.roots.map(readCertificate);
  const intermediates = (policy.intermediates ?? []).map(readCertificate);
  try {
    const data = readGeneralContentInfo(token, GENERAL_LIMITS);
    if (data.kind !== 'SignedData' || !equal(data.eContentType, ID_CT_TST_INFO) || data.eContent === undefined)
      throw proofError();
    // One signature and no more (RFC 3161 §2.4.2).
    const [signer, ...others] = data.signerInfos;
    if (signer === undefined || others.length > 0) throw proofError();
    const info = decodeTimestampInfo(data.eContent);
    const expected = 'octets' in stamped ? digest(info.digestName, stamped.octets) : stamped.digest;
    if ('digestName' in stamped && stamped.digestName !== info.digestName) throw proofError();
    if (!equal(info.digest, expected)) throw proofError();
    if (policy.policies !== undefined && !policy.policies.includes(info.policy)) throw proofError();
    const pool = [...certificatesIn(token), ...intermediates, ...roots];
    const authority = signerAmong(pool, signer);
    const spki = new Uint8Array(authority.x509.publicKey.export({ format: 'der', type: 'spki' }));
    await verifyTokenSignature(signer, spki, { contentType: data.eContentType, octets: data.eContent });
    // When the stamp was made the certificate was valid, whenever else it must be.
    for (const time of [info.time, policy.validAt ?? info.time]) checkAuthority(authority, pool, roots, time);
    return { ...info, token: copyOctets(token), authority: authority.der };
  } catch (cause) {
    throw cause instanceof ArchiveError ? cause : proofError(cause);
  }
}
