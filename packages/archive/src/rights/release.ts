/**
 * Releases keys to an auditor's device, once enough officers approved. The server never has a content in the clear: a CEK is unwrapped, compared
 * with the object's commitment, wrapped to the device, and overwritten.
 * @module
 */
import type { AgreementKeys, PublicKey, SigningKey } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import { logRecord } from '../records/recordLog.js';
import { approversOf, type ReleaseRequest, readReleaseRequest } from './approval.js';
import { epochKeys, unwrappersOf } from './archiveKeys.js';
import type { RightsEvent } from './rights.js';
import { ORGANISATION, RELEASES, WRAPS } from './rightsTables.js';
import { createWrapper, isKeyOf, wrapUkm } from './wrap.js';
import { WrapRoot } from './wrapRoot.js';
import { reading, readWraps, sealedEntries } from './wrapStore.js';

/** Who must approve. */
export interface Quorum {
  /** Ed25519 keys of the officers. */
  readonly officers: readonly PublicKey[];
  /** How many of them: two at least. */
  readonly needed: number;
  /** Longest time from `notBefore` to `notAfter` of a request, in ms: seven days if absent. */
  readonly longest?: number;
}

/** A key for an auditor's device. */
export interface ReleasedKey {
  readonly leafIndex: number;
  /** Id of the entry. */
  readonly id: string;
  /** DER of a KeyAgreeRecipientInfo: `cekOfRelease` opens it. */
  readonly recipientInfo: Uint8Array;
}

/** What was released. */
export interface Release {
  readonly keys: readonly ReleasedKey[];
  /** Leaf indexes without a key: no sealed entry of the owner, no wrap, its archive key not at hand, or a mismatch. */
  readonly refused: readonly number[];
  /** Place of the record in the log. */
  readonly record: number;
}

/** What releasing needs. */
export interface ReleaseParameters {
  readonly quorum: Quorum | undefined;
  readonly privateKeys: AgreementKeys | undefined;
  readonly recordKey: SigningKey;
  readonly onEvent: (event: RightsEvent) => void;
}

const WEEK = 7 * 86_400_000;

/** Checks what a quorum is made of. @throws RangeError */
export function checkQuorum({ officers, needed }: Quorum): void {
  const keys = new Set(officers.map(({ raw }) => raw.join()));
  if (!Number.isInteger(needed) || needed < 2 || needed > officers.length)
    throw new RangeError('quorum needs not 2 officers at least, or more than there are');
  if (keys.size !== officers.length || officers.some(({ algorithm }) => algorithm !== 'Ed25519'))
    throw new RangeError('quorum has an officer twice, or one whose key is not Ed25519');
}

/**
 * Releases what a request asks for. The record is durable before any key leaves.
 * @throws ArchiveError `ERR_APPROVAL` where too few officers approved this very request, it is not time, or it was answered before (K6)
 */
export async function release(
  core: ArchiveCore,
  request: Uint8Array,
  approvals: readonly Uint8Array[],
  { quorum, privateKeys, recordKey, onEvent }: ReleaseParameters,
): Promise<Release> {
  const asked = await readReleaseRequest(request, core.crypto);
  await checkApproved(core, request, asked, approvals, quorum);
  const owner = await core.vault.owner(core.ownerName(asked.owner));
  if (owner === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry');
  const digest = await core.crypto.sha256(request);
  const { wraps, entries, epochs } = await reading(core, async ({ rows }) => ({
    wraps: await readWraps(
      core,
      await rows.find(
        WRAPS,
        ['line', 'seq'],
        asked.leafIndexes.map((leaf) => [ORGANISATION, leaf]),
      ),
    ),
    entries: await sealedEntries(core, rows, asked.leafIndexes),
    epochs: await epochKeys(core, rows, ORGANISATION),
  }));
  const unwrappers = await unwrappersOf(core, epochs, privateKeys);
  const wrapper = await createWrapper(asked.auditor, core);
  const root = new WrapRoot();
  const keys: ReleasedKey[] = [];
  for (const { leafIndex, epoch, wrap } of wraps.sort((a, b) => a.leafIndex - b.leafIndex)) {
    const entry = entries.get(leafIndex);
    if (entry === undefined || entry.owner !== owner.owner) continue; // nobody approved this owner's (K12)
    const cek = await unwrappers.get(epoch)?.(wrap);
    if (cek === undefined) continue;
    if (await isKeyOf(cek, entry.facts, core.crypto)) {
      const recipientInfo = await wrapper(cek, await wrapUkm('release', entry.facts, digest, core.crypto));
      root.add(leafIndex, epoch, recipientInfo);
      keys.push({ leafIndex, id: entry.stanzaId ?? `#${leafIndex}`, recipientInfo });
    } else onEvent({ type: 'wrap-mismatch', owner: entry.jid, leafIndex, epoch });
    cek.fill(0);
  }
  const epoch = epochs[0]?.epoch ?? 0;
  const act = { act: 'release', approvals, epoch, count: keys.length, root: root.root() } as const;
  const { leafIndex: record } = await logRecord(core, recordKey, act, async (rows, seq) => {
    if ((await rows.insertNew(RELEASES, [[digest, seq]])) === 0) throw refusal('request was answered before');
  });
  const released = new Set(keys.map(({ leafIndex }) => leafIndex));
  return { keys, refused: asked.leafIndexes.filter((leaf) => !released.has(leaf)), record };
}

async function checkApproved(
  { origin, clock, crypto }: ArchiveCore,
  request: Uint8Array,
  asked: ReleaseRequest,
  approvals: readonly Uint8Array[],
  quorum: Quorum | undefined,
): Promise<void> {
  if (quorum === undefined) throw refusal('archive has no officers');
  const now = clock();
  if (asked.origin !== origin) throw refusal('request is for another archive');
  if (now < asked.notBefore || now > asked.notAfter) throw refusal('request is not of this time');
  if (asked.notAfter - asked.notBefore > (quorum.longest ?? WEEK)) throw refusal('request is good for too long');
  if (approvals.length > quorum.officers.length) throw refusal('there are more approvals than officers');
  const { length } = await approversOf(request, approvals, quorum.officers, crypto);
  if (length < quorum.needed) throw refusal(`${length} of ${quorum.needed} officers approved`);
}

function refusal(message: string): ArchiveError {
  return new ArchiveError('ERR_APPROVAL', message);
}
