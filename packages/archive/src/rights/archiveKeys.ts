/**
 * Archive keys and their epochs. Without any, nobody reads along (mode *none*). A key of the organisation is one that senders list as a recipient
 * (mode *organisation*); a key of an owner is one that the owner's devices wrap to themselves (mode *self*).
 * @module
 */
import { type AgreementKeys, type PublicKey, publicKeyFromRaw } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import type { Row, Rows, Value } from '../engine/database.js';
import { ARCHIVE_KEYS, ORGANISATION } from './rightsTables.js';
import { createUnwrapper } from './wrap.js';

/** A line of archive keys: the organisation's, or an owner's own by bare JID. */
export type Line = 'organisation' | { readonly owner: string };

/** An archive key. */
export interface EpochKey {
  readonly line: number;
  readonly epoch: number;
  readonly key: PublicKey;
  readonly organisation: string;
  /** Objects from this leaf index on were not looked through yet. */
  readonly escrowed: number;
  /** Root of its wraps as logged last. */
  readonly root: Uint8Array | undefined;
}

/** Number of a line; `undefined` for an owner who has no entry. */
export async function lineOf(core: ArchiveCore, line: Line): Promise<number | undefined> {
  if (line === 'organisation') return ORGANISATION;
  const name = core.ownerName(line.owner);
  if (name === '') throw new RangeError('owner is empty');
  return (await core.vault.owner(name))?.owner;
}

/** Archive keys of a line, the newest first. */
export async function epochKeys({ crypto }: ArchiveCore, rows: Rows, line: number): Promise<EpochKey[]> {
  const stored = await rows.rows('SELECT * FROM archive_keys WHERE line = $1 ORDER BY epoch DESC', [line]);
  return Promise.all(
    stored.map(async ({ epoch, key, organisation, escrowed, root }: Row) => ({
      line,
      epoch: epoch as number,
      key: await publicKeyFromRaw('X25519', key as Uint8Array, crypto),
      organisation: organisation as string,
      escrowed: escrowed as number,
      root: root instanceof Uint8Array ? root : undefined,
    })),
  );
}

/** An archive key; the newest where no epoch is given. @throws ArchiveError `ERR_NOT_FOUND` */
export async function epochKey(core: ArchiveCore, line: number | undefined, epoch?: number): Promise<EpochKey> {
  const keys = line === undefined ? [] : await epochKeys(core, core.content, line);
  const found = epoch === undefined ? keys[0] : keys.find((key) => key.epoch === epoch);
  if (found === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'there is no archive key of this epoch');
  return found;
}

/** Row of an archive key. */
export function epochRow({ line, epoch, key, organisation, escrowed, root }: EpochKey): Value[] {
  return [line, epoch, key.raw, organisation, escrowed, root ?? null];
}

/** Writes what changed of an archive key. */
export function saveEpochKey(rows: Rows, key: EpochKey): Promise<void> {
  return rows.upsert(ARCHIVE_KEYS, [epochRow(key)]);
}

/** Unwraps for those archive keys whose private halves are at hand, by epoch. */
export async function unwrappersOf(
  { crypto }: ArchiveCore,
  keys: readonly EpochKey[],
  privateKeys: AgreementKeys | undefined,
): Promise<ReadonlyMap<number, ReturnType<typeof createUnwrapper>>> {
  const unwrappers = new Map<number, ReturnType<typeof createUnwrapper>>();
  for (const { epoch, key } of keys) {
    const found = await privateKeys?.find(key.keyIdentifier);
    if (found !== undefined) unwrappers.set(epoch, createUnwrapper(found, key.keyIdentifier, crypto));
  }
  return unwrappers;
}
