/**
 * Requests for keys and officers' approvals of them. An approval is the request's very octets, signed: it names the archive, the owner, the entries,
 * the purpose, the auditor's device and when it ends, and serves once. Pure: officers run it where their keys are.
 * @module
 */
import {
  type CryptoProvider,
  drawOctets,
  equal,
  ID_CT_ARCHIVE_RECORD,
  type PublicKey,
  publicKeyFromRaw,
  type RandomSource,
  type SigningKey,
} from '@stanzaseal/cms';
import { readSignedData, sign, verifyRead } from '@stanzaseal/signer';
import { decodeRecord, encodeRecord, RECORD_LIMITS } from '../records/archiveRecord.js';

/** What is asked of the officers. */
export interface ReleaseRequest {
  /** Name of the archive's log. */
  readonly origin: string;
  /** Bare JID of the account or room whose entries they are. */
  readonly owner: string;
  /** What for: as officers read it. */
  readonly purpose: string;
  /** X25519 key of the device that keys are released to. */
  readonly auditor: PublicKey;
  /** Leaf indexes: 1 to 10,000. */
  readonly leafIndexes: readonly number[];
  /** From when it may be answered, in ms since 1970. */
  readonly notBefore: number;
  /** Until when. */
  readonly notAfter: number;
}

/** DER of a request, with an id of its own. @throws RangeError for no entries, too many, or a time that ends before it begins; TypeError for a key that is not X25519 */
export function createReleaseRequest(request: ReleaseRequest, random: RandomSource): Uint8Array {
  const { origin, owner, purpose, auditor, notBefore, notAfter } = request;
  const leaves = [...new Set(request.leafIndexes)].sort((a, b) => a - b);
  if (leaves.length === 0 || leaves.length > RECORD_LIMITS.leaves)
    throw new RangeError('leafIndexes are not 1 to 10,000');
  if (notAfter < notBefore) throw new RangeError('notAfter is before notBefore');
  if (auditor.algorithm !== 'X25519') throw new TypeError('auditor is not an X25519 key');
  const id = drawOctets(random, 16);
  return encodeRecord({
    origin,
    time: notBefore,
    act: { act: 'request', id, owner, purpose, auditor: auditor.raw, notAfter, leaves },
  });
}

/** What a request asks: look at it before approving. @throws CmsError `ERR_DER`, `ERR_UNSUPPORTED` for what is no request */
export async function readReleaseRequest(der: Uint8Array, crypto: CryptoProvider): Promise<ReleaseRequest> {
  const { origin, time: notBefore, act } = decodeRecord(der);
  if (act.act !== 'request') throw new RangeError('record is no request');
  const { owner, purpose, notAfter, leaves: leafIndexes } = act;
  const auditor = await publicKeyFromRaw('X25519', act.auditor, crypto);
  return { origin, owner, purpose, auditor, leafIndexes, notBefore, notAfter };
}

/**
 * An officer's approval of a request: DER of a SignedData.
 * @example
 * console.log(await readReleaseRequest(request, crypto));
 * const approval = await approve(request, officer, { signingTime: Date.now(), crypto });
 */
export async function approve(
  request: Uint8Array,
  officer: SigningKey,
  parameters: { readonly signingTime: number; readonly crypto: CryptoProvider },
): Promise<Uint8Array> {
  await readReleaseRequest(request, parameters.crypto);
  return (await sign(request, { ...parameters, signers: [officer], contentType: ID_CT_ARCHIVE_RECORD })).der;
}

/** Which of the officers approved a request; approvals of other octets or by others count for nothing, and nobody counts twice (K6). */
export async function approversOf(
  request: Uint8Array,
  approvals: readonly Uint8Array[],
  officers: readonly PublicKey[],
  crypto: CryptoProvider,
): Promise<PublicKey[]> {
  const found = new Set<PublicKey>();
  for (const approval of approvals) {
    try {
      const data = readSignedData(approval, { octets: 8_388_608, depth: 16 });
      const officer = officers.find(({ keyIdentifier }) =>
        equal(keyIdentifier, data.signerInfos[0]?.sid ?? new Uint8Array(0)),
      );
      if (officer === undefined || !equal(data.content ?? new Uint8Array(0), request)) continue;
      await verifyRead(data, { signers: [officer], contentType: ID_CT_ARCHIVE_RECORD, crypto });
      found.add(officer);
    } catch {} // not an approval, whatever else it is
  }
  return [...found];
}
