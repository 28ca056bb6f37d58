/**
 * Takes in wraps: those that objects carry for the organisation's archive key, and those that owners' devices make.
 * @module
 */
import {
  type AgreementKeys,
  DerReader,
  equal,
  type KeyAgreeRecipientInfo,
  readKeyAgreeRecipientInfo,
} from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import { placesOf } from '../query/cursors.js';
import { type EpochKey, epochKeys, lineOf, saveEpochKey, unwrappersOf } from './archiveKeys.js';
import type { RightsEvent, RightsProgress } from './rights.js';
import { ORGANISATION, type WrapState } from './rightsTables.js';
import { type createUnwrapper, decodeWrap, isKeyOf } from './wrap.js';
import { reading, type SealedEntry, type StoredWrap, sealedEntries, writeWraps } from './wrapStore.js';

/** Entries of one transaction. */
const BATCH = 256;

/** What was found in objects. */
export interface Escrowed {
  /** Wraps of each state that were taken in. */
  readonly unchecked: number;
  readonly checked: number;
  readonly mismatch: number;
}

/** What escrowing needs. */
export interface EscrowParameters {
  /** Private archive keys that are online, in a port or token: wraps to others stay `unchecked`. */
  readonly privateKeys: AgreementKeys | undefined;
  readonly onEvent: (event: RightsEvent) => void;
}

/**
 * Takes the organisation's wraps out of all objects that came since the last time. It goes on where it was stopped; a copy of a wrap stands in
 * the object still, so nothing is lost by being late.
 */
export async function escrow(
  core: ArchiveCore,
  parameters: EscrowParameters,
  onProgress: (progress: RightsProgress) => void,
): Promise<Escrowed> {
  const found = { unchecked: 0, checked: 0, mismatch: 0 };
  const keys = await epochKeys(core, core.content, ORGANISATION);
  const unwrappers = await unwrappersOf(core, keys, parameters.privateKeys);
  let done = 0;
  for (const key of keys) {
    for (let current = key; ; ) {
      const batch = await escrowBatch(core, current, unwrappers.get(key.epoch), parameters);
      if (batch === undefined) break;
      current = { ...current, escrowed: batch.escrowed };
      for (const { state } of batch.wraps) found[state]++;
      done += batch.wraps.length;
      onProgress({ done, total: undefined });
    }
  }
  return found;
}

async function escrowBatch(
  core: ArchiveCore,
  key: EpochKey,
  unwrap: ReturnType<typeof createUnwrapper> | undefined,
  { onEvent }: EscrowParameters,
): Promise<{ escrowed: number; wraps: StoredWrap[] } | undefined> {
  const tag = core.archiveTags.number('recipientKey', key.key.keyIdentifier);
  for (;;) {
    const { entries, last, erasures } = await reading(core, async ({ rows, erasures }) => {
      const sql = 'SELECT seq FROM recipient_keys WHERE tag = $1 AND seq >= $2 ORDER BY seq LIMIT $3';
      const places = (await rows.rows(sql, [tag, key.escrowed, BATCH])).map(({ seq }) => seq as number);
      return { entries: await sealedEntries(core, rows, places), last: places.at(-1), erasures };
    });
    if (last === undefined) return undefined;
    const wraps: StoredWrap[] = [];
    for (const entry of entries.values()) {
      const wrap = ownWrap(entry, key);
      if (wrap !== undefined) wraps.push(await judged(core, { ...key, entry, wrap }, unwrap, onEvent));
    }
    const escrowed = last + 1;
    // Newer epochs come first: an object sealed to two has one wrap, the newest.
    if (await writeWraps(core, erasures, wraps, 'new', (rows) => saveEpochKey(rows, { ...key, escrowed })))
      return { escrowed, wraps };
  }
}

/** The object's own wrap for an archive key: its KeyAgreeRecipientInfo, the other recipients left out. */
function ownWrap({ recipientInfos }: SealedEntry, { key }: EpochKey): KeyAgreeRecipientInfo | undefined {
  if (recipientInfos === undefined) return undefined;
  const set = new DerReader(recipientInfos, { octets: Number.MAX_SAFE_INTEGER, depth: 8 }).constructed(0x31);
  const wrap = readKeyAgreeRecipientInfo(set, Number.MAX_SAFE_INTEGER);
  const own = wrap.recipientEncryptedKeys.filter(({ rKeyId }) => equal(rKeyId, key.keyIdentifier));
  return own.length === 0 ? undefined : { ...wrap, recipientEncryptedKeys: own.slice(0, 1) };
}

/** Takes in a wrap that an owner's device made. @throws ArchiveError `ERR_NOT_FOUND` where the owner has no such entry or archive key */
export async function deposit(
  core: ArchiveCore,
  { owner, id, wrap: der }: { readonly owner: string; readonly id: string; readonly wrap: Uint8Array },
  { privateKeys, onEvent }: EscrowParameters,
): Promise<WrapState> {
  const wrap = decodeWrap(der);
  const line = await lineOf(core, { owner });
  const keys = line === undefined ? [] : await epochKeys(core, core.content, line);
  const key = keys.find(({ key }) => equal(key.keyIdentifier, wrap.recipientEncryptedKeys[0]?.rKeyId as Uint8Array));
  if (key === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no such archive key');
  const unwrap = (await unwrappersOf(core, [key], privateKeys)).get(key.epoch);
  for (;;) {
    const { entry, erasures } = await reading(core, async ({ rows, erasures }) => {
      const { seq } = await placeOf(core, rows, owner, id);
      return { entry: (await sealedEntries(core, rows, [seq])).get(seq), erasures };
    });
    if (entry === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no sealed entry of this id');
    const judgedWrap = await judged(core, { ...key, entry, wrap }, unwrap, onEvent);
    if (await writeWraps(core, erasures, [judgedWrap], 'replace')) return judgedWrap.state;
  }
}

async function placeOf(core: ArchiveCore, rows: Parameters<typeof placesOf>[0], name: string, id: string) {
  const owner = await core.vault.owner(core.ownerName(name));
  const [place] = owner === undefined ? [] : await placesOf(rows, owner, [id]);
  if (place === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry of this id');
  return place;
}

/** A wrap with its state: where it does not match it is kept, flagged and told of (K3, K4). */
async function judged(
  core: ArchiveCore,
  wrapped: { line: number; epoch: number; entry: SealedEntry; wrap: KeyAgreeRecipientInfo },
  unwrap: ReturnType<typeof createUnwrapper> | undefined,
  onEvent: (event: RightsEvent) => void,
): Promise<StoredWrap> {
  const { line, epoch, entry, wrap } = wrapped;
  const { leafIndex, kek, jid: owner } = entry;
  const cek = await unwrap?.(wrap);
  const matches = cek !== undefined && (await isKeyOf(cek, entry.facts, core.crypto));
  cek?.fill(0);
  const state = unwrap === undefined ? 'unchecked' : matches ? 'checked' : 'mismatch';
  if (state === 'mismatch') onEvent({ type: 'wrap-mismatch', owner, leafIndex, epoch });
  return { line, epoch, leafIndex, kek, state, wrap };
}
