/**
 * Reading rights of an archive.
 * @module
 */
import { type AgreementKeys, equal, type PublicKey, type SigningKey } from '@stanzaseal/cms';
import { type Archive, coreOf } from '../archive.js';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import { placesOf } from '../query/cursors.js';
import { logRecord } from '../records/recordLog.js';
import { createReleaseRequest } from './approval.js';
import { type EpochKey, epochKeys, epochRow, type Line, lineOf } from './archiveKeys.js';
import { deposit, type Escrowed, escrow } from './escrow.js';
import { checkQuorum, type Quorum, type Release, release } from './release.js';
import { type Rewrapped, rewrap } from './rewrap.js';
import { ARCHIVE_KEYS, ORGANISATION, RELEASES, WRAP_STATES, WRAPS, type WrapState } from './rightsTables.js';
import { encodeWrap } from './wrap.js';
import { reading, readWraps, sealedEntries } from './wrapStore.js';

/** Something to look into. */
export interface RightsEvent {
  /** What was escrowed is not what was sent: the wrap holds another key than the object commits to, or none (K3, K4). */
  readonly type: 'wrap-mismatch';
  readonly owner: string;
  readonly leafIndex: number;
  readonly epoch: number;
}

/** How far a long work is. */
export interface RightsProgress {
  readonly done: number;
  readonly total: number | undefined;
}

/** What reading rights are opened with. */
export interface RightsOptions {
  /** Signs records: Ed25519. */
  readonly recordKey: SigningKey;
  /** Private archive keys that are at hand, in a port or token; absent: no wrap is checked, and nothing can be released, but in a ceremony. */
  readonly privateKeys?: AgreementKeys;
  /** Who must approve a release; absent: nothing is released. */
  readonly quorum?: Quorum;
  /** What happens; it must not throw. */
  readonly onEvent: (event: RightsEvent) => void;
}

/** An archive key to take into use. */
export interface NewArchiveKey {
  /** Whose. */
  readonly line: Line;
  /** X25519. */
  readonly key: PublicKey;
  /** Higher than any before in its line. */
  readonly epoch: number;
  /** Name of the organisation, as device lists have it. */
  readonly organisation?: string;
}

/** What reads along: nobody, the organisation by a key that senders list, the owner by a key of their own, or both. */
export type ReadingMode = 'none' | 'organisation' | 'self' | 'both';

/** A wrap as an owner's device gets it. */
export interface OwnWrap {
  readonly leafIndex: number;
  readonly id: string;
  readonly epoch: number;
  readonly state: WrapState;
  /** DER of a KeyAgreeRecipientInfo: `cekOfWrap` opens it. */
  readonly wrap: Uint8Array;
}

/** Reading rights of an open archive. */
export interface Rights {
  /** Which mode is in force for an owner. */
  mode(owner: string): Promise<ReadingMode>;
  /** Takes an archive key into use and logs it. @throws RangeError for an epoch that is not higher than those before; ArchiveError `ERR_NOT_FOUND` for an owner without entries */
  addArchiveKey(key: NewArchiveKey): Promise<void>;
  /** Takes in the organisation's wraps from objects that came since the last time; goes on where it was stopped. */
  escrow(onProgress?: (progress: RightsProgress) => void): Promise<Escrowed>;
  /** Takes in a wrap that an owner's device made with `wrapForArchive`. @throws ArchiveError `ERR_NOT_FOUND` */
  deposit(wrap: { readonly owner: string; readonly id: string; readonly wrap: Uint8Array }): Promise<WrapState>;
  /** An owner's wraps of their self-archive by ids of entries, for their own devices; those that have none are left out. */
  wrapsOf(owner: string, ids: readonly string[]): Promise<OwnWrap[]>;
  /**
   * Moves all wraps of a line to its newest epoch; goes on where it was stopped.
   * @param ceremony private keys that are brought for this call alone, in place of those at hand
   */
  rewrap(line: Line, ceremony?: AgreementKeys, onProgress?: (progress: RightsProgress) => void): Promise<Rewrapped>;
  /** A request for the organisation's keys to entries of an owner, by their ids, for officers to approve. @throws ArchiveError `ERR_NOT_FOUND` */
  request(asked: {
    readonly owner: string;
    readonly ids: readonly string[];
    readonly purpose: string;
    readonly auditor: PublicKey;
    /** How long it may be answered, in ms. */
    readonly validFor: number;
  }): Promise<Uint8Array>;
  /** Releases keys by an approved request, once. @throws ArchiveError `ERR_APPROVAL` */
  release(request: Uint8Array, approvals: readonly Uint8Array[], ceremony?: AgreementKeys): Promise<Release>;
  /** How many wraps there are of each state. */
  counts(): Promise<Readonly<Record<WrapState, number>>>;
}

/**
 * Opens the reading rights of an archive.
 * @throws ArchiveError `ERR_STORE`; RangeError for a quorum of one
 * @example
 * const rights = await openRights(archive, { recordKey, privateKeys: token, quorum: { officers, needed: 2 }, onEvent });
 * await rights.addArchiveKey({ line: 'organisation', key, epoch: 2, organisation: 'Capulet' });
 * await rights.rewrap('organisation');
 */
export async function openRights(archive: Archive, options: RightsOptions): Promise<Rights> {
  const core = coreOf(archive);
  const { recordKey, privateKeys, quorum, onEvent } = options;
  if (quorum !== undefined) checkQuorum(quorum);
  await core.content.createTables([ARCHIVE_KEYS, WRAPS, RELEASES]);
  const parameters = { recordKey, privateKeys, quorum, onEvent };
  return Object.freeze<Rights>({
    mode: (owner) => modeOf(core, owner),
    addArchiveKey: (key) => addArchiveKey(core, key, recordKey),
    escrow: (onProgress = () => undefined) => escrow(core, parameters, onProgress),
    deposit: (wrap) => deposit(core, wrap, parameters),
    wrapsOf: (owner, ids) => wrapsOf(core, owner, ids),
    rewrap: (line, ceremony = privateKeys, onProgress = () => undefined) =>
      rewrap(core, line, { ...parameters, privateKeys: ceremony }, onProgress),
    request: async ({ owner, ids, validFor, purpose, auditor }) => {
      const leafIndexes = (await ownPlaces(core, owner, ids)).map(({ seq }) => seq);
      const notBefore = core.clock();
      const asked = { origin: core.origin, owner: core.ownerName(owner), purpose, auditor, leafIndexes };
      return createReleaseRequest({ ...asked, notBefore, notAfter: notBefore + validFor }, core.random);
    },
    release: (request, approvals, ceremony = privateKeys) =>
      release(core, request, approvals, { ...parameters, privateKeys: ceremony }),
    counts: () => countsOf(core),
  });
}

async function modeOf(core: ArchiveCore, owner: string): Promise<ReadingMode> {
  const self = await lineOf(core, { owner });
  const has = async (line: number) => (await epochKeys(core, core.content, line)).length > 0;
  const [byOrganisation, bySelf] = [await has(ORGANISATION), self !== undefined && (await has(self))];
  if (byOrganisation) return bySelf ? 'both' : 'organisation';
  return bySelf ? 'self' : 'none';
}

async function addArchiveKey(core: ArchiveCore, added: NewArchiveKey, recordKey: SigningKey): Promise<void> {
  const { key, epoch, organisation = '' } = added;
  if (key.algorithm !== 'X25519') throw new TypeError('key is not an X25519 key');
  if (!Number.isSafeInteger(epoch) || epoch < 1) throw new RangeError('epoch is no whole number from 1 on');
  const line = await lineOf(core, added.line);
  if (line === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry');
  const owner = added.line === 'organisation' ? '' : core.ownerName(added.line.owner);
  const act = { act: 'archiveKey', owner, organisation, epoch, key: key.raw } as const;
  await logRecord(core, recordKey, act, async (rows) => {
    const known = await epochKeys(core, rows, line);
    if (known.some((other) => other.epoch >= epoch)) throw new RangeError('epoch is not higher than those before');
    if (known.some((other) => equal(other.key.raw, key.raw))) throw new RangeError('key was one of this line before');
    const row: EpochKey = { line, epoch, key, organisation, escrowed: 0, root: undefined };
    await rows.insert(ARCHIVE_KEYS, [epochRow(row)]);
  });
}

async function ownPlaces(core: ArchiveCore, name: string, ids: readonly string[]) {
  const owner = await core.vault.owner(core.ownerName(name));
  if (owner === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry');
  return core.content.snapshot((rows) => placesOf(rows, owner, ids));
}

async function wrapsOf(core: ArchiveCore, name: string, ids: readonly string[]): Promise<OwnWrap[]> {
  const places = (await ownPlaces(core, name, ids)).map(({ seq }) => seq);
  const line = (await lineOf(core, { owner: name })) as number;
  return reading(core, async ({ rows }) => {
    const keys = places.map((place) => [line, place]);
    const wraps = await readWraps(core, await rows.find(WRAPS, ['line', 'seq'], keys));
    const entries = await sealedEntries(core, rows, places);
    return wraps.map(({ leafIndex, epoch, state, wrap }) => {
      const id = entries.get(leafIndex)?.stanzaId ?? `#${leafIndex}`;
      return { leafIndex, id, epoch, state, wrap: encodeWrap(wrap) };
    });
  });
}

async function countsOf({ content }: ArchiveCore): Promise<Readonly<Record<WrapState, number>>> {
  const counts = { unchecked: 0, checked: 0, mismatch: 0 };
  for (const { state, n } of await content.rows('SELECT state, count(*) AS n FROM wraps GROUP BY state'))
    counts[WRAP_STATES[state as number] as WrapState] = Number(n);
  return counts;
}
