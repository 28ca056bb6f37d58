/**
 * Moves wraps to the newest archive key of their line. No content is touched; each wrap is under the old key or the new one at any moment.
 * @module
 */
import type { AgreementKeys, SigningKey } from '@stanzaseal/cms';
import { equal } from '@stanzaseal/cms';
import type { ArchiveCore } from '../core.js';
import { logRecord } from '../records/recordLog.js';
import { type EpochKey, epochKey, epochKeys, type Line, lineOf, saveEpochKey, unwrappersOf } from './archiveKeys.js';
import type { RightsEvent, RightsProgress } from './rights.js';
import { createWrapper, decodeWrap, encodeWrap, isKeyOf, wrapUkm } from './wrap.js';
import { WrapRoot } from './wrapRoot.js';
import { reading, readWraps, type SealedEntry, type StoredWrap, sealedEntries, writeWraps } from './wrapStore.js';

/** Wraps of one transaction. */
const BATCH = 256;
const NONE = new Uint8Array(0);

/** What a rewrap did. */
export interface Rewrapped {
  /** The epoch that wraps are under now. */
  readonly epoch: number;
  /** How many are under it. */
  readonly count: number;
  /** How many of them were moved this time. */
  readonly moved: number;
  /** Leaf indexes of wraps that hold another key than the object's: they were left as they were (K3). */
  readonly mismatched: readonly number[];
  /** Leaf indexes of wraps whose private archive key is not at hand, or whose entry is damaged: the old key is still needed. */
  readonly left: readonly number[];
  /** Merkle root of the wraps under the epoch, as the log has it. */
  readonly root: Uint8Array;
}

/** What rewrapping needs. */
export interface RewrapParameters {
  /** Private archive keys of earlier epochs: online, or brought by officers for this call alone. */
  readonly privateKeys: AgreementKeys | undefined;
  readonly recordKey: SigningKey;
  readonly onEvent: (event: RightsEvent) => void;
}

/**
 * Moves all wraps of a line to its newest epoch and logs their Merkle root. Stopped anywhere, it goes on when it is called again. An old private key
 * may be destroyed once `left` is empty.
 */
export async function rewrap(
  core: ArchiveCore,
  line: Line,
  { privateKeys, recordKey, onEvent }: RewrapParameters,
  onProgress: (progress: RightsProgress) => void,
): Promise<Rewrapped> {
  const number = await lineOf(core, line);
  const target = await epochKey(core, number);
  const keys = await epochKeys(core, core.content, target.line);
  const unwrappers = await unwrappersOf(core, keys, privateKeys);
  const pending = 'FROM wraps WHERE line = $1 AND epoch <> $2 AND seq > $3';
  const [count] = await core.content.rows(`SELECT count(*) AS n ${pending}`, [target.line, target.epoch, -1]);
  const [mismatched, left]: [number[], number[]] = [[], []];
  let [moved, done] = [0, 0];
  for (let after = -1; ; ) {
    const batch = await reading(core, async ({ rows, erasures }) => {
      const sql = `SELECT * ${pending} ORDER BY seq LIMIT ${BATCH}`;
      const stored = await rows.rows(sql, [target.line, target.epoch, after]);
      const places = stored.map(({ seq }) => seq as number);
      const entries = await sealedEntries(core, rows, places);
      return { places, entries, erasures, wraps: await readWraps(core, stored) };
    });
    const last = batch.places.at(-1);
    if (last === undefined) break;
    const outcome = await moveBatch(core, batch, target, unwrappers);
    if (!(await writeWraps(core, batch.erasures, outcome.wraps, 'replace'))) continue; // keys were destroyed: once more
    const known = new Set(outcome.wraps.map(({ leafIndex }) => leafIndex));
    left.push(...batch.places.filter((place) => !known.has(place)));
    for (const { leafIndex, epoch, state } of outcome.wraps) {
      if (state !== 'mismatch') continue;
      mismatched.push(leafIndex);
      onEvent({ type: 'wrap-mismatch', owner: batch.entries.get(leafIndex)?.jid ?? '', leafIndex, epoch });
    }
    moved += outcome.wraps.filter(({ state }) => state === 'checked').length;
    done += batch.places.length;
    onProgress({ done, total: Number(count?.n) });
    after = last;
  }
  const { root, count: under } = await rootOf(core, target);
  if (target.root === undefined || !equal(target.root, root)) {
    const owner = line === 'organisation' ? '' : core.ownerName(line.owner);
    const act = {
      act: 'rewrap',
      owner,
      epoch: target.epoch,
      count: under,
      mismatched: mismatched.length,
      root,
    } as const;
    await logRecord(core, recordKey, act, (rows) => saveEpochKeyRoot(core, rows, target, root));
  }
  return { epoch: target.epoch, count: under, moved, mismatched, left, root };
}

/** Writes the root beside whatever an escrow under way has written. */
async function saveEpochKeyRoot(
  core: ArchiveCore,
  rows: Parameters<typeof saveEpochKey>[0],
  { line, epoch }: EpochKey,
  root: Uint8Array,
): Promise<void> {
  const now = (await epochKeys(core, rows, line)).find((key) => key.epoch === epoch);
  if (now !== undefined) await saveEpochKey(rows, { ...now, root });
}

async function moveBatch(
  core: ArchiveCore,
  { wraps, entries }: { readonly wraps: readonly StoredWrap[]; readonly entries: ReadonlyMap<number, SealedEntry> },
  target: EpochKey,
  unwrappers: Awaited<ReturnType<typeof unwrappersOf>>,
): Promise<{ wraps: StoredWrap[] }> {
  const wrapper = await createWrapper(target.key, core);
  const outcome: StoredWrap[] = [];
  for (const stored of wraps) {
    const unwrap = unwrappers.get(stored.epoch);
    const entry = entries.get(stored.leafIndex);
    if (unwrap === undefined || entry === undefined) continue;
    const cek = await unwrap(stored.wrap);
    if (cek === undefined || !(await isKeyOf(cek, entry.facts, core.crypto))) {
      outcome.push({ ...stored, state: 'mismatch' });
    } else {
      const ukm = await wrapUkm('archive', entry.facts, NONE, core.crypto);
      const wrap = decodeWrap(await wrapper(cek, ukm));
      outcome.push({ ...stored, kek: entry.kek, epoch: target.epoch, state: 'checked', wrap });
    }
    cek?.fill(0);
  }
  return { wraps: outcome };
}

/** Merkle root of all wraps under an archive key, as they stand in the table. */
async function rootOf(core: ArchiveCore, { line, epoch }: EpochKey): Promise<{ root: Uint8Array; count: number }> {
  const root = new WrapRoot();
  for (let after = -1; ; ) {
    const { wraps, last } = await reading(core, async ({ rows }) => {
      const sql = `SELECT * FROM wraps WHERE line = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT ${4 * BATCH}`;
      const stored = await rows.rows(sql, [line, epoch, after]);
      return { wraps: await readWraps(core, stored), last: stored.at(-1)?.seq as number | undefined };
    });
    if (last === undefined) return { root: root.root(), count: root.count };
    for (const { leafIndex, wrap } of wraps) root.add(leafIndex, epoch, encodeWrap(wrap));
    after = last;
  }
}
