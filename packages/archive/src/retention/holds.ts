/**
 * Legal holds: while one is in force, nothing that it covers is erased, by anybody or any rule.
 * @module
 */
import type { SigningKey } from '@stanzaseal/cms';
import { ArchiveError } from '../archiveError.js';
import type { ArchiveCore } from '../core.js';
import type { Rows } from '../engine/database.js';
import { logRecord } from '../records/recordLog.js';
import { FOREVER, HOLDS } from './retentionTables.js';

/** What is held: all of everybody where nothing is given. */
export interface HoldScope {
  /** Bare JID of an account or room; everybody's if absent. */
  readonly owner?: string;
  /** Received then or later, in ms since 1970. */
  readonly start?: number;
  /** Received then or earlier. */
  readonly end?: number;
}

/** A hold in force. */
export interface Hold {
  /** Leaf index of its record: its name. */
  readonly hold: number;
  /** Number of the owner; 0 for everybody. */
  readonly owner: number;
  readonly start: number;
  /** The last ms that is held. */
  readonly end: number;
}

/** Puts a hold on; gives its name. @throws ArchiveError `ERR_NOT_FOUND` for an owner who has no entry */
export async function hold(
  core: ArchiveCore,
  recordKey: SigningKey,
  { owner: name, start = 0, end = FOREVER }: HoldScope,
  reason: string,
): Promise<number> {
  const jid = name === undefined ? '' : core.ownerName(name);
  const owner = name === undefined ? 0 : (await core.vault.owner(jid))?.owner;
  if (owner === undefined) throw new ArchiveError('ERR_NOT_FOUND', 'owner has no entry');
  const act = { act: 'hold', owner: jid, start, end, reason } as const;
  const { leafIndex } = await logRecord(core, recordKey, act, (rows, seq) =>
    rows.insert(HOLDS, [[seq, owner, start, end]]),
  );
  return leafIndex;
}

/** Ends a hold. @throws ArchiveError `ERR_NOT_FOUND` for one that is not in force */
export async function lift(core: ArchiveCore, recordKey: SigningKey, name: number, reason: string): Promise<void> {
  await logRecord(core, recordKey, { act: 'lift', hold: name, reason }, async (rows) => {
    if ((await rows.run('DELETE FROM holds WHERE hold = $1', [name])) === 0)
      throw new ArchiveError('ERR_NOT_FOUND', 'there is no such hold in force');
  });
}

/** Holds that cover something of an owner between two times; all of them where no owner is given. */
export async function holdsOf(rows: Rows, owner?: number, start = 0, end: number = FOREVER): Promise<Hold[]> {
  const stored = await rows.rows('SELECT * FROM holds ORDER BY hold');
  return stored
    .map((row) => ({ hold: row.hold, owner: row.owner, start: row.start, end: row.last }) as unknown as Hold)
    .filter((each) => owner === undefined || each.owner === 0 || each.owner === owner)
    .filter((each) => each.start <= end && each.end >= start);
}
